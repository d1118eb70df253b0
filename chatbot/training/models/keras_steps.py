"""The step contract on the Keras inference models: what LiteRT is checked against.

The samples after each epoch come from here too, so that the search is one and the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from chatbot.config import PAD, ModelConfig
from chatbot.inference.step_model import DecoderState, Logits, Tokens
from chatbot.training.models.encoder_decoder import build_encoder
from chatbot.training.models.step_models import build_decoder_step


class KerasSteps:
    """A `StepModel` from the layers of a training model; it follows them as they learn."""

    def __init__(self, model: Any, config: ModelConfig) -> None:
        """Rebuild the inference encoder and decoder from `model`."""
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
    """Token ids of several lengths as one int32 array, PAD behind; Keras wants one token at least."""
    padded = np.full((len(sequences), max(1, *map(len, sequences))), PAD, np.int32)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = sequence
    return padded
