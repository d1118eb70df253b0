"""TF-IDF features of prompts: words, pairs of words, and characters, a few at a time.

A model with known replies has a view of the prompt that is linear in these features
(`chatbot.training.models.reply_memory`). They are computed from the text of the prompt's tokens, so that
nothing but tokens passes between the tokenizer and the model.

The words with their pairs and the characters are two vectors of length 1 each. A feature weighs
(1 + ln count) · (1 + ln((1 + prompts) / (1 + prompts with it))); one that no training prompt has weighs nothing.

References: Manning, Raghavan and Schütze (2008), "Introduction to Information Retrieval", section 6.4, for the
weights; Wang and Manning (2012), "Baselines and Bigrams", for how far words and pairs of words go.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.array_file import HashTable, read_table
from chatbot.inference.ngram_hashes import NgramCounts
from chatbot.inference.weighed_ngrams import WeighedNgrams
from chatbot.inference.word_vectors import WORD_VECTORS, WordVectors

#: Names of the two inputs of a model that takes `Features`.
NGRAMS, NGRAM_WEIGHTS = "ngrams", "ngram_weights"
#: The number of features of a batch is a multiple of this, since each new one costs an allocation.
_MULTIPLE = 32
Array = npt.NDArray[np.generic]
_ENTRY = np.dtype([("hash", "<u4"), ("idf", "<f4")])


class Features(NamedTuple):
    """The features of some prompts.

    Attributes:
        numbers: (prompts, features) int32, from 1; 0 fills a row that has fewer.
        weights: (prompts, features) float32; 0 where a number is 0.
        vectors: (prompts, features) float32, of the vectors of their words, see `WordVectors.of`; None without those.
    """

    numbers: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    vectors: npt.NDArray[np.float32] | None = None


class NgramFeatures(HashTable):
    """The features that training prompts have, with their weights."""

    def __init__(self, table: npt.NDArray[np.void]) -> None:
        """Take a table.

        Args:
            table: (features,) of the hash (uint32) and the inverse document frequency (float32) of each, by hash.
        """
        super().__init__(table)
        self._idf = np.ascontiguousarray(table["idf"])

    @classmethod
    def fit(cls, prompts: NgramCounts, most: int) -> Self:
        """The features of prompts.

        Args:
            prompts: Their n-grams.
            most: The largest number of features; those of the most prompts are kept.

        Returns:
            The features, with their inverse document frequencies.
        """
        hashes, counts = np.unique(prompts.hashes, return_counts=True)
        kept = np.sort(np.lexsort((hashes, -counts))[:most])
        table = np.empty(len(kept), _ENTRY)
        table["hash"], table["idf"] = hashes[kept], 1 + np.log((1 + prompts.prompts) / (1 + counts[kept]))
        return cls(table)

    @classmethod
    def load(cls, file: Readable) -> Self:
        """Read what `save` wrote.

        Args:
            file: The file.

        Returns:
            The features.

        Raises:
            BundleError: The file cannot be read, or is no table of features.
        """
        found = cls(read_table(file, _ENTRY.__eq__, "n-grams"))
        if not (found._rises and bool(((found._idf >= 0) & np.isfinite(found._idf)).all())):
            raise BundleError(f"{file}: not a table of n-grams; train again with --overwrite")
        return found

    def of(self, texts: Sequence[str]) -> Features:
        """The features of prompts.

        Args:
            texts: Normalized and in lower case.

        Returns:
            Rows as long as the longest, in multiples of 32.
        """
        return self.arrange(NgramCounts.of(texts))

    def arrange(self, prompts: NgramCounts) -> Features:
        """The features of prompts whose n-grams are counted, see `of`."""
        return _pad(self.weigh(prompts))

    def weigh(self, prompts: NgramCounts) -> WeighedNgrams:
        """The features of prompts whose n-grams are counted, one prompt after another."""
        return WeighedNgrams(*map(np.concatenate, zip(*map(self._weigh_part, prompts.parts()), strict=True)))

    def _weigh_part(self, prompts: NgramCounts) -> WeighedNgrams:
        """The features of some prompts, see `weigh`."""
        places, known = self._look_up(prompts.hashes)
        place, block = places[known], prompts.blocks[known]
        values = (1 + np.log(prompts.counts[known])) * self._idf[place]
        norms = np.sqrt(np.bincount(block, values**2, 2 * prompts.prompts))
        weights = (values / np.maximum(norms, 1e-9)[block]).astype(np.float32)
        return WeighedNgrams(np.bincount(block // 2, minlength=prompts.prompts), place.astype(np.int32) + 1, weights)


def _pad(found: WeighedNgrams) -> Features:
    """Arrange features to rows of one length.

    Args:
        found: The features.

    Returns:
        The features, padded.
    """
    width = _MULTIPLE * max(1, -(-int(found.lengths.max(initial=0)) // _MULTIPLE))
    filled = np.arange(width) < found.lengths[:, None]
    padded = Features(np.zeros(filled.shape, np.int32), np.zeros(filled.shape, np.float32))
    padded.numbers[filled], padded.weights[filled] = found.numbers, found.weights
    return padded


class PromptFeatures:
    """The features of prompts that are given as tokens."""

    def __init__(
        self, ngrams: NgramFeatures, decode: Callable[[Sequence[int]], str], vectors: WordVectors | None = None
    ) -> None:
        """Take the parts.

        Args:
            ngrams: The features.
            decode: The text of token ids.
            vectors: Those of words, whose features come beside the others; None for none.
        """
        self.ngrams, self.vectors, self._decode = ngrams, vectors, decode

    @classmethod
    def load(cls, ngrams: Readable, vectors: Readable | None, decode: Callable[[Sequence[int]], str]) -> Self:
        """Read the files of the parts.

        Args:
            ngrams: The features.
            vectors: Those of words; None for none.
            decode: The text of token ids.

        Returns:
            The features of prompts.

        Raises:
            BundleError: See `NgramFeatures.load` and `WordVectors.load`.
        """
        return cls(NgramFeatures.load(ngrams), decode, None if vectors is None else WordVectors.load(vectors))

    @property
    def counts(self) -> tuple[int, int]:
        """Numbers of the n-grams, and of the words with vectors; 0 where none have them."""
        return len(self.ngrams), 0 if self.vectors is None else len(self.vectors)

    def of(self, texts: Sequence[str]) -> Features:
        """The features of prompts, see `NgramFeatures.of` and `WordVectors.of`.

        Args:
            texts: Normalized and in lower case.

        Returns:
            Those of all kinds.
        """
        return self.ngrams.of(texts)._replace(vectors=self.of_words(texts))

    def of_words(self, texts: Sequence[str]) -> npt.NDArray[np.float32] | None:
        """The features of word vectors, see `WordVectors.of`.

        Args:
            texts: The prompts.

        Returns:
            (prompts, features) float32; None without vectors.
        """
        return None if self.vectors is None else self.vectors.of(texts)

    def inputs(self, prompts: Sequence[Sequence[int]]) -> dict[str, Array]:
        """The inputs of a model that takes the features of prompts.

        Args:
            prompts: Token ids of each.

        Returns:
            The arrays of `of`, by name.
        """
        found = self.of([self._decode(prompt) for prompt in prompts])
        vectors = {} if found.vectors is None else {WORD_VECTORS: found.vectors}
        return {NGRAMS: found.numbers, NGRAM_WEIGHTS: found.weights, **vectors}
