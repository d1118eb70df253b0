"""OpenAI chat JSONL: `{"messages": [{"role", "content"}]}` a line; an array of such objects too.

`content` is a string or a list of parts, of which the text counts. System and tool messages are
left out, and what the assistant says is learned, unless its `weight` is 0.

Reference: OpenAI, "Supervised fine-tuning", chat format.
"""

from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, records

_SKIPPED = ("system", "developer", "tool", "function")


def _recognizes(sample: Sample) -> bool:
    return bool({"messages.item.role", "item.messages.item.role"} & paths(sample))


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        messages = record.get("messages")
        if not isinstance(messages, list):
            intake.problem(path, line, "no list of messages")
            continue
        for message in messages:
            if not isinstance(message, dict) or not isinstance(message.get("role"), str):
                intake.problem(path, line, "a message without a role")
                yield Turn("", "")
            elif message["role"] in _SKIPPED:
                intake.drop(SYSTEM)
            else:
                yield _turn(message, intake)
        yield None


def _turn(message: dict[str, Any], intake: Intake) -> Turn:
    text = _text(message.get("content"))
    if not text.strip():
        intake.drop(MEDIA)
    return Turn(message["role"], text, learn=message["role"] == "assistant" and message.get("weight") != 0)


def _text(content: object) -> str:
    if isinstance(content, list):
        return " ".join(filter(None, map(_text, content)))
    if isinstance(content, dict):
        text = content.get("text")
        return text if isinstance(text, str) else ""
    return content if isinstance(content, str) else ""


FORMAT = Format("openai", "OpenAI chat JSONL", _recognizes, _read)
