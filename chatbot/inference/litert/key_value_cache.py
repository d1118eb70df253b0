"""Stepping with a cache of keys and values: prompts are read at once, replies beside what was computed before.

By their names, the encoder takes `tokens` (rows, length), padded with PAD, and returns its last states; `cross`, the
keys and values that the decoder's steps look across at, (rows, pieces, length, size); and `mask` (rows, length), 1.0
where a token is. The decoder takes those and `token`, its `position` (rows,) int32 from 1, the `cache` of the keys and
values of the tokens before, (rows, pieces, length, size), and `past` (rows, length), 1.0 where the cache has a token.
It returns `logits`, and `now`, the token's own keys and values, (rows, pieces, size), which join the cache.

The cache has a fixed length, of which a reply fills a part; a longer reply gets one of twice the length, since each new
length costs an allocation. A search that reorders its beams reorders the rows of the cache.
"""

from collections.abc import Mapping

import numpy as np

from chatbot.config import ModelConfig
from chatbot.inference.litert.litert_interpreter import Array, Floats
from chatbot.inference.litert.step_file_contract import SOFTMAX, Shapes, StepParts, pad_length
from chatbot.inference.step_model import BlockAttention, DecoderState, Tokens

#: Tokens that a new cache has room for.
_ROOM = 16
#: The length of padded prompts is a multiple of this: the encoder spends as much on padding as on tokens.
_LENGTHS = 4
#: What the decoder looks back at.
_ATTENDED = ("cross", "mask")
#: The arrays of a state: keys and values, and (rows, 1) float32, the tokens that they are of.
_CACHE, _COUNT = "cache", "count"


class KeyValueCache:
    """The adapter of step models with a cache; see `chatbot.inference.litert.stepping.Stepping`."""

    def __init__(self, parts: StepParts, config: ModelConfig) -> None:
        """Adapt step models.

        Args:
            parts: Of a bundle.
            config: Unused; the files say everything.
        """
        del config
        self._encoder, self._decoder = parts.encoder, parts.decoder
        self.states: Shapes = {name: size for name, size in self._encoder.outputs.items() if name not in _ATTENDED}

    def fits(self) -> bool:
        """See `Stepping.fits`."""
        pieces = self._encoder.outputs.get("cross", ())
        taken: Shapes = {"token": (), "position": (), "past": (1,), "mask": (1,), "cache": pieces, "cross": pieces}
        return (
            len(pieces) == 3
            and self._encoder.inputs == {"tokens": (1,)}
            and self._encoder.outputs == self.states | {"cross": pieces, "mask": (1,)}
            and self._decoder.inputs == taken | self.states
            and self._decoder.outputs.get("now") == (pieces[0], pieces[2])
            and self._decoder.outputs.keys() == {"logits", "now"}
        )

    def read(self, tokens: Tokens) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """See `Stepping.read`."""
        states = self._encoder({"tokens": pad_length(tokens, _LENGTHS).T})
        return states, {name: states.pop(name) for name in _ATTENDED}

    @staticmethod
    def start(states: Mapping[str, Floats], attended: Mapping[str, Floats]) -> DecoderState:
        """See `Stepping.start`."""
        rows, pieces, _, size = attended["cross"].shape
        empty = {_CACHE: np.zeros((rows, pieces, _ROOM, size), np.float32), _COUNT: np.zeros((rows, 1), np.float32)}
        return DecoderState(empty, {**states, **attended})

    @staticmethod
    def inputs(tokens: Tokens, state: DecoderState) -> dict[str, Array]:
        """See `Stepping.inputs`."""
        cache, count = state.arrays[_CACHE], state.arrays[_COUNT][:, 0]
        past = (np.arange(cache.shape[2]) < count[:, None]).astype(np.float32)
        position = (count + 1).astype(np.int32)
        return {"token": tokens, "position": position, "past": past, _CACHE: cache, **state.fixed}

    @staticmethod
    def after(outputs: Mapping[str, Floats], state: DecoderState) -> DecoderState:
        """See `Stepping.after`."""
        cache, count = state.arrays[_CACHE], state.arrays[_COUNT][:, 0]
        room = cache.shape[2]
        more = room if len(count) and count.max() >= room else 0
        # A copy, since the state before may be stepped again.
        cache = np.concatenate([cache, np.zeros_like(cache)], axis=2) if more else cache.copy()
        cache[np.arange(len(count)), :, count.astype(np.intp)] = outputs["now"]
        return state.advance({_CACHE: cache, _COUNT: state.arrays[_COUNT] + 1})

    def alignment(self, tokens: Tokens, state: DecoderState) -> Floats | None:
        """See `Stepping.alignment`: the mean of all heads of all blocks."""
        _, across = self._weights(tokens, state)
        return np.asarray(np.mean([weights[:, :, 0].mean(axis=1) for weights in across], axis=0), np.float32)

    def block_attention(self, tokens: Tokens, state: DecoderState) -> list[BlockAttention]:
        """See `Stepping.block_attention`."""
        count = int(state.arrays[_COUNT][0, 0])
        back, across = self._weights(tokens, state)
        # Between the tokens before and the token itself is what the cache has room for.
        own = [np.concatenate([weights[0, :, 0, :count], weights[0, :, 0, -1:]], axis=1) for weights in back]
        return [BlockAttention(one, other[0, :, 0]) for one, other in zip(own, across, strict=True)]

    def prompt_attention(self, tokens: Tokens) -> list[Floats]:
        """See `Stepping.prompt_attention`."""
        (weights,) = self._encoder.read_tensors({"tokens": pad_length(tokens, _LENGTHS).T}, SOFTMAX)
        return [one[0, :, : len(tokens), : len(tokens)] for one in weights]

    def _weights(self, tokens: Tokens, state: DecoderState) -> tuple[list[Floats], list[Floats]]:
        """The weights of the self-attentions and of the cross-attentions.

        Args:
            tokens: (rows,) int32.
            state: Before them.

        Returns:
            (rows, heads, 1, tokens) float32 of each block, of both kinds.
        """
        (weights,) = self._decoder.read_tensors(self.inputs(tokens, state), SOFTMAX)
        return weights[::2], weights[1::2]
