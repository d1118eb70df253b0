"""What a corpus is made of."""

from collections.abc import Iterable
from typing import NamedTuple

from chatbot.text import count_turns


class Pair(NamedTuple):
    """A prompt and the reply recorded for it, both normalized and not empty."""

    prompt: str
    reply: str


def context_turns(pairs: Iterable[Pair]) -> int:
    """How many turns the prompts of a corpus carry at most before the one that is answered."""
    return max((count_turns(pair.prompt) for pair in pairs), default=0)
