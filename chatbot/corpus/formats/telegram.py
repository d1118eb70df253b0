"""Telegram Desktop, "Machine-readable JSON": `result.json` of one chat or of all.

A message's `text` is a string, or a list of strings and of objects with a `text` of their own. What
was forwarded has the key `forwarded_from`, which is null where the author hides or is gone. In a chat
of the type `bot_chat` the bot is the user whose number is the chat's.

Reference: Telegram, "Data Export Schema"; Telegram Desktop, `export_output_json.cpp`.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import FORWARDED, MADE_BY_BOT, MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, values_at
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.corpus.redaction.redact import NAME_BEGINS, NAME_ENDS

_CHATS = ("chats.list.item.", "left_chats.list.item.", "")
_MESSAGES = tuple(f"{chat}messages.item" for chat in _CHATS)
#: Values that are before the messages of a chat, the second one in every chat.
_TYPES = tuple(f"{chat}type" for chat in _CHATS)
_IDS = tuple(f"{chat}id" for chat in _CHATS)


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    one = {"messages.item.from_id", "messages.item.actor_id", "messages.item.date_unixtime"} & found
    return bool(one) or "chats.list" in found or ({"about", "personal_information"} <= found)


class _Chat:
    """The messages of one chat as turns.

    Attributes:
        type: `personal_chat`, `bot_chat`, `private_group` and so on.
        id: Its number, in a chat of two the other one's.
    """

    def __init__(self, intake: Intake) -> None:
        self.type: object = None
        self.id: object = None
        self._intake = intake
        self._topics: set[str] = set()

    def turn(self, message: dict[str, Any]) -> Turn | None:
        """A message as a turn; None for a service message."""
        id_ = str(message.get("id"))
        if message.get("type") != "message":
            self._intake.drop(SYSTEM)
            if message.get("action") == "topic_created":
                self._topics.add(id_)
            return None
        from_id = str(message.get("from_id") or "")
        is_bot = self.type == "bot_chat" and from_id == f"user{self.id}"
        return Turn(
            str(message.get("from") or from_id or "deleted account"),
            self._own_text(message),
            _time(message),
            aliases=(from_id,),
            id=id_,
            answers=self._answered(message),
            is_bot=is_bot,
        )

    def _own_text(self, message: dict[str, Any]) -> str:
        """The sender's own text; what is not theirs is counted as such."""
        text = _text(message.get("text"))
        if "forwarded_from" in message or "saved_from" in message:
            self._intake.drop(FORWARDED)
        elif message.get("via_bot"):
            self._intake.drop(MADE_BY_BOT)
        elif text.strip():
            return text
        else:
            self._intake.drop(MEDIA)
        return ""

    def _answered(self, message: dict[str, Any]) -> str | None:
        """The message that one answers; what is in a topic answers its beginning by form only."""
        number = message.get("reply_to_message_id")
        if number is None or str(number) in self._topics:
            return None
        elsewhere = message.get("reply_to_peer_id")
        return str(number) if elsewhere is None else f"{elsewhere}/{number}"


def _read(path: Path, intake: Intake) -> Turns:
    chat = _Chat(intake)
    for line, place, value in values_at(path, intake, (*_MESSAGES, *_TYPES, *_IDS)):
        if place in _TYPES:
            chat = _Chat(intake)
            chat.type = value
            yield None
        elif place in _IDS:
            chat.id = value
            yield None
        elif not isinstance(value, dict):
            intake.problem(path, line, "a message that is no object")
        elif (turn := chat.turn(value)) is not None:
            yield turn


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


FORMAT = Format(
    "Telegram result.json",
    _recognizes,
    _read,
    private=True,
    named=True,
    example='{"messages": [{"type": "message", "from": "a", "from_id": "u1", "text": "hi"}]}',
)
