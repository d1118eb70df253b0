"""The step contract on the Keras inference models: the reference that LiteRT is checked against.

The sample replies after each epoch come from here too, so that they use the same search.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from chatbot.config import PAD, ModelConfig
from chatbot.inference.litert.litert_interpreter import Array, Floats
from chatbot.inference.litert.step_file_contract import SHARES
from chatbot.inference.litert.stepping import STEPPINGS
from chatbot.inference.step_model import DecoderState, Logits, Tokens
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.encoder_decoder import build_encoder, build_whole_model
from chatbot.training.models.ngram_view import NgramView
from chatbot.training.type_aliases import KerasModel, TFFunction


class KerasSteps:
    """A `StepModel` from the layers of a training model, with their current weights at each call.

    Attributes:
        model: The training model, with the view of n-grams if there is one.
        network: The same without it.
        view: That view.
    """

    def __init__(self, model: KerasModel, config: ModelConfig, view: NgramView | None = None) -> None:
        """Rebuild the inference encoder and decoder.

        Args:
            model: The training model.
            config: Its shape.
            view: The view of n-grams, if it has been fitted.
        """
        self.model, self.network, self.view = build_whole_model(model, config, view), model, view
        encoder, decoder = build_encoder(model, config, view), layers_of(config).step_models(model, config)["decoder"]
        self._encode, self._step = _compile(encoder), _compile(decoder)
        self._states = {name for sizes in config.states for name in sizes}
        self._stepping = STEPPINGS[config.stepping]

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        """See `StepModel.encode`."""
        return self.encode_with_shares(prompts)[0]

    def encode_with_shares(self, prompts: Sequence[Sequence[int]]) -> tuple[DecoderState, Floats | None]:
        """See `Remembering.encode_with_shares`."""
        encoded = self._encode({"prompt_tokens": pad(prompts), **self.ngrams(prompts)})
        states = {name: array.numpy() for name, array in encoded.items()}
        shares = states.pop(SHARES, None)
        attended = {name: states.pop(name) for name in states.keys() - self._states}
        return self._stepping.start(states, attended), shares

    def ngrams(self, prompts: Sequence[Sequence[int]]) -> dict[str, Array]:
        """The inputs of the view of n-grams.

        Args:
            prompts: Token ids of each prompt.

        Returns:
            (prompts, features) each, by name, see `PromptFeatures.inputs`; none without the view.
        """
        return {} if self.view is None else self.view.features.inputs(prompts)

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        """See `StepModel.step`."""
        outputs = self._step(self._stepping.inputs(tokens, state))
        arrays = {name: output.numpy() for name, output in outputs.items()}
        logits = arrays.pop("logits")
        return logits, self._stepping.after(arrays, state)


def _compile(step: KerasModel) -> TFFunction:
    """The compiled function of a functional model, from its inputs by name."""
    inputs = {tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in step.inputs}
    return tf.function(lambda given: step(given, training=False), input_signature=[inputs], autograph=False)


def pad(sequences: Sequence[Sequence[int]]) -> Tokens:
    """Pad token ids of several lengths with PAD at their ends.

    Args:
        sequences: Token ids; a sequence may be empty.

    Returns:
        (sequences, longest) int32; one token long at least, as Keras requires.
    """
    padded = np.full((len(sequences), max(1, *map(len, sequences))), PAD, np.int32)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = sequence
    return padded
