"""The vectors of training prompts: sparse, computed when they are first wanted, and kept."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.tfidf_ngrams import Array, Floats
from chatbot.inference.fork_safe_lock import ForkSafeLock

#: N-grams that are kept at most, of 8 bytes each.
_MOST_KEPT = 1 << 23


class SparseRows(NamedTuple):
    """Sparse vectors, one behind the other.

    Attributes:
        rows: (entries,) int64, the vector of each entry, in order.
        places: (entries,) integers, its n-gram.
        weights: (entries,) its weight.
    """

    rows: Array
    places: Array
    weights: Floats | npt.NDArray[np.float32]


class PromptVectors:
    """Gives the vectors of training prompts by their numbers; threads may share it."""

    def __init__(self, prompts: int, compute: Callable[[Sequence[int]], SparseRows]) -> None:
        """Begin with none.

        Args:
            prompts: Their number.
            compute: The vectors of some, each of at least one entry, by their numbers.
        """
        self._prompts, self._compute = prompts, compute
        self._lock = ForkSafeLock()
        self._forget()

    def of(self, numbers: Array) -> tuple[SparseRows, Floats]:
        """The vectors of some prompts.

        Args:
            numbers: (prompts,) int64.

        Returns:
            Their entries, of which `rows` counts the numbers from 0, and the weights are float32; and their norms,
            (prompts,) float64.
        """
        with self._lock:
            self._keep(numbers)
            starts, lengths, norms = self._starts[numbers], self._lengths[numbers], self._norms[numbers]
            places, weights = self._places, self._weights
        ends = np.cumsum(lengths)
        entries = np.repeat(starts - (ends - lengths), lengths) + np.arange(int(ends[-1]) if len(ends) else 0)
        rows = np.repeat(np.arange(len(numbers)), lengths)
        return SparseRows(rows, places.take(entries), weights.take(entries)), norms

    def _forget(self) -> None:
        """Keep none. Whoever uses the arrays now keeps them."""
        self._starts, self._lengths = (np.zeros(self._prompts, np.int64) for _ in range(2))
        self._norms = np.zeros(self._prompts)
        self._places, self._weights, self._used = np.empty(0, np.int32), np.empty(0, np.float32), 0

    def _keep(self, numbers: Array) -> None:
        """Compute the vectors that are not kept yet.

        Args:
            numbers: (prompts,) int64, those that will be kept.
        """
        missing = np.unique(numbers[self._lengths[numbers] == 0])
        if not len(missing):
            return
        found = self._compute(missing.tolist())
        if self._used + len(found.rows) > _MOST_KEPT and self._used:
            self._forget()
            self._keep(numbers)
            return
        lengths = np.bincount(found.rows, minlength=len(missing))
        last = self._used + len(found.rows)
        if last > len(self._places):
            self._places, self._weights = (
                np.concatenate([array[: self._used], np.empty(2 * last - self._used, array.dtype)])
                for array in (self._places, self._weights)
            )
        self._places[self._used : last], self._weights[self._used : last] = found.places, found.weights
        self._starts[missing], self._lengths[missing] = self._used + np.cumsum(lengths) - lengths, lengths
        kept = self._weights[self._used : last].astype(np.float64)
        self._norms[missing] = np.sqrt(np.bincount(found.rows, kept**2, len(missing)))
        self._used = last
