"""Turns of conversations, the common form of all foreign formats.

A format yields a flat stream of turns, None between two conversations, so that a chat of any
length passes through in bounded memory.
"""

from collections.abc import Generator
from typing import NamedTuple

#: Characters; a longer turn is pasted text, and is dropped.
LONGEST_TURN = 100_000


class Turn(NamedTuple):
    """A message of a conversation.

    Attributes:
        speaker: Who.
        text: As written, not normalized; empty where something was said that is no text.
        time: Seconds on the conversation's own clock, or None where the format has none.
        learn: Whether it may be learned as a reply.
        alternatives: Other replies recorded in the same place.
        aliases: What else the speaker is called.
        id: What `answers` of later turns of the conversation call it.
        answers: The `id` of the turn that it answers; None for the one before it.
        is_bot: Whether a program speaks, which is left out unless it is named.
    """

    speaker: str
    text: str
    time: float | None = None
    learn: bool = True
    alternatives: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    id: str | None = None
    answers: str | None = None
    is_bot: bool = False


#: None is between conversations.
Turns = Generator[Turn | None, None, None]
