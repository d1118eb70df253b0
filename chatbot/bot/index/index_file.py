"""The file of a nearest-neighbour index: plain arrays in NumPy's format, checked when they are read."""

import codecs
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatbot.bot.index.postings import are_postings
from chatbot.bot.index.tfidf_ngrams import Array
from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.array_file import read_array
from chatbot.text import excerpt

if TYPE_CHECKING:
    from zipfile import ZipInfo

#: Bytes that an index may take unpacked: so many, and so many for each byte of the file.
_LEAST_BOUND, _MOST_PACKED = 1 << 20, 50
#: Bytes before the name of a member of a ZIP file, and where among them the lengths of the name and of the extra field
#: behind it are; and the multiple of bytes at which an array begins.
_HEAD, _NAME_LENGTH, _ALIGNED = 30, 26, 64
#: Bytes that are decoded at once, which takes less memory than all.
_BLOCK = 1 << 16
#: The number of an extra field that only fills space, as the tool zipalign writes it.
_PADDING_FIELD = b"\x35\xd9"
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

#: Arrays that an index may lack: those of pairs that come from no file, and older ones, have no origins.
_OPTIONAL_KINDS = {"files": "u", "lines": "u"}


def read_index(path: Readable) -> dict[str, Array]:
    """Read what `write_index` wrote.

    Args:
        path: The file.

    Returns:
        The arrays by name, see `NearestNeighbour`, each one-dimensional.

    Raises:
        BundleError: The file is missing, or is no index.
    """
    from zipfile import ZIP_STORED, BadZipFile, ZipFile  # noqa: PLC0415  # a bot without an index needs none

    content = path.read_bytes()
    try:
        with ZipFile(io.BytesIO(content)) as zipped:
            present = [name for name in _OPTIONAL_KINDS if f"{name}.npy" in zipped.namelist()]
            members = {name: zipped.getinfo(f"{name}.npy") for name in (*_DTYPE_KINDS, *present)}
            if sum(member.file_size for member in members.values()) > _LEAST_BOUND + _MOST_PACKED * len(content):
                raise ValueError("it would take too much memory")
            arrays = {
                name: read_array(
                    _in_place(content, member) if member.compress_type == ZIP_STORED else zipped.read(member)
                )
                for name, member in members.items()
            }
    except (
        OSError,
        ArithmeticError,
        LookupError,
        SyntaxError,
        ValueError,
        EOFError,
        RuntimeError,
        BadZipFile,
        zlib.error,
    ) as error:
        raise BundleError(
            f"{path}: not an index of prompts ({excerpt(str(error))}); train again with --overwrite"
        ) from None
    if not _is_index(arrays):
        raise BundleError(f"{path}: not an index of prompts; train again with --overwrite")
    return arrays


def write_index(path: Path, arrays: dict[str, Array]) -> None:
    """Write the arrays of an index; the same arrays give the same bytes.

    They are stored as they are, each where it can be used without a copy, for a reply waits until they are read.

    Args:
        path: The file.
        arrays: By name, each one-dimensional.
    """
    from zipfile import ZipFile, ZipInfo  # noqa: PLC0415  # as in `read_index`

    with ZipFile(path, "w") as zipped:
        for name, array in arrays.items():
            stream = io.BytesIO()
            np.save(stream, array, allow_pickle=False)
            member = ZipInfo(f"{name}.npy")
            unaligned = zipped.start_dir + _HEAD + len(member.filename) + len(_PADDING_FIELD) + 2
            padding = -unaligned % _ALIGNED
            member.extra = _PADDING_FIELD + padding.to_bytes(2, "little") + bytes(padding)
            zipped.writestr(member, stream.getvalue())


def _in_place(content: bytes, member: "ZipInfo") -> memoryview:
    """The bytes of a member that is stored as it is, where they are in the file.

    Raises:
        ValueError: They are others than its checksum says.
    """
    head = memoryview(content)[member.header_offset :]
    name, extra = (int.from_bytes(head[place : place + 2], "little") for place in (_NAME_LENGTH, _NAME_LENGTH + 2))
    found = head[_HEAD + name + extra :][: member.file_size]
    if zlib.crc32(found) != member.CRC:
        raise ValueError("a part of it is damaged")
    return found


def smallest_dtype(array: Array) -> Array:
    """Convert an array to the smallest type that holds it.

    Args:
        array: Of any shape; integers of 0 and more, or fractions.

    Returns:
        The same numbers as unsigned integers, or as float32.
    """
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array.astype(np.min_scalar_type(int(array.max(initial=0))))


def _is_index(arrays: dict[str, Array]) -> bool:
    """Whether arrays from a file are those of an index: their kinds, sizes, orders and bounds.

    Args:
        arrays: By the names in `_DTYPE_KINDS`, and perhaps those in `_OPTIONAL_KINDS`.
    """
    kinds = _DTYPE_KINDS | _OPTIONAL_KINDS
    if any(array.ndim != 1 or array.dtype.kind != kinds[name] for name, array in arrays.items()):
        return False
    grams, rows, prompts, replies = (len(arrays[name]) for name in ("grams", "rows", "prompt_ends", "reply_ends"))
    return (
        min(grams, rows, prompts, replies) > 0
        and len(arrays["idf"]) == grams
        and len(arrays["norms"]) == len(arrays["reply_of"]) == prompts
        and all(len(arrays[name]) == prompts for name in _OPTIONAL_KINDS if name in arrays)
        and replies > int(arrays["reply_of"].max())
        and all(bool((arrays[name] > 0).all()) and np.isfinite(arrays[name]).all() for name in ("idf", "norms"))
        and are_postings(arrays["starts"], arrays["rows"], grams, prompts)
        and _are_texts(arrays["prompts"], arrays["prompt_ends"])
        and _are_texts(arrays["replies"], arrays["reply_ends"])
        and int(np.diff(arrays["prompt_ends"].astype(np.int64), prepend=0).min()) > 0  # an empty one resembles nothing
    )


def _are_texts(content: Array, ends: Array) -> bool:
    """Whether bytes are texts in UTF-8, one behind the other.

    Args:
        content: (bytes,) uint8.
        ends: (texts,) integers, the end of each text.
    """
    if content.dtype != np.uint8 or not _is_monotone_to(ends, len(content)):
        return False
    begun = content[ends[ends < len(content)]]  # no text begins within a character
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _BLOCK):
            decoder.decode(content[start : start + _BLOCK].tobytes())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not bool(((begun & 0xC0) == 0x80).any())


def _is_monotone_to(ends: Array, last: int) -> bool:
    """Whether an array never falls and ends with a number.

    Args:
        ends: (entries,) integers.
        last: That number.
    """
    return int(ends[-1]) == last and bool((ends[1:] >= ends[:-1]).all())
