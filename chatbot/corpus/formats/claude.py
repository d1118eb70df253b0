"""Claude, "Export data": `conversations.json` with `chat_messages`, each with its `sender`.

Where messages name the one before them, the conversation is the branch that ends at the last.
"""

from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.formats.parsing.llm_message_fields import MODELS, OTHERS, PEOPLE, branch, text_of
from chatbot.corpus.reading.turns import Turn, Turns


def _recognizes(sample: FileSample) -> bool:
    return bool({"item.chat_messages", "chat_messages", "item.chat_messages.item.sender"} & paths(sample))


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        messages = record.get("chat_messages")
        if not isinstance(messages, list):
            intake.problem(path, line, "no list of chat_messages")
            continue
        for message in _shown([message for message in messages if isinstance(message, dict)]):
            role = str(message.get("sender")).casefold()
            if role in PEOPLE | MODELS:
                yield _turn(role, message, intake)
            elif role not in OTHERS:
                intake.problem(path, line, f"a message from {role[:40]!r}, neither human nor assistant")
                yield Turn("", "")
        yield None


def _shown(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {str(message.get("uuid")): message for message in messages}
    parents = {name: message.get("parent_message_uuid") for name, message in names.items()}
    if len(names) < len(messages) or not any(parent in names for parent in parents.values()):
        return messages
    return [names[name] for name in branch(next(reversed(names)), parents)]


def _turn(role: str, message: dict[str, Any], intake: Intake) -> Turn:
    text = text_of(message.get("content")) or text_of(message.get("text"))
    if not text.strip():
        intake.drop(MEDIA)
    return Turn(role, text, learn=role in MODELS)


FORMAT = Format(
    "Claude conversations.json",
    _recognizes,
    _read,
    private=True,
    keys=frozenset({"chat_messages", "sender", "text"}),
    example='[{"uuid": "1", "chat_messages": [{"sender": "human", "text": "hi"}]}]',
)
