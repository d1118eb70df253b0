"""Saved state of a training run: arrays and values, in one file without anything to unpickle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


#: The array of the state that holds all that is no array, as JSON.
_VALUES = "values"


@dataclass(frozen=True)
class SavedState:
    """The saved state of a run.

    Attributes:
        values: JSON values by name.
        arrays: Arrays by name.
    """

    values: Mapping[str, Any]
    arrays: Arrays

    def write(self, file: BinaryIO) -> None:
        """Write the state in NumPy's format `npz`.

        Args:
            file: Open to write bytes.
        """
        values = np.frombuffer(json.dumps(self.values).encode(), np.uint8)
        arrays: dict[str, Any] = {_VALUES: values, **self.arrays}
        np.savez(file, **arrays)

    @classmethod
    def read(cls, file: BinaryIO) -> Self:
        """Read a state, without running anything of the file as code.

        Args:
            file: Open to read bytes.

        Returns:
            The state.

        Raises:
            OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, MemoryError, NotImplementedError,
                zipfile.BadZipFile, zlib.error: It cannot be read, or is damaged.
        """
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(json.loads(arrays.pop(_VALUES).tobytes()), arrays)

    @staticmethod
    def read_values(file: BinaryIO) -> Mapping[str, Any]:
        """Return the values alone. See `SavedState.read`."""
        with np.load(file, allow_pickle=False) as stored:
            return dict(json.loads(stored[_VALUES].tobytes()))
