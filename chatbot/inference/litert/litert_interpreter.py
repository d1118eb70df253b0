"""A LiteRT file, called with named arrays; the only importer of `ai_edge_litert`."""

import functools
import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError, MachineError
from chatbot.files import Readable
from chatbot.inference.fork_safe_lock import ForkSafeLock
from chatbot.inference.litert.interpreter_pool import InterpreterPool
from chatbot.inference.litert.native_stderr import quiet_native_stderr
from chatbot.inference.tflite.tflite_verification import verify
from chatbot.inference.usable_cores import usable_cores

try:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
except ImportError as error:  # of a wheel for another system, which says what it lacks
    raise MachineError(f"LiteRT, which answers, cannot be loaded on this computer: {error}") from None

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]
#: Of the inputs, by name.
_Shapes = dict[str, tuple[int, ...]]
#: The names in that of a tensor, without the numbers that Keras and LiteRT put behind them.
_NAMES = re.compile(r"([^/;]+?)(?:_\d+)?\d*(?=[/;:]|$)")
#: Asked once for all files of a bundle, as it takes as long as to open one.
_cores = functools.cache(usable_cores)
#: Characters of what LiteRT says that a message has.
_SHOWN = 200


class LiteRTModel:
    """One LiteRT file, called with named arrays of any number of rows, from any thread."""

    def __init__(self, path: Readable) -> None:
        """Read the file, once for the interpreters of all threads; its path may have another bot's by then.

        Args:
            path: The file, `.tflite`.

        Raises:
            BundleError: The file is not a LiteRT model with one signature.
        """
        self._path = path
        try:
            self._content = path.read_bytes()
        except OSError as error:
            raise BundleError(f"{path}: cannot be read ({error.strerror or error})") from None
        self._pool = InterpreterPool(lambda: _SizedInterpreter(self._content), _cores())
        self._preserving: _PreservingInterpreter | None = None
        self._preserving_lock = ForkSafeLock()
        try:
            verify(self._content)
            first = self._pool.take()
            self._pool.give(first)
            runner = first.interpreter.get_signature_runner()
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
        except (RuntimeError, ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
            raise self._unusable("not a LiteRT model", error) from None
        self._inputs: dict[str, int] = {name: detail["index"] for name, detail in inputs.items()}
        self._outputs: dict[str, int] = {name: detail["index"] for name, detail in outputs.items()}
        self.inputs, self.outputs = _sizes(inputs), _sizes(outputs)

    #: Sizes behind the rows, by name; 1 is the size of a dimension of any length.
    inputs: dict[str, tuple[int, ...]]
    outputs: dict[str, tuple[int, ...]]

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Floats]:
        """Run the model once.

        Args:
            arrays: The inputs by name, each of shape (rows, ...) with the sizes of `inputs` behind the rows
                and the type that the file declares, int32 or float32. Others are left out.

        Returns:
            The outputs by name, each (rows, ...) float32 with the sizes of `outputs`.

        Raises:
            KeyError: An input is missing.
            BundleError: The file cannot be run, or not with such arrays.
        """
        taken = self._pool.take()
        try:
            return taken.run(arrays, self._inputs, self._outputs)
        except (RuntimeError, ValueError, IndexError, TypeError, OverflowError) as error:
            raise self._unusable("cannot be run", error) from None
        finally:
            self._pool.give(taken)

    def _unusable(self, how: str, error: Exception) -> BundleError:
        said = " ".join(str(error).split())
        said = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
        return BundleError(f"{self._path}: {how} ({said}); train again with --overwrite")

    def read_tensors(self, arrays: Mapping[str, Array], *parts: str) -> list[list[Floats]]:
        """Run the model once, more slowly, and return what it computes on the way.

        Args:
            arrays: As for a call.
            parts: Names of layers, or of kinds of operations such as `Softmax`. LiteRT calls a tensor after
                those that it comes from: `model_1/keys_1/MatMul;model_1/keys_1/BiasAdd`.

        Returns:
            For each of the parts, the tensors of floats that are called after it and have a row for each
            row of the arrays, in the order in which they are computed.

        Raises:
            BundleError: The file cannot be run, or computes what is no number: it was damaged or made up.
        """
        try:
            with self._preserving_lock:
                found = self._preserve(arrays, parts)
        except (RuntimeError, ValueError, IndexError, TypeError, OverflowError) as error:
            raise self._unusable("cannot be run", error) from None
        if not all(np.isfinite(tensor).all() for tensors in found for tensor in tensors):
            raise self._unusable("computes what is no number", ArithmeticError(", ".join(parts)))
        return found

    def _preserve(self, arrays: Mapping[str, Array], parts: Sequence[str]) -> list[list[Floats]]:
        """See `read_tensors`."""
        shapes = {name: arrays[name].shape for name in self._inputs}
        if self._preserving is None or shapes != self._preserving.shapes:
            self._preserving = _PreservingInterpreter(shapes, self._content, self._inputs)
        interpreter = self._preserving.interpreter
        for name, index in self._inputs.items():
            interpreter.set_tensor(index, arrays[name])
        interpreter.invoke()
        rows = next(iter(shapes.values()))[0]
        computed = [
            (set(_NAMES.findall(detail["name"])), detail["index"])
            for detail in interpreter.get_tensor_details()
            if detail["dtype"] == np.float32 and len(detail["shape"]) > 1 and detail["shape"][0] == rows
        ]
        return [[interpreter.get_tensor(index) for names, index in computed if part in names] for part in parts]


class _SizedInterpreter:
    """An interpreter and the shapes that it is allocated for; it can only do one thing at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = content  # which the interpreter only points to
        self._shapes: _Shapes | None = None
        self._capacity: _Shapes | None = None
        self.interpreter = self._new()

    def run(
        self, arrays: Mapping[str, Array], inputs: Mapping[str, int], outputs: Mapping[str, int]
    ) -> dict[str, Floats]:
        """Run the model once.

        Args:
            arrays: The inputs by name, (rows, ...) int32 or float32 each.
            inputs: The number of the tensor of each input.
            outputs: The same of the outputs.

        Returns:
            The outputs by name, (rows, ...) float32 each.
        """
        shapes = {name: arrays[name].shape for name in inputs}
        if shapes != self._shapes:
            self._resize(shapes, inputs)
        for name, index in inputs.items():
            self.interpreter.set_tensor(index, arrays[name])
        self.interpreter.invoke()
        return {name: self.interpreter.get_tensor(index) for name, index in outputs.items()}

    def _new(self) -> Interpreter:
        # Of one thread: a step of one sentence is over before a second one could help, and for many sentences
        # several interpreters run at once.
        return Interpreter(model_content=self._content, num_threads=1)

    def _resize(self, shapes: _Shapes, inputs: Mapping[str, int]) -> None:
        """Allocate the interpreter for arrays of these shapes.

        One that has been allocated never grows: where 8-bit weights meet more rows or a longer
        memory than before, LiteRT 2.3 may continue with the row scales of the old place in memory, and
        the results are wrong. A new one takes over, with capacity to spare, and shrinks to the shapes.
        """
        self._shapes = None  # until all has gone well
        if self._capacity is None:
            self._allocate(shapes, inputs)
            self._capacity = shapes
        elif all(map(_fits_in, shapes.values(), self._capacity.values())):
            self._allocate(shapes, inputs)
        else:
            capacity = {name: _grow(self._capacity[name], shape) for name, shape in shapes.items()}
            self._capacity, self.interpreter = None, self._new()
            self._allocate(capacity, inputs)
            self._allocate(shapes, inputs)
            self._capacity = capacity
        self._shapes = shapes

    def _allocate(self, shapes: _Shapes, inputs: Mapping[str, int]) -> None:
        for name, shape in shapes.items():
            self.interpreter.resize_tensor_input(inputs[name], list(shape))
        # Only the first allocation announces its delegate, and the silence is the whole process's.
        with quiet_native_stderr() if self._capacity is None else nullcontext():
            self.interpreter.allocate_tensors()


class _PreservingInterpreter:
    """An interpreter that keeps every tensor, for arrays of the same shapes; see `_SizedInterpreter` for why."""

    def __init__(self, shapes: _Shapes, content: bytes, inputs: Mapping[str, int]) -> None:
        self.shapes = shapes
        self._content = content  # which the interpreter only points to
        # A delegate would keep to itself what it computes on the way.
        self.interpreter = Interpreter(
            model_content=content,
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        for name, shape in shapes.items():
            self.interpreter.resize_tensor_input(inputs[name], list(shape))
        self.interpreter.allocate_tensors()


def _fits_in(shape: Sequence[int], capacity: Sequence[int]) -> bool:
    return all(size <= most for size, most in zip(shape, capacity, strict=True))


def _grow(before: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Sizes for both, and twice those that have to grow, so that they seldom do."""
    return tuple(most if size <= most else max(size, 2 * most) for size, most in zip(shape, before, strict=True))


def _sizes(details: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(int(size) for size in detail["shape"][1:]) for name, detail in details.items()}
