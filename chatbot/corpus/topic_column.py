"""The topics of replies, from the third column of a corpus."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from chatbot.corpus.reading.tsv import Row

#: The topic of replies that are said where the bot is not sure, too, in any case.
FALLBACK_TOPIC = "fallback"

#: Most replies whose topics are kept. A corpus with more is open dialogue, where they would only fill memory.
_MOST = 1 << 16


class ReplyTopics:
    """Topic counts of each reply, gathered while a corpus is read."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: dict[str, Counter[str]] | None = defaultdict(Counter)

    def note(self, row: Row) -> None:
        """Count the topic of a row, if it has one."""
        if self._counts is None or not row.further or not row.further[0]:
            return
        self._counts[row.pair.reply][row.further[0]] += 1
        if len(self._counts) > _MOST:
            self._counts = None

    @property
    def chosen(self) -> Mapping[str, str]:
        """The most frequent topic of each reply, by reply; empty for a corpus with too many replies."""
        return {reply: counts.most_common(1)[0][0] for reply, counts in (self._counts or {}).items()}
