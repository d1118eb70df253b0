"""The bot of a conversation: the part of a `Chatbot` that a conversation needs, its name and its introduction."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from chatbot.bot.reply.reply_object import Reply
from chatbot.bundle import Bundle
from chatbot.config import DecodingConfig, FallbackConfig
from chatbot.text import normalize, plural


class ConversationBot(Protocol):
    """The part of a `Chatbot` that a conversation needs."""

    @property
    def context_turns(self) -> int:
        """Turns before a prompt that it reads."""

    @property
    def fallback_threshold(self) -> float | None:
        """See `Chatbot.fallback_threshold`."""

    @property
    def fallbacks(self) -> Sequence[str]:
        """See `Chatbot.fallbacks`."""

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

    @property
    def own_settings(self) -> dict[str, str]:
        """The bot's own fallback and threshold, for where none is set, by the names of the settings."""
        threshold, fallbacks = self.bot.fallback_threshold, " / ".join(self.bot.fallbacks)
        own = {"fallback": fallbacks, "min_confidence": "" if threshold is None else f"{threshold:.2g}"}
        return {name: f"{value} (the bot's own)" for name, value in own.items() if value}


def introduce(bundle: Bundle) -> str:
    """The line that introduces the bot of a bundle: its name, its corpora and the day of its training."""
    names = bundle.manifest.get("corpus")
    corpus = ", ".join(normalize(str(name)) for name in names) if isinstance(names, list) else "unknown pairs"
    day = normalize(str(bundle.manifest.get("created", "")))[:10]
    turns = bundle.context_turns
    memory = f" It reads the {'turn' if turns == 1 else plural(turns, 'turn')} before yours." if turns else ""
    return f"{bundle.path.resolve().name}, trained on {corpus} on {day}.{memory} /help for commands, Ctrl-D to leave."
