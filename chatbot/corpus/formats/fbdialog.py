r"""ParlAI's older form, of PersonaChat and bAbI: `1 text⇥label⇥reward⇥candidate|candidate`, an exchange a line.

A conversation begins where the number does not go up. What a line without a label says belongs to the
prompt of the next, but for the lines that tell the model who it is.

Reference: ParlAI, `parlai.core.teachers.FbDeprecatedDialogTeacher`.
"""

import re
from itertools import pairwise
from pathlib import Path

from chatbot.corpus.formats.parlai import speech, unescape
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.reading.turns import Turn, Turns

#: Lines without a label of which a prompt consists at most; the story of bAbI has fewer.
_MOST_WAITING = 100
_LINE = re.compile(r"(\d{1,6}) (.*)", re.DOTALL)


def _recognizes(sample: FileSample) -> bool:
    lines = sample.lines[:50]
    numbers = [int(match[1]) if (match := _LINE.fullmatch(line)) else 0 for line in lines]
    goes_on = all(later in (1, before + 1) for before, later in pairwise(numbers))
    return numbers[:1] == [1] and goes_on and any("\t" in line for line in lines)


def _read(path: Path, intake: Intake) -> Turns:
    latest = 0
    waiting: list[str] = []
    for number, line in intake.lines(path):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            if line.strip():
                intake.problem(path, number, "no number before the text")
            continue
        if int(match[1]) <= latest:
            waiting = []
            yield None
        latest = int(match[1])
        text, *fields = match[2].split("\t")
        said = speech(unescape(text))
        if not fields or not fields[0].strip():
            waiting = [*waiting, said][-_MOST_WAITING:]
            continue
        said, waiting = " ".join(filter(None, [*waiting, said])), []
        label, *others = map(unescape, fields[0].split("|"))
        if not said or not label.strip():
            intake.drop(EMPTY)
        yield Turn("text", said)
        yield Turn("label", label, alternatives=tuple(others))


FORMAT = Format(
    "ParlAI numbered lines",
    _recognizes,
    _read,
    from_web=True,
    example="1 hi\thello\n",
)
