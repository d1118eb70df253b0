"""The transformer: blocks of attention and feed-forward layers, which read all tokens of a prompt at once.

References: Vaswani et al. (2017), "Attention Is All You Need"; Xiong et al. (2020), "On Layer Normalization in the
Transformer Architecture", for the normalization before each layer and not behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chatbot.config.architectures.architecture import ModelBlock, Sizes

#: Numbers of a head, unless the units do not divide so.
_HEAD = 32
#: Units of the feed-forward layer for each one of the model.
_WIDER = 4
#: Units and layers of each preset: about as many parameters as its LSTM has, and their time.
_PRESETS = {"tiny": (64, 1), "small": (128, 1), "base": (128, 2), "large": (256, 2)}


@dataclass(frozen=True)
class TransformerArchitecture:
    """Blocks of multi-head attention and a feed-forward layer, stacked in the encoder and in the decoder.

    Attributes:
        name: In manifests and on the command line.
        keras_half: See `Architecture.keras_half`.
    """

    #: A token is read beside the keys and values of those before it.
    stepping: ClassVar[str] = "cache"
    name: str
    keras_half: str

    def encoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """See `Architecture.encoder`; the sentence vector is made of the mean of the last outputs."""
        blocks = [block for number in _numbers(sizes) for block in self._blocks(sizes, "encoder", number)]
        pooled = ModelBlock("Mean, tanh", f"{sizes.units:,}", sizes.units * (sizes.units + 1), ("sentence_vector",))
        return (self._positions(sizes), *blocks, self._norm(sizes, "encoder"), pooled)

    def decoder(self, sizes: Sizes) -> tuple[ModelBlock, ...]:
        """See `Architecture.decoder`."""
        blocks = [block for number in _numbers(sizes) for block in self._blocks(sizes, "decoder", number)]
        return (self._positions(sizes), *blocks, self._norm(sizes, "decoder"))

    def states(self, sizes: Sizes) -> tuple[Mapping[str, int], ...]:
        """See `Architecture.states`: the sentence vector, which is added to each token of the reply."""
        return ({"sentence": sizes.units},)

    def summary(self, sizes: Sizes) -> str:
        """See `Architecture.summary`."""
        heads, blocks = self.heads(sizes), "block" if sizes.layers == 1 else "blocks"
        headed = "1 head" if heads == 1 else f"{heads} heads"
        return f"transformer of {sizes.units} units, {sizes.layers} {blocks} on each side, {headed} each"

    def refusal(self, sizes: Sizes) -> str | None:
        """See `Architecture.refusal`."""
        if sizes.bidirectional or sizes.attention != "none":
            return (
                "a transformer reads prompts in both directions and attends to them by itself, so bidirectional must"
                " be off and attention none"
            )
        if sizes.embedding_size != sizes.units:
            return "a transformer adds up embeddings and outputs, so embedding_size and units must be the same"
        return None

    def preset(self, name: str) -> Mapping[str, object]:
        """See `Architecture.preset`."""
        units, layers = _PRESETS[name]
        return {
            "units": units,
            "embedding_size": units,
            "layers": layers,
            "bidirectional": False,
            "attention": "none",
        }

    def heads(self, sizes: Sizes) -> int:
        """The heads of each attention: of 32 numbers, or of a few more where the units do not divide so.

        Args:
            sizes: Of the model.
        """
        most = max(1, sizes.units // _HEAD)
        return next(heads for heads in range(most, 0, -1) if sizes.units % heads == 0)

    def wide(self, sizes: Sizes) -> int:
        """The units of the feed-forward layers between their two products.

        Args:
            sizes: Of the model.
        """
        return _WIDER * sizes.units

    def attention_layers(self, half: str, kind: str, number: int) -> tuple[str, ...]:
        """The names of the Keras layers of an attention: its normalization, query, key, value and output.

        Args:
            half: "encoder" or "decoder".
            kind: "self" or "cross".
            number: Of the block, from 1.
        """
        return tuple(f"{half}_{kind}_{part}_{number}" for part in ("norm", "query", "key", "value", "output"))

    def feed_forward_layers(self, half: str, number: int) -> tuple[str, ...]:
        """The names of the Keras layers of a feed-forward layer: its normalization and its two products.

        Args:
            half: "encoder" or "decoder".
            number: Of the block, from 1.
        """
        return tuple(f"{half}_{part}_{number}" for part in ("feed_norm", "expand", "contract"))

    def _positions(self, sizes: Sizes) -> ModelBlock:
        """The positions that are added to the embeddings, and in the decoder the sentence vector with them."""
        return ModelBlock("Positions added", f"{sizes.units:,} per token")

    def _norm(self, sizes: Sizes, half: str) -> ModelBlock:
        """The normalization behind the last block of a half."""
        return ModelBlock("Normalization", f"{sizes.units:,} per token", 2 * sizes.units, (f"{half}_norm",))

    def _blocks(self, sizes: Sizes, half: str, number: int) -> list[ModelBlock]:
        units, wide, size = sizes.units, self.wide(sizes), f"{sizes.units:,} per token"
        kinds = ("self", "cross") if half == "decoder" else ("self",)
        heads = self.heads(sizes)
        blocks = [
            ModelBlock(
                f"{kind.capitalize()}-attention {number}, {heads} {'head' if heads == 1 else 'heads'}",
                size,
                4 * (units**2 + units) + 2 * units,
                self.attention_layers(half, kind, number),
                # Query and output of each token; key and value of each token that is looked at.
                operations=(2 if kind == "cross" else 4) * units**2,
                looks_back=kind == "cross",
                read_operations=2 * units**2 if kind == "cross" else 0,
                pair_operations=2 * units,
            )
            for kind in kinds
        ]
        weights = 2 * units * wide
        layers = self.feed_forward_layers(half, number)
        fed = ModelBlock(f"Feed-forward {number}", size, weights + wide + 3 * units, layers, weights)
        return [*blocks, fed]


def _numbers(sizes: Sizes) -> range:
    return range(1, sizes.layers + 1)


#: The encoder-decoder of Vaswani et al. (2017), with normalization first.
TRANSFORMER = TransformerArchitecture("transformer", "chatbot.training.models.transformer_layers:transformer_layers")
