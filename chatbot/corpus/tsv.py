"""Tab-separated pairs: `prompt⇥reply`, one a line, further columns ignored.

The layout of Tatoeba and Anki exports. A file is UTF-8, with or without a byte-order mark,
plain or gzip-compressed, with any of the three line ends. What is wrong with a line is
handed to a callback as a `Problem`, and reading goes on with the next line; the callback
may raise to stop.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.pairs import Pair
from chatbot.errors import CorpusError
from chatbot.text import normalize

_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Problem(NamedTuple):
    """A line that cannot be used; prints as `file:line: what is wrong`."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        """The form that editors and people know from compilers."""
        return f"{self.path}:{self.line}: {self.what}"


class Row(NamedTuple):
    """A usable line: its number from 1, its pair, and the columns after the first two."""

    line: int
    pair: Pair
    further: tuple[str, ...]


def read_pairs(path: Path, on_problem: Callable[[Problem], None]) -> Iterator[Pair]:
    """Yield the pairs of one file; see `read_rows`."""
    return (row.pair for row in read_rows(path, on_problem))


def read_rows(path: Path, on_problem: Callable[[Problem], None]) -> Iterator[Row]:
    """Yield the usable lines of one file, normalized, in order.

    Blank lines are skipped. A line without a tab, with an empty side, with a NUL or with
    bytes that are not UTF-8 goes to `on_problem`.

    Raises:
        CorpusError: The file cannot be opened or decompressed, or is UTF-16.
    """
    for number, raw in _lines(path):
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            bad = error.object[error.start]
            on_problem(Problem(path, number, f"not UTF-8: byte 0x{bad:02x} at column {error.start + 1}"))
            continue
        if not line.strip():
            continue
        columns = line.split("\t")
        what = _what_is_wrong(columns)
        if what is not None:
            on_problem(Problem(path, number, what))
            continue
        prompt, reply, *further = map(normalize, columns)
        yield Row(number, Pair(prompt, reply), tuple(further))


def _what_is_wrong(columns: list[str]) -> str | None:
    if any("\0" in column for column in columns):
        return "holds a NUL character"
    if len(columns) < 2:
        return "no tab between prompt and reply"
    for name, column in zip(("prompt", "reply"), columns, strict=False):
        if not normalize(column):
            return f"empty {name}"
    return None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (number from 1, bytes without the line end), decompressing by content."""
    try:
        with path.open("rb") as file:
            start = file.peek(3)[:3]
            if start[:2] in _UTF16_BOMS:
                raise CorpusError(f"{path}: UTF-16 text; save it as UTF-8 first")
            if start[:2] == _GZIP_MAGIC:
                with gzip.open(file) as unpacked:
                    yield from _split(unpacked)
            else:
                yield from _split(file)
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise CorpusError(f"{path}: a folder, not a file of pairs") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CorpusError(f"{path}: damaged gzip file ({error}); fetch or compress it again") from None
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from None


def _split(stream: io.BufferedIOBase | gzip.GzipFile) -> Iterator[tuple[int, bytes]]:
    number = 0
    for chunk in stream:
        text = chunk.removeprefix(_UTF8_BOM) if number == 0 else chunk
        # Iteration splits at \n alone; what is left of \r\n goes, and a lone \r, the line end
        # of old spreadsheets, ends a line too.
        for line in text.removesuffix(b"\n").removesuffix(b"\r").split(b"\r"):
            number += 1
            yield number, line
