"""The step models of a transformer, built from the layers of a training model.

See `chatbot.inference.litert.key_value_cache` for how they are stepped.

The encoder reads whole prompts. The decoder reads one token beside the keys and values of those before it, which it
was given, and returns its own; nothing is computed twice. The keys and values of the prompt are the encoder's.
"""

from collections.abc import Callable

import keras

from chatbot.config import ModelConfig
from chatbot.config.architectures.transformer import TransformerArchitecture
from chatbot.training.models.architecture_layers import Encoded, is_token, state_inputs, token_input
from chatbot.training.models.multi_head_attention import DenseOverSequences, attend_heads
from chatbot.training.type_aliases import KerasLayer, KerasModel, LayersByName, States, Tensor

#: The dense layer of the encoder that is applied once a prompt.
SENTENCE_VECTOR = "sentence_vector"
#: `ArchitectureLayers.encode` and `ArchitectureLayers.attended`.
Encode = Callable[[LayersByName, ModelConfig, Tensor, Tensor], tuple[Tensor, States]]
Attended = Callable[[LayersByName, ModelConfig, Encoded], States]


class TransformerSteps:
    """The step models of one trained model."""

    def __init__(self, architecture: TransformerArchitecture, model: KerasModel, config: ModelConfig) -> None:
        """Take the layers.

        Args:
            architecture: Their entry in the table of architectures.
            model: The training model.
            config: Its shape.
        """
        self._architecture, self._layer, self._config = architecture, model.get_layer, config
        self._heads = architecture.heads(config)

    def build_encoder(self, encode: Encode, attended: Attended) -> KerasModel:
        """Rebuild the encoder.

        Args:
            encode: Of the architecture.
            attended: Likewise.

        Returns:
            A functional model from `tokens` (rows, length), int32, padded with PAD, to `sentence` (rows, units), to
            `cross`, (rows, blocks · 2 · heads, length, units / heads) float32, the keys and values of each block's
            cross-attention, and to `mask` (rows, length) float32, 1 at tokens.
        """
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        mask, vectors = is_token(tokens), self._layer("token_embedding")(tokens)
        outputs, states = encode(self._over_sequences, self._config, vectors, mask)
        passed = attended(self._over_sequences, self._config, Encoded(outputs, mask, states))
        return keras.Model({"tokens": tokens}, {**states, **passed}, name="encoder")

    def build_decoder(self) -> KerasModel:
        """Rebuild the decoder as one step.

        Returns:
            A functional model to `logits` (rows, vocabulary) and to `now`, the keys and values of the token,
            (rows, blocks · 2 · heads, units / heads), from `token` (rows,), its `position` (rows,) int32 from 1, the
            `cache` of the tokens before, (rows, blocks · 2 · heads, length, units / heads), `past` (rows, length),
            1.0 where the cache has a token, and `sentence`, `cross` and `mask` as the encoder has them.
        """
        ops, config = keras.ops, self._config
        packed = 2 * config.layers * self._heads
        size = config.units // self._heads
        inputs = {
            "token": token_input(),
            "position": keras.Input((), dtype="int32", name="position"),
            "past": keras.Input((None,), name="past"),
            "mask": keras.Input((None,), name="mask"),
            **{name: keras.Input((packed, None, size), name=name) for name in ("cache", "cross")},
            **state_inputs(config),
        }
        vector = self._layer("token_embedding")(inputs["token"]) + inputs["sentence"]
        place = ops.minimum(inputs["position"], config.max_reply_tokens)
        vector += self._layer("decoder_positions")(place)
        # The token itself is behind the cache, and is always looked at: its position is above 0.
        here = ops.cast(ops.expand_dims(inputs["position"], 1), "float32")
        seen = ops.concatenate([inputs["past"], here], axis=1), inputs["mask"]
        past, mask = (ops.expand_dims(ops.expand_dims(one > 0, 1), 1) for one in seen)
        cached, crossed = (ops.split(inputs[name], 2 * config.layers, axis=1) for name in ("cache", "cross"))
        now = []
        for block in range(config.layers):
            vector, own = self._look_back(block + 1, vector, cached[2 * block : 2 * block + 2], past)
            now += own
            vector = self._look_across(block + 1, vector, crossed[2 * block : 2 * block + 2], mask)
            norm, expand, contract = map(self._layer, self._architecture.feed_forward_layers("decoder", block + 1))
            vector += contract(expand(norm(vector)))
        logits = self._layer("vocabulary_projection")(self._layer("decoder_norm")(vector))
        return keras.Model(inputs, {"logits": logits, "now": ops.concatenate(now, axis=1)}, name="decoder_step")

    def _look_back(
        self, number: int, vector: Tensor, cached: list[Tensor], past: Tensor
    ) -> tuple[Tensor, list[Tensor]]:
        """Add what the self-attention of a block makes of a token.

        Args:
            number: Of the block, from 1.
            vector: (rows, units) float32.
            cached: The keys and the values of the tokens before, (rows, heads, length, size) float32 each.
            past: (rows, 1, 1, length + 1) bool.

        Returns:
            (rows, units) float32, and the token's own key and value, (rows, heads, size) float32 each.
        """
        ops = keras.ops
        names = self._architecture.attention_layers("decoder", "self", number)
        norm, query, key, value, output = map(self._layer, names)
        given = norm(vector)
        own = [self._split(layer(given)) for layer in (key, value)]
        keys, values = (
            ops.concatenate([before, ops.expand_dims(one, 2)], axis=2) for before, one in zip(cached, own, strict=True)
        )
        context = attend_heads(ops.expand_dims(self._split(query(given)), 2), keys, values, past)
        return vector + output(self._join(context)), own

    def _look_across(self, number: int, vector: Tensor, crossed: list[Tensor], mask: Tensor) -> Tensor:
        """Add what the cross-attention of a block makes of a token; see `_look_back`.

        Args:
            number: Of the block.
            vector: (rows, units) float32.
            crossed: The keys and the values of the prompt, (rows, heads, length, size) float32 each.
            mask: (rows, length), which of its places are tokens.

        Returns:
            (rows, units) float32.
        """
        names = self._architecture.attention_layers("decoder", "cross", number)
        norm, query, _, _, output = map(self._layer, names)
        asked, (keys, values) = keras.ops.expand_dims(self._split(query(norm(vector))), 2), crossed
        return vector + output(self._join(attend_heads(asked, keys, values, mask)))

    def _split(self, vector: Tensor) -> Tensor:
        """Give each head its part of vectors.

        Args:
            vector: (rows, units) float32.

        Returns:
            (rows, heads, size) float32.
        """
        return keras.ops.reshape(vector, (-1, self._heads, self._config.units // self._heads))

    def _join(self, context: Tensor) -> Tensor:
        """Put the parts of the heads together.

        Args:
            context: (rows, heads, 1, size) float32.

        Returns:
            (rows, units) float32.
        """
        return keras.ops.reshape(context, (-1, self._config.units))

    def _over_sequences(self, name: str) -> KerasLayer:
        """A layer by its name; a dense one as it is applied to sequences without computing shapes."""
        layer = self._layer(name)
        over_tokens = isinstance(layer, keras.layers.Dense) and name != SENTENCE_VECTOR
        return DenseOverSequences(layer) if over_tokens else layer
