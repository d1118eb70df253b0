"""What the JSON formats share: recognizing a document from its beginning, and streaming its parts.

Documents of any size are parsed by ijson, event by event; lines of JSON by the standard `json`.
"""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import ijson
from ijson.common import ObjectBuilder

from chatbot.corpus.formats.contract import Intake, Sample
from chatbot.errors import CorpusError

_OPENS = ("start_map", "start_array")
_CLOSES = ("end_map", "end_array")


def paths(sample: Sample) -> frozenset[str]:
    """Where values stand in a sample of JSON or of lines of JSON, as `messages.item.role`.

    Damage and the end of the sample end the search; what was found before counts.
    """
    found: set[str] = set()
    if sample.head.lstrip()[:1] not in (b"{", b"["):
        return frozenset()
    try:
        for prefix, _, _ in ijson.parse(sample.head, multiple_values=True):
            found.add(prefix)
    except (ijson.JSONError, ValueError):
        pass
    return frozenset(found)


def values_at(path: Path, intake: Intake, places: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) for each value that stands at one of some places in a document.

    Args:
        path: The document.
        intake: What to open it with.
        places: As in `paths`; none within another.

    Raises:
        CorpusError: The JSON is damaged; the message has the line.
    """
    with intake.stream(path) as stream:
        events = ijson.parse(stream, use_float=True)
        try:
            for prefix, event, value in events:
                if prefix in places and event not in _CLOSES:
                    yield prefix, _build(events, event, value)
        except (ijson.JSONError, ValueError) as error:
            raise CorpusError(f"{path}:{stream.line}: damaged JSON ({_first_line(error)})") from None


def records(path: Path, intake: Intake) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, object) for the objects of a JSON array, of lines of JSON, or one after another.

    A damaged line of JSON, and a record that is no object, is a problem; the rest is read.

    Raises:
        CorpusError: A document that is not in lines is damaged.
    """
    read = _lines if _is_in_lines(path) else _document
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
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            intake.problem(path, line, f"damaged JSON ({_first_line(error)})")
            continue
        yield line, record


def _document(path: Path, intake: Intake) -> Iterator[tuple[int, Any]]:
    with intake.stream(path) as stream:
        events = ijson.parse(stream, use_float=True, multiple_values=True)
        try:
            for prefix, event, value in events:
                if prefix == "item" or (not prefix and event not in ("start_array", "end_array")):
                    line = stream.line
                    yield line, _build(events, event, value)
        except (ijson.JSONError, ValueError) as error:
            raise CorpusError(f"{path}:{stream.line}: damaged JSON ({_first_line(error)})") from None


def _is_in_lines(path: Path) -> bool:
    """Whether the first line is a whole object, or damaged but no array."""
    sample = Sample.of(path)
    lines = [line.strip() for line in sample.lines[:2]]
    if not lines or lines[0].startswith("["):
        return False
    return lines[0].endswith("}") or len(lines) == 1 or lines[1].startswith("{")


def _build(events: Iterator[tuple[str, str, Any]], event: str, value: Any) -> Any:
    """The value that begins with an event, from as many events as it takes."""
    if event not in _OPENS:
        return value
    builder = ObjectBuilder()
    builder.event(event, value)
    depth = 1
    for _, kind, inner in events:
        builder.event(kind, inner)
        depth += (kind in _OPENS) - (kind in _CLOSES)
        if not depth:
            break
    return builder.value


def _first_line(error: Exception) -> str:
    text = error.args[0] if error.args else error
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    return str(text).strip().split("\n", 1)[0].removeprefix("parse error: ")
