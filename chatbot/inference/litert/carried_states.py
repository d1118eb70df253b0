"""Stepping with carried states: encoder and decoder read a token at a time, as recurrent networks do.

By their names, the encoder takes `token` and the states and returns the states, leaving them as they are where the
token is PAD; the decoder takes the same and returns `logits` as well.

With attention the encoder also returns its `output` (rows, units) at each token, and the decoder takes all of them as
`memory` (rows, length, units), with `mask` (rows, length) 1.0 where a token is. A bidirectional encoder has a
backward step too: from `token` and the states of one layer, by their names without its number, to those states. It
reads the prompt from its end; its output at each token, which is the first of these states, is the encoder's input
`backward`, and its last states are the second halves of the first layer's at the start.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from chatbot.config import PAD, ModelConfig
from chatbot.inference.litert.litert_interpreter import Array, Floats, LiteRTModel
from chatbot.inference.litert.step_file_contract import SOFTMAX, Shapes, StepParts, pad_length
from chatbot.inference.step_model import BlockAttention, DecoderState, Tokens

#: Rows of a step are a multiple of this.
_ROWS = 16


class CarriedStates:
    """The adapter of step models that carry states; see `chatbot.inference.litert.stepping.Stepping`."""

    def __init__(self, parts: StepParts, config: ModelConfig) -> None:
        """Adapt step models.

        Args:
            parts: Of a bundle.
            config: Shape of its model.
        """
        self._output = next(iter(config.states[0])).removesuffix("1")
        self._encoder, self._decoder, self._backward = parts.encoder, parts.decoder, parts.backward
        self.attends = "output" in self._encoder.outputs
        self.states: Shapes = {name: size for name, size in sorted(self._encoder.outputs.items()) if name != "output"}

    def fits(self) -> bool:
        """See `Stepping.fits`."""
        token: Shapes = {"token": ()}
        memory: Shapes = {}
        if self.attends:
            memory = {"memory": (1, *self._encoder.outputs["output"]), "mask": (1,)}
        read_back: Shapes = {}
        if self._backward is not None:
            read_back = {"backward": self._backward.outputs.get(self._output, ())}
        return (
            self._encoder.inputs == token | self.states | read_back
            and self._decoder.inputs == token | self.states | memory
            and self._decoder.outputs == self.states | {"logits": self._decoder.outputs.get("logits", ())}
            and self._backward_fits()
        )

    def read(self, tokens: Tokens) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """See `Stepping.read`."""
        state = _zeros(self.states, tokens.shape[1])
        backward = self._read_backward(tokens, state) if self._backward is not None else None
        outputs: list[Floats] = []
        for position, (column, rows) in enumerate(zip(tokens, _unfinished(tokens), strict=True)):
            more = {} if backward is None else {"backward": backward[position]}
            read = _read_rows(self._encoder, column, state, rows, more)
            if self.attends:
                outputs.append(read["output"])
        return state, _attended(tokens, outputs, self._encoder.outputs["output"][0]) if self.attends else {}

    @staticmethod
    def start(states: Mapping[str, Floats], attended: Mapping[str, Floats]) -> DecoderState:
        """See `Stepping.start`."""
        return DecoderState(states, attended)

    @staticmethod
    def inputs(tokens: Tokens, state: DecoderState) -> dict[str, Array]:
        """See `Stepping.inputs`."""
        return {"token": tokens, **state.arrays, **state.fixed}

    @staticmethod
    def after(outputs: Mapping[str, Floats], state: DecoderState) -> DecoderState:
        """See `Stepping.after`."""
        return state.advance(outputs)

    def alignment(self, tokens: Tokens, state: DecoderState) -> Floats | None:
        """See `Stepping.alignment`."""
        if not self.attends:
            return None
        (weights,) = self._decoder.read_tensors(self.inputs(tokens, state), SOFTMAX)
        return weights[0][:, 0] if len(weights) == 1 else None

    def block_attention(self, tokens: Tokens, state: DecoderState) -> list[BlockAttention]:
        """See `Stepping.block_attention`; there are no such blocks."""
        del tokens, state
        return []

    def prompt_attention(self, tokens: Tokens) -> list[Floats]:
        """See `Stepping.prompt_attention`; there are no such blocks."""
        del tokens
        return []

    def _backward_fits(self) -> bool:
        if self._backward is None:
            return True
        halves = dict(self._backward.outputs)
        return (
            self._backward.inputs == {"token": ()} | halves
            and {f"{name}1" for name in halves} <= set(self.states)
            and all(self.states[f"{name}1"] == (2 * half[0],) for name, half in halves.items())
        )

    def _read_backward(self, tokens: Tokens, state: Mapping[str, Floats]) -> list[Floats]:
        """Read prompts from their ends.

        Args:
            tokens: (length, prompts) int32.
            state: The forward states, (prompts, ...) float32; the second halves of those of the first layer are set to
                the last backward states.

        Returns:
            The backward output at each position, (unfinished prompts, units / 2) float32, see `_unfinished`.
        """
        assert self._backward is not None  # asked by `read`
        carried = _zeros(self._backward.outputs, tokens.shape[1])
        outputs: list[Floats] = []
        for column, rows in zip(tokens[::-1], _unfinished(tokens)[::-1], strict=True):
            outputs.append(_read_rows(self._backward, column, carried, rows)[self._output])
        for name, last in carried.items():
            state[f"{name}1"][:, last.shape[1] :] = last
        return outputs[::-1]


def _attended(tokens: Tokens, outputs: Sequence[Floats], units: int) -> dict[str, Floats]:
    """Build the inputs of attention.

    Args:
        tokens: (length, prompts) int32.
        outputs: The encoder's output at each position, (unfinished prompts, units) float32, see `_unfinished`.
        units: Numbers of an output.

    Returns:
        `memory`, (prompts, padded length, units) float32, 0 at padding; and `mask`, (prompts, padded length) float32, 1
        at tokens and 0 at padding.
    """
    mask = (pad_length(tokens) != PAD).T.astype(np.float32)
    memory = np.zeros((*mask.shape, units), np.float32)
    for position, output in enumerate(outputs):
        rows = slice(len(output))
        memory[rows, position] = output * mask[rows, position, None]
    return {"memory": memory, "mask": mask}


def _unfinished(tokens: Tokens) -> list[int]:
    """The number of prompts that a step reads at each position: behind them are only some that have ended before it.

    Batches come with the longest prompts first, and half of the positions of the others would be padding. The numbers
    are multiples of `_ROWS` as long as there are so many, since each new one costs an allocation.

    Args:
        tokens: (length, prompts) int32.

    Returns:
        (length,) whole numbers, 1 and more.
    """
    reached = np.arange(1, tokens.shape[1] + 1) * (tokens != PAD)
    last = np.maximum.accumulate(reached.max(axis=1)[::-1])[::-1]
    rounded = np.maximum(-(-last // _ROWS), 1) * _ROWS
    counts: list[int] = np.minimum(rounded, tokens.shape[1]).tolist()
    return counts


def _read_rows(
    step: LiteRTModel, column: Tokens, state: Mapping[str, Floats], rows: int, more: Mapping[str, Floats] | None = None
) -> dict[str, Floats]:
    """Let a step read a token of some prompts.

    Args:
        step: Of the encoder.
        column: (prompts,) int32, the token of each.
        state: Of all prompts by name, (prompts, ...) float32 each; that of the prompts that are read is changed.
        rows: How many of them, from the first one on, are read.
        more: Further inputs, (rows, ...) float32 each.

    Returns:
        What the step puts out, (rows, ...) float32 each.
    """
    read = step({"token": column[:rows], **{name: array[:rows] for name, array in state.items()}, **(more or {})})
    for name, array in state.items():
        array[:rows] = read[name]
    return read


def _zeros(shapes: Mapping[str, tuple[int, ...]], rows: int) -> dict[str, Floats]:
    return {name: np.zeros((rows, *shape), np.float32) for name, shape in shapes.items()}
