"""Sentence pairs in columns: Tatoeba's (`id⇥text⇥id⇥text`), and `text⇥text⇥licence` of Anki decks.

Anki's own export begins with `#separator:tab` and quotes fields as CSV does; where it says
`#html:true`, tags are taken out and entities resolved. What Excel saves as tab-delimited text is quoted
likewise where a cell holds a comma or a quote, which the file shows.

References: Tatoeba, "Downloads", sentence pairs; Anki manual, "Exporting", notes in plain text.
"""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats import columns
from chatbot.corpus.formats.contract import EMPTY, Format, Intake, Sample
from chatbot.corpus.formats.tables import quoted_rows
from chatbot.errors import CorpusError

_HEADER = re.compile(r"#([a-z ]+):(.*)")
_TAG = re.compile(r"<[^<>]*>")
_ENOUGH = 0.9
_LINES = 1000
#: Cells in which Excel would write quotes around these are always quoted, and no other is.
_QUOTED, _WHY_QUOTED = re.compile(r'"(?:[^"]|"")*"'), re.compile(r',|""')


def _recognizes(sample: Sample) -> bool:
    lines = sample.lines[: max(1, min(_LINES, len(sample.lines) - 1))]
    if lines and _HEADER.match(lines[0]):
        return lines[0].startswith("#separator:")
    if not lines or columns.propose(lines[0].split("\t")) is not None:  # a table with a header
        return False
    return sum("\t" in line for line in lines) >= _ENOUGH * len(lines)


def _read(path: Path, intake: Intake) -> Turns:
    settings: dict[str, str] = {}
    for number, cells in _rows(path, intake, settings):
        if len(cells) < 2:
            intake.problem(path, number, "no tab between two sentences")
            continue
        numbered = len(cells) >= 4 and cells[0].strip().isdigit() and cells[2].strip().isdigit()
        first, second = (cells[1], cells[3]) if numbered else cells[:2]
        if settings.get("html") == "true":
            first, second = _plain(first), _plain(second)
        if not first.strip() or not second.strip():
            intake.drop(EMPTY)
        yield Turn("prompt", first, learn=False)
        yield Turn("reply", second)
        yield None


def _rows(path: Path, intake: Intake, settings: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    lines = intake.lines(path)
    if _is_of_excel(Sample.of(path, encoding=intake.encoding).lines[:_LINES]):
        yield from quoted_rows(path, intake, ((number, line) for number, line in lines if line.strip()), "\t")
        return
    for number, line in lines:
        match = _HEADER.fullmatch(line.strip())
        if match:
            settings[match[1]] = match[2].strip().casefold()
            if match[1] == "separator" and settings["separator"] not in ("tab", "\\t"):
                raise CorpusError(f"{path}:{number}: separated by {match[2]!r}; export with tabs")
        elif line.strip():
            if settings:
                yield from quoted_rows(path, intake, chain([(number, line)], lines), "\t")
                return
            yield number, line.split("\t")


def _is_of_excel(lines: Sequence[str]) -> bool:
    cells = [cell for line in lines for cell in line.split("\t")]
    quoted = [cell for cell in cells if "," in cell or '"' in cell]
    return (
        bool(quoted)
        and not _HEADER.match(lines[0])
        and all(_QUOTED.fullmatch(cell) and _WHY_QUOTED.search(cell, 1, len(cell) - 1) for cell in quoted)
    )


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text))


FORMAT = Format("tatoeba", "Tatoeba or Anki, tab-separated", _recognizes, _read, from_web=True)
