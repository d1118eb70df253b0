"""ShareGPT: `{"conversations": [{"from", "value"}]}`, in an array or a line each.

Replies are what `gpt` says, or the other names that exports have for the model; the list and the texts have
other names too, which are those of `llm_message_fields`.
"""

from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.formats.parsing.llm_message_fields import LISTS, MODELS, OTHERS, PEOPLE, said
from chatbot.corpus.reading.turns import Turn, Turns

_PLACES = tuple(f"{array}{name}.item" for array in ("", "item.") for name in LISTS)


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    return any(
        {f"{place}.from", f"{place}.{text}"} <= found for place in _PLACES for text in ("value", "content", "text")
    )


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        turns = next((record[name] for name in LISTS if isinstance(record.get(name), list)), None)
        if turns is None:
            intake.problem(path, line, "no list of conversations")
            continue
        for turn in turns:
            role = _role(turn)
            if role in OTHERS:
                intake.drop(SYSTEM)
            elif role in PEOPLE or role in MODELS:
                yield _turn(role, turn, intake)
            else:
                intake.problem(path, line, f"a turn from {role[:40] or 'nobody'}, neither human nor gpt")
                yield Turn("", "")
        yield None


def _role(turn: object) -> str:
    role = turn.get("from") if isinstance(turn, dict) else None
    return role.casefold() if isinstance(role, str) else ""


def _turn(role: str, turn: dict[str, Any], intake: Intake) -> Turn:
    text = said(turn)
    if not text.strip():
        intake.drop(MEDIA)
    is_model = role in MODELS
    return Turn("gpt" if is_model else "human", text, learn=is_model)


FORMAT = Format(
    "ShareGPT JSON",
    _recognizes,
    _read,
    keys=frozenset({"conversations", "from", "value"}),
    example='[{"conversations": [{"from": "human", "value": "hi"}]}]',
)
