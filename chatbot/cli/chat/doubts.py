"""The notes below a reply that the bot is not sure of, and the questions that the person can pick there by number."""

from collections.abc import Iterator, Sequence

from chatbot.bot.reply.reply_object import Reply
from chatbot.bot.reply.suggestions import Suggestion


def say_doubts(reply: Reply, least: float | None) -> Iterator[str]:
    """The notes below a whole reply.

    Args:
        reply: The reply.
        least: The confidence below which it is marked as unsure; None to mark none, as something else is said then.

    Yields:
        That the bot is not sure, and what may have been meant.
    """
    confidence = reply.confidence if least is not None and reply.text else None
    if confidence is not None and least is not None and confidence < least:
        yield f"(not sure: {confidence:.0%} confident)"
    if reply.suggestions:
        questions = (f"  {number}  {one.prompt}" for number, one in enumerate(reply.suggestions, 1))
        yield "\n".join(["Did you mean …? Type its number.", *questions])


def choose_prompt(typed: str, offered: Sequence[Suggestion]) -> str:
    """The prompt that a person means.

    Args:
        typed: Not empty.
        offered: The questions below the last reply.

    Returns:
        The question of a number that was typed; anything else as it was typed.
    """
    number = int(typed) if len(typed) == 1 and typed.isdecimal() else 0
    return offered[number - 1].prompt if 1 <= number <= len(offered) else typed
