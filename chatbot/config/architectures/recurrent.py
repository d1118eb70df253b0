"""Recurrent architectures: layers that read a token at a time and carry their states on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chatbot.config.architectures.architecture import ModelBlock, Sizes


@dataclass(frozen=True)
class RecurrentArchitecture:
    """Recurrent layers of one kind, stacked in the encoder and in the decoder.

    Attributes:
        name: In manifests, on the command line and in the names of layers.
        title: In words and pictures.
        gates: Products of the input with weights, and as many of the output before, all of the layer's size.
        biases: For each unit.
        state_names: What a layer carries from token to token; the first is its output.
        keras_half: See `Architecture.keras_half`.
    """

    #: A state is carried from token to token.
    stepping: ClassVar[str] = "states"
    name: str
    title: str
    gates: int
    biases: int
    state_names: tuple[str, ...]
    keras_half: str

    def preset(self, name: str) -> Mapping[str, object]:
        """See `Architecture.preset`; the presets are those of recurrent layers."""
        del name
        return {}

    def refusal(self, sizes: Sizes) -> str | None:
        """See `Architecture.refusal`."""
        return "units must be even to read both ways" if sizes.bidirectional and sizes.units % 2 else None

    def encoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """See `Architecture.encoder`."""
        return tuple(self._encoder_block(sizes, number) for number in _numbers(sizes))

    def decoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """See `Architecture.decoder`."""
        return tuple(self._block(sizes, number, "decoder") for number in _numbers(sizes))

    def states(self, sizes: Sizes) -> tuple[Mapping[str, int], ...]:
        """See `Architecture.states`."""
        return tuple({f"{state}{number}": sizes.units for state in self.state_names} for number in _numbers(sizes))

    def summary(self, sizes: Sizes) -> str:
        """See `Architecture.summary`."""
        layers = f"{self.title}s" if sizes.layers == 1 else f"{sizes.layers} {self.title}s on each side"
        return f"{layers} of {sizes.units} units{', prompts read both ways' if sizes.bidirectional else ''}"

    def layer_name(self, half: str, number: int) -> str:
        """The name of a Keras layer: `encoder_lstm_1`.

        Args:
            half: "encoder" or "decoder".
            number: Of the layer, from 1.
        """
        return f"{half}_{self.name}_{number}"

    def _encoder_block(self, sizes: Sizes, number: int) -> ModelBlock:
        if number > 1 or not sizes.bidirectional:
            return self._block(sizes, number, "encoder")
        half, layers = sizes.units // 2, (self.layer_name("encoder", number),)
        parameters, operations = self._count(sizes.embedding_size, half)
        return ModelBlock(
            f"{self.title} {number}, both ways", f"2 × {half:,} per token", 2 * parameters, layers, 2 * operations
        )

    def _block(self, sizes: Sizes, number: int, half: str) -> ModelBlock:
        inputs = sizes.embedding_size if number == 1 else sizes.units
        parameters, operations = self._count(inputs, sizes.units)
        layers = (self.layer_name(half, number),)
        return ModelBlock(f"{self.title} {number}", f"{sizes.units:,} per token", parameters, layers, operations)

    def _count(self, inputs: int, units: int) -> tuple[int, int]:
        """The parameters of a layer, and its operations for each token: weights for the input and for the output."""
        weights = self.gates * units * (inputs + units)
        return weights + self.biases * units, weights


def _numbers(sizes: Sizes) -> range:
    return range(1, sizes.layers + 1)


#: Hochreiter and Schmidhuber (1997), "Long Short-Term Memory", with the forget gate of Gers et al. (2000).
LSTM = RecurrentArchitecture(
    "lstm", "LSTM", gates=4, biases=4, state_names=("h", "c"), keras_half="chatbot.training.models.lstm:lstm_layers"
)
#: Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder"; a bias for each product.
GRU = RecurrentArchitecture(
    "gru", "GRU", gates=3, biases=6, state_names=("h",), keras_half="chatbot.training.models.gru:gru_layers"
)
