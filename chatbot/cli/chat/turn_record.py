"""One turn of a conversation, and the bot that replied."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from chatbot.bot.reply_object import Reply
from chatbot.config import DecodingConfig, FallbackConfig


class ConversationBot(Protocol):
    """The part of a `Chatbot` that a conversation needs."""

    @property
    def context_turns(self) -> int:
        """Turns before a prompt that it reads."""

    @property
    def fallback_threshold(self) -> float | None:
        """See `Chatbot.fallback_threshold`."""

    def reply(
        self, text: str, decoding: DecodingConfig, fallback: FallbackConfig | None = None, context: Sequence[str] = ()
    ) -> Reply:
        """See `Chatbot.reply`."""

    def stream(
        self, text: str, decoding: DecodingConfig, fallback: FallbackConfig | None = None, context: Sequence[str] = ()
    ) -> Generator[str, None, Reply]:
        """See `Chatbot.stream`."""


@dataclass(frozen=True)
class LoadedBot:
    """A bot with the names that people know it by.

    Attributes:
        name: Of its bundle.
        introduction: One line about the bot.
        place: Its bundle, as it can be named to a command.
        bot: The bot itself.
        manifest: The manifest of the bundle; a field that it lacks is unknown.
    """

    name: str
    introduction: str
    place: Path
    bot: ConversationBot
    manifest: Mapping[str, Any] = field(default_factory=dict)


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
    """

    time: datetime
    loaded: LoadedBot
    prompt: str
    context: tuple[str, ...]
    reply: Reply
    decoding: DecodingConfig
    stopped: bool = False
    said: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A line of a transcript."""
        unknown = {"score": None, "confidence": None} if self.stopped else {}
        return {
            "time": self.time.isoformat(timespec="seconds"),
            "bot": self.loaded.name,
            "prompt": self.prompt,
            "context": list(self.context),
            **self.reply.to_json(),
            **unknown,
            "fallback": self.reply.fallback,
            "stopped": self.stopped,
            "settings": self.decoding.to_json(),
        }
