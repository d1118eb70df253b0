"""Telegram Desktop, "Machine-readable JSON": `result.json` of one chat or of all.

A message's `text` is a string, or a list of strings and of objects with a `text` of their own.

Reference: Telegram, "Data Export Schema".
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, values_at
from chatbot.corpus.redact import NAME_BEGINS, NAME_ENDS
from chatbot.errors import CorpusError

_ONE_CHAT = "messages.item"
_CHATS = ("chats.list.item", "left_chats.list.item")
_MANY = tuple(f"{chat}.messages.item" for chat in _CHATS)
#: A value that stands before the messages of every chat.
_CHAT_BEGINS = tuple(f"{chat}.id" for chat in _CHATS)


def _recognizes(sample: Sample) -> bool:
    found = paths(sample)
    one = {"messages.item.from_id", "messages.item.actor_id", "messages.item.date_unixtime"} & found
    return bool(one) or "chats.list" in found or ({"about", "personal_information"} <= found)


def _read(path: Path, intake: Intake) -> Turns:
    for place, value in values_at(path, intake, (_ONE_CHAT, *_MANY, *_CHAT_BEGINS)):
        if place in _CHAT_BEGINS:
            yield None
        elif not isinstance(value, dict):
            raise CorpusError(f"{path}: a message that is no object; not a Telegram export")
        elif (turn := _turn(value, intake)) is not None:
            yield turn


def _turn(message: dict[str, Any], intake: Intake) -> Turn | None:
    if message.get("type") != "message":
        intake.drop(SYSTEM)
        return None
    speaker = str(message.get("from") or message.get("from_id") or "deleted account")
    text = _text(message.get("text"))
    if message.get("forwarded_from") is not None:
        intake.drop("forwarded message")
        text = ""
    elif not text.strip():
        intake.drop(MEDIA)
    return Turn(speaker, text, _time(message), aliases=(str(message.get("from_id") or ""),))


def _text(text: object) -> str:
    if isinstance(text, list):
        return "".join(map(_text, text))
    if isinstance(text, dict):
        said = _text(text.get("text"))
        return f"{NAME_BEGINS}{said}{NAME_ENDS}" if text.get("type") == "mention_name" else said
    return text if isinstance(text, str) else ""


def _time(message: dict[str, Any]) -> float | None:
    try:
        if "date_unixtime" in message:
            return float(message["date_unixtime"])
        return datetime.fromisoformat(message["date"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


FORMAT = Format("telegram", "Telegram result.json", _recognizes, _read, private=True, named=True)
