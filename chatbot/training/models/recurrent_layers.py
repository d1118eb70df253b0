"""The Keras half of recurrent architectures: layers of one kind in whole sequences, and their cells step by step."""

import math
from collections.abc import Callable, Mapping, Sequence

import keras

from chatbot.config import ModelConfig
from chatbot.config.architectures.recurrent import RecurrentArchitecture
from chatbot.training.models.fused_layer import choose_fused
from chatbot.training.type_aliases import KerasInitializer, KerasLayer, LayersByName, States, Tensor


class RecurrentLayers:
    """Recurrent layers of one kind; see `ArchitectureLayers`."""

    def __init__(
        self,
        architecture: RecurrentArchitecture,
        new: Callable[..., KerasLayer],
        fused: Callable[[KerasLayer, str], KerasLayer] | None = None,
    ) -> None:
        """Describe the layers; none is made yet.

        Args:
            architecture: Their entry in the table of architectures.
            new: Makes a layer, such as `keras.layers.LSTM`.
            fused: Makes the layer to train with on a CPU of a trained one and a precision; None for the same.
        """
        self._architecture, self._new, self._fused = architecture, new, fused

    def new_layers(self, config: ModelConfig, dropout: float) -> list[KerasLayer]:
        """See `ArchitectureLayers.new_layers`."""
        made = []
        for number in _numbers(config):
            made += [self._encoder_layer(config, number), self._layer(config.units, self._name("decoder", number))]
            if number > 1:
                made += [keras.layers.Dropout(dropout, name=_dropout(half, number)) for half in ("encoder", "decoder")]
        return made

    def for_training(
        self, precision: str, warn: Callable[[str], None], version: str = keras.__version__
    ) -> Callable[[KerasLayer], KerasLayer]:
        """See `ArchitectureLayers.for_training`; `version` is that of Keras."""
        fused = self._fused
        if fused is None:
            return lambda layer: layer
        return choose_fused(lambda layer: fused(layer, precision), self._architecture.title, warn, version)

    def encode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, mask: Tensor) -> tuple[Tensor, States]:
        """See `ArchitectureLayers.encode`."""
        states: States = {}
        for number in _numbers(config):
            if number > 1:
                vectors = layer(_dropout("encoder", number))(vectors)
            vectors, *last = layer(self._name("encoder", number))(vectors, mask=mask)
            if number == 1 and config.bidirectional:
                half = len(last) // 2
                last = [keras.ops.concatenate(pair, axis=-1) for pair in zip(last[:half], last[half:], strict=True)]
            states |= self._named(config, number, last)
        return vectors, states

    def decode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, states: States) -> Tensor:
        """See `ArchitectureLayers.decode`."""
        for number in _numbers(config):
            if number > 1:
                vectors = layer(_dropout("decoder", number))(vectors)
            before = self._of(config, number, states)
            vectors, *_ = layer(self._name("decoder", number))(vectors, initial_state=before)
        return vectors

    def encoder_step(
        self, layer: LayersByName, config: ModelConfig, vector: Tensor, states: States, backward: Tensor | None
    ) -> tuple[Tensor, States]:
        """See `ArchitectureLayers.encoder_step`; the second halves of the first states are those of the way back."""
        after: States = {}
        for number in _numbers(config):
            recurrent, before = layer(self._name("encoder", number)), self._of(config, number, states)
            if number == 1 and backward is not None:
                forward, read_back = zip(*(keras.ops.split(state, 2, axis=-1) for state in before), strict=True)
                vector, read = recurrent.forward_layer.cell(vector, list(forward))
                vector = keras.ops.concatenate([vector, backward], axis=-1)
                following = [keras.ops.concatenate(halves, axis=-1) for halves in zip(read, read_back, strict=True)]
            else:
                vector, following = recurrent.cell(vector, before)
            after |= self._named(config, number, following)
        return vector, after

    def backward_step(self, layer: LayersByName, vector: Tensor, states: Mapping[str, Tensor]) -> States:
        """See `ArchitectureLayers.backward_step`."""
        cell = layer(self._name("encoder", 1)).backward_layer.cell
        _, after = cell(vector, list(states.values()))
        return dict(zip(states, after, strict=True))

    def decoder_step(
        self, layer: LayersByName, config: ModelConfig, vector: Tensor, states: States
    ) -> tuple[Tensor, States]:
        """See `ArchitectureLayers.decoder_step`."""
        after: States = {}
        for number in _numbers(config):
            cell = layer(self._name("decoder", number)).cell
            vector, following = cell(vector, self._of(config, number, states))
            after |= self._named(config, number, following)
        return vector, after

    def _name(self, half: str, number: int) -> str:
        return self._architecture.layer_name(half, number)

    def _named(self, config: ModelConfig, number: int, states: Sequence[Tensor]) -> States:
        """The states of a layer by their names.

        Args:
            config: Of the model.
            number: Of the layer, from 1.
            states: (rows, units) float32 each, in the order in which Keras has them.
        """
        return dict(zip(self._architecture.states(config)[number - 1], states, strict=True))

    def _of(self, config: ModelConfig, number: int, states: States) -> list[Tensor]:
        """The states of a layer in the order in which Keras has them.

        Args:
            config: Of the model.
            number: Of the layer, from 1.
            states: Those of all layers, by name.
        """
        return [states[name] for name in self._architecture.states(config)[number - 1]]

    def _encoder_layer(self, config: ModelConfig, number: int) -> KerasLayer:
        name = self._name("encoder", number)
        if number > 1 or not config.bidirectional:
            return self._layer(config.units, name)
        return keras.layers.Bidirectional(self._layer(config.units // 2, name), merge_mode="concat", name=name)

    def _layer(self, units: int, name: str) -> KerasLayer:
        # Initialized uniformly in ±1/√units, as in PyTorch: with Keras's own initialization it learns slower here.
        recurrent = self._new(
            units,
            kernel_initializer=by_units(units),
            recurrent_initializer=by_units(units),
            bias_initializer=by_units(units),
            return_sequences=True,
            return_state=True,
            name=name,
        )
        recurrent.cell.name = f"{name}_cell"  # the step models hold several cells, and names must differ
        return recurrent


def by_units(units: int) -> KerasInitializer:
    """The initializer of weights that are uniform in ±1/√units.

    Args:
        units: Of the layer.

    Returns:
        A `keras.initializers.Initializer`.
    """
    return keras.initializers.RandomUniform(-1 / math.sqrt(units), 1 / math.sqrt(units))


def _numbers(config: ModelConfig) -> range:
    return range(1, config.layers + 1)


def _dropout(half: str, number: int) -> str:
    return f"{half}_dropout_{number}"
