"""Constraints on the text of a reply: the table of rules, and the check of a token against all of them."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chatbot.config import DecodingConfig
from chatbot.inference.constraints import Allows

if TYPE_CHECKING:
    from chatbot.bot.reply.banned_word_matching import BannedWords

#: Whether a text, the second argument, may follow from the text before its last token, the first.
AllowsText = Callable[[str, str], bool]


class TextConstraint(NamedTuple):
    """A rule on the text of a reply: a row of `TEXT_CONSTRAINTS`.

    Attributes:
        setting: The field of `DecodingConfig` that asks for it; an empty value does not.
        build: Makes the rule from the value of the setting.
    """

    setting: str
    build: Callable[[Any], AllowsText]


def ban_words(words: tuple[str, ...]) -> AllowsText:
    """Build the rule that no banned word is in a reply.

    Args:
        words: Words and phrases, as people write them.

    Returns:
        The rule, on the text so far and the text that comes next.
    """
    banned = _banned_words(words)
    return lambda before, text: not banned.completed(before, text)


#: All rules on the text of a reply.
TEXT_CONSTRAINTS: tuple[TextConstraint, ...] = (TextConstraint("ban_words", ban_words),)


def build_text_constraints(config: DecodingConfig, decode: Callable[[Sequence[int]], str]) -> Allows | None:
    """Build the check of a token by the text that it makes.

    Args:
        config: The settings.
        decode: Token ids to text.

    Returns:
        Whether a token may follow a reply so far; None where any may.
    """
    rules = _build_rules(config)
    if not rules:
        return None

    def allows(history: Sequence[int], token: int) -> bool:
        before, text = decode(history), decode([*history, token])
        return all(rule(before, text) for rule in rules)

    return allows


def build_text_check(config: DecodingConfig) -> Callable[[str], bool]:
    """Build the check of whole replies.

    Args:
        config: The settings.

    Returns:
        Whether a reply may be said.
    """
    rules = _build_rules(config)
    return lambda text: all(rule("", text) for rule in rules)


def _build_rules(config: DecodingConfig) -> list[AllowsText]:
    return [row.build(value) for row in TEXT_CONSTRAINTS if (value := getattr(config, row.setting))]


@functools.lru_cache(maxsize=4)
def _banned_words(words: tuple[str, ...]) -> "BannedWords":
    from chatbot.bot.reply.banned_word_matching import BannedWords  # noqa: PLC0415  # few replies need it, and each would wait for it

    return BannedWords(words)
