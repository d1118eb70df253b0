"""The search for the training prompts nearest to another, by the cosine of their n-grams.

The postings of an inverted index tell which prompts have the rarest n-grams in common; the cosines of the best of
those are then computed over all n-grams.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.index_file import PackedTexts
from chatbot.bot.postings import Postings
from chatbot.bot.prompt_vectors import PromptVectors, SparseRows
from chatbot.bot.tfidf_ngrams import Array, Floats, count_ngrams, log_tf

#: Prompts whose cosine is computed in full where fewer are wanted.
_CANDIDATES = 64
#: Postings of a prompt's rarest n-grams that are read at most, unless it has only one: the frequent ones are long lists
#: and tell little.
_MOST_POSTINGS = 20_000
#: Comparisons that are kept, as each is needed twice.
_ASKED = 2


class ComparedPrompt(NamedTuple):
    """A prompt that was asked: its vector, of length 1, and what the postings of each training prompt share with it.

    Attributes:
        places: (n-grams,) int64, those of its n-grams that are in the index.
        weights: (n-grams,) float64.
        sums: (prompts,) float64, 0 where none of the rarest is shared.
    """

    places: Array
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
        self._postings = Postings(arrays["starts"], arrays["rows"], len(self._ngrams))
        self._norms, self._prompts = arrays["norms"], prompts
        self._vectors = PromptVectors(len(self._norms), self._compute_vectors)
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
        ends = np.cumsum([len(rows) for rows in found])[:-1]
        cosines = np.split(self._cosines(np.concatenate(found), asked), ends)
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
        texts, places, weights = texts[known], places[known], weights[known]
        lengths = self._postings.count(places)
        order = np.lexsort((lengths, texts))
        texts, places, weights, lengths = texts[order], places[order], weights[order], lengths[order]
        last = np.cumsum(np.bincount(texts, minlength=len(prompts))).tolist()
        for own in map(slice, [0, *last], last):
            rarest = max(1, int(np.searchsorted(np.cumsum(lengths[own]), _MOST_POSTINGS, "right")))
            theirs = places[own][:rarest]
            sums = self._postings.add_up(theirs, weights[own][:rarest] * self._idf[theirs], len(self._norms))
            sums /= self._norms
            yield ComparedPrompt(places[own], weights[own], sums)

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
        vectors, norms = self._vectors.of(candidates)
        by_place = np.zeros(len(self._ngrams))
        by_place[asked.places] = asked.weights
        products = np.bincount(vectors.rows, vectors.weights * by_place.take(vectors.places), len(candidates))
        cosines: Floats = np.minimum(products / norms, 1.0)
        return cosines

    def _compute_vectors(self, numbers: Sequence[int]) -> SparseRows:
        """The vectors of training prompts, with the n-grams of the index; the weights are float64."""
        texts, grams, counts = count_ngrams([self._prompts[number] for number in numbers])
        places, known = self._find_ngrams(grams)
        return SparseRows(texts, places, log_tf(counts) * np.where(known, self._idf[places], 0.0))


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
