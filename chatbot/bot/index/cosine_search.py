"""The search for the training prompts nearest to another, by the cosine of their n-grams.

The postings of an inverted index tell which prompts have the rarest n-grams in common; the cosines of the best of
those are then computed over all n-grams.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.index.packed_texts import PackedTexts
from chatbot.bot.index.postings import Postings
from chatbot.bot.index.tfidf_ngrams import Array, Floats, count_ngrams, hash_ngrams, log_tf

#: Prompts whose cosine is computed in full where fewer are wanted.
_CANDIDATES = 64
#: Postings of a prompt's rarest n-grams that are read at most, unless it has only one: the frequent ones are long lists
#: and tell little.
_MOST_POSTINGS = 20_000
#: Comparisons that are kept, as each is needed twice.
_ASKED = 2
#: Numbers that the last bits of a hash make; a tenth of them, at most, are those of a usual prompt's n-grams.
_ENDS = 1 << 14


class ComparedPrompt(NamedTuple):
    """A prompt that was asked: its n-grams, and what the postings of each training prompt share with it.

    Attributes:
        grams: (n-grams,) uint64, the hashes of those that are in the index, in order.
        products: (n-grams,) float64, what each adds to the product with a training prompt that has it once; the vector
            of the asked prompt has length 1.
        sums: (prompts,) float64, 0 where none of the rarest is shared.
    """

    grams: Array
    products: Floats
    sums: Floats


class CosineSearch:
    """Finds the numbers of training prompts; threads may share it."""

    def __init__(self, arrays: Mapping[str, Array], prompts: PackedTexts) -> None:
        """Take the parts of an index; see `chatbot.bot.index.nearest_neighbour.NearestNeighbour`.

        Args:
            arrays: By name.
            prompts: The texts.
        """
        self._ngrams, self._idf = arrays["grams"], arrays["idf"].astype(np.float64)
        self._postings = Postings(arrays["starts"], arrays["rows"], len(self._ngrams))
        self._norms, self._prompts = arrays["norms"].astype(np.float64), prompts
        self._asked = functools.lru_cache(_ASKED)(lambda prompt: next(self.compare([prompt])))

    def nearest(self, prompt: str, count: int, among: Array | None) -> list[tuple[int, float]]:
        """Find the nearest prompts.

        Args:
            prompt: In lower case.
            count: Most prompts to find; only those that share an n-gram count.
            among: (prompts,) int64, the numbers that count; None for all.

        Returns:
            Their numbers and cosines, the nearest first.
        """
        return self.nearest_of(self._asked(prompt), [(count, among)])[0]

    def nearest_of(
        self, asked: ComparedPrompt, wanted: Sequence[tuple[int, Array | None]]
    ) -> list[list[tuple[int, float]]]:
        """Find the nearest prompts several times, which shares the work.

        Args:
            asked: From `compare`.
            wanted: For each time `count` and `among`, see `nearest`.

        Returns:
            For each time what `nearest` returns.
        """
        found = [_candidate_rows(asked.sums, max(count, _CANDIDATES), among) for count, among in wanted]
        candidates, places = np.unique(np.concatenate(found), return_inverse=True)
        ends = np.cumsum([len(rows) for rows in found])[:-1]
        cosines = np.split(self._cosines(candidates, asked)[places], ends)
        results = []
        for (count, _), rows, theirs in zip(wanted, found, cosines, strict=True):
            best = np.lexsort((rows, -theirs))[:count]
            results.append(list(zip(rows[best].tolist(), theirs[best].tolist(), strict=True)))
        return results

    def compare(self, prompts: Sequence[str]) -> Iterator[ComparedPrompt]:
        """Compare prompts with the postings; many at once take less than one after the other.

        Args:
            prompts: In lower case, at least one.

        Yields:
            Each prompt, compared.
        """
        texts, grams, counts = count_ngrams(prompts)
        places, known = self._find_ngrams(grams)
        weights = log_tf(counts) * self._idf_at(places, known)
        weights /= np.sqrt(np.bincount(texts, weights**2, len(prompts)))[texts]
        texts, places, grams = texts[known], places[known], grams[known].astype(np.uint64)
        products, lengths = weights[known] * self._idf[places], self._postings.count(places)
        order = np.lexsort((lengths, texts))
        last = np.cumsum(np.bincount(texts, minlength=len(prompts))).tolist()
        for own in map(slice, [0, *last], last):
            rarest = order[own]
            few = max(1, int(np.searchsorted(np.cumsum(lengths[rarest]), _MOST_POSTINGS, "right")))
            rarest = rarest[:few]
            sums = self._postings.add_up(places[rarest], products[rarest], len(self._norms))
            sums /= self._norms
            yield ComparedPrompt(grams[own], products[own], sums)

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
        return self._idf_at(*self._find_ngrams(grams))

    def _idf_at(self, places: Array, known: npt.NDArray[np.bool_]) -> Floats:
        """The weights of n-grams.

        Args:
            places: (n-grams,) int64, see `_find_ngrams`.
            known: (n-grams,) bool, the same.

        Returns:
            (n-grams,) float64.
        """
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

    def _cosines(self, candidates: Array, asked: ComparedPrompt) -> Floats:
        """Cosines of some prompts with the one that was asked.

        Args:
            candidates: (prompts,) int64, their numbers.
            asked: The other.

        Returns:
            (prompts,) float64, in 0..1.
        """
        rows, hashes = hash_ngrams(self._prompts.take(candidates))
        # Most n-grams are not shared, and the last bits of most tell that.
        ends = np.zeros(_ENDS, np.bool_)
        ends[asked.grams & np.uint64(_ENDS - 1)] = True
        # NumPy 2.0 takes no unsigned places.
        may_be_shared = np.flatnonzero(ends.take(hashes.view(np.int64) & (_ENDS - 1)))
        rows, hashes = rows[may_be_shared], hashes[may_be_shared]
        places = np.searchsorted(asked.grams, hashes)
        shared = asked.grams.take(places, mode="clip") == hashes
        cells = rows[shared].astype(np.int64) * len(asked.grams) + places[shared]
        counts = np.bincount(cells)
        distinct = np.flatnonzero(counts)
        products = log_tf(counts[distinct]) * asked.products[distinct % len(asked.grams)]
        sums = np.bincount(distinct // len(asked.grams), products, len(candidates))
        cosines: Floats = np.minimum(sums / self._norms[candidates], 1.0)
        return cosines


def _candidate_rows(sums: Floats, count: int, among: Array | None) -> Array:
    """Find the prompts, `count` at most, whose postings have most in common with one that was asked.

    Args:
        sums: (prompts,) float64, from `ComparedPrompt`.
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
