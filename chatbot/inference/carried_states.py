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
from chatbot.inference.litert_interpreter import Array, Floats
from chatbot.inference.step_file_contract import SOFTMAX, Shapes, StepParts, pad_length
from chatbot.inference.step_model import BlockAttention, DecoderState, Tokens


class CarriedStates:
    """The adapter of step models that carry states; see `chatbot.inference.stepping.Stepping`."""

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
        for position, column in enumerate(tokens):
            given: dict[str, Array] = {"token": column, **state}
            if backward is not None:
                given["backward"] = backward[position]
            state = self._encoder(given)
            if self.attends:
                outputs.append(state.pop("output"))
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
            The backward output at each position, (prompts, units / 2) float32.
        """
        assert self._backward is not None  # asked by `read`
        read = _zeros(self._backward.outputs, tokens.shape[1])
        outputs: list[Floats] = []
        for column in tokens[::-1]:
            read = self._backward({"token": column, **read})
            outputs.append(read[self._output])
        for name, last in read.items():
            state[f"{name}1"][:, last.shape[1] :] = last
        return outputs[::-1]


def _attended(tokens: Tokens, outputs: Sequence[Floats], units: int) -> dict[str, Floats]:
    """Build the inputs of attention.

    Args:
        tokens: (length, prompts) int32.
        outputs: The encoder's output at each position, (prompts, units) float32.
        units: Numbers of an output.

    Returns:
        `memory`, (prompts, padded length, units) float32, 0 at padding; and `mask`, (prompts, padded length) float32, 1
        at tokens and 0 at padding.
    """
    mask = (pad_length(tokens) != PAD).T.astype(np.float32)
    memory = np.zeros((*mask.shape, units), np.float32)
    for position, output in enumerate(outputs):
        memory[:, position] = output * mask[:, position, None]
    return {"memory": memory, "mask": mask}


def _zeros(shapes: Mapping[str, tuple[int, ...]], rows: int) -> dict[str, Floats]:
    return {name: np.zeros((rows, *shape), np.float32) for name, shape in shapes.items()}
