"""ShareGPT: `{"conversations": [{"from", "value"}]}`, in an array or a line each.

Replies are what `gpt` says, or the other names that exports have for the model.
"""

from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, records

_PEOPLE = ("human", "user")
_MODELS = ("gpt", "assistant", "chatgpt", "model", "bot", "bing", "bard")
_SKIPPED = ("system", "tool", "function", "function_call", "observation")


def _recognizes(sample: Sample) -> bool:
    return bool({"conversations.item.from", "item.conversations.item.from"} & paths(sample))


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        turns = record.get("conversations")
        if not isinstance(turns, list):
            intake.problem(path, line, "no list of conversations")
            continue
        for turn in turns:
            role = turn.get("from") if isinstance(turn, dict) else None
            if role in _SKIPPED:
                intake.drop(SYSTEM)
            elif role in _PEOPLE or role in _MODELS:
                yield _turn(role, turn, intake)
            else:
                intake.problem(path, line, f"a turn from {role!r}, neither human nor gpt")
                yield Turn("", "")
        yield None


def _turn(role: str, turn: dict[str, Any], intake: Intake) -> Turn:
    value = turn.get("value")
    text = value if isinstance(value, str) else ""
    if not text.strip():
        intake.drop(MEDIA)
    is_model = role in _MODELS
    return Turn("gpt" if is_model else "human", text, learn=is_model)


FORMAT = Format("sharegpt", "ShareGPT JSON", _recognizes, _read)
