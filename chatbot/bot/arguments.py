"""Checks of the arguments of `Chatbot`'s methods."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatbot.config import MOST_HYPOTHESES, DecodingConfig, FallbackConfig
from chatbot.errors import ConfigError
from chatbot.text import in_context, normalize


def check_text(text: object, what: str) -> str:
    """Check that an argument is a text.

    Args:
        text: The argument.
        what: Its name in a message.

    Returns:
        The text.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(text, str):
        raise TypeError(f"{what} is a str, not {type(text).__name__}")
    return text


def check_count(count: object) -> None:
    """Check how many alternatives are asked for.

    Args:
        count: Number of alternatives.

    Raises:
        ConfigError: It is no whole number from 1 to `MOST_HYPOTHESES`.
    """
    if not isinstance(count, int) or not 1 <= count <= MOST_HYPOTHESES:
        raise ConfigError(f"count must be a whole number from 1 to {MOST_HYPOTHESES:,}, not {count!r}")


def choose_decoding(
    decoding: DecodingConfig | None, fallback: FallbackConfig | None, options: Mapping[str, Any]
) -> DecodingConfig:
    """Choose the settings of a call.

    Args:
        decoding: The settings, or None for the defaults.
        fallback: Is checked alone.
        options: Settings by name, which outrank `decoding`.

    Returns:
        The settings, checked.

    Raises:
        ConfigError: An option is out of range or contradicts another.
        TypeError: An option is unknown, or an argument is of another type.
    """
    if not isinstance(decoding, DecodingConfig | None):
        raise TypeError(f"decoding is a DecodingConfig, not {type(decoding).__name__}; options go by name, as beam=3")
    if not isinstance(fallback, FallbackConfig | None):
        raise TypeError(f"fallback is a FallbackConfig, not {type(fallback).__name__}")
    return (decoding or DecodingConfig()).with_options(options)


def turns_read(context: Sequence[str], turns: int) -> tuple[str, ...]:
    """The turns that a bot reads before a prompt.

    Args:
        context: All turns, the oldest first; empty ones do not count.
        turns: How many of them the bot reads.
    """
    return tuple(filter(normalize, context))[-turns:] if turns else ()


def join_context(text: str, context: Sequence[str], turns: int) -> str:
    """Put a prompt behind the turns before it.

    Args:
        text: The prompt.
        context: The turns, the oldest first; empty ones do not count.
        turns: How many of them the bot reads.

    Returns:
        The prompt with the turns that the bot reads in front of it.

    Raises:
        TypeError: The prompt is no text, or the context is one text.
    """
    check_text(text, "a prompt")
    if isinstance(context, str):
        raise TypeError("context takes a list of turns, not a single str")
    recent = turns_read(context, turns)
    return in_context(recent, text) if recent else text
