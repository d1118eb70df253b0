"""The Keras half of recurrent architectures: layers of one kind in whole sequences."""

import math
from collections.abc import Callable

import keras

from chatbot.config import ModelConfig
from chatbot.config.architectures.recurrent import RecurrentArchitecture
from chatbot.training.models.architecture_layers import Encoded
from chatbot.training.models.fused_layer import choose_fused
from chatbot.training.models.recurrent_steps import RecurrentSteps
from chatbot.training.type_aliases import KerasInitializer, KerasLayer, KerasModel, LayersByName, States, Tensor


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
            states |= dict(zip(config.states[number - 1], last, strict=True))
        return vectors, states

    def decode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, encoded: Encoded) -> Tensor:
        """See `ArchitectureLayers.decode`."""
        for number in _numbers(config):
            if number > 1:
                vectors = layer(_dropout("decoder", number))(vectors)
            before = [encoded.states[name] for name in config.states[number - 1]]  # in Keras's order
            vectors, *_ = layer(self._name("decoder", number))(vectors, initial_state=before)
        return vectors

    def attended(self, layer: LayersByName, config: ModelConfig, encoded: Encoded) -> States:
        """See `ArchitectureLayers.attended`; with attention the encoder's outputs are its memory."""
        del layer
        if config.attention == "none":
            return {}
        return {"memory": encoded.outputs, "mask": keras.ops.cast(encoded.mask, "float32")}

    def step_models(self, model: KerasModel, config: ModelConfig) -> dict[str, KerasModel]:
        """See `ArchitectureLayers.step_models`."""
        steps = RecurrentSteps(self._architecture, model, config)
        built = {"encoder": steps.build_encoder(), "decoder": steps.build_decoder()}
        return built | {"backward": steps.build_backward()} if config.bidirectional else built

    def _name(self, half: str, number: int) -> str:
        return self._architecture.layer_name(half, number)

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
