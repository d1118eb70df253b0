"""The fallback: what is said in place of a reply that the bot is not sure of."""

from dataclasses import MISSING, dataclass

from chatbot.config.base import Config
from chatbot.config.options import option


@dataclass(frozen=True)
class FallbackConfig(Config):
    """The text in place of a reply of which the bot is not sure.

    Attributes:
        text: The fallback, said instead of the reply.
        min_confidence: Lowest confidence of a reply that is kept; None takes the bot's own threshold.
    """

    text: str = option(MISSING, "Say this instead of a reply the bot is not sure of.", name="fallback", metavar="TEXT")
    min_confidence: float | None = option(
        None,
        "With --fallback, say it below this confidence.",
        metavar="X",
        lowest=0,
        highest=1,
        unset="the bot's own threshold, which 2 % of the calibration prompts fell below",
    )

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._check_ranges()
