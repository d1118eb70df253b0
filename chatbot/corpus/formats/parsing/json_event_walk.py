"""Walk over the events of a JSON parser: places, values up to a depth, and their damage."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ijson.common import ObjectBuilder

#: Levels of objects and arrays in a record; no export of a conversation has more.
DEEPEST = 100
#: Characters of a place, which is made anew for each value; no format asks for a longer one.
_LONGEST_PLACE = 1000
TOO_DEEP = f"nested more than {DEEPEST} levels deep"
OPENS = ("start_map", "start_array")
CLOSES = ("end_map", "end_array")

Event = tuple[str, Any]


class TooDeepError(Exception):
    """A value is nested more than `DEEPEST` levels deep."""


class JsonWalk:
    """A walk over the events of a document that knows where each value is, down to `DEEPEST` levels."""

    def __init__(self, events: Iterator[Event]) -> None:
        """Walk over `events`, as ijson's parser gives them."""
        self._events = events
        #: Of each object and array that is open, what the places in it begin with, and whether it is an array.
        self._open: list[tuple[str, bool]] = []

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        """Yield (place, event, value); what is deeper than `DEEPEST` levels is passed over."""
        opened = self._open
        key = ""
        for event, value in self._events:
            if event == "map_key":
                key = value
                continue
            if event in CLOSES:
                yield opened.pop()[0], event, value
                continue
            place = self._below(key) if opened else ""
            if event in OPENS:
                if len(opened) == DEEPEST:
                    self._pass_over()
                    continue
                opened.append((place, event == "start_array"))
            yield place, event, value

    def build(self, event: str, value: Any) -> Any:
        """The value that begins with the latest event, built from as many events as it takes.

        Args:
            event: The kind of that event.
            value: The value of that event.

        Raises:
            TooDeepError: It is nested more than `DEEPEST` levels deep; it has been passed over.
        """
        if event not in OPENS:
            return _plain(value)
        self._open.pop()
        builder = ObjectBuilder()
        builder.event(event, value)
        depth = 1
        for kind, inner in self._events:
            depth += (kind in OPENS) - (kind in CLOSES)
            if depth > DEEPEST:
                self._pass_over(depth)
                raise TooDeepError
            builder.event(kind, _plain(inner))
            if not depth:
                break
        return builder.value

    def _below(self, key: str) -> str:
        inside, is_array = self._open[-1]
        name = "item" if is_array else key
        return f"{inside}.{name[:_LONGEST_PLACE]}"[:_LONGEST_PLACE] if inside else name[:_LONGEST_PLACE]

    def _pass_over(self, depth: int = 1) -> None:
        """Read on until so many open objects and arrays have ended."""
        for event, _ in self._events:
            depth += (event in OPENS) - (event in CLOSES)
            if not depth:
                return


def _plain(value: Any) -> Any:
    """The value of an event as the standard `json` has it; ijson reads integers of any size only beside decimals."""
    return float(value) if isinstance(value, Decimal) else value


def is_too_deep(record: Any) -> bool:
    """Whether a parsed record is nested more than `DEEPEST` levels deep."""
    level = [record]
    for _ in range(DEEPEST):
        inner = (value.values() if isinstance(value, dict) else value for value in level)
        level = [value for values in inner for value in values if isinstance(value, (dict, list))]
        if not level:
            return False
    return True
