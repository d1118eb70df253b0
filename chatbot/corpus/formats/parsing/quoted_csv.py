"""Reader of rows with quoted columns, for the formats that are tables."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from copy import copy
from pathlib import Path

from chatbot.corpus.formats.parsing.intake import Intake

_LONGEST_FIELD = 1 << 20
#: Quotes that are left open, behind which a table is read again from the next line on.
_MOST_AGAIN = 100


def quoted_rows(
    path: Path,
    intake: Intake,
    lines: Iterable[tuple[int, str]],
    separator: str,
    spaced: bool = False,
    escaped: bool = False,
) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the first line, cells) of rows in which a quoted cell may hold line ends.

    A line with a quote that is left open is a problem, and the rest is read.

    Args:
        path: The file, for messages.
        intake: Told of problems.
        lines: (number, text without the line end).
        separator: Between the cells.
        spaced: Whether a space behind the separator is no part of a cell.
        escaped: Whether a quote within quotes has a backslash before it; else it is written twice.
    """
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process; its own is too little for a long answer
    form = csv.excel()
    form.delimiter, form.skipinitialspace, form.escapechar = separator, spaced, "\\" if escaped else None
    form.strict = True
    text, again = _Lines(lines), 0
    reader = csv.reader(text, form)
    while True:
        text.taken.clear()
        try:
            row = next(reader, None)
        except csv.Error:
            row = _leniently(text.taken, form)
            if row is None:
                intake.problem(path, text.taken[0][0], "a quote left open, or a cell of more than 1 MiB")
                again += 1
                text.give_back(text.taken[1:] if again < _MOST_AGAIN else [])
                continue
        if row is None:
            return
        if row:
            yield text.taken[0][0], row


def _leniently(lines: list[tuple[int, str]], form: csv.Dialect) -> list[str] | None:
    """The cells of a single line with more behind a closing quote; None where the quote is left open."""
    form = copy(form)
    form.strict = False
    if len(lines) != 1:
        return None
    try:
        row = next(csv.reader([f"{lines[0][1]}\n"], form), [])
    except csv.Error:
        return None
    return None if row and row[-1].endswith("\n") else row


class _Lines:
    """Lines for a parser of tables.

    Attributes:
        taken: Those that the row under way is made of.
    """

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self.taken: list[tuple[int, str]] = []
        self._lines = iter(lines)
        self._again: deque[tuple[int, str]] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        found = self._again.popleft() if self._again else next(self._lines, None)
        if found is None:
            raise StopIteration
        self.taken.append(found)
        return f"{found[1]}\n"

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        """Hand out lines once more before all others."""
        self._again.extendleft(reversed(lines))
