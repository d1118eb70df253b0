"""Pairs that wait until it is known whether their prompt has an answer of its own."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatbot.corpus.reading.tsv import Pair

#: How many pairs wait, and of how many characters: an answer comes hardly later.
_MOST_PAIRS, _MOST_CHARACTERS = 10_000, 8 << 20


@dataclass
class _Entry:
    pair: Pair
    prompt_id: str | None
    is_cancelled: bool = False


class PendingPairs:
    """Pairs in their order, the last of which can be cancelled by the id of their prompt."""

    def __init__(self, most: int = _MOST_PAIRS) -> None:
        """Begin with none.

        Args:
            most: How many wait.
        """
        self._most = most
        self._entries: deque[_Entry] = deque()
        self._by_prompt: dict[str, list[_Entry]] = {}
        self._size = 0

    def __bool__(self) -> bool:
        """Whether any waits."""
        return bool(self._entries)

    def add(self, pair: Pair, prompt_id: str | None) -> None:
        """Hold a pair.

        Args:
            pair: The pair.
            prompt_id: The id by which it can be cancelled; None for a pair that cannot be.
        """
        entry = _Entry(pair, prompt_id)
        self._entries.append(entry)
        self._size += _size(pair)
        if prompt_id is not None:
            self._by_prompt.setdefault(prompt_id, []).append(entry)

    def exchange(self, pairs: Sequence[Pair], prompt_id: str | None) -> Iterable[Pair]:
        """Hold pairs, and release those that have waited long enough.

        Args:
            pairs: The pairs of one prompt.
            prompt_id: The id by which they can be cancelled; None for pairs that cannot be.

        Returns:
            The released pairs: these themselves where no other waits and nothing can cancel them.
        """
        if prompt_id is None and not self._entries:
            return pairs
        for pair in pairs:
            self.add(pair, prompt_id)
        return self.release()

    def cancel(self, prompt_id: str) -> int:
        """Cancel the pairs of a prompt that still wait.

        Args:
            prompt_id: The id of the prompt.

        Returns:
            Number of pairs.
        """
        entries = self._by_prompt.pop(prompt_id, [])
        for entry in entries:
            entry.is_cancelled = True
        return len(entries)

    def release(self, everything: bool = False) -> Iterator[Pair]:
        """Yield the pairs that have waited long enough, or all; those that nothing can cancel do not wait.

        Args:
            everything: Whether to release all of them.
        """
        while self._entries and (
            everything or not self._by_prompt or len(self._entries) > self._most or self._size > _MOST_CHARACTERS
        ):
            entry = self._entries.popleft()
            self._size -= _size(entry.pair)
            if entry.prompt_id is not None and not entry.is_cancelled:
                waiting = self._by_prompt[entry.prompt_id]
                waiting.remove(entry)
                if not waiting:
                    del self._by_prompt[entry.prompt_id]
            if not entry.is_cancelled:
                yield entry.pair


def _size(pair: Pair) -> int:
    return len(pair.prompt) + len(pair.reply)
