"""The step contract on LiteRT; the only importer of `ai_edge_litert`.

Each step model has one signature. By their names, the encoder takes `token` and the states
and returns the states, leaving them as they are where the token is PAD; the decoder takes the
same and returns `logits` as well. Every input and output has the rows as its first dimension.

With attention the encoder also returns its `output` (rows, units) at each token, and the
decoder takes all of them as `memory` (rows, length, units), with `mask` (rows, length) 1.0
where a token stands. A bidirectional encoder has a backward step too: from `token`, `h` and
`c` to `h` and `c`. It reads the prompt from its end; its `h` at each token is the encoder's
input `backward`, and its last states are the second halves of `h1` and `c1` at the start.
"""

import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from chatbot.config import PAD
from chatbot.errors import BundleError
from chatbot.inference.steps import Logits, State, Tokens
from chatbot.quiet import quiet_native_stderr

Array = npt.NDArray[np.generic]
#: The memory's length is a multiple of this.
_LENGTHS = 8
_Floats = npt.NDArray[np.float32]
#: Of the inputs, by name.
_Shapes = dict[str, tuple[int, ...]]


class LiteRTModel:
    """One LiteRT file, called with named arrays of any number of rows, from any thread."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory.

        Raises:
            BundleError: The file is not a LiteRT model with one signature.
        """
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise BundleError(f"{path}: cannot be read ({error.strerror or error})") from None
        weakref.finalize(self, os.close, self._file)
        self._threads = threading.local()
        try:
            self._use(Interpreter(model_path=str(path), num_threads=1))
            runner = self._interpreter().get_signature_runner()
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
        except (RuntimeError, TypeError, ValueError) as error:  # TypeError: a path that is not UTF-8
            raise BundleError(f"{path}: not a LiteRT model ({error}); train again with --overwrite") from None
        self._inputs: dict[str, int] = {name: detail["index"] for name, detail in inputs.items()}
        self._outputs: dict[str, int] = {name: detail["index"] for name, detail in outputs.items()}
        self.inputs, self.outputs = _sizes(inputs), _sizes(outputs)

    #: Sizes behind the rows, by name; 1 stands for a length that may be any.
    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, _Floats]:
        """Run the model once on arrays that all have the same number of rows."""
        interpreter = self._interpreter()
        shapes = {name: arrays[name].shape for name in self._inputs}
        if shapes != self._threads.shapes:
            interpreter = self._fit(shapes)
        for name, index in self._inputs.items():
            interpreter.set_tensor(index, arrays[name])
        interpreter.invoke()
        return {name: interpreter.get_tensor(index) for name, index in self._outputs.items()}

    def _interpreter(self) -> Interpreter:
        """The calling thread's own: one interpreter can only do one thing at a time."""
        if not hasattr(self._threads, "interpreter"):
            # From the file as it was opened: by now another bot may stand in its place.
            content = os.pread(self._file, os.fstat(self._file).st_size, 0)
            self._use(Interpreter(model_content=content, num_threads=1))
            self._threads.content = content  # which the interpreter only points to
        return self._threads.interpreter

    def _use(self, interpreter: Interpreter) -> None:
        # Of one thread: a step of one sentence is over before a second one could help, and of
        # many sentences each thread that calls takes its own.
        self._threads.interpreter, self._threads.shapes, self._threads.room = interpreter, None, None

    def _fit(self, shapes: _Shapes) -> Interpreter:
        """An interpreter for arrays of these shapes.

        One that has been allocated never grows: where 8-bit weights meet more rows or a longer
        memory than before, LiteRT 2.3 may go on with the row scales of the old place in memory, and
        the results are wrong. A new one takes over, with room to spare, and shrinks to the shapes.
        """
        room: _Shapes | None = self._threads.room
        if room is None:
            self._allocate(shapes)
            self._threads.room = shapes
        elif all(map(_holds, room.values(), shapes.values())):
            self._allocate(shapes)
        else:
            del self._threads.interpreter
            self._interpreter()
            room = {name: _room(room[name], shape) for name, shape in shapes.items()}
            self._allocate(room)
            self._allocate(shapes)
            self._threads.room = room
        self._threads.shapes = shapes
        return self._threads.interpreter

    def _allocate(self, shapes: _Shapes) -> None:
        interpreter = self._threads.interpreter
        for name, shape in shapes.items():
            interpreter.resize_tensor_input(self._inputs[name], list(shape))
        # Only the first allocation announces its delegate, and the silence is the whole process's.
        with quiet_native_stderr() if self._threads.room is None else nullcontext():
            interpreter.allocate_tensors()


def _holds(room: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return all(size <= most for size, most in zip(shape, room, strict=True))


def _room(before: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes for both, and twice those that have to grow, so that they seldom do."""
    return tuple(most if size <= most else max(size, 2 * most) for size, most in zip(shape, before, strict=True))


def _sizes(details: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(int(size) for size in detail["shape"][1:]) for name, detail in details.items()}


class LiteRTSteps:
    """A `StepModel` from the files of a bundle; threads may share it."""

    def __init__(self, encoder: Path, decoder: Path, backward: Path | None = None) -> None:
        """Load the files.

        Args:
            encoder: The encoder step.
            decoder: The decoder step.
            backward: The backward step of a bidirectional encoder.

        Raises:
            BundleError: One is not a LiteRT model, or they do not fit the contract.
        """
        self._encoder, self._decoder = LiteRTModel(encoder), LiteRTModel(decoder)
        self._backward = LiteRTModel(backward) if backward is not None else None
        self._attends = "output" in self._encoder.outputs
        self._states = {name: shape for name, shape in sorted(self._encoder.outputs.items()) if name != "output"}
        if not self._fits():
            raise BundleError(
                f"{encoder} and the step models beside it do not belong together; train again with --overwrite"
            )

    @property
    def vocabulary_size(self) -> int:
        """Number of logits a step returns."""
        return self._decoder.outputs["logits"][0]

    def encode(self, prompts: Sequence[Sequence[int]]) -> State:
        """See `StepModel.encode`; shorter prompts are padded behind, where the state stands still."""
        tokens = np.full((max(map(len, prompts)), len(prompts)), PAD, np.int32)  # a column is a prompt
        for row, prompt in enumerate(prompts):
            tokens[: len(prompt), row] = prompt
        state = _zeros(self._states, len(prompts))
        backward = self._read_backward(tokens, state) if self._backward is not None else None
        outputs: list[_Floats] = []
        for position, column in enumerate(tokens):
            given: dict[str, Array] = {"token": column, **state}
            if backward is not None:
                given["backward"] = backward[position]
            state = self._encoder(given)
            if self._attends:
                outputs.append(state.pop("output"))
        return State(state, _memory(tokens, outputs, self._encoder.outputs["output"][0]) if self._attends else {})

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """See `StepModel.step`."""
        outputs = self._decoder({"token": tokens, **state.arrays, **state.fixed})
        logits = outputs.pop("logits")
        return logits, state.advance(outputs)

    def _read_backward(self, tokens: Tokens, state: Mapping[str, _Floats]) -> list[_Floats]:
        """Outputs of the backward step at each position; its last states go into `state`."""
        assert self._backward is not None  # asked by `encode`
        read = _zeros(self._backward.outputs, tokens.shape[1])
        outputs: list[_Floats] = []
        for column in tokens[::-1]:
            read = self._backward({"token": column, **read})
            outputs.append(read["h"])
        half = read["h"].shape[1]
        for name in "hc":
            state[f"{name}1"][:, half:] = read[name]
        return outputs[::-1]

    def _fits(self) -> bool:
        """Whether the inputs and outputs of the models are those of the contract."""
        token: dict[str, tuple[int, ...]] = {"token": ()}
        size = self._encoder.outputs.get("output", ())
        memory = {"memory": (1, *size), "mask": (1,)} if self._attends else {}
        half, halves = {}, {}
        if self._backward is not None:
            halves = dict(self._backward.outputs)
            half = {"backward": halves.get("h", ())}
        return (
            self._encoder.inputs == token | self._states | half
            and self._decoder.inputs == token | self._states | memory
            and self._decoder.outputs == self._states | {"logits": self._decoder.outputs.get("logits", ())}
            and len(self._decoder.outputs["logits"]) == 1
            and (
                self._backward is None
                or (
                    set(halves) == {"h", "c"}
                    and self._backward.inputs == token | halves
                    and {"h1", "c1"} <= set(self._states)
                    and all(self._states[f"{name}1"] == (2 * halves[name][0],) for name in "hc")
                )
            )
        )


def _memory(tokens: Tokens, outputs: Sequence[_Floats], units: int) -> dict[str, _Floats]:
    """What attention looks back at, zeros where no token stands, and where tokens stand.

    It has a few lengths only, since each new one costs an allocation.
    """
    length = _LENGTHS * max(1, -(-len(tokens) // _LENGTHS))
    memory = np.zeros((tokens.shape[1], length, units), np.float32)
    mask = np.zeros((tokens.shape[1], length), np.float32)
    mask[:, : len(tokens)] = (tokens != PAD).T
    for position, output in enumerate(outputs):
        memory[:, position] = output * mask[:, position, None]
    return {"memory": memory, "mask": mask}


def _zeros(shapes: Mapping[str, tuple[int, ...]], rows: int) -> dict[str, _Floats]:
    return {name: np.zeros((rows, *shape), np.float32) for name, shape in shapes.items()}
