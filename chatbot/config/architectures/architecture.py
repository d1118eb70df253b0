"""The contract of an architecture as far as it needs no Keras: its name, its blocks and its states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ModelBlock:
    """A part of a model.

    Attributes:
        name: What it is.
        size: Of what it puts out, in numbers.
        parameters: Numbers that are learned; 0 where there are none, or where they are another's.
        layers: Names of its Keras layers.
        operations: Multiplications by a weight for each token; 0 where they are too few to count.
        looks_back: Whether it looks back at the encoder's outputs.
        read_operations: Of a block that looks back, multiplications by a weight for each of those outputs.
        pair_operations: Of an attention, multiplications for each token that looks and each that is looked at, which
            are the encoder's outputs where it looks back, and the tokens of its own side where it does not.
    """

    name: str
    size: str
    parameters: int = 0
    layers: tuple[str, ...] = ()
    operations: int = 0
    looks_back: bool = False
    read_operations: int = 0
    pair_operations: int = 0

    def count_operations(self, tokens: float, read: float) -> float:
        """The multiplications for one sentence.

        Args:
            tokens: Of its own side.
            read: The encoder's outputs.
        """
        looked_at = read if self.looks_back else tokens
        return tokens * (self.operations + looked_at * self.pair_operations) + read * self.read_operations


class Sizes(Protocol):
    """The sizes that an architecture is described by: `chatbot.config.ModelShape`, or anything with its fields."""

    @property
    def embedding_size(self) -> int:
        """Length of a token's vector."""

    @property
    def units(self) -> int:
        """Length of what a layer puts out for a token."""

    @property
    def layers(self) -> int:
        """Layers stacked in the encoder, and as many in the decoder."""

    @property
    def bidirectional(self) -> bool:
        """Whether the encoder's first layer reads the prompt both ways."""

    @property
    def attention(self) -> str:
        """The attention behind the decoder, or "none"."""


class Architecture(Protocol):
    """A way to build the inside of the encoder and the decoder."""

    @property
    def name(self) -> str:
        """The name in manifests and on the command line."""

    @property
    def stepping(self) -> str:
        """The way in which its step models are asked, by the name in `chatbot.inference.litert.stepping.STEPPINGS`."""

    @property
    def keras_half(self) -> str:
        """The function that makes its Keras layers of this entry, as `module:function`.

        It is named and not imported, since answering never imports Keras. What it returns is an
        `ArchitectureLayers`, see `chatbot.training.models.architecture_layers`.
        """

    def preset(self, name: str) -> Mapping[str, object]:
        """The fields of a preset that are others than those in `chatbot.config.PRESETS`, by name.

        Args:
            name: Of the preset.
        """

    def refusal(self, sizes: Sizes) -> str | None:
        """The reason why there is no such model; None where there is.

        Args:
            sizes: Of the model.
        """

    def encoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """The blocks of the encoder above its embedding, the first one first.

        Args:
            sizes: Of the model.
        """

    def decoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """The blocks of the decoder between embedding and attention, the first one first.

        Args:
            sizes: Of the model.
        """

    def states(self, sizes: Sizes) -> Sequence[Mapping[str, int]]:
        """The states that each block of the decoder starts from: their lengths by their names.

        The first of a block is what it puts out, in -1..1.

        Args:
            sizes: Of the model.
        """

    def summary(self, sizes: Sizes) -> str:
        """The blocks in a few words.

        Args:
            sizes: Of the model.
        """
