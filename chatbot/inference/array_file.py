"""Arrays in NumPy's format that come from the files of a bundle: data, of which nothing is believed."""

import io
from tokenize import TokenError

import numpy as np
import numpy.typing as npt


def read_array(content: bytes) -> npt.NDArray[np.generic]:
    """The array of a file, whose header is believed only as far as the file is long.

    Args:
        content: The file in NumPy's format, version 1.0.

    Returns:
        One-dimensional, read-only.

    Raises:
        ValueError: It is none; also what Python's parser raises for a broken header.
    """
    file = io.BytesIO(content)
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
