"""What the formats with quoted columns share."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from chatbot.corpus.formats.contract import Intake

_LONGEST_FIELD = 1 << 20


def quoted_rows(
    path: Path, intake: Intake, lines: Iterable[tuple[int, str]], separator: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the first line, cells) of rows in which a quoted cell may hold line ends.

    A quote that is left open swallows what follows, at most a mebibyte, which is then a problem.

    Args:
        path: The file, for messages.
        intake: Told of problems.
        lines: (number, text without the line end).
        separator: Between the cells.
    """
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process; its own is too little for a long answer
    first = 0

    def text() -> Iterator[str]:
        nonlocal first
        for number, line in lines:
            first = first or number
            yield f"{line}\n"

    reader = csv.reader(text(), delimiter=separator)
    while True:
        first = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            intake.problem(path, first, f"damaged table ({error}); is a quote left open?")
            continue
        if row:
            yield first, row
