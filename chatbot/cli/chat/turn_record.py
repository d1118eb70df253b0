"""The record of one turn of a conversation, as a transcript keeps it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.chat.conversation_bot import LoadedBot
from chatbot.config import DecodingConfig


@dataclass(frozen=True)
class ChatTurn:
    """A prompt and the reply to it.

    Attributes:
        time: The end of the reply, with its time zone.
        loaded: The bot that replied.
        prompt: The prompt as it was typed.
        context: The earlier turns that the bot read.
        reply: The reply; of a stopped one only the text is known.
        decoding: The settings of the reply.
        stopped: Whether the person stopped the reply.
        said: The texts of all replies to this prompt, the latest last.
        user: Who asked, in the words of a client; None where none said so.
    """

    time: datetime
    loaded: LoadedBot
    prompt: str
    context: tuple[str, ...]
    reply: Reply
    decoding: DecodingConfig
    stopped: bool = False
    said: tuple[str, ...] = ()
    user: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A line of a transcript."""
        unknown = {"score": None, "confidence": None} if self.stopped else {}
        return {
            "time": self.time.isoformat(timespec="seconds"),
            "bot": self.loaded.name,
            "user": self.user,
            "prompt": self.prompt,
            "context": list(self.context),
            **self.reply.to_json(),
            **unknown,
            "fallback": self.reply.fallback,
            "suggestions": [suggestion.to_json() for suggestion in self.reply.suggestions],
            "stopped": self.stopped,
            "settings": self.decoding.to_json(),
        }
