"""The contract of an architecture's Keras half, and its look-up by the table of architectures."""

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from chatbot.config import ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.training.type_aliases import KerasLayer, LayersByName, States, Tensor


class ArchitectureLayers(Protocol):
    """The layers of an architecture: in whole sequences for training, and a token at a time for answering.

    Embedding, attention, the reply memory and the projection are around them, the same for all.
    """

    def new_layers(self, config: ModelConfig, dropout: float) -> Sequence[KerasLayer]:
        """Make the layers of a new model.

        Args:
            config: Its shape.
            dropout: Dropout rate between stacked layers.

        Returns:
            The layers, each under the name by which the other methods ask for it.
        """

    def for_training(self, precision: str, warn: Callable[[str], None]) -> Callable[[KerasLayer], KerasLayer]:
        """The layers of the training step on a CPU: from any layer of the model to the one that takes its place.

        Args:
            precision: "float32" or "bfloat16", of the matrix products.
            warn: Called if the step will be slower than it could be.
        """

    def encode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, mask: Tensor) -> tuple[Tensor, States]:
        """Read whole prompts.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            vectors: (rows, length, embedding size) float32, of the tokens.
            mask: (rows, length) bool, False at the padding, which is at the end.

        Returns:
            The outputs at each token, (rows, length, units) float32, and the last states by the names that
            `Architecture.states` gives them.
        """

    def decode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, states: States) -> Tensor:
        """Read whole replies, each from a state on.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            vectors: (rows, length, embedding size) float32, of the tokens.
            states: By name.

        Returns:
            The outputs at each token, (rows, length, units) float32.
        """

    def encoder_step(
        self, layer: LayersByName, config: ModelConfig, vector: Tensor, states: States, backward: Tensor | None
    ) -> tuple[Tensor, States]:
        """Read one token of each prompt.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            vector: (rows, embedding size) float32, of the token.
            states: By name.
            backward: (rows, units / 2) float32, the output of `backward_step` at this token; None if prompts are
                not read both ways.

        Returns:
            The output, (rows, units) float32, and the states by name.
        """

    def backward_step(self, layer: LayersByName, vector: Tensor, states: Mapping[str, Tensor]) -> States:
        """Read one token of each prompt, from its end.

        Args:
            layer: Gives a layer by its name.
            vector: (rows, embedding size) float32, of the token.
            states: (rows, units / 2) float32 each, by names without the number of the layer.

        Returns:
            The states by the same names; the first one is the output.
        """

    def decoder_step(
        self, layer: LayersByName, config: ModelConfig, vector: Tensor, states: States
    ) -> tuple[Tensor, States]:
        """Read one token of each reply.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            vector: (rows, embedding size) float32, of the token.
            states: By name.

        Returns:
            The output, (rows, units) float32, and the states by name.
        """


def layers_of(config: ModelConfig) -> ArchitectureLayers:
    """The Keras half of the architecture of a model.

    Args:
        config: Shape of the model.
    """
    architecture = ARCHITECTURES[config.architecture]
    found: ArchitectureLayers = pkgutil.resolve_name(architecture.keras_half)(architecture)
    return found
