"""The encoder-decoder that learns from whole pairs, and its layers.

    prompt tokens ─ token_embedding ─ encoder_lstm_1 … ─▶ h, c of each layer  (the sentence vector)
                                            │                 │
                                         (memory)             │
                                            │                 │
    GO + reply ──── token_embedding ─ decoder_lstm_1 … ◀──────┘
                                            │
                                       (attention)
                                            │
                                  vocabulary_projection ─▶ logits of reply + EOS

What stands in brackets is there when the configuration asks for attention: the encoder's
outputs at each token are the memory that the decoder looks back at. Without it the sentence
vector is all that passes from one half to the other, or what `chatbot.training.objective.reply_memory`
makes of it, where the corpus has a set of known replies.

Every layer has a name. The inference models take the trained layers by name: `build_encoder`
here reads whole prompts, those in `chatbot.training.models.step_models` advance by one token.

References: Sutskever, Vinyals and Le (2014), "Sequence to Sequence Learning with Neural
Networks", section 2; Luong, Pham and Manning (2015), "Effective Approaches to Attention-based
Neural Machine Translation", section 3.1, for the attention after the decoder's LSTM, the dot score and the
attentional vector; Bahdanau, Cho and Bengio (2015), "Neural Machine Translation by Jointly
Learning to Align and Translate", appendix A.1.2, for the additive score.
"""

import math
from collections.abc import Callable
from typing import Any

import keras

from chatbot.config import PAD, ModelConfig
from chatbot.training.objective import reply_memory

#: Gives a layer by its name: from a dictionary of new ones or from a trained model.
Layers = Callable[[str], Any]

#: Initial embeddings are uniform in ± this. Keras's 0.05 drowns the words in the LSTM's biases, and
#: the decoder has learned all replies by heart before the encoder tells one prompt from another.
_EMBEDDING_RANGE = 1.0
#: Score of a position of the memory where no token stands.
_NEVER = -1e9


def build_training_model(config: ModelConfig, dropout: float = 0.0) -> Any:
    """Build the model that learns from whole pairs by teacher forcing.

    Args:
        config: Its shape.
        dropout: Share of the embeddings and of the LSTMs' outputs dropped while training.

    Returns:
        A functional model from `prompt_tokens` (rows, prompt length) and `decoder_tokens`
        (rows, reply length), int32, to logits (rows, reply length, vocabulary), float32.
    """
    layer = _new_layers(config, dropout).__getitem__
    inputs, outputs = _decoder_outputs(layer, config)
    return keras.Model(inputs, layer("vocabulary_projection")(outputs["vectors"]), name="encoder_decoder")


def build_decoder_outputs(model: Any, config: ModelConfig, substitute: Callable[[Any], Any]) -> Any:
    """Rebuild the training model without its projection.

    Args:
        model: From `build_training_model`.
        config: Its configuration.
        substitute: Gives another layer around the weights of an LSTM of the model.

    Returns:
        A functional model of the same inputs to `vectors` (rows, reply length, units), which the
        projection takes, and with known replies to `scores`, see `reply_memory.Recalled`.
    """

    def layer(name: str) -> Any:
        found = model.get_layer(name)
        return substitute(found) if "lstm" in name else found

    inputs, outputs = _decoder_outputs(layer, config)
    return keras.Model(inputs, outputs, name="decoder_outputs")


def _decoder_outputs(layer: Layers, config: ModelConfig) -> tuple[list[Any], dict[str, Any]]:
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    decoder_tokens = keras.Input((None,), dtype="int32", name="decoder_tokens")
    memory, mask, states = _encode(layer, config, prompt_tokens)
    scores = {}
    if config.known_replies:
        recalled = reply_memory.recall(layer, prompt_tokens, states)
        scores["scores"], states = recalled.scores, recalled.states
    outputs = layer("reply_dropout")(layer("token_embedding")(decoder_tokens))
    # No mask here: padding stands behind the reply, and the loss leaves it out.
    for number in layer_numbers(config):
        if number > 1:
            outputs = layer(f"decoder_dropout_{number}")(outputs)
        outputs, *_ = layer(f"decoder_lstm_{number}")(outputs, initial_state=states[number - 1])
    if config.attention != "none":
        outputs = attend(layer, config, outputs, memory, mask)
    return [prompt_tokens, decoder_tokens], {"vectors": layer("output_dropout")(outputs), **scores}


def build_encoder(model: Any, config: ModelConfig) -> Any:
    """Rebuild the inference encoder from the layers of a training model.

    Returns:
        A functional model from `prompt_tokens` (rows, length), int32, to the decoder's first
        state by name: `h1`, `c1` and so on, (rows, units) each; with attention also `memory`
        (rows, length, units) and `mask` (rows, length), 1.0 where a token stands.
    """
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    memory, mask, states = _encode(model.get_layer, config, prompt_tokens)
    if config.known_replies:
        states = reply_memory.recall(model.get_layer, prompt_tokens, states).states
    outputs = name_states(states)
    if config.attention != "none":
        outputs |= {"memory": memory, "mask": keras.ops.cast(mask, "float32")}
    return keras.Model(prompt_tokens, outputs, name="encoder")


def layer_numbers(config: ModelConfig) -> range:
    """The numbers of the stacked LSTMs, from 1."""
    return range(1, config.layers + 1)


def name_states(states: list[list[Any]]) -> dict[str, Any]:
    """`h1`, `c1`, `h2`, `c2` and so on, from the pairs of each layer."""
    return {
        f"{part}{number}": state
        for number, pair in enumerate(states, 1)
        for part, state in zip("hc", pair, strict=True)
    }


def is_token(tokens: Any) -> Any:
    """Where a token stands rather than PAD."""
    return keras.ops.not_equal(tokens, PAD)


def attend(layer: Layers, config: ModelConfig, outputs: Any, memory: Any, mask: Any) -> Any:
    """Replace decoder outputs (rows, length, units) by attentional vectors of the same shape."""
    scores = _additive_scores(layer, outputs, memory) if config.attention == "additive" else dot_scores(outputs, memory)
    context = attention_context(scores, memory, mask)
    return layer("attentional_vector")(keras.ops.concatenate([context, outputs], axis=-1))


def attention_context(scores: Any, memory: Any, mask: Any) -> Any:
    """The context (rows, length, units): means of the memory by scores (rows, length, prompt length)."""
    ops = keras.ops
    return ops.matmul(ops.softmax(ops.where(ops.expand_dims(mask, 1), scores, _NEVER), axis=-1), memory)


def dot_scores(outputs: Any, memory: Any) -> Any:
    """Luong et al. (2015), equation 8, "dot": (rows, length, prompt length)."""
    return keras.ops.matmul(outputs, keras.ops.transpose(memory, (0, 2, 1)))


def _additive_scores(layer: Layers, outputs: Any, memory: Any) -> Any:
    """Bahdanau et al. (2015), appendix A.1.2: (rows, length, prompt length)."""
    ops = keras.ops
    queries, keys = layer("attention_query")(outputs), layer("attention_key")(memory)
    sums = ops.tanh(ops.expand_dims(queries, 2) + ops.expand_dims(keys, 1))
    return ops.squeeze(layer("attention_score")(sums), -1)


def _encode(layer: Layers, config: ModelConfig, tokens: Any) -> tuple[Any, Any, list[list[Any]]]:
    """Outputs of the last layer at each token, where tokens stand, and the last states of each layer."""
    mask = is_token(tokens)
    outputs = layer("prompt_dropout")(layer("token_embedding")(tokens))
    states = []
    for number in layer_numbers(config):
        if number > 1:
            outputs = layer(f"encoder_dropout_{number}")(outputs)
        outputs, *last = layer(f"encoder_lstm_{number}")(outputs, mask=mask)
        if number == 1 and config.bidirectional:
            forward_h, forward_c, backward_h, backward_c = last
            last = [keras.ops.concatenate(pair, axis=-1) for pair in ((forward_h, backward_h), (forward_c, backward_c))]
        states.append(last)
    return outputs, mask, states


def _new_layers(config: ModelConfig, dropout: float) -> dict[str, Any]:
    layers = keras.layers
    made = [
        layers.Embedding(
            config.vocabulary_size,
            config.embedding_size,
            embeddings_initializer=_uniform(_EMBEDDING_RANGE),
            name="token_embedding",
        ),
        *(layers.Dropout(dropout, name=f"{place}_dropout") for place in ("prompt", "reply", "output")),
    ]
    for number in layer_numbers(config):
        made += [_encoder_lstm(config, number), _lstm(config.units, f"decoder_lstm_{number}")]
        if number > 1:
            made += [layers.Dropout(dropout, name=f"{half}_dropout_{number}") for half in ("encoder", "decoder")]
    if config.attention != "none":
        made.append(layers.Dense(config.units, activation="tanh", name="attentional_vector"))
    if config.attention == "additive":
        made += [
            layers.Dense(config.units, use_bias=False, name="attention_query"),
            layers.Dense(config.units, name="attention_key"),
            layers.Dense(1, use_bias=False, name="attention_score"),
        ]
    made += reply_memory.new_layers(config, dropout)
    made.append(
        layers.Dense(config.vocabulary_size, kernel_initializer=_by_units(config.units), name="vocabulary_projection")
    )
    return {layer.name: layer for layer in made}


def _encoder_lstm(config: ModelConfig, number: int) -> Any:
    name = f"encoder_lstm_{number}"
    if number > 1 or not config.bidirectional:
        return _lstm(config.units, name)
    return keras.layers.Bidirectional(_lstm(config.units // 2, name), merge_mode="concat", name=name)


def _lstm(units: int, name: str) -> Any:
    # Uniform in ±1/√units, as PyTorch begins: Keras's own beginning learns slower here.
    lstm = keras.layers.LSTM(
        units,
        kernel_initializer=_by_units(units),
        recurrent_initializer=_by_units(units),
        bias_initializer=_by_units(units),
        unit_forget_bias=False,
        return_sequences=True,
        return_state=True,
        name=name,
    )
    lstm.cell.name = f"{name}_cell"  # the step models hold several cells, and names must differ
    return lstm


def _by_units(units: int) -> Any:
    return _uniform(1 / math.sqrt(units))


def _uniform(bound: float) -> Any:
    return keras.initializers.RandomUniform(-bound, bound)
