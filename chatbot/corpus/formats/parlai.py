r"""ParlAI dialogue text: `text:…⇥labels:…⇥episode_done:True`, one exchange a line.

An episode continues from line to line until one has `episode_done:True`. `\n` and `\t` within a
field stand for the characters, `|` between alternative labels, `__PIPE__` for a bar.

Reference: ParlAI, "ParlAI Dialog Format" (`parlai.core.teachers.ParlAIDialogTeacher`).
"""

import re
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.reading.turns import Turn, Turns

_LABELS = ("labels", "eval_labels")
_PERSONA = re.compile(r"(?:your|partner's) persona:", re.IGNORECASE)
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\\": "\\"}
_ESCAPE = re.compile(r"\\[ntr\\]")


def _recognizes(sample: FileSample) -> bool:
    first = sample.lines[0] if sample.lines else ""
    return "text:" in first and any(f"\t{key}:" in f"\t{first}" for key in (*_LABELS, "episode_done"))


def _read(path: Path, intake: Intake) -> Turns:
    for number, line in intake.lines(path):
        if not line.strip():
            continue
        fields = dict(field.split(":", 1) for field in line.split("\t") if ":" in field)
        text = fields.get("text")
        labels = next((fields[key] for key in _LABELS if key in fields), None)
        if text is None or labels is None:
            intake.problem(path, number, "no text: or no labels:")
        else:
            replies = [unescape(label) for label in labels.split("|")]
            said = speech(unescape(text))
            if not said or not any(map(str.strip, replies)):
                intake.drop(EMPTY)
            yield Turn("text", said, learn=False)
            yield Turn("labels", replies[0], alternatives=tuple(replies[1:]))
        if fields.get("episode_done", "").strip().casefold() == "true":
            yield None


def speech(text: str) -> str:
    """The text without the lines that tell the model who it is."""
    return "\n".join(line for line in text.split("\n") if not _PERSONA.match(line)).strip()


def unescape(text: str) -> str:
    """The text with its escapes replaced by their characters."""
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0]], text).replace("__PIPE__", "|")


FORMAT = Format(
    "ParlAI dialogue text",
    _recognizes,
    _read,
    from_web=True,
    example="text:hi\tlabels:hello\tepisode_done:True\n",
)
