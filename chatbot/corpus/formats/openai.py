"""OpenAI chat JSONL: `{"messages": [{"role", "content"}]}` a line; an array of such objects too.

`content` is a string or a list of parts, of which the text counts. System and tool messages are
left out, and what the assistant says is learned, unless its `weight` is 0. Data sets call the list
`conversations` too, or hold the messages of one conversation without a list.

Reference: OpenAI, "Supervised fine-tuning", chat format.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, records
from chatbot.corpus.formats.parts import MODELS, OTHERS, text_of

_LISTS = ("messages", "conversations", "conversation")


def _recognizes(sample: Sample) -> bool:
    found = paths(sample)
    lists = {f"{array}{name}.item.role" for array in ("", "item.") for name in _LISTS}
    return bool(lists & found) or {"role", "content"} <= found or {"item.role", "item.content"} <= found


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        if isinstance(record.get("role"), str):  # a message of the one conversation there is
            yield from _turns(path, line, [record], intake)
            continue
        messages = next((record[name] for name in _LISTS if name in record), None)
        if not isinstance(messages, list):
            intake.problem(path, line, "no list of messages")
            continue
        yield from _turns(path, line, messages, intake)
        yield None


def _turns(path: Path, line: int, messages: list[Any], intake: Intake) -> Iterator[Turn]:
    for message in messages:
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            intake.problem(path, line, "a message without a role")
            yield Turn("", "")
        elif message["role"].casefold() in OTHERS:
            intake.drop(SYSTEM)
        else:
            yield _turn(message, intake)


def _turn(message: dict[str, Any], intake: Intake) -> Turn:
    text = text_of(message.get("content"))
    if not text.strip():
        intake.drop(MEDIA)
    is_model = message["role"].casefold() in MODELS
    return Turn(message["role"], text, learn=is_model and message.get("weight") != 0)


FORMAT = Format("openai", "OpenAI chat JSONL", _recognizes, _read, keys=frozenset({"messages", "role", "content"}))
