"""The topics of replies and the kinds of prompts, from the third and the fourth column of a corpus."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from chatbot.corpus.reading.tsv import Row
from chatbot.text import fold

#: The topic of replies that are said where the bot is not sure, too, in any case.
FALLBACK_TOPIC = "fallback"

#: Most replies whose topics are kept. A corpus with more is open dialogue, where they would only fill memory.
_MOST = 1 << 16
#: Kinds at most: a fourth column with more is something else.
_MOST_KINDS = 20


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


class RowNotes(ReplyTopics):
    """The topics, and the kind of each prompt besides."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self._kinds: dict[str, str] = {}

    def note(self, row: Row) -> None:
        """Note the topic and the kind of a row, if it has them."""
        super().note(row)
        if len(row.further) > 1 and row.further[1]:
            self._kinds.setdefault(fold(row.pair.prompt), row.further[1])

    @property
    def kinds(self) -> Mapping[str, str]:
        """The first kind of each prompt, by the prompt in lower case; empty for a column with too many of them."""
        return self._kinds if len(set(self._kinds.values())) <= _MOST_KINDS else {}
