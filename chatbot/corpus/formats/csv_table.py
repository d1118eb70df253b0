"""Tables with a header: `Q,A,label` of the Korean Chatbot_data, `question,answer`, or two columns by name.

The separator is the one of `,`, `;`, tab and `|` by which the header has the columns.

Reference: RFC 4180.
"""

import csv
from pathlib import Path

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import EMPTY, Format, Intake, Sample
from chatbot.corpus.formats.tables import quoted_rows
from chatbot.errors import CorpusError

_SEPARATORS = ",;\t|"
_USUAL = (
    ("q", "a"),
    ("question", "answer"),
    ("questions", "answers"),
    ("prompt", "reply"),
    ("prompt", "response"),
    ("prompt", "completion"),
    ("input", "output"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("query", "response"),
)


def _recognizes(sample: Sample) -> bool:
    return bool(sample.lines) and _find(sample.lines[0], sample.columns) is not None


def _find(header: str, columns: tuple[str, str] | None) -> tuple[str, int, int] | None:
    """The separator and the places of the two columns, if the header has them."""
    for separator in _SEPARATORS:
        try:
            names = [name.strip().casefold() for name in next(csv.reader([header], delimiter=separator), [])]
        except csv.Error:  # a line longer than any header
            return None
        for prompt, reply in _USUAL if columns is None else (columns,):
            if prompt.strip().casefold() in names and reply.strip().casefold() in names:
                return separator, names.index(prompt.strip().casefold()), names.index(reply.strip().casefold())
    return None


def _read(path: Path, intake: Intake) -> Turns:
    lines = ((number, line) for number, line in intake.lines(path) if line.strip())
    first, header = next(lines, (1, ""))
    found = _find(header, intake.columns)
    if found is None:
        wanted = " and ".join(intake.columns) if intake.columns else "Q and A, or question and answer"
        raise CorpusError(
            f"{path}:{first}: no columns {wanted} in {header[:200]!r}; name two that are there with --columns"
        )
    separator, prompt, reply = found
    for number, row in quoted_rows(path, intake, lines, separator):
        if len(row) <= max(prompt, reply):
            intake.problem(path, number, f"{len(row)} columns instead of at least {max(prompt, reply) + 1}")
            continue
        if not row[prompt].strip() or not row[reply].strip():
            intake.drop(EMPTY)
        yield Turn("prompt", row[prompt], learn=False)
        yield Turn("reply", row[reply])
        yield None


FORMAT = Format("csv", "CSV with a header", _recognizes, _read)
