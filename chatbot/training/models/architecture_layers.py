"""The contract of an architecture's Keras half, and its look-up by the table of architectures."""

import pkgutil
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import keras

from chatbot.config import PAD, ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.training.type_aliases import KerasLayer, KerasModel, LayersByName, States, Tensor


class Encoded(NamedTuple):
    """Prompts as the encoder has read them.

    Attributes:
        outputs: At each token, (rows, length, units) float32.
        mask: (rows, length) bool, False at the padding, which is at the end.
        states: The last states by the names that `Architecture.states` gives them, (rows, size) float32 each; or those
            that the decoder starts from in their place.
    """

    outputs: Tensor
    mask: Tensor
    states: States


class ArchitectureLayers(Protocol):
    """The layers of an architecture: in whole sequences for training, and as step models for answering.

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

    def decode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, encoded: Encoded) -> Tensor:
        """Read whole replies, each from the states on that its prompt has left.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            vectors: (rows, length, embedding size) float32, of the tokens.
            encoded: The prompts.

        Returns:
            The outputs at each token, (rows, length, units) float32.
        """

    def attended(self, layer: LayersByName, config: ModelConfig, encoded: Encoded) -> States:
        """The inputs of the decoder's step that belong to the prompt, and that no token changes.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            encoded: The prompts.

        Returns:
            By name, float32, the rows first; none where the states are all that passes to the decoder.
        """

    def step_models(self, model: KerasModel, config: ModelConfig) -> dict[str, KerasModel]:
        """Rebuild encoder and decoder for answering, from the layers of a training model.

        Args:
            model: The training model.
            config: Its shape.

        Returns:
            Functional models with the inputs and outputs of the architecture's way of stepping, see
            `chatbot.inference.litert.stepping`: `encoder`, `decoder`, and what else it has.
        """


def layers_of(config: ModelConfig) -> ArchitectureLayers:
    """The Keras half of the architecture of a model.

    Args:
        config: Shape of the model.
    """
    architecture = ARCHITECTURES[config.architecture]
    found: ArchitectureLayers = pkgutil.resolve_name(architecture.keras_half)(architecture)
    return found


def is_token(tokens: Tensor) -> Tensor:
    """Compare tokens with PAD.

    Args:
        tokens: int32 of any shape.

    Returns:
        bool of the same shape, True at tokens, False at PAD.
    """
    return keras.ops.not_equal(tokens, PAD)


def token_input() -> Tensor:
    """The input `token` of a step model.

    Returns:
        (rows,) int32.
    """
    return keras.Input((), dtype="int32", name="token")


def state_inputs(config: ModelConfig) -> States:
    """The inputs of all states by name, (rows, size) float32 each.

    Args:
        config: Of the model.
    """
    return {name: keras.Input((size,), name=name) for sizes in config.states for name, size in sizes.items()}
