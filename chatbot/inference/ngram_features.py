"""TF-IDF features of prompts: words, pairs of words, and the characters of words two to five at a time.

A model with known replies has a view of the prompt that is linear in these features
(`chatbot.training.models.reply_memory`). They are computed from the text of the prompt's tokens, so that
nothing but tokens passes between the tokenizer and the model.

The words with their pairs and the characters are two vectors of length 1 each. A feature weighs
(1 + ln count) · (1 + ln((1 + prompts) / (1 + prompts with it))); one that no training prompt has weighs nothing.

References: Manning, Raghavan and Schütze (2008), "Introduction to Information Retrieval", section 6.4, for the
weights; Wang and Manning (2012), "Baselines and Bigrams", for how far words and pairs of words go.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.array_file import HashTable, read_table
from chatbot.inference.ngram_hashes import Hashes, hash_ngrams
from chatbot.inference.word_vectors import WORD_VECTORS, WordVectors

#: Names of the two inputs of a model that takes `Features`.
NGRAMS, NGRAM_WEIGHTS = "ngrams", "ngram_weights"
#: The number of features of a batch is a multiple of this, since each new one costs an allocation.
_MULTIPLE = 32
#: Texts whose n-grams are counted together.
_TEXTS = 1 << 12
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
    def fit(cls, texts: Iterable[str], most: int) -> Self:
        """The features of prompts.

        Args:
            texts: The prompts.
            most: The largest number of features; those of the most prompts are kept.

        Returns:
            The features, with their inverse document frequencies.
        """
        documents, codes, counts = 0, np.empty(0, np.uint32), np.empty(0, np.intp)
        unread = iter(texts)
        while some := list(itertools.islice(unread, _TEXTS)):
            documents += len(some)
            found = _distinct([np.concatenate(hash_ngrams(text)) for text in some])[0].astype(np.uint32)
            codes, place = np.unique(np.concatenate([codes, found]), return_inverse=True)
            more = np.concatenate([counts, np.ones(len(found), np.intp)])
            counts = np.bincount(place, more, len(codes)).astype(np.intp)
        kept = np.sort(np.lexsort((codes, -counts))[:most])
        table = np.empty(len(kept), _ENTRY)
        table["hash"], table["idf"] = codes[kept], 1 + np.log((1 + documents) / (1 + counts[kept]))
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
        blocks = [block for text in texts for block in hash_ngrams(text)]
        distinct, first, counts = _distinct(blocks)
        order = np.argsort(first)  # as they come in the text
        distinct, counts = distinct[order], counts[order]
        places, known = self._look_up(distinct.astype(np.uint32))
        place, block = places[known], (distinct >> np.uint64(32)).astype(np.intp)[known]
        values = (1 + np.log(counts[known])) * self._idf[place]
        norms = np.sqrt(np.bincount(block, values**2, len(blocks)))
        return _pad(len(texts), block // 2, place + 1, values / np.maximum(norms, 1e-9)[block])


def _distinct(blocks: Sequence[Hashes]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The distinct hashes of each block.

    Args:
        blocks: (hashes,) each.

    Returns:
        The number of the block times 2³² plus the hash of each, in order; the place where it comes first, and how
        often it comes in the block.
    """
    codes = np.concatenate([np.empty(0, np.uint32), *blocks]).astype(np.uint64)
    block_of = np.repeat(np.arange(len(blocks), dtype=np.uint64), [len(block) for block in blocks])
    return np.unique(block_of << np.uint64(32) | codes, return_index=True, return_counts=True)


def _pad(
    rows: int, row_of: npt.NDArray[np.intp], numbers: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]
) -> Features:
    """Arrange features, which come by their rows, to rows of one length.

    Args:
        rows: How many there are.
        row_of: (features,), in order.
        numbers: (features,).
        weights: (features,).

    Returns:
        The features.
    """
    lengths = np.bincount(row_of, minlength=rows)
    column = np.arange(len(row_of)) - (lengths.cumsum() - lengths)[row_of]
    width = _MULTIPLE * max(1, -(-int(lengths.max(initial=0)) // _MULTIPLE))
    padded = Features(np.zeros((rows, width), np.int32), np.zeros((rows, width), np.float32))
    padded.numbers[row_of, column], padded.weights[row_of, column] = numbers, weights
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
        vectors = None if self.vectors is None else self.vectors.of(texts)
        return self.ngrams.of(texts)._replace(vectors=vectors)

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
