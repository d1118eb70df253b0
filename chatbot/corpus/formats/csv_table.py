"""Tables with a header: `Q,A,label` of the Korean Chatbot_data, `question,answer`, or two columns by name.

The separator is the one of `,`, `;`, tab and `|` by which the header has the columns, or the one that
a line `sep=;` before it names, which Excel writes and reads.

Reference: RFC 4180.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.formats.parsing import columns
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.quoted_csv import quoted_rows
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.errors import CorpusError

SEPARATORS = ",;\t|"
_LONGEST_HEADER = 10_000
#: A quote behind a backslash and before more of the same cell.
_BACKSLASHED = re.compile(r'(?<!\\)\\"(?=[^",;|\t\r\n])')


def header_of(lines: Iterator[tuple[int, str]]) -> tuple[int, str, str]:
    """The header of a table with its line, and the characters that may separate its columns.

    Args:
        lines: The first ones that are not blank, with their numbers; they are taken.
    """
    number, line = next(lines, (1, ""))
    hint = line.strip('"\r\n')
    if len(hint) == len("sep=;") and hint.casefold().startswith("sep="):
        number, line = next(lines, (number, ""))
        return number, line, hint[-1]
    return number, line, SEPARATORS


def cells_of(header: str, separator: str) -> list[str]:
    """The names of the columns in a header; none for a line that is no header.

    Args:
        header: The first line of the file.
        separator: The character between two cells.
    """
    try:
        return next(csv.reader([header[:_LONGEST_HEADER]], delimiter=separator), [])
    except csv.Error:
        return []


def _recognizes(sample: FileSample) -> bool:
    _, header, separators = header_of(enumerate(sample.lines, 1))
    return _find(header, separators, sample.columns) is not None


def _find(header: str, separators: str, wanted: tuple[str, str] | None) -> tuple[str, columns.Columns] | None:
    """The separator by which a header has the two columns, and their places."""
    for separator in separators if len(header) < _LONGEST_HEADER else "":
        found = columns.find(cells_of(header, separator), wanted)
        if found is not None:
            return separator, found
    return None


def _is_escaped(text: str, separator: str) -> bool:
    """Whether quotes within quotes are written with a backslash before them, as databases do, and never twice."""
    return _BACKSLASHED.search(text) is not None and not re.search(rf'[^\s"{re.escape(separator)}\\]""[^"]', text)


def _read(path: Path, intake: Intake) -> Turns:
    lines = ((number, line) for number, line in intake.lines(path) if line.strip())
    number, header, separators = header_of(lines)
    found = _find(header, separators, intake.columns)
    if found is None:
        wanted = " and ".join(intake.columns) if intake.columns else "Q and A, or question and answer"
        raise CorpusError(
            f"{path}:{number}: no columns {wanted} in {header[:200]!r}; name two that are there with --columns"
        )
    separator, (prompt, reply) = found
    needed = max(*prompt, reply) + 1
    spaced = header.count(f"{separator} ") == header.count(separator)
    escaped = _is_escaped(FileSample.of(path, encoding=intake.encoding).text, separator)
    for number, row in quoted_rows(path, intake, lines, separator, spaced, escaped):
        if len(row) < needed:
            intake.problem(path, number, f"{len(row)} columns instead of at least {needed}")
            continue
        said = columns.joined([row[place] for place in prompt])
        if not said.strip() or not row[reply].strip():
            intake.drop(EMPTY)
        yield Turn("prompt", said, learn=False)
        yield Turn("reply", row[reply])
        yield None


FORMAT = Format(
    "CSV with a header",
    _recognizes,
    _read,
    from_web=True,
    takes_columns=True,
    example="question,answer\nhi,hello\n",
)
