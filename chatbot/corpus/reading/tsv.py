"""Tab-separated pairs: `prompt⇥reply`, one a line, and perhaps `⇥topic`; further columns are ignored.

The layout of Tatoeba and Anki exports. A file is UTF-8 or UTF-16, with or without a
byte-order mark, plain or gzip-compressed, with any of the three line ends. What is wrong with a line is
handed to a callback as a `Problem`, and reading continues with the next line; the callback
may raise to stop.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.reading.open_file import LONGEST_LINE, Problem, ReadObserver, open_bytes, split_lines
from chatbot.text import count_turns, normalize

#: Characters of a line that is parsed once, however often it occurs.
_LONGEST_KEPT = 200


class Pair(NamedTuple):
    """A prompt and the reply recorded for it, both normalized and not empty."""

    prompt: str
    reply: str


def context_turns(pairs: Iterable[Pair]) -> int:
    """The largest number of turns that a prompt of a corpus carries before the turn that is answered.

    Args:
        pairs: All pairs of the corpus.
    """
    return max((count_turns(pair.prompt) for pair in pairs), default=0)


class Row(NamedTuple):
    """A usable line: its number from 1, its pair, and the columns after the first two."""

    line: int
    pair: Pair
    further: tuple[str, ...]


def read_pairs(path: Path, on_problem: Callable[[Problem], None], watch: ReadObserver | None = None) -> Iterator[Pair]:
    """Yield the pairs of one file. See `read_rows`."""
    return (row.pair for row in read_rows(path, on_problem, watch))


def read_rows(path: Path, on_problem: Callable[[Problem], None], watch: ReadObserver | None = None) -> Iterator[Row]:
    """Yield the usable lines of one file, normalized, in order.

    Blank lines are skipped. A line without a tab, with an empty side, with a NUL or with bytes that are not UTF-8 goes
    to `on_problem`.

    Args:
        path: A corpus file.
        on_problem: Told of every line that is skipped; may raise to stop.
        watch: Told how much has been read.

    Raises:
        CorpusError: The file cannot be opened or decompressed, or is an archive.
    """
    for number, line in read_lines(path, on_problem, watch):
        found = _parse_once(line) if len(line) <= _LONGEST_KEPT else _parse(line)
        if not isinstance(found, str):
            yield Row(number, *found)
        elif line.strip():
            on_problem(Problem(path, number, found))


def _parse(line: str) -> tuple[Pair, tuple[str, ...]] | str:
    """The pair of a line with its topic, or the problem of the line."""
    columns = [normalize(column) for column in line.split("\t")]
    return _what_is_wrong(line, columns) or (Pair(*columns[:2]), tuple(columns[2:]))


_parse_once = lru_cache(maxsize=1 << 12)(_parse)


def read_lines(
    path: Path, on_problem: Callable[[Problem], None], watch: ReadObserver | None = None, encoding: str | None = None
) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, text without the line end) of the lines that are text of their encoding.

    Lines that are not, or that are longer than `LONGEST_LINE`, go to `on_problem`.

    Args:
        path: The file.
        on_problem: Told of the others.
        watch: Told how much has been read.
        encoding: See `open_bytes`.

    Raises:
        CorpusError: See `open_bytes`.
    """
    with open_bytes(path, watch, encoding) as stream:
        for number, raw in split_lines(stream):
            if raw is None:
                on_problem(Problem(path, number, f"a line of more than {LONGEST_LINE >> 20} MiB"))
                continue
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                on_problem(Problem(path, number, _say_undecodable(error)))
                continue
            yield number, line


def _say_undecodable(error: UnicodeDecodeError) -> str:
    """The byte of a line that is no text; half a surrogate pair for a file in another encoding, see `as_utf8`."""
    before = error.object[: error.start]
    if b"\xed\xa0" <= error.object[error.start : error.start + 2] < b"\xee":
        return f"damaged character: column {len(before.decode()) + 1}"
    return f"not UTF-8: byte 0x{error.object[error.start]:02x} at column {error.start + 1}"


def _what_is_wrong(line: str, columns: list[str]) -> str | None:
    """The reason why a line, of which these are the normalized columns, is no pair."""
    if "\0" in line:
        return "holds a NUL character"
    if len(columns) < 2:
        return "no tab between prompt and reply"
    for name, column in zip(("prompt", "reply"), columns, strict=False):
        if not column:
            return f"empty {name}"
    return None
