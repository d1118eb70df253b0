"""The fallback: what is said in place of a reply that the bot is not sure of."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.config.base import Config
from chatbot.config.options import option
from chatbot.errors import ConfigError
from chatbot.text import fold, normalize


@dataclass(frozen=True)
class FallbackConfig(Config):
    """The texts in place of a reply of which the bot is not sure.

    Attributes:
        text: The fallback, said instead of the reply.
        min_confidence: Lowest confidence of a reply that is kept; None takes the bot's own threshold.
        others: Further texts; the prompt decides which of all is said, so that it is always the same to one prompt.
        replaced: Replies that the bot has learned and that are fallbacks themselves; the text takes their place, too.
    """

    text: str
    min_confidence: float | None = None
    others: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the range."""
        least = self.min_confidence
        self._require(least is None or 0 <= least <= 1, "min_confidence must be in 0..1")

    def choose(self, prompt: str) -> str:
        """The text that is said to a prompt.

        Args:
            prompt: In any case.
        """
        texts = (self.text, *self.others)
        return texts[zlib.crc32(fold(prompt).encode()) % len(texts)]


@dataclass(frozen=True)
class FallbackOptions(Config):
    """The choice of a person between fallbacks; the bundle may have some of its own.

    Attributes:
        fallback: What to say instead; None takes what the bundle says by itself.
        min_confidence: See `FallbackConfig`.
        no_fallback: Whether every reply is said, however unsure the bot is.
    """

    fallback: str | None = option(
        None,
        "Say this instead of a reply the bot is not sure of.",
        metavar="TEXT",
        examples=("I was not taught that.",),
        unset="the bot's own fallback, if it was trained with one",
    )
    min_confidence: float | None = option(
        None,
        "Say the fallback below this confidence.",
        metavar="X",
        lowest=0,
        highest=1,
        unset="the bot's own threshold",
        examples=("0.5", "0.8"),
    )
    no_fallback: bool = option(False, "Give every reply, however unsure the bot is.")

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._check_ranges()

    def settle(self, own: Sequence[str]) -> FallbackConfig | None:
        """The fallback of a bot; None for none.

        Args:
            own: The texts that its bundle has.

        Raises:
            ConfigError: There is a least confidence, and nothing to say below it.
        """
        texts = own if self.fallback is None else [normalize(self.fallback)]
        if self.no_fallback:
            return None
        if texts:
            replaced = () if self.fallback is None else tuple(own)
            return FallbackConfig(texts[0], self.min_confidence, tuple(texts[1:]), replaced)
        if self.min_confidence is None:
            return None
        raise ConfigError("FallbackOptions: min_confidence needs fallback TEXT, as this bot has no text of its own")
