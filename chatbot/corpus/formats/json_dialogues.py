"""Data sets of dialogues in JSON: a list of turns in each object, such as MultiWOZ, Taskmaster and PersonaChat.

The list is called `turns`, `utterances`, `dialogue` and so on, in an array of objects or a line each. A turn is a
string, or an object with its text and perhaps with who speaks; where nobody is named two speakers take turns.
In PersonaChat (`{"train": [{"utterances": […]}]}`) the last utterance of a dialogue has all before it as its
`history`, and what was said at last is at the end of its `candidates`.

References: MultiWOZ 2.2, "dialogues"; Taskmaster-1, "ontology"; Hugging Face, "transfer-learning-conv-ai".
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records, values_at
from chatbot.corpus.reading.turns import Turn, Turns

#: Lists that hold nothing but turns, and lists that do if their objects say who speaks, or if they hold strings.
_TURNS = ("turns", "utterances", "dialogue", "dialog", "log")
_LISTS = (*_TURNS, "conversation", "conversations", "messages", "data")
_TEXTS = ("utterance", "text", "message", "content", "sentence")
_SPEAKERS = ("speaker", "agent", "sender", "author", "role", "from", "user", "name")
_TWO = ("A", "B")
_SPLITS = tuple(f"{split}.item" for split in ("train", "valid", "test"))


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    places = [(name, f"{array}{name}.item") for array in ("", "item.") for name in _LISTS]
    return _is_persona_chat(found) or any(_holds_turns(name, place, found) for name, place in places)


def _holds_turns(name: str, place: str, found: frozenset[str]) -> bool:
    inside = {path.removeprefix(f"{place}.") for path in found if path.startswith(f"{place}.")}
    if place in found and not inside:  # strings
        return True
    return not inside.isdisjoint(_TEXTS) and (name in _TURNS or not inside.isdisjoint(_SPEAKERS))


def _is_persona_chat(found: frozenset[str]) -> bool:
    return any(f"{split}.utterances.item.history" in found for split in _SPLITS)


def _read(path: Path, intake: Intake) -> Turns:
    if _is_persona_chat(paths(FileSample.of(path, encoding=intake.encoding))):
        dialogues: Iterator[tuple[int, Any]] = (
            (line, _persona_chat(value)) for line, _, value in values_at(path, intake, _SPLITS)
        )
    else:
        dialogues = ((line, _turns_of(record)) for line, record in records(path, intake))
    for line, turns in dialogues:
        if turns is None:
            intake.problem(path, line, "no list of turns")
            continue
        for place, turn in enumerate(turns):
            speaker, text = _said(turn)
            if text is None:
                intake.problem(path, line, f"turn {place + 1} has no text")
            elif not text.strip():
                intake.drop(EMPTY)
            yield Turn(speaker or _TWO[place % 2], text or "")
        yield None


def _turns_of(record: dict[str, Any]) -> list[Any] | None:
    return next((record[name] for name in _LISTS if isinstance(record.get(name), list)), None)


def _persona_chat(dialogue: Any) -> list[Any] | None:
    """All turns of a dialogue of PersonaChat."""
    utterances = dialogue.get("utterances") if isinstance(dialogue, dict) else None
    last = utterances[-1] if isinstance(utterances, list) and utterances else None
    history, candidates = (last.get(name) if isinstance(last, dict) else None for name in ("history", "candidates"))
    if not isinstance(history, list) or not isinstance(candidates, list):
        return None
    return [*history, *candidates[-1:]]


def _said(turn: Any) -> tuple[str | None, str | None]:
    """The speaker and the text of a turn; None for what it does not name."""
    if not isinstance(turn, dict):
        return None, turn if isinstance(turn, str) else None
    speaker = next((turn[name] for name in _SPEAKERS if isinstance(turn.get(name), (str, int))), None)
    text = next((turn[name] for name in _TEXTS if isinstance(turn.get(name), str)), None)
    return None if speaker is None else str(speaker), text


FORMAT = Format(
    "JSON with dialogues",
    _recognizes,
    _read,
    named=True,
    from_web=True,
    example='{"turns": [{"speaker": "a", "text": "hi"}, {"speaker": "b", "text": "hello"}]}\n',
)
