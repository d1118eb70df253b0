"""The replies that a model knows as such; see `chatbot.training.reply_memory`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot.corpus import Pair
from chatbot.errors import BundleError

#: Stands for no known reply.
UNKNOWN = -1


def choose_known_replies(pairs: Sequence[Pair], most: int) -> tuple[str, ...]:
    """All replies of a corpus, the most frequent first; none if there are more than `most`.

    Open dialogue has nearly as many replies as prompts, and nothing to choose from.
    """
    counts = Counter(pair.reply for pair in pairs)
    return tuple(sorted(counts, key=lambda reply: (-counts[reply], reply))) if len(counts) <= most else ()


def number_replies(pairs: Sequence[Pair], known: Sequence[str]) -> npt.NDArray[np.int32]:
    """(pairs,) the place of each pair's reply among the known ones, or `UNKNOWN`."""
    places = {reply: place for place, reply in enumerate(known)}
    return np.array([places.get(pair.reply, UNKNOWN) for pair in pairs], np.int32)


def write_known_replies(file: Path, replies: Sequence[str]) -> None:
    """Keep them for a run that goes on from the bundle: a JSON array of strings."""
    file.write_text(json.dumps(replies, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def read_known_replies(file: Path, count: int) -> tuple[str, ...]:
    """Read what `write_known_replies` wrote.

    Raises:
        BundleError: It is not a JSON array of `count` strings.
    """
    try:
        replies = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{file}: cannot be read ({error}); train without --init-from") from None
    if not isinstance(replies, list) or len(replies) != count or not all(isinstance(one, str) for one in replies):
        raise BundleError(f"{file}: not the {count:,} replies of its bundle's model; train without --init-from")
    return tuple(replies)
