"""The character n-grams that the pieces of a vocabulary share.

A word that occurs in few prompts says little by itself; its n-grams, which it shares with other
words, say more: `▁sleepless` and `▁asleep` both have `leep`.
So the vectors of pieces that share some begin alike (`chatbot.training.models.reply_memory`).

Reference: Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information", section 3.2,
with pieces for words and no hashing.
"""

from collections.abc import Iterable
from itertools import chain

import numpy as np
import tensorflow as tf

from chatbot.config import EOS
from chatbot.tokenizer import Tokenizer
from chatbot.training.type_aliases import Tensor

#: Characters of an n-gram; `▁`, which SentencePiece writes for a space, is one.
_LENGTHS = (2, 3, 4)


class SubwordNgrams:
    """The n-grams of each piece, each as often as it occurs there.

    The n-grams of a piece together weigh as much as one vector: a sum of n is divided by √n.

    Attributes:
        count: Number of different n-grams.
    """

    def __init__(self, pieces: Iterable[Iterable[str]]) -> None:
        """Number the n-grams.

        Args:
            pieces: The n-grams of each piece, in the order of the ids; at least one n-gram in all.
        """
        numbers: dict[str, int] = {}
        ngrams = [[numbers.setdefault(ngram, len(numbers)) for ngram in each] for each in pieces]
        lengths = np.array([len(each) for each in ngrams])
        columns = np.fromiter(chain.from_iterable(ngrams), np.int32)
        rows = np.repeat(np.arange(len(ngrams), dtype=np.int32), lengths)
        self.count = len(numbers)
        self._pieces = len(ngrams)
        self._weights = (1 / np.sqrt(np.maximum(lengths, 1)))[:, None].astype(np.float32)
        self._by_piece = columns, rows

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "SubwordNgrams | None":
        """Find the n-grams of the pieces of a tokenizer. Special tokens and bytes have none.

        Returns:
            The n-grams; None if no piece has two characters.
        """
        ids = range(tokenizer.vocabulary_size)
        words = [
            "" if i <= EOS or tokenizer.is_byte(i) else piece
            for i, piece in zip(ids, tokenizer.pieces(ids), strict=True)
        ]
        ngrams = [[word[i : i + n] for n in _LENGTHS for i in range(len(word) - n + 1)] for word in words]
        return cls(ngrams) if any(ngrams) else None

    def spread(self, vectors: Tensor) -> Tensor:
        """Sum the vectors of the n-grams of each piece, weighted.

        Args:
            vectors: (n-grams, units) float32.

        Returns:
            (pieces, units) float32.
        """
        columns, rows = self._by_piece
        return tf.sparse.segment_sum(vectors, columns, rows, num_segments=self._pieces) * self._weights
