"""The encoder-decoder as it is trained on whole pairs, and its layers.

    prompt tokens ─ token_embedding ─ encoder layers … ─▶ states of each layer  (the sentence vector)
                                            │                 │
                                         (memory)             │
                                            │                 │
    GO + reply ──── token_embedding ─ decoder layers … ◀──────┘
                                            │
                                       (attention)
                                            │
                                  vocabulary_projection ─▶ logits of reply + EOS

The parts in brackets belong to attention, if the configuration asks for it: the encoder's outputs at
each token are the memory that the decoder attends to. Without it, the sentence vector is all that
passes from one half to the other. With known replies, the reply memory
(`chatbot.training.models.reply_memory`) lies between the sentence vector and the decoder.

The layers of both halves are those of the architecture (`chatbot.training.models.architecture_layers`).

Every layer has a name. The inference models take the trained layers by name: `build_encoder`
here reads whole prompts, those in `chatbot.training.models.step_models` advance by one token.

References: Sutskever, Vinyals and Le (2014), "Sequence to Sequence Learning with Neural
Networks", section 2; Luong, Pham and Manning (2015), "Effective Approaches to Attention-based
Neural Machine Translation", section 3.1, for the attention after the decoder's LSTM, the dot score and the
attentional vector; Bahdanau, Cho and Bengio (2015), "Neural Machine Translation by Jointly
Learning to Align and Translate", appendix A.1.2, for the additive score.
"""

from collections.abc import Callable

import keras

from chatbot.config import ModelConfig
from chatbot.inference.litert.step_file_contract import SHARES
from chatbot.training.models import reply_memory
from chatbot.training.models.architecture_layers import Encoded, is_token, layers_of
from chatbot.training.models.attention import attend
from chatbot.training.models.layers import new_layers
from chatbot.training.models.ngram_view import NgramView, name_inputs, new_inputs
from chatbot.training.type_aliases import (
    KerasLayer,
    KerasModel,
    LayersByName,
    Tensor,
)


def build_training_model(config: ModelConfig, dropout: float = 0.0) -> KerasModel:
    """Build the model that is trained on whole pairs by teacher forcing.

    Args:
        config: Its shape.
        dropout: Dropout rate of the embeddings and of the layers' outputs.

    Returns:
        A functional model from `prompt_tokens` (rows, prompt length) and `decoder_tokens`
        (rows, reply length), int32, to logits (rows, reply length, vocabulary), float32.
    """
    layer = new_layers(config, dropout).__getitem__
    inputs, outputs = _decoder_outputs(layer, config)
    return keras.Model(inputs, layer("vocabulary_projection")(outputs["vectors"]), name="encoder_decoder")


def build_decoder_outputs(
    model: KerasModel, config: ModelConfig, substitute: Callable[[KerasLayer], KerasLayer]
) -> KerasModel:
    """Rebuild the training model without its projection.

    Args:
        model: From `build_training_model`.
        config: Its configuration.
        substitute: From a layer of the model to the one that takes its place, with the same weights.

    Returns:
        A functional model of the same inputs to `vectors` (rows, reply length, units) float32, the input
        of the projection, and with known replies to `scores`, see `reply_memory.Recalled`.
    """
    inputs, outputs = _decoder_outputs(lambda name: substitute(model.get_layer(name)), config)
    return keras.Model(inputs, outputs, name="decoder_outputs")


def build_prompt_outputs(outputs: KerasModel) -> KerasModel:
    """Rebuild what is known before the first token of a reply.

    Args:
        outputs: From `build_decoder_outputs`.

    Returns:
        A functional model from `prompt_tokens` to the same outputs without `vectors`; with none, without known replies.
    """
    before = {name: tensor for name, tensor in outputs.output.items() if name != "vectors"}
    return keras.Model(outputs.inputs[0], before, name="prompt_outputs")


def build_scores(model: KerasModel, config: ModelConfig) -> KerasModel:
    """Rebuild what a trained network thinks of the known replies.

    Args:
        model: The training model.
        config: Its shape, with known replies.

    Returns:
        A functional model from `prompt_tokens` (rows, length), int32, to logits (rows, known replies) float32.
    """
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    encoded = _encode(model.get_layer, config, prompt_tokens)
    return keras.Model(prompt_tokens, reply_memory.recall(model.get_layer, prompt_tokens, encoded.states).scores[0])


def build_whole_model(model: KerasModel, config: ModelConfig, view: NgramView | None) -> KerasModel:
    """Rebuild the training model with the view of n-grams, as it is saved and compared with what answers.

    Args:
        model: From `build_training_model`, trained.
        config: Its configuration.
        view: The view; without one, the model is returned as it is.

    Returns:
        A functional model of the same inputs and, with a view, its own (`name_inputs`), to the same logits.
    """
    if view is None:
        return model
    inputs, outputs = _decoder_outputs(model.get_layer, config, view)
    logits = model.get_layer("vocabulary_projection")(outputs["vectors"])
    return keras.Model(inputs, logits, name="encoder_decoder")


def _decoder_outputs(
    layer: LayersByName, config: ModelConfig, view: NgramView | None = None
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The inputs and the outputs of `build_decoder_outputs`, or with a view those of `build_whole_model`."""
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    decoder_tokens = keras.Input((None,), dtype="int32", name="decoder_tokens")
    encoded = _encode(layer, config, prompt_tokens)
    scores = {}
    ngrams = new_inputs(view)
    if config.known_replies:
        recalled = reply_memory.recall(layer, prompt_tokens, encoded.states, view, ngrams)
        scores["scores"], encoded = recalled.scores, encoded._replace(states=recalled.states)
    outputs = layer("reply_dropout")(layer("token_embedding")(decoder_tokens))
    # No mask here: padding is at the end of the reply, and the loss leaves it out.
    outputs = layers_of(config).decode(layer, config, outputs, encoded)
    if config.attention != "none":
        outputs = attend(layer, config, outputs, encoded.outputs, encoded.mask)
    inputs = [prompt_tokens, decoder_tokens, *name_inputs(ngrams).values()]
    return inputs, {"vectors": layer("output_dropout")(outputs), **scores}


def build_encoder(model: KerasModel, config: ModelConfig, view: NgramView | None = None) -> KerasModel:
    """Rebuild the inference encoder from the layers of a training model.

    Args:
        model: The training model.
        config: Its shape.
        view: The view of n-grams, or None.

    Returns:
        A functional model from `prompt_tokens` (rows, length), int32, and with a view its inputs (`name_inputs`), to
        the decoder's first states by the names that the architecture gives them, (rows, size) each, to what the
        decoder looks back at, see `ArchitectureLayers.attended`, and with known replies to `shares`, see
        `reply_memory.Recalled`.
    """
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    encoded = _encode(model.get_layer, config, prompt_tokens)
    ngrams = new_inputs(view)
    outputs = {**encoded.states, **layers_of(config).attended(model.get_layer, config, encoded)}
    if config.known_replies:
        recalled = reply_memory.recall(model.get_layer, prompt_tokens, encoded.states, view, ngrams)
        outputs |= {**recalled.states, SHARES: recalled.shares}
    return keras.Model({"prompt_tokens": prompt_tokens, **name_inputs(ngrams)}, outputs, name="encoder")


def _encode(layer: LayersByName, config: ModelConfig, tokens: Tensor) -> Encoded:
    """Encode prompts.

    Args:
        layer: Gives a layer by its name.
        config: Of the model.
        tokens: (rows, length) int32, padded at the end.
    """
    mask = is_token(tokens)
    vectors = layer("prompt_dropout")(layer("token_embedding")(tokens))
    outputs, states = layers_of(config).encode(layer, config, vectors, mask)
    return Encoded(outputs, mask, states)
