"""Sentence pairs in columns: Tatoeba's (`id⇥text⇥id⇥text`), and `text⇥text⇥licence` of Anki decks.

Anki's own export begins with `#separator:tab` and quotes fields as CSV does; where it says
`#html:true`, tags are taken out and entities resolved.

References: Tatoeba, "Downloads", sentence pairs; Anki manual, "Exporting", notes in plain text.
"""

import html
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import EMPTY, Format, Intake, Sample
from chatbot.corpus.formats.tables import quoted_rows
from chatbot.errors import CorpusError

_HEADER = re.compile(r"#([a-z ]+):(.*)")
_TAG = re.compile(r"<[^<>]*>")
_ENOUGH = 0.9


def _recognizes(sample: Sample) -> bool:
    lines = sample.lines[:1000] if len(sample.lines) < 2 else sample.lines[: min(1000, len(sample.lines) - 1)]
    if lines and _HEADER.match(lines[0]):
        return lines[0].startswith("#separator:")
    return bool(lines) and sum("\t" in line for line in lines) >= _ENOUGH * len(lines)


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


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub(" ", text))


FORMAT = Format("tatoeba", "Tatoeba or Anki, tab-separated", _recognizes, _read, from_web=True)
