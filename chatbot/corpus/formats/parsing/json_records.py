"""Helpers of the JSON formats: recognizing a document by its beginning, and streaming its parts.

Documents of any size are parsed by ijson, event by event; lines of JSON by the standard `json`.
Whatever a file holds, a record that reaches a format is nested at most `DEEPEST` levels deep, so that
a format may walk it by recursion.
"""

import json
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import ijson

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.formats.parsing.json_damage import first_line, what_is_wrong
from chatbot.corpus.formats.parsing.json_event_walk import (
    CLOSES,
    DEEPEST,
    TOO_DEEP,
    Event,
    JsonWalk,
    TooDeepError,
    is_too_deep,
)
from chatbot.corpus.reading.open_file import LineStream
from chatbot.errors import CorpusError

#: Bytes of one string, which the parser holds in memory.
LONGEST_STRING = 64 << 20


#: Bytes that the parser gets at once, at least. It reads a string again from its beginning with each piece, so that a
#: long one comes in pieces that grow with it.
_PIECE = 1 << 20

#: Besides what is no JSON: numbers of more digits, or with a larger exponent, than Python reads.
_DAMAGE = (ijson.JSONError, ValueError, ArithmeticError)


@lru_cache(maxsize=2)  # each JSON format asks it of the same sample
def paths(sample: FileSample) -> frozenset[str]:
    """The places of all values in a sample of JSON or of lines of JSON, as `messages.item.role`.

    Damage and the end of the sample end the search; what was found before counts.
    """
    if sample.head.lstrip()[:1] not in (b"{", b"["):
        return frozenset()
    events = ijson.sendable_list()
    with suppress(*_DAMAGE):
        _send(ijson.basic_parse_coro(events, multiple_values=True), events, sample.head)
    return frozenset(place for place, _, _ in JsonWalk(iter(events)))


def values_at(path: Path, intake: Intake, places: Collection[str]) -> Iterator[tuple[int, str, Any]]:
    """Yield (line, place, value) for each value that is at one of some places in a document.

    A value that is nested too deep is a problem; the rest is read.

    Args:
        path: The document.
        intake: What to open it with.
        places: As in `paths`; none within another.

    Raises:
        CorpusError: The JSON is damaged; the message has the line.
    """
    return _values(path, intake, lambda place, event: place in places and event not in CLOSES, False)


def records(path: Path, intake: Intake) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object) for the objects of a JSON array, of lines of JSON, or one after another.

    A damaged line of JSON, a record that is nested too deep and one that is no object are problems; the rest is read.

    Args:
        path: The file.
        intake: Opens the file, and is told of problems.

    Raises:
        CorpusError: A document that is not in lines is damaged.
    """
    read = _lines if _is_in_lines(path, intake) else _document
    for line, record in read(path, intake):
        if isinstance(record, dict):
            yield line, record
        else:
            intake.problem(path, line, f"not a JSON object but {type(record).__name__}")


def _lines(path: Path, intake: Intake) -> Iterator[tuple[int, Any]]:
    for line, text in intake.lines(path):
        if not text.strip():
            continue
        try:
            record = json.loads(text.rstrip().removesuffix(","))  # lines of an array are lines of JSON too
        except json.JSONDecodeError as error:
            what = f"{error.msg.removesuffix(' at')} at column {error.colno}"
            intake.problem(path, line, f"damaged JSON ({what})")
        except ValueError as error:  # a number of thousands of digits
            intake.problem(path, line, f"damaged JSON ({first_line(error)})")
        except RecursionError:
            intake.problem(path, line, TOO_DEEP)
        else:
            if text.count("{") + text.count("[") > DEEPEST and is_too_deep(record):
                intake.problem(path, line, TOO_DEEP)
            else:
                yield line, record


def _document(path: Path, intake: Intake) -> Iterator[tuple[int, Any]]:
    def is_record(place: str, event: str) -> bool:
        return place == "item" or (not place and event not in ("start_array", "end_array"))

    return ((line, record) for line, _, record in _values(path, intake, is_record, True))


def _values(
    path: Path, intake: Intake, is_wanted: Callable[[str, str], bool], multiple_values: bool
) -> Iterator[tuple[int, str, Any]]:
    """Yield (line, place, value) of the values of which place and event are wanted."""
    with intake.stream(path) as stream:
        walk = JsonWalk(_events(path, stream, multiple_values))
        for place, event, value in walk:
            if is_wanted(place, event):
                line = stream.line
                try:
                    whole = walk.build(event, value)
                except TooDeepError:
                    intake.problem(path, line, TOO_DEEP)
                else:
                    yield line, place, whole


def _is_in_lines(path: Path, intake: Intake) -> bool:
    """Whether the first line is a whole object, or damaged but no array."""
    sample = FileSample.of(path, encoding=intake.encoding)
    lines = [line.strip() for line in sample.lines[:2]]
    if not lines or lines[0].startswith("["):
        return False
    return lines[0].endswith("}") or len(lines) == 1 or lines[1].startswith("{")


def _events(path: Path, stream: LineStream, multiple_values: bool) -> Iterator[Event]:
    """The events of a document, a line of it or a piece of a long one at a time."""
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, multiple_values=multiple_values)
    size, piece = 0, b""
    try:
        while True:
            piece = stream.read(max(_PIECE, size))
            _send(parser, events, piece)
            size += len(piece)
            if events:
                yield from events
                del events[:]
                size = 0
            elif size > LONGEST_STRING:
                raise CorpusError(f"{path}:{stream.line}: a string of more than {LONGEST_STRING >> 20} MiB")
    except StopIteration:  # the document ended well
        yield from events
    except _DAMAGE as error:
        raise CorpusError(f"{path}:{stream.line}: damaged JSON ({what_is_wrong(error, piece)})") from None


def _send(parser: Any, events: list[Event], piece: bytes) -> None:
    """Give the parser a piece.

    Raises:
        ValueError: A number has more digits than Python reads; the event of it that the parser in C leaves, which
            has no value at all and must not be looked at, is gone.
    """
    try:
        parser.send(piece)
    except SystemError:
        del events[-1:]
        raise ValueError("a number of thousands of digits") from None
