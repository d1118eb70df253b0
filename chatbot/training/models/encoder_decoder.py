"""The encoder-decoder as it is trained on whole pairs, and its layers.

    prompt tokens ─ token_embedding ─ encoder_lstm_1 … ─▶ h, c of each layer  (the sentence vector)
                                            │                 │
                                         (memory)             │
                                            │                 │
    GO + reply ──── token_embedding ─ decoder_lstm_1 … ◀──────┘
                                            │
                                       (attention)
                                            │
                                  vocabulary_projection ─▶ logits of reply + EOS

The parts in brackets belong to attention, if the configuration asks for it: the encoder's outputs at
each token are the memory that the decoder attends to. Without it, the sentence vector is all that
passes from one half to the other. With known replies, the reply memory
(`chatbot.training.models.reply_memory`) lies between the sentence vector and the decoder.

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

import keras

from chatbot.config import PAD, ModelConfig
from chatbot.training.models import reply_memory
from chatbot.training.models.attention import attend
from chatbot.training.type_aliases import (
    KerasInitializer,
    KerasLayer,
    KerasModel,
    LayersByName,
    LSTMStates,
    Tensor,
)

#: Initial embeddings are uniform in ± this. Keras's 0.05 drowns the words in the LSTM's biases, and
#: the decoder has memorized all replies before the encoder distinguishes one prompt from another.
_EMBEDDING_RANGE = 1.0


def build_training_model(config: ModelConfig, dropout: float = 0.0) -> KerasModel:
    """Build the model that is trained on whole pairs by teacher forcing.

    Args:
        config: Its shape.
        dropout: Dropout rate of the embeddings and of the LSTMs' outputs.

    Returns:
        A functional model from `prompt_tokens` (rows, prompt length) and `decoder_tokens`
        (rows, reply length), int32, to logits (rows, reply length, vocabulary), float32.
    """
    layer = _new_layers(config, dropout).__getitem__
    inputs, outputs = _decoder_outputs(layer, config)
    return keras.Model(inputs, layer("vocabulary_projection")(outputs["vectors"]), name="encoder_decoder")


def build_decoder_outputs(
    model: KerasModel, config: ModelConfig, substitute: Callable[[KerasLayer], KerasLayer]
) -> KerasModel:
    """Rebuild the training model without its projection.

    Args:
        model: From `build_training_model`.
        config: Its configuration.
        substitute: From an LSTM of the model to the layer that takes its place, with the same weights.

    Returns:
        A functional model of the same inputs to `vectors` (rows, reply length, units) float32, the input
        of the projection, and with known replies to `scores`, see `reply_memory.Recalled`.
    """

    def layer(name: str) -> KerasLayer:
        found = model.get_layer(name)
        return substitute(found) if "lstm" in name else found

    inputs, outputs = _decoder_outputs(layer, config)
    return keras.Model(inputs, outputs, name="decoder_outputs")


def _decoder_outputs(layer: LayersByName, config: ModelConfig) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The inputs and the outputs of `build_decoder_outputs`."""
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    decoder_tokens = keras.Input((None,), dtype="int32", name="decoder_tokens")
    memory, mask, states = _encode(layer, config, prompt_tokens)
    scores = {}
    if config.known_replies:
        recalled = reply_memory.recall(layer, prompt_tokens, states)
        scores["scores"], states = recalled.scores, recalled.states
    outputs = layer("reply_dropout")(layer("token_embedding")(decoder_tokens))
    # No mask here: padding is at the end of the reply, and the loss leaves it out.
    for number in layer_numbers(config):
        if number > 1:
            outputs = layer(f"decoder_dropout_{number}")(outputs)
        outputs, *_ = layer(f"decoder_lstm_{number}")(outputs, initial_state=states[number - 1])
    if config.attention != "none":
        outputs = attend(layer, config, outputs, memory, mask)
    return [prompt_tokens, decoder_tokens], {"vectors": layer("output_dropout")(outputs), **scores}


def build_encoder(model: KerasModel, config: ModelConfig) -> KerasModel:
    """Rebuild the inference encoder from the layers of a training model.

    Args:
        model: The training model.
        config: Its shape.

    Returns:
        A functional model from `prompt_tokens` (rows, length), int32, to the decoder's first state by name: `h1`, `c1`
        and so on, (rows, units) each; with attention also `memory` (rows, length, units) and `mask` (rows, length)
        float32, 1.0 at tokens and 0.0 at padding.
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
    """The numbers of the stacked LSTMs, from 1.

    Args:
        config: Shape of the model.
    """
    return range(1, config.layers + 1)


def name_states(states: LSTMStates) -> dict[str, Tensor]:
    """Name the states of each layer `h1`, `c1`, `h2`, `c2` and so on.

    Returns:
        The states by name, (rows, units) float32 each.
    """
    return {
        f"{part}{number}": state
        for number, pair in enumerate(states, 1)
        for part, state in zip("hc", pair, strict=True)
    }


def is_token(tokens: Tensor) -> Tensor:
    """Compare tokens with PAD.

    Args:
        tokens: int32 of any shape.

    Returns:
        bool of the same shape, True at tokens, False at PAD.
    """
    return keras.ops.not_equal(tokens, PAD)


def _encode(layer: LayersByName, config: ModelConfig, tokens: Tensor) -> tuple[Tensor, Tensor, LSTMStates]:
    """Encode prompts.

    Args:
        layer: Gives a layer by its name.
        config: Of the model.
        tokens: (rows, length) int32, padded at the end.

    Returns:
        The outputs of the last layer (rows, length, units) float32, the mask (rows, length) bool, and the last
        states of each layer.
    """
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


def _new_layers(config: ModelConfig, dropout: float) -> dict[str, KerasLayer]:
    """All layers of a new model, by name."""
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


def _encoder_lstm(config: ModelConfig, number: int) -> KerasLayer:
    name = f"encoder_lstm_{number}"
    if number > 1 or not config.bidirectional:
        return _lstm(config.units, name)
    return keras.layers.Bidirectional(_lstm(config.units // 2, name), merge_mode="concat", name=name)


def _lstm(units: int, name: str) -> KerasLayer:
    # Initialized uniformly in ±1/√units, as in PyTorch: with Keras's own initialization it learns slower here.
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


def _by_units(units: int) -> KerasInitializer:
    return _uniform(1 / math.sqrt(units))


def _uniform(bound: float) -> KerasInitializer:
    return keras.initializers.RandomUniform(-bound, bound)
