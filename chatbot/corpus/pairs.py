"""What a corpus is made of."""

from typing import NamedTuple


class Pair(NamedTuple):
    """A prompt and the reply recorded for it, both normalized and not empty."""

    prompt: str
    reply: str
