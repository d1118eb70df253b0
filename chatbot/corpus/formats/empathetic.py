"""EmpatheticDialogues: an utterance a line, `conv_id,utterance_idx,context,prompt,speaker_idx,utterance,…`.

The lines are no CSV: quotes are part of the text, and `_comma_` stands for a comma.

Reference: Rashkin et al. (2019), "EmpatheticDialogues".
"""

from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.reading.turns import Turn, Turns

_COLUMNS = ("conv_id", "speaker_idx", "utterance")
_COMMA = "_comma_"


def _recognizes(sample: FileSample) -> bool:
    return bool(sample.lines) and set(_COLUMNS) <= set(sample.lines[0].strip().split(","))


def _read(path: Path, intake: Intake) -> Turns:
    places: list[int] = []
    conversation = None
    for number, line in intake.lines(path):
        cells = line.split(",")
        if not line.strip():
            continue
        if not places:
            places = [cells.index(name) if name in cells else len(cells) for name in _COLUMNS]
            continue
        if len(cells) <= max(places):
            intake.problem(path, number, f"{len(cells)} columns instead of at least {max(places) + 1}")
            continue
        name, speaker, text = (cells[place] for place in places)
        if conversation not in (None, name):
            yield None
        conversation = name
        if not text.strip():
            intake.drop(EMPTY)
        yield Turn(speaker, text.replace(_COMMA, ","))


FORMAT = Format(
    "EmpatheticDialogues",
    _recognizes,
    _read,
    from_web=True,
    example="conv_id,speaker_idx,utterance\n1,0,hi\n1,1,hello_comma_ you\n",
)
