"""The topics that a corpus gives its replies in a third column."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from chatbot.corpus.reading.tsv import Row

#: Replies of which topics are kept; a corpus with more is open dialogue, where they would only fill memory.
_MOST = 1 << 16


class ReplyTopics:
    """Counts the topics of each reply while a corpus is read."""

    def __init__(self) -> None:
        """Begin with none."""
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
        """The topic that each reply has most often; nothing of a corpus with too many replies."""
        return {reply: counts.most_common(1)[0][0] for reply, counts in (self._counts or {}).items()}
