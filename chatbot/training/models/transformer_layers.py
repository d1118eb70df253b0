"""The Keras half of the transformer: blocks over whole sequences, all positions of a prompt or reply at once.

Each block adds to its input what its attention makes of it, and then what its feed-forward layer does; each of them
sees its input normalized (Xiong et al. 2020). The position of a token is added as sines and cosines (Vaswani et al.
2017, section 3.5). In the decoder a token sees itself and those before it.

Between encoder and decoder stands a sentence vector, as with any other architecture: the mean of the encoder's outputs
through a dense layer, in -1..1 (as the pooler of Devlin et al. 2019, "BERT"). It, or what the reply memory recalls in
its place, is added to each token of the reply; cross-attention looks at the outputs themselves beside it.
"""

from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

from chatbot.config import ModelConfig
from chatbot.config.architectures.transformer import TransformerArchitecture
from chatbot.training.models.architecture_layers import Encoded
from chatbot.training.models.multi_head_attention import attend_heads, join_heads, split_heads
from chatbot.training.models.transformer_steps import SENTENCE_VECTOR, TransformerSteps
from chatbot.training.type_aliases import KerasLayer, KerasModel, LayersByName, States, Tensor

#: The longest wave of the positions is 2π times this (Vaswani et al. 2017).
_WAVE = 10_000.0


def transformer_layers(architecture: TransformerArchitecture) -> "TransformerLayers":
    """The Keras half of the architecture "transformer".

    Args:
        architecture: Its entry in the table.
    """
    return TransformerLayers(architecture)


class TransformerLayers:
    """The layers of a transformer; see `ArchitectureLayers`."""

    def __init__(self, architecture: TransformerArchitecture) -> None:
        """Describe the layers; none is made yet.

        Args:
            architecture: Their entry in the table of architectures.
        """
        self._architecture = architecture

    def new_layers(self, config: ModelConfig, dropout: float) -> list[KerasLayer]:
        """See `ArchitectureLayers.new_layers`."""
        layers, made = keras.layers, []
        for half, longest in (("encoder", config.max_prompt_tokens), ("decoder", config.max_reply_tokens)):
            made.append(_positions(longest + 1, config.units, f"{half}_positions"))
            for number in range(1, config.layers + 1):
                for kind in _kinds(half):
                    norm, *products = self._architecture.attention_layers(half, kind, number)
                    made.append(layers.LayerNormalization(name=norm))
                    made += [layers.Dense(config.units, name=name) for name in products]
                    made.append(layers.Dropout(dropout, name=_dropout(half, kind, number)))
                norm, expand, contract = self._architecture.feed_forward_layers(half, number)
                made.append(layers.LayerNormalization(name=norm))
                made.append(layers.Dense(self._architecture.wide(config), activation="relu", name=expand))
                made += [
                    layers.Dense(config.units, name=contract),
                    layers.Dropout(dropout, name=_dropout(half, "feed", number)),
                ]
            made.append(layers.LayerNormalization(name=f"{half}_norm"))
        made.append(layers.Dense(config.units, activation="tanh", name=SENTENCE_VECTOR))
        return made

    def for_training(self, precision: str, warn: Callable[[str], None]) -> Callable[[KerasLayer], KerasLayer]:
        """See `ArchitectureLayers.for_training`; these layers are whole products already."""
        del precision, warn
        return lambda layer: layer

    def encode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, mask: Tensor) -> tuple[Tensor, States]:
        """See `ArchitectureLayers.encode`; the outputs are 0 at the padding."""
        ops = keras.ops
        counted = ops.where(mask, 1, 0)
        vectors += layer("encoder_positions")(_within(ops.cumsum(counted, axis=1), config.max_prompt_tokens))
        seen = ops.expand_dims(ops.expand_dims(mask, 1), 1)
        for number in range(1, config.layers + 1):
            vectors = self._attend(layer, config, ("encoder", "self", number), vectors, None, seen)
            vectors = self._feed(layer, ("encoder", number), vectors)
        real = ops.expand_dims(ops.cast(mask, "float32"), -1)
        outputs = layer("encoder_norm")(vectors) * real
        mean = ops.sum(outputs, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)
        return outputs, {"sentence": layer(SENTENCE_VECTOR)(mean)}

    def decode(self, layer: LayersByName, config: ModelConfig, vectors: Tensor, encoded: Encoded) -> Tensor:
        """See `ArchitectureLayers.decode`."""
        ops = keras.ops
        place = ops.cumsum(ops.cast(ops.ones_like(vectors[:, :, 0]), "int32"), axis=1)
        vectors += layer("decoder_positions")(_within(place, config.max_reply_tokens))
        vectors += ops.expand_dims(encoded.states["sentence"], 1)
        before = ops.expand_dims(ops.expand_dims(place, 1) <= ops.expand_dims(place, 2), 1)
        read = ops.expand_dims(ops.expand_dims(encoded.mask, 1), 1)
        for number in range(1, config.layers + 1):
            vectors = self._attend(layer, config, ("decoder", "self", number), vectors, None, before)
            vectors = self._attend(layer, config, ("decoder", "cross", number), vectors, encoded.outputs, read)
            vectors = self._feed(layer, ("decoder", number), vectors)
        return layer("decoder_norm")(vectors)

    def attended(self, layer: LayersByName, config: ModelConfig, encoded: Encoded) -> States:
        """See `ArchitectureLayers.attended`: the keys and values of all cross-attentions, computed once a prompt."""
        heads, made = self._architecture.heads(config), []
        for number in range(1, config.layers + 1):
            _, _, key, value, _ = self._architecture.attention_layers("decoder", "cross", number)
            made += [split_heads(layer(name)(encoded.outputs), heads) for name in (key, value)]
        return {"cross": keras.ops.concatenate(made, axis=1), "mask": keras.ops.cast(encoded.mask, "float32")}

    def step_models(self, model: KerasModel, config: ModelConfig) -> dict[str, KerasModel]:
        """See `ArchitectureLayers.step_models`."""
        steps = TransformerSteps(self._architecture, model, config)
        return {"encoder": steps.build_encoder(self.encode, self.attended), "decoder": steps.build_decoder()}

    def _attend(
        self,
        layer: LayersByName,
        config: ModelConfig,
        place: tuple[str, str, int],
        vectors: Tensor,
        memory: Tensor | None,
        seen: Tensor,
    ) -> Tensor:
        """Add what an attention makes of its input.

        Args:
            layer: Gives a layer by its name.
            config: Of the model.
            place: The half, the kind and the number of the attention.
            vectors: (rows, length, units) float32.
            memory: (rows, other length, units) float32, that it looks at; None for `vectors` themselves.
            seen: bool, True where a token may be looked at; its shape fits (rows, heads, length, other length).

        Returns:
            (rows, length, units) float32.
        """
        norm, *products, output = self._architecture.attention_layers(*place)
        given, heads = layer(norm)(vectors), self._architecture.heads(config)
        looked_at = given if memory is None else memory
        query, key, value = (
            split_heads(layer(name)(one), heads)
            for name, one in zip(products, (given, looked_at, looked_at), strict=True)
        )
        context = join_heads(attend_heads(query, key, value, seen), heads)
        return vectors + layer(_dropout(*place))(layer(output)(context))

    def _feed(self, layer: LayersByName, place: tuple[str, int], vectors: Tensor) -> Tensor:
        """Add what a feed-forward layer makes of its input.

        Args:
            layer: Gives a layer by its name.
            place: As in `_attend`.
            vectors: (rows, length, units) float32.

        Returns:
            (rows, length, units) float32.
        """
        norm, expand, contract = self._architecture.feed_forward_layers(*place)
        half, number = place
        fed = layer(contract)(layer(expand)(layer(norm)(vectors)))
        return vectors + layer(_dropout(half, "feed", number))(fed)


def _positions(count: int, units: int, name: str) -> KerasLayer:
    """An embedding of positions that is not trained: sines and cosines of ever longer waves."""
    layer = keras.layers.Embedding(count, units, trainable=False, name=name)
    layer.build(None)
    layer.embeddings.assign(sinusoids(count, units))
    return layer


def sinusoids(count: int, units: int) -> npt.NDArray[np.float32]:
    """The vectors of positions (Vaswani et al. 2017, section 3.5).

    Args:
        count: Positions, from 0.
        units: Of the model.

    Returns:
        (count, units) float32, in -1..1.
    """
    half = np.arange((units + 1) // 2) / max(1, units // 2)
    angles = np.arange(count)[:, None] / _WAVE**half
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)[:, :units].astype(np.float32)


def _within(places: Tensor, most: int) -> Tensor:
    """Places of tokens in a table of positions; behind its end, its last one.

    Args:
        places: int32 of any shape.
        most: The last place of the table.

    Returns:
        int32 of the same shape.
    """
    return keras.ops.minimum(places, most)


def _kinds(half: str) -> tuple[str, ...]:
    return ("self", "cross") if half == "decoder" else ("self",)


def _dropout(half: str, kind: str, number: int) -> str:
    return f"{half}_{kind}_dropout_{number}"
