"""Arrays in NumPy's format that come from the files of a bundle: data, of which nothing is believed."""

import io
from collections.abc import Callable
from pathlib import Path
from tokenize import TokenError

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.text import excerpt

#: Bytes before the numbers of an array at most: the length of the rest of the header has 16 bits.
_LONGEST_HEADER = 10 + (1 << 16)


def read_array(content: bytes | memoryview) -> npt.NDArray[np.generic]:
    """The array of a file, whose header is believed only as far as the file is long.

    Args:
        content: The file in NumPy's format, version 1.0.

    Returns:
        One-dimensional, read-only, in the bytes that were given.

    Raises:
        ValueError: It is none; also what Python's parser raises for a broken header.
    """
    file = io.BytesIO(content[:_LONGEST_HEADER])
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError("an array is of another version")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    except (TokenError, TypeError, MemoryError):
        raise ValueError("the header of an array is damaged") from None
    array: npt.NDArray[np.generic] = np.frombuffer(content, dtype, offset=file.tell())
    if shape != array.shape:
        raise ValueError("an array has another length than its header says")
    return array


def read_table(file: Readable, is_entry: Callable[[np.dtype[np.generic]], bool], content: str) -> npt.NDArray[np.void]:
    """The table of a file that has nothing else.

    Args:
        file: What `write_table` wrote.
        is_entry: Whether a type is that of an entry.
        content: What the entries are, for people.

    Returns:
        (entries,), read-only.

    Raises:
        BundleError: The file cannot be read, or is no table of such entries.
    """
    read = file.read_bytes()
    try:
        array = read_array(read)
        if not is_entry(array.dtype):
            raise ValueError(f"of type {array.dtype}")
    except (ArithmeticError, LookupError, SyntaxError, ValueError, EOFError) as error:
        raise BundleError(
            f"{file}: not a table of {content} ({excerpt(str(error))}); train again with --overwrite"
        ) from None
    return array.view(np.dtype(array.dtype))


class HashTable:
    """A table whose entries are found by a hash of 32 bits, which rises."""

    def __init__(self, table: npt.NDArray[np.void]) -> None:
        """Take a table.

        Args:
            table: (entries,) with a field `hash` (uint32), by hash.
        """
        self._table, self._hashes = table, np.ascontiguousarray(table["hash"])

    def save(self, path: Path) -> None:
        """Write the table; the same entries give the same bytes.

        Args:
            path: The file.
        """
        write_table(path, self._table)

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._hashes)

    def _look_up(self, codes: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """Look up entries.

        Args:
            codes: (several,), their hashes.

        Returns:
            Their places, (several,) intp, and whether they are in the table, (several,) bool.
        """
        if not len(self):
            return np.zeros(len(codes), np.intp), np.zeros(len(codes), np.bool_)
        places = np.minimum(np.searchsorted(self._hashes, codes), len(self) - 1)
        return places, self._hashes[places] == codes

    @property
    def _rises(self) -> bool:
        """Whether there are entries, none of them twice, and in their order."""
        return len(self) > 0 and bool((self._hashes[1:] > self._hashes[:-1]).all())


def write_table(path: Path, table: npt.NDArray[np.void]) -> None:
    """Write a table; the same entries give the same bytes.

    Args:
        path: The file.
        table: (entries,).
    """
    with path.open("wb") as file:
        np.save(file, table, allow_pickle=False)
