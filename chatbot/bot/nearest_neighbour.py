"""The nearest-neighbour baseline: the reply of the most similar training prompt, by TF-IDF.

Prompts are compared by the cosine of their TF-IDF vectors over the characters 2 to 4 at a time
(Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", section 6.4): an
n-gram weighs (1 + ln count) · (1 + ln(prompts / prompts with it)), one that no training prompt has
as much as one that a single one has.

The index is an inverted index in a few plain arrays. A prompt is in the postings of its heaviest n-grams
alone, which bounds the file (Büttcher and Clarke 2006, "A document-centric approach to static index
pruning"); the cosines of the prompts that are found so are computed over all their n-grams.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from chatbot.bot.index_building import IndexEntry, build_index, extend_index
from chatbot.bot.index_file import PackedTexts, read_index, write_index
from chatbot.bot.tfidf_ngrams import Array, Floats, concatenate_ranges, count_ngrams, log_tf
from chatbot.files import Readable
from chatbot.text import fold

if TYPE_CHECKING:
    from chatbot.corpus.origins import Origins

#: Prompts whose cosine is computed in full where fewer are wanted.
_CANDIDATES = 32


class Origin(NamedTuple):
    """The place of a pair in its corpus: the number of the file, from 0, and that of the line, from 1."""

    file: int
    line: int


class Match(NamedTuple):
    """A training prompt that resembles another prompt.

    Attributes:
        similarity: Cosine in 0..1; 1 where both have the same n-grams in the same shares.
        prompt: In lower case.
        reply: The one recorded for it, the most frequent of several.
        origin: The first place of both in the corpus; None where the index does not know it.
    """

    similarity: float
    prompt: str
    reply: str
    origin: Origin | None = None


class NearestNeighbour:
    """Finds the training prompts that are most like another."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        """Take the arrays of an index; `build` and `load` make them.

        Args:
            arrays: By name, the hashes of all n-grams in order (`grams`) and their weights
                (`idf`); their postings (`rows`, the prompts of n-gram i from
                `starts[i]` to `starts[i + 1]`); the lengths of the prompts' vectors (`norms`);
                the texts of the prompts and of the replies, UTF-8, one behind the other, with
                their ends in bytes; and the number of each prompt's reply (`reply_of`). Perhaps
                also the file and the line of each prompt (`files`, `lines`).
        """
        self._arrays = arrays
        self._ngrams, self._idf = arrays["grams"], arrays["idf"].astype(np.float64)
        self._posting_starts, self._postings = arrays["starts"].astype(np.int64), arrays["rows"]
        self._prompts = PackedTexts(arrays["prompts"], arrays["prompt_ends"])
        self._replies = PackedTexts(arrays["replies"], arrays["reply_ends"])

    @classmethod
    def build(cls, pairs: Sequence[tuple[str, str]], origins: "Origins | None" = None) -> Self:
        """Index the distinct prompts of pairs.

        Args:
            pairs: See `build_index`, here and below.
            origins: The file and the line of each.

        Returns:
            The index.
        """
        return cls(build_index(pairs, origins))

    @classmethod
    def load(cls, path: Readable, more: Sequence[IndexEntry] = ()) -> Self:
        """Read what `save` wrote.

        Args:
            path: The file.
            more: Pairs that it is extended by.

        Returns:
            The index.

        Raises:
            BundleError: The file is missing, or is no index.
        """
        return cls(extend_index(read_index(path), more))

    def save(self, path: Path) -> None:
        """Write the index as a file of plain arrays; the same index gives the same bytes.

        Args:
            path: The file to write.
        """
        write_index(path, self._arrays)

    def __len__(self) -> int:
        """Number of distinct training prompts."""
        return len(self._arrays["reply_of"])

    def pairs(self) -> list[tuple[str, str]]:
        """The distinct training prompts, in lower case, each with its most frequent reply."""
        replies = self._arrays["reply_of"].tolist()
        return [(self._prompts[row], self._replies[reply]) for row, reply in enumerate(replies)]

    def count_phrasings(self) -> dict[str, int]:
        """The number of distinct training prompts of each reply, by reply."""
        counts = np.bincount(self._arrays["reply_of"], minlength=len(self._replies))
        return {self._replies[row]: count for row, count in enumerate(counts.tolist())}

    def origin_of(self, reply: str) -> Origin | None:
        """The first place of a reply in the corpus; None where the index does not know it.

        Args:
            reply: The text, as it is recorded.
        """
        return min(filter(None, map(self._origin, self._rows_of(reply).tolist())), default=None)

    def reply(self, prompt: str) -> str:
        """The reply recorded for the nearest prompt, nothing where no prompt shares an n-gram."""
        matches = self.nearest(prompt, 1)
        return matches[0].reply if matches else ""

    def nearest(self, prompt: str, count: int, reply: str | None = None) -> list[Match]:
        """The prompts most like a normalized one, the nearest first.

        Args:
            prompt: In any case.
            count: Most matches to return; only prompts that share an n-gram match.
            reply: Prompts with another reply do not match; None for prompts with any.
        """
        rows = None if reply is None else self._rows_of(reply)
        _, grams, counts = count_ngrams([fold(prompt)])
        places, known = self._find_ngrams(grams)
        weights = log_tf(counts) * self.idf_of(grams)
        weights /= np.sqrt((weights**2).sum())
        candidates = self._candidate_rows(places[known], weights[known], max(count, _CANDIDATES), rows)
        cosines = self._cosines(candidates, grams, weights)
        best = np.lexsort((candidates, -cosines))[:count]
        return [self._match(int(candidates[place]), float(cosines[place])) for place in best]

    @property
    def unknown_idf(self) -> float:
        """The weight of an n-gram that no prompt has."""
        return float(1 + np.log(len(self)))

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

    def _rows_of(self, reply: str) -> Array:
        """Numbers of the prompts with a reply, (prompts,) int64; none where the index does not know it."""
        number = self._replies.find(reply)
        return np.flatnonzero(self._arrays["reply_of"] == (-1 if number is None else number))

    def _candidate_rows(self, places: Array, weights: Floats, count: int, among: Array | None) -> Array:
        """Find the prompts, `count` at most, whose postings have most in common with an n-gram vector.

        Args:
            places: (n-grams,) int64, places in the index.
            weights: (n-grams,) float64, their weights in the vector.
            count: Most prompts to find.
            among: (prompts,) int64, the numbers that count; None for all.

        Returns:
            (prompts,) int64, their numbers, in order.
        """
        starts, ends = self._posting_starts[places], self._posting_starts[places + 1]
        listed = concatenate_ranges(starts, ends)
        if not listed.size:
            return listed
        rows, shares = self._postings[listed], np.repeat(weights * self._idf[places], ends - starts)
        sums = np.bincount(rows, shares, len(self)) / self._arrays["norms"]
        candidates = np.flatnonzero(sums) if among is None else among[sums[among] > 0]
        if len(candidates) > count:
            candidates = np.sort(candidates[np.argpartition(-sums[candidates], count)[:count]])
        return candidates

    def _cosines(self, candidates: Array, grams: Array, weights: Floats) -> Floats:
        """Cosines of some prompts with an n-gram vector.

        Args:
            candidates: (prompts,) int64, their numbers.
            grams: (n-grams,) uint32, the hashes of the vector's n-grams, in order.
            weights: (n-grams,) float64, their weights; the vector has length 1.

        Returns:
            (prompts,) float64, in 0..1.
        """
        rows, theirs, counts = count_ngrams([self._prompts[row] for row in candidates.tolist()])
        places, known = self._find_ngrams(theirs)
        theirs_weights = log_tf(counts) * np.where(known, self._idf[places], 0.0)
        common = np.minimum(np.searchsorted(grams, theirs), len(grams) - 1)
        products = theirs_weights * np.where(grams[common] == theirs, weights[common], 0.0)
        squares = np.bincount(rows, theirs_weights**2, len(candidates))
        return np.minimum(np.bincount(rows, products, len(candidates)) / np.sqrt(squares), 1.0)

    def _match(self, row: int, similarity: float) -> Match:
        return Match(similarity, self._prompts[row], self._replies[self._arrays["reply_of"][row]], self._origin(row))

    def _origin(self, row: int) -> Origin | None:
        if "lines" not in self._arrays:
            return None
        return Origin(int(self._arrays["files"][row]), int(self._arrays["lines"][row]))
