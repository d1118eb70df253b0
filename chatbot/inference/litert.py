"""The step contract on LiteRT; the only importer of `ai_edge_litert`.

Each step model has one signature. By their names, the encoder takes `token` and the state
and returns the state, leaving it as it is where the token is PAD; the decoder takes the same
and returns `logits` as well. Every input and output has the rows as its first dimension.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from chatbot.config import PAD
from chatbot.errors import BundleError
from chatbot.inference.steps import Logits, State, Tokens
from chatbot.quiet import quiet_native_stderr

Array = npt.NDArray[np.generic]


class LiteRTModel:
    """One LiteRT file, called with named arrays of any number of rows."""

    def __init__(self, path: Path) -> None:
        """Map the file into memory.

        Raises:
            BundleError: The file is not a LiteRT model with one signature.
        """
        try:
            # One thread: a step of one sentence is over before a second one could help.
            self._interpreter = Interpreter(model_path=str(path), num_threads=1)
            runner = self._interpreter.get_signature_runner()
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
        except (RuntimeError, TypeError, ValueError) as error:  # TypeError: a path that is not UTF-8
            raise BundleError(f"{path}: not a LiteRT model ({error}); train again with --overwrite") from None
        self._inputs: dict[str, int] = {name: detail["index"] for name, detail in inputs.items()}
        self._outputs: dict[str, int] = {name: detail["index"] for name, detail in outputs.items()}
        #: Sizes behind the rows, by input and output name.
        self.shapes: dict[str, tuple[int, ...]] = {
            name: tuple(int(size) for size in detail["shape"][1:]) for name, detail in {**inputs, **outputs}.items()
        }
        self._rows = 0

    @property
    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """Names of the inputs and of the outputs."""
        return frozenset(self._inputs), frozenset(self._outputs)

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Run the model once on arrays that all have the same number of rows."""
        rows = next(iter(arrays.values())).shape[0]
        if rows != self._rows:
            self._resize(rows)
        for name, index in self._inputs.items():
            self._interpreter.set_tensor(index, arrays[name])
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}

    def _resize(self, rows: int) -> None:
        for name, index in self._inputs.items():
            self._interpreter.resize_tensor_input(index, [rows, *self.shapes[name]])
        with quiet_native_stderr():
            self._interpreter.allocate_tensors()
        self._rows = rows


class LiteRTSteps:
    """A `StepModel` from an encoder and a decoder file. Not safe to share between threads."""

    def __init__(self, encoder: Path, decoder: Path) -> None:
        """Load both files.

        Raises:
            BundleError: One is not a LiteRT model, or they do not fit the contract.
        """
        self._encoder = LiteRTModel(encoder)
        self._decoder = LiteRTModel(decoder)
        inputs, state = self._encoder.names
        if inputs != state | {"token"} or self._decoder.names != (inputs, state | {"logits"}):
            raise BundleError(f"{encoder} and {decoder.name} are not step models of one encoder-decoder")
        self._state_shapes = {name: self._encoder.shapes[name] for name in sorted(state)}

    @property
    def vocabulary_size(self) -> int:
        """Number of logits a step returns."""
        return self._decoder.shapes["logits"][0]

    def encode(self, prompts: Sequence[Sequence[int]]) -> State:
        """See `StepModel.encode`; shorter prompts are padded behind, where the state stands still."""
        length = max(map(len, prompts))
        tokens = np.full((length, len(prompts)), PAD, np.int32)
        for row, prompt in enumerate(prompts):
            tokens[: len(prompt), row] = prompt
        state: dict[str, Array] = {
            name: np.zeros((len(prompts), *shape), np.float32) for name, shape in self._state_shapes.items()
        }
        for column in tokens:
            state = self._encoder({"token": column, **state})
        return State({name: array.astype(np.float32, copy=False) for name, array in state.items()})

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """See `StepModel.step`."""
        outputs = self._decoder({"token": tokens, **state.arrays})
        arrays = {name: array.astype(np.float32, copy=False) for name, array in outputs.items()}
        logits = arrays.pop("logits")
        return logits, State(arrays)
