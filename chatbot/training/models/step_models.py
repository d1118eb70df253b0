"""The step models that answer, built from the layers of a training model: encoder, decoder, and the reply memory.

Those of encoder and decoder are the architecture's. The decoder starts from the encoder's last states, or, with known
replies, from the output of the reply memory.
"""

import keras

from chatbot.config import ModelConfig
from chatbot.training.models import reply_memory
from chatbot.training.models.architecture_layers import layers_of, state_inputs
from chatbot.training.models.ngram_view import NgramView, name_inputs, new_inputs
from chatbot.training.type_aliases import KerasModel


def build_step_models(model: KerasModel, config: ModelConfig, view: NgramView | None = None) -> dict[str, KerasModel]:
    """Rebuild all that a bundle has of a model.

    Args:
        model: The training model.
        config: Its shape.
        view: The view of n-grams, or None.

    Returns:
        Functional models by the stems of their files, see `ArchitectureLayers.step_models`; with known replies also
        `recall`.
    """
    built = layers_of(config).step_models(model, config)
    return built | {"recall": _build_recall(model, config, view)} if config.known_replies else built


def _build_recall(model: KerasModel, config: ModelConfig, view: NgramView | None = None) -> KerasModel:
    """Rebuild the reply memory (`chatbot.training.models.reply_memory`).

    Args:
        model: The training model.
        config: Its shape.
        view: The view of n-grams, or None.

    Returns:
        A functional model from `tokens` (rows, length), int32, padded with PAD, the encoder's last
        states and, with a view of n-grams, its inputs (`name_inputs`), to the decoder's
        first states, by the same names, and the `shares` of the known replies in them, (rows, known replies).
    """
    tokens, states = keras.Input((None,), dtype="int32", name="tokens"), state_inputs(config)
    ngrams = new_inputs(view)
    recalled = reply_memory.recall(model.get_layer, tokens, states, view, ngrams)
    outputs = {**recalled.states, "shares": recalled.shares}
    inputs = {"tokens": tokens, **states, **name_inputs(ngrams)}
    return keras.Model(inputs, outputs, name="recall")
