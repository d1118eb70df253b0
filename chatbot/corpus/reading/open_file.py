"""Opening the files that people name, whole or compressed, and reading them in bounded memory.

A file is plain or gzip-compressed, whatever it is called, in UTF-8 or UTF-16 (`encodings`), and a
byte-order mark is no part of it; it may be in a zip archive (`archive`). Lines end with any of
the three line ends, mixed as they come.
"""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chatbot.corpus.reading.archive import MAGICS, locate
from chatbot.corpus.reading.encodings import as_utf8
from chatbot.corpus.reading.folders import files_in
from chatbot.errors import CorpusError

#: Bytes; a longer line is no dialogue, and reading it whole could take all memory.
LONGEST_LINE = 64 << 20

_CHUNK = 1 << 20
#: Bytes within which a line ends, if it does.
_ENDLESS = 1 << 30
_GZIP_MAGIC = b"\x1f\x8b"


class Problem(NamedTuple):
    """A line that cannot be used; prints as `file:line: what is wrong`."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        """The form that editors and people know from compilers."""
        return f"{self.path}:{self.line}: {self.what}"


class ReadObserver(Protocol):
    """Somebody who watches how much has been read."""

    def opened(self, size: int) -> None:
        """Note that a file is opened.

        Args:
            size: Of the file, in bytes.
        """

    def advanced(self, count: int) -> None:
        """Note that more of the file has been read.

        Args:
            count: Number of bytes since the last call, as they lie on disk.
        """


@contextmanager
def open_bytes(
    path: Path, watch: ReadObserver | None = None, encoding: str | None = None
) -> Iterator["io.BufferedReader[Any]"]:
    """Open a file as UTF-8, decompressed by its content, behind its byte-order mark.

    Args:
        path: The file.
        watch: Told how much has been read.
        encoding: Of its text; None for UTF-8, or UTF-16 where it shows itself.

    Yields:
        The file as a stream of UTF-8, without a byte-order mark.

    Raises:
        CorpusError: See `open_unpacked`.
    """
    with open_unpacked(path, watch) as stream:
        yield as_utf8(stream, encoding)


@contextmanager
def open_unpacked(path: Path, watch: ReadObserver | None = None) -> Iterator["io.BufferedReader[Any]"]:
    """Open a file that need not be text, decompressed by its content.

    Args:
        path: The file.
        watch: Told how much has been read.

    Yields:
        The file as a stream.

    Raises:
        CorpusError: It cannot be opened, read or decompressed, or is an archive.
    """
    try:
        with _open_raw(path, watch) as raw, io.BufferedReader(raw, _CHUNK) as file:
            start = file.peek(4)[:4]
            if start[:2] == _GZIP_MAGIC:
                with gzip.open(file) as unpacked, io.BufferedReader(unpacked, _CHUNK) as stream:
                    yield _no_archive(path, stream)
            else:
                yield _no_archive(path, file)
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise CorpusError(f"{path}: a folder, not a file") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorpusError(f"{path}: damaged gzip file ({error}); fetch or compress it again") from None
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None


def split_lines(stream: io.BufferedIOBase, longest: int = LONGEST_LINE) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number from 1, bytes without the line end); None in place of a line that is too long.

    Args:
        stream: Bytes of UTF-8.
        longest: Number of bytes of the longest line.

    Raises:
        OSError: A line is so long that it is taken to have no end, as in `/dev/zero`.
    """
    number, held, too_long, carry, dropped = 1, b"", False, b"", 0
    while chunk := stream.read(_CHUNK):
        chunk = carry + chunk
        carry = b"\r" if chunk.endswith(b"\r") else b""  # a \n may follow in the next chunk
        first, *others = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        held += first
        for part in others:
            yield number, None if too_long or len(held) > longest else held
            number, held, too_long, dropped = number + 1, part, False, 0
        if len(held) > longest or too_long:
            held, too_long, dropped = b"", True, dropped + len(held)
            if dropped > _ENDLESS:
                raise OSError(f"line {number:,} has no end; is it a text?")
    if held or too_long or carry:
        yield number, None if too_long else held


class LineStream:
    """Hands a parser the file a line, or a part of a long one, at a time, so that errors have a line.

    Attributes:
        line: Number, from 1, of the line that was handed out last.
    """

    def __init__(self, stream: io.BufferedIOBase) -> None:
        """Begin at the first line.

        Args:
            stream: Bytes of UTF-8.
        """
        self._stream = stream
        self._ended = False
        self.line = 1

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, never beyond the end of a line; none at the end of the file."""
        piece = self._stream.readline(size)
        if piece:
            self.line += self._ended
            self._ended = piece.endswith(b"\n")
        return piece


class _Watched(io.RawIOBase):
    """A raw file that tells how much of it has been read."""

    def __init__(self, raw: io.FileIO, watch: ReadObserver | None) -> None:
        self._raw = raw
        self._watch = watch
        if watch is not None:
            watch.opened(os.fstat(raw.fileno()).st_size)  # 0 for a pipe

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # any writable buffer will do
        count = self._raw.readinto(buffer)
        if self._watch is not None and count:
            self._watch.advanced(count)
        return count


@contextmanager
def _open_raw(path: Path, watch: ReadObserver | None) -> Iterator[io.RawIOBase]:
    """A file on the disk or inside an archive, before it is decompressed."""
    try:
        file = path.open("rb", buffering=0)
    except NotADirectoryError:
        with _open_inside(path, watch) as member:
            yield member
        return
    with file:
        yield _Watched(file, watch)


def _open_inside(path: Path, watch: ReadObserver | None) -> io.RawIOBase:
    found = locate(path)
    if found is None:
        raise FileNotFoundError(path)
    archive, name = found
    if name not in archive.files:
        raise CorpusError(f"{path}: not in the archive, which holds {archive.contents()}")
    if watch is not None:
        watch.opened(archive.files[name].file_size)
    return archive.open(name, (lambda _: None) if watch is None else watch.advanced)


def _no_archive(path: Path, stream: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    if stream.peek(4)[:4] in MAGICS:
        raise CorpusError(f"{path}: a zip archive{_example(path)}")
    return stream


def _example(path: Path) -> str:
    """The path of a file inside an archive as an example, or advice where there can be none."""
    files = files_in(path)
    return f"; name a file inside, such as {files[0]}" if files else " in another; unpack it first"
