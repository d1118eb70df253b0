"""The nearest-neighbour baseline: the reply of the most similar training prompt, by TF-IDF.

Prompts are compared by the cosine of their TF-IDF vectors over the characters 2 to 4 at a time
(Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", section 6.4): an
n-gram weighs (1 + ln count) · (1 + ln(prompts / prompts with it)), one that no training prompt has
as much as one that a single one has.

The index is an inverted index in a few plain arrays. A prompt is in the postings of its heaviest n-grams
alone, which bounds the file (Büttcher and Clarke 2006, "A document-centric approach to static index
pruning"); the cosines of the prompts that are found so are computed over all their n-grams.
"""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from chatbot.bot.index.cosine_search import CosineSearch
from chatbot.bot.index.index_building import IndexEntry, build_index, extend_index
from chatbot.bot.index.index_file import read_index, write_index
from chatbot.bot.index.packed_texts import PackedTexts
from chatbot.bot.index.tfidf_ngrams import Array, Floats
from chatbot.files import Readable
from chatbot.text import fold

#: Replies of which it is remembered which prompts have them.
_REPLIES = 1024

if TYPE_CHECKING:
    from chatbot.corpus.origins import Origins


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
                (`idf`); their postings (`starts` and `rows`, see `Postings`); the lengths of the
                prompts' vectors (`norms`);
                the texts of the prompts and of the replies, UTF-8, one behind the other, with
                their ends in bytes; and the number of each prompt's reply (`reply_of`). Perhaps
                also the file and the line of each prompt (`files`, `lines`).
        """
        self._arrays = arrays
        self._prompts = PackedTexts(arrays["prompts"], arrays["prompt_ends"])
        self._replies = PackedTexts(arrays["replies"], arrays["reply_ends"])
        self._search = CosineSearch(arrays, self._prompts)
        self._rows_of = functools.lru_cache(_REPLIES)(self._find_rows)

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
        return [self._match(row, similarity) for row, similarity in self._nearest(prompt, count, reply)]

    def similarities(
        self, pairs: Sequence[tuple[str, str]], count: int, supporters: int
    ) -> Iterator[tuple[list[float], list[float]]]:
        """The cosines of what `nearest` finds, without the texts; many pairs at once take less than each alone.

        Args:
            pairs: Prompts in any case, at least one, each with a reply.
            count: Most training prompts of each.
            supporters: Most of those that have the reply.

        Yields:
            For each pair those of the nearest training prompts, and of the nearest that have the reply.
        """
        for asked, (_, reply) in zip(self._search.compare([fold(prompt) for prompt, _ in pairs]), pairs, strict=True):
            found = self._search.nearest_of(asked, [(count, None), (supporters, self._rows_of(reply))])
            near, supporting = ([similarity for _, similarity in rows] for rows in found)
            yield near, supporting

    def _nearest(self, prompt: str, count: int, reply: str | None) -> list[tuple[int, float]]:
        """The numbers of the prompts that are nearest, with their cosines."""
        return self._search.nearest(fold(prompt), count, None if reply is None else self._rows_of(reply))

    @property
    def unknown_idf(self) -> float:
        """The weight of an n-gram that no prompt has."""
        return self._search.unknown_idf

    def idf_of(self, grams: Array) -> Floats:
        """The weights of n-grams.

        Args:
            grams: (n-grams,) uint32, their hashes.

        Returns:
            (n-grams,) float64.
        """
        return self._search.idf_of(grams)

    def _find_rows(self, reply: str) -> Array:
        """Numbers of the prompts with a reply, (prompts,) int64; none where the index does not know it."""
        number = self._replies.find(reply)
        return np.flatnonzero(self._arrays["reply_of"] == (-1 if number is None else number))

    def _match(self, row: int, similarity: float) -> Match:
        return Match(similarity, self._prompts[row], self._replies[self._arrays["reply_of"][row]], self._origin(row))

    def _origin(self, row: int) -> Origin | None:
        if "lines" not in self._arrays:
            return None
        return Origin(int(self._arrays["files"][row]), int(self._arrays["lines"][row]))
