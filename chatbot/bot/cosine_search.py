"""The search for the training prompts nearest to another, by the cosine of their n-grams.

The postings of an inverted index tell which prompts have the heaviest n-grams in common; the cosines of the best of
those are then computed over all n-grams.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.index_file import PackedTexts
from chatbot.bot.tfidf_ngrams import Array, Floats, count_ngrams, log_tf

#: Prompts whose cosine is computed in full where fewer are wanted.
_CANDIDATES = 32
#: Vectors of training prompts that are kept, some 1.5 kB each, and comparisons of a prompt, as each is needed twice.
_VECTORS, _ASKED = 1 << 15, 2


class _Vector(NamedTuple):
    """The vector of a training prompt: (n-grams,) hashes in order, (n-grams,) float64 weights, and its norm."""

    grams: Array
    weights: Floats
    norm: float


class _Asked(NamedTuple):
    """A prompt that was asked: its vector, of length 1, and what the postings of each training prompt share with it.

    Attributes:
        grams: (n-grams,) uint32, the hashes in order.
        weights: (n-grams,) float64.
        sums: (prompts,) float64, 0 where nothing is shared.
    """

    grams: Array
    weights: Floats
    sums: Floats


class CosineSearch:
    """Finds the numbers of training prompts; threads may share it."""

    def __init__(self, arrays: Mapping[str, Array], prompts: PackedTexts) -> None:
        """Take the parts of an index; see `chatbot.bot.nearest_neighbour.NearestNeighbour`.

        Args:
            arrays: By name.
            prompts: The texts.
        """
        self._ngrams, self._idf = arrays["grams"], arrays["idf"].astype(np.float64)
        self._posting_starts, self._postings = arrays["starts"].astype(np.int64), arrays["rows"]
        self._norms, self._prompts = arrays["norms"], prompts
        self._vectors: dict[int, _Vector] = {}
        self._asked = functools.lru_cache(_ASKED)(self._ask)

    def nearest(self, prompt: str, count: int, among: Array | None) -> list[tuple[int, float]]:
        """Find the nearest prompts.

        Args:
            prompt: In lower case.
            count: Most prompts to find; only those that share an n-gram count.
            among: (prompts,) int64, the numbers that count; None for all.

        Returns:
            Their numbers and cosines, the nearest first.
        """
        asked = self._asked(prompt)
        candidates = _candidate_rows(asked.sums, max(count, _CANDIDATES), among)
        cosines = self._cosines(candidates, asked)
        best = np.lexsort((candidates, -cosines))[:count]
        return list(zip(candidates[best].tolist(), cosines[best].tolist(), strict=True))

    def _ask(self, prompt: str) -> _Asked:
        """A prompt, compared with the postings.

        Args:
            prompt: In lower case.
        """
        _, grams, counts = count_ngrams([prompt])
        places, known = self._find_ngrams(grams)
        weights = log_tf(counts) * self.idf_of(grams)
        weights /= np.sqrt((weights**2).sum())
        places, known_weights = places[known], weights[known]
        starts, ends = self._posting_starts[places], self._posting_starts[places + 1]
        listed = [self._postings[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        shares = np.repeat(known_weights * self._idf[places], ends - starts)
        rows = np.concatenate(listed) if listed else self._postings[:0]
        return _Asked(grams, weights, np.bincount(rows, shares, len(self._norms)) / self._norms)

    @property
    def unknown_idf(self) -> float:
        """The weight of an n-gram that no prompt has."""
        return float(1 + np.log(len(self._norms)))

    def idf_of(self, grams: Array) -> Floats:
        """The weights of n-grams.

        Args:
            grams: (n-grams,) uint32, their hashes.

        Returns:
            (n-grams,) float64.
        """
        places, known = self._find_ngrams(grams)
        return np.where(known, self._idf[places], self.unknown_idf)

    def _find_ngrams(self, grams: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Look up n-grams in the index.

        Args:
            grams: (n-grams,) their numbers.

        Returns:
            Their places in the index, (n-grams,) int64, and whether they are in it, (n-grams,) bool.
        """
        places = np.minimum(np.searchsorted(self._ngrams, grams), len(self._ngrams) - 1)
        return places, self._ngrams[places] == grams

    def _cosines(self, candidates: Array, asked: _Asked) -> Floats:
        """Cosines of some prompts with the one that was asked.

        Args:
            candidates: (prompts,) int64, their numbers.
            asked: The other.

        Returns:
            (prompts,) float64, in 0..1.
        """
        if not len(candidates):
            return np.empty(0)
        vectors = self._vectors_of(candidates.tolist())
        lengths = [len(vector.grams) for vector in vectors]
        rows = np.repeat(np.arange(len(vectors)), lengths)
        grams = np.concatenate([vector.grams for vector in vectors])
        weights = np.concatenate([vector.weights for vector in vectors])
        common = np.minimum(np.searchsorted(asked.grams, grams), len(asked.grams) - 1)
        products = weights * np.where(asked.grams[common] == grams, asked.weights[common], 0.0)
        norms = np.array([one.norm for one in vectors])
        cosines: Floats = np.minimum(np.bincount(rows, products, len(vectors)) / norms, 1.0)
        return cosines

    def _vectors_of(self, rows: Sequence[int]) -> list[_Vector]:
        """The vectors of training prompts, of which those asked for lately are kept."""
        kept = self._vectors
        if missing := [row for row in rows if row not in kept]:
            texts, grams, counts = count_ngrams([self._prompts[row] for row in missing])
            places, known = self._find_ngrams(grams)
            weights = log_tf(counts) * np.where(known, self._idf[places], 0.0)
            norms = np.sqrt(np.bincount(texts, weights**2, len(missing)))
            ends = np.cumsum(np.bincount(texts, minlength=len(missing)))[:-1]
            found = map(_Vector, np.split(grams, ends), np.split(weights, ends), norms.tolist())
            kept.update(zip(missing, found, strict=True))
            if len(kept) > _VECTORS:
                self._vectors = {}  # whoever uses them now keeps them
        return [kept[row] for row in rows]


def _candidate_rows(sums: Floats, count: int, among: Array | None) -> Array:
    """Find the prompts, `count` at most, whose postings have most in common with one that was asked.

    Args:
        sums: (prompts,) float64, from `_Asked`.
        count: Most prompts to find.
        among: (prompts,) int64, the numbers that count; None for all.

    Returns:
        (prompts,) int64, their numbers, in order.
    """
    if among is None:
        # The best of each part are so many, and the least of them bounds the rest: most prompts need not be ordered.
        best = np.maximum.reduceat(sums, np.arange(0, len(sums), max(1, len(sums) // (8 * count))))
        bound = np.partition(best, -count)[-count] if len(best) > count else 0.0
        candidates = np.flatnonzero(sums >= bound) if bound > 0 else np.flatnonzero(sums)
    else:
        candidates = among[sums[among] > 0]
    if len(candidates) > count:
        candidates = np.sort(candidates[np.argpartition(-sums[candidates], count)[:count]])
    return candidates
