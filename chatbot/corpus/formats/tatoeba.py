"""Sentence pairs in columns: Tatoeba's (`id⇥text⇥id⇥text`), and `text⇥text⇥licence` of Anki decks.

Anki's own export begins with settings (`anki`) and quotes fields as CSV does. What Excel saves as tab-delimited
text is quoted likewise where a cell holds a comma or a quote, which the file shows.

Reference: Tatoeba, "Downloads", sentence pairs.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
from pathlib import Path

from chatbot.corpus.formats.parsing import columns
from chatbot.corpus.formats.parsing.anki import AnkiHeader, is_setting
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.quoted_csv import quoted_rows
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.errors import CorpusError

#: A row of Tatoeba's "Sentences": number, language, text.
_SENTENCE = re.compile(r"\d+\t(?:[a-z]{3,4}|\\N)\t[^\t]*")
_ENOUGH = 0.9
_LINES = 1000
#: Cells in which Excel would write quotes around these are always quoted, and no other is.
_QUOTED, _WHY_QUOTED = re.compile(r'"(?:[^"]|"")*"'), re.compile(r',|""')


def _recognizes(sample: FileSample) -> bool:
    lines = sample.lines[: max(1, min(_LINES, len(sample.lines) - 1))]
    if lines and is_setting(lines[0]):
        return any(line.startswith("#separator:") for line in takewhile(is_setting, lines))
    if not lines or columns.propose(lines[0].split("\t")) is not None:  # a table with a header
        return False
    return sum("\t" in line for line in lines) >= _ENOUGH * len(lines)


def _read(path: Path, intake: Intake) -> Turns:
    sample = FileSample.of(path, encoding=intake.encoding).lines[:_LINES]
    if sample and all(_SENTENCE.fullmatch(line.strip("\r\n")) for line in sample[:-1] or sample):
        raise CorpusError(
            f"{path}: sentences of one language without translations; fetch sentence pairs in their place"
        )
    settings = AnkiHeader()
    for number, cells in _rows(path, intake, settings, _is_of_excel(sample)):
        if settings:
            texts = settings.fields(cells)
        else:
            numbered = len(cells) >= 4 and cells[0].strip().isdigit() and cells[2].strip().isdigit()
            texts = [cells[1], cells[3]] if numbered else cells[:2]
        if len(texts) < 2:
            intake.problem(path, number, "no tab between two sentences" if not settings else "a note with one field")
            continue
        if not all(map(str.strip, texts)):
            intake.drop(EMPTY)
        yield Turn("prompt", texts[0], learn=False)
        yield Turn("reply", texts[1])
        yield None


def _rows(path: Path, intake: Intake, settings: AnkiHeader, is_of_excel: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of the rows; the settings above them are kept."""
    lines = ((number, line) for number, line in intake.lines(path) if settings or line.strip())
    if is_of_excel:
        yield from quoted_rows(path, intake, lines, "\t")
        return
    for number, line in lines:
        if settings.add(line):
            continue
        if settings:
            if settings.separator is None:
                raise CorpusError(f"{path}: separated by {settings.separator_name!r}; export with tabs")
            yield from quoted_rows(path, intake, chain([(number, line)], lines), settings.separator)
            return
        yield number, line.split("\t")


def _is_of_excel(lines: Sequence[str]) -> bool:
    cells = [cell for line in lines for cell in line.split("\t")]
    quoted = [cell for cell in cells if "," in cell or '"' in cell]
    return (
        bool(quoted)
        and not is_setting(lines[0])
        and all(_QUOTED.fullmatch(cell) and _WHY_QUOTED.search(cell, 1, len(cell) - 1) for cell in quoted)
    )


FORMAT = Format(
    "Tatoeba or Anki, tab-separated",
    _recognizes,
    _read,
    from_web=True,
    example="hi\tsalut\n",
)
