"""The file of a nearest-neighbour index: plain arrays in NumPy's format, checked when they are read."""

import io
import zlib
from pathlib import Path

import numpy as np

from chatbot.bot.ngrams import Array
from chatbot.errors import BundleError
from chatbot.files import Readable

#: The arrays of an index, see `NearestNeighbour`, as NumPy's kinds: unsigned integers and floats.
_DTYPE_KINDS = {
    "grams": "u",
    "idf": "f",
    "starts": "u",
    "rows": "u",
    "norms": "f",
    "prompts": "u",
    "prompt_ends": "u",
    "replies": "u",
    "reply_ends": "u",
    "reply_of": "u",
}


def read_index(path: Readable) -> dict[str, Array]:
    """Read what `write_index` wrote.

    Args:
        path: The file.

    Returns:
        The arrays by name, see `NearestNeighbour`, each one-dimensional.

    Raises:
        BundleError: The file is missing, or is no index.
    """
    from zipfile import BadZipFile  # noqa: PLC0415  # most replies are spoken without it

    try:
        with io.BytesIO(path.read_bytes()) as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as zipped:
            arrays = {name: zipped[name] for name in _DTYPE_KINDS}
    except (OSError, KeyError, ValueError, EOFError, RuntimeError, BadZipFile, zlib.error) as error:
        raise BundleError(f"{path}: not an index of prompts ({error}); train again with --overwrite") from None
    if not _is_index(arrays):
        raise BundleError(f"{path}: not an index of prompts; train again with --overwrite")
    return arrays


def write_index(path: Path, arrays: dict[str, Array]) -> None:
    """Write the arrays of an index; the same arrays give the same bytes.

    Args:
        path: The file.
        arrays: By name, each one-dimensional.
    """
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _is_index(arrays: dict[str, Array]) -> bool:
    """Whether arrays from a file are those of an index: their kinds, sizes, orders and bounds.

    Args:
        arrays: By the names in `_DTYPE_KINDS`.
    """
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        return False  # bytes, where a member of the file is no array
    if any(arrays[name].ndim != 1 or arrays[name].dtype.kind != kind for name, kind in _DTYPE_KINDS.items()):
        return False
    grams, rows, prompts, replies = (len(arrays[name]) for name in ("grams", "rows", "prompt_ends", "reply_ends"))
    return (
        min(grams, rows, prompts, replies) > 0
        and len(arrays["idf"]) == grams == len(arrays["starts"]) - 1
        and len(arrays["norms"]) == len(arrays["reply_of"]) == prompts > int(arrays["rows"].max())
        and replies > int(arrays["reply_of"].max())
        and all(bool((arrays[name] > 0).all()) and np.isfinite(arrays[name]).all() for name in ("idf", "norms"))
        and _is_monotone_to(arrays["starts"], rows)
        and _is_monotone_to(arrays["prompt_ends"], len(arrays["prompts"]))
        and _is_monotone_to(arrays["reply_ends"], len(arrays["replies"]))
    )


def _is_monotone_to(ends: Array, last: int) -> bool:
    """Whether an array never falls and ends with a number.

    Args:
        ends: (entries,) integers.
        last: That number.
    """
    return int(ends[-1]) == last and bool((ends[1:] >= ends[:-1]).all())
