"""DiscordChatExporter JSON: a channel with its `messages`.

Reference: DiscordChatExporter, `JsonMessageWriter`.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, values_at
from chatbot.errors import CorpusError

_SPOKEN = ("Default", "Reply")


def _recognizes(sample: Sample) -> bool:
    found = paths(sample)
    return {"guild.id", "channel.id"} <= found or {"messages.item.author.id", "messages.item.content"} <= found


def _read(path: Path, intake: Intake) -> Turns:
    for _, message in values_at(path, intake, ("messages.item",)):
        if not isinstance(message, dict) or not isinstance(message.get("author"), dict):
            raise CorpusError(f"{path}: a message without an author; not an export of DiscordChatExporter")
        if message.get("type") not in _SPOKEN:
            intake.drop(SYSTEM)
            continue
        yield _turn(message, message["author"], intake)


def _turn(message: dict[str, Any], author: dict[str, Any], intake: Intake) -> Turn:
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    if not text.strip():
        intake.drop(MEDIA)
    name, number = str(author.get("name") or author.get("id")), str(author.get("discriminator"))
    aliases = (str(author.get("nickname") or ""), f"{name}#{number}", str(author.get("id")))
    return Turn(name, text, _time(message.get("timestamp")), aliases=aliases)


def _time(timestamp: object) -> float | None:
    try:
        return datetime.fromisoformat(str(timestamp)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


FORMAT = Format("discord", "DiscordChatExporter JSON", _recognizes, _read, private=True, named=True)
