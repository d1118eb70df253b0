"""DailyDialog: a conversation a line, `__eou__` behind every utterance.

The words stand apart from their punctuation there; they are joined again.

Reference: Li et al. (2017), "DailyDialog", `dialogues_text.txt`.
"""

import re
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.reading.turns import Turn, Turns

_END = "__eou__"
_SPEAKERS = ("A", "B")
# Of texts in which every run of white space is one space.
_BEFORE_PUNCTUATION = re.compile(r" ([.,!?;:%)\]])")
_BEHIND_BRACKET = re.compile(r"([(\[$£€]) ")
_CONTRACTION = re.compile(r"(?<=\w) ?(['’]) ?(s|t|m|re|ve|ll|d)\b", re.IGNORECASE)


def _recognizes(sample: FileSample) -> bool:
    return any(_END in line for line in sample.lines[:20])


def _read(path: Path, intake: Intake) -> Turns:
    for number, line in intake.lines(path):
        if not line.strip():
            continue
        if _END not in line:
            intake.problem(path, number, f"no {_END}")
            continue
        utterances = line.split(_END)
        if not utterances[-1].strip():
            utterances.pop()
        for place, utterance in enumerate(utterances):
            if not utterance.strip():
                intake.drop(EMPTY)
            yield Turn(_SPEAKERS[place % 2], _joined(utterance))
        yield None


def _joined(text: str) -> str:
    text = _CONTRACTION.sub(r"\1\2", " ".join(text.split()))
    return _BEHIND_BRACKET.sub(r"\1", _BEFORE_PUNCTUATION.sub(r"\1", text))


FORMAT = Format(
    "DailyDialog",
    _recognizes,
    _read,
    from_web=True,
    example="Hi . __eou__ Hello . __eou__\n",
)
