"""The step contract on the Keras inference models: the reference that LiteRT is checked against.

The sample replies after each epoch come from here too, so that they use the same search.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from chatbot.config import PAD, ModelConfig
from chatbot.inference.step_model import DecoderState, Logits, Tokens
from chatbot.training.models.encoder_decoder import build_encoder
from chatbot.training.models.step_models import build_decoder_step
from chatbot.training.type_aliases import KerasModel


class KerasSteps:
    """A `StepModel` from the layers of a training model, with their current weights at each call.

    Attributes:
        model: The training model.
    """

    def __init__(self, model: KerasModel, config: ModelConfig) -> None:
        """Rebuild the inference encoder and decoder.

        Args:
            model: The training model.
            config: Its shape.
        """
        self.model = model
        encoder, decoder = build_encoder(model, config), build_decoder_step(model, config)
        inputs = {tensor.name: tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in decoder.inputs}
        self._encode = tf.function(
            lambda tokens: encoder(tokens, training=False),
            input_signature=[tf.TensorSpec((None, None), tf.int32)],
        )
        self._step = tf.function(lambda given: decoder(given, training=False), input_signature=[inputs])

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        """See `StepModel.encode`."""
        return DecoderState({name: state.numpy() for name, state in self._encode(pad(prompts)).items()})

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        """See `StepModel.step`."""
        outputs = self._step({"token": tokens, **state.arrays})
        arrays = {name: output.numpy() for name, output in outputs.items()}
        logits = arrays.pop("logits")
        return logits, DecoderState({**state.arrays, **arrays})


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
