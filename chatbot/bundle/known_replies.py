"""The known replies of a bundle, in the order of the keys and values of its reply memory."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chatbot.bundle.layout import TRAIN_AGAIN
from chatbot.errors import BundleError
from chatbot.files import Readable

#: The end of the name of an urgent topic: missing it is worse than saying it in vain.
URGENT = "!"
#: The urgent topic of replies that are said where it is in doubt whether anything urgent was meant, in any case.
URGENT_FALLBACK = f"fallback{URGENT}"


class KnownReply(NamedTuple):
    """A reply that the reply memory knows.

    Attributes:
        text: As the corpus has it.
        topic: What the corpus says it is about; None where it does not say.
    """

    text: str
    topic: str | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is of an urgent topic."""
        return self.topic is not None and self.topic.endswith(URGENT)

    @property
    def is_urgent_fallback(self) -> bool:
        """Whether it is said where it is in doubt whether anything urgent was meant."""
        return self.topic is not None and self.topic.casefold() == URGENT_FALLBACK


def write_known_replies(file: Path, replies: Sequence[str], topics: Mapping[str, str]) -> None:
    """Write a JSON array: a string for each reply, or `{"reply": ..., "topic": ...}`.

    Args:
        file: Where to.
        replies: In the order of the reply memory.
        topics: Of the replies that have one.
    """
    entries = [{"reply": reply, "topic": topics[reply]} if reply in topics else reply for reply in replies]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_known_replies(file: Readable, count: int) -> tuple[KnownReply, ...]:
    """Return the known replies that `write_known_replies` wrote.

    Args:
        file: The file of the bundle.
        count: Number of known replies of the bundle's model.

    Raises:
        BundleError: It is not an array of `count` replies.
    """
    try:
        entries = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{file}: cannot be read ({error}); {TRAIN_AGAIN}") from None
    replies = [_known_reply(entry) for entry in entries] if isinstance(entries, list) else []
    known = tuple(reply for reply in replies if reply is not None)
    if len(known) != count or len(replies) != count:
        raise BundleError(f"{file}: not the {count:,} replies of its bundle's model; {TRAIN_AGAIN}")
    return known


def _known_reply(entry: Any) -> KnownReply | None:
    if isinstance(entry, str):
        return KnownReply(entry)
    if not isinstance(entry, dict):
        return None
    text, topic = entry.get("reply"), entry.get("topic")
    return KnownReply(text, topic) if isinstance(text, str) and isinstance(topic, str) else None
