"""The replies that a model knows as such; see `chatbot.training.objective.reply_memory`."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from chatbot.corpus import Pair

#: Stands for no known reply.
UNKNOWN = -1


def choose_known_replies(blocks: Iterable[Sequence[Pair]], most: int) -> tuple[str, ...]:
    """All replies of a corpus, the most frequent first; none if there are more than `most`, or only one.

    Where there is one reply there is nothing to choose from. Open dialogue has nearly as many
    replies as prompts; it is read no further than that takes to see.
    """
    counts = Counter[str]()
    for block in blocks:
        counts.update(pair.reply for pair in block)
        if len(counts) > most:
            return ()
    if len(counts) == 1:
        return ()
    return tuple(sorted(counts, key=lambda reply: (-counts[reply], reply)))


def number_replies(pairs: Sequence[Pair], known: Sequence[str]) -> npt.NDArray[np.int32]:
    """(pairs,) the place of each pair's reply among the known ones, or `UNKNOWN`."""
    places = {reply: place for place, reply in enumerate(known)}
    return np.array([places.get(pair.reply, UNKNOWN) for pair in pairs], np.int32)
