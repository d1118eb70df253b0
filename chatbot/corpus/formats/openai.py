"""OpenAI chat JSONL: `{"messages": [{"role", "content"}]}` a line; an array of such objects too.

`content` is a string or a list of parts, of which the text counts. System and tool messages are
left out, and what the assistant says is learned, unless its `weight` is 0. Data sets call the list and the
texts otherwise too, as `llm_message_fields` has it, or hold the messages of one conversation without a list. Of a
record of preferences, the prompt and the answer that was preferred are a conversation.

References: OpenAI, "Supervised fine-tuning", chat format, and "Direct preference optimization"; TRL, "Dataset
formats", conversational.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.formats.parsing.llm_message_fields import LISTS, MODELS, OTHERS, said
from chatbot.corpus.reading.turns import Turn, Turns

#: Lists that end a conversation, which the list under the name `prompt`, or that of the `input`, begins.
_PREFERRED = ("chosen", "completion", "preferred_output")


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    lists = {f"{array}{name}.item.role" for array in ("", "item.") for name in (*LISTS, *_PREFERRED)}
    return bool(lists & found) or {"role", "content"} <= found or {"item.role", "item.content"} <= found


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        if isinstance(record.get("role"), str):  # a message of the one conversation there is
            yield from _turns(path, line, [record], intake)
            continue
        messages = _messages(record)
        if messages is None:
            intake.problem(path, line, "no list of messages")
            continue
        yield from _turns(path, line, messages, intake)
        yield None


def _messages(record: dict[str, Any]) -> list[Any] | None:
    """The messages of a conversation, or of a prompt and its preferred answer; None where there are none."""
    for name in (*LISTS, *_PREFERRED):
        if isinstance(record.get(name), list):
            asked, request = record.get("prompt"), record.get("input")
            asked = request.get("messages") if isinstance(request, dict) else asked
            before = asked if isinstance(asked, list) and name in _PREFERRED else []
            return [*before, *record[name]]
    return None


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
    text = said(message)
    if not text.strip():
        intake.drop(MEDIA)
    is_model = message["role"].casefold() in MODELS
    return Turn(message["role"], text, learn=is_model and message.get("weight") != 0)


FORMAT = Format(
    "OpenAI chat JSONL",
    _recognizes,
    _read,
    keys=frozenset({"messages", "role", "content"}),
    example='{"messages": [{"role": "user", "content": "hi"}]}\n',
)
