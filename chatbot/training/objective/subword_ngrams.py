"""The characters that the pieces of a vocabulary have in common.

A word that few prompts have says little by itself; its n-grams, which other words share, say more:
`▁sleepless` and `▁asleep` both have `leep`. So a table of vectors of pieces learns as if each were
the sum of a vector of its own and of those of its n-grams. The sums are what is kept: the vectors
of the n-grams only decide, in the optimizer (`chatbot.training.optimizer.adam`), how a table changes.

Reference: Bojanowski et al. (2017), "Enriching Word Vectors with Subword Information", section 3.2,
with pieces for words and no hashing.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
import tensorflow as tf

from chatbot.config import EOS
from chatbot.tokenizer import Tokenizer

#: Characters of an n-gram; `▁`, which stands for a space, is one.
_LENGTHS = (2, 3, 4)


class SubwordNgrams:
    """Which n-grams the pieces have, each as often as it stands there.

    The n-grams of a piece weigh as much together as one vector: a sum of n is divided by √n.

    Attributes:
        count: Number of n-grams.
    """

    def __init__(self, pieces: Iterable[Iterable[str]]) -> None:
        """Number the n-grams.

        Args:
            pieces: The n-grams of each piece, at least one n-gram in all.
        """
        numbers: dict[str, int] = {}
        grams = [[numbers.setdefault(gram, len(numbers)) for gram in each] for each in pieces]
        lengths = np.array([len(each) for each in grams])
        columns = np.fromiter(chain.from_iterable(grams), np.int32)
        rows = np.repeat(np.arange(len(grams), dtype=np.int32), lengths)
        order = np.argsort(columns, kind="stable")
        self.count = len(numbers)
        self._pieces = len(grams)
        self._weights = (1 / np.sqrt(np.maximum(lengths, 1)))[:, None].astype(np.float32)
        self._by_piece, self._by_gram = (columns, rows), (rows[order], columns[order])

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "SubwordNgrams | None":
        """Those of a vocabulary; None if no piece of it has two characters.

        Special tokens and bytes have none.
        """
        ids = range(tokenizer.vocabulary_size)
        words = [
            "" if i <= EOS or tokenizer.is_byte(i) else piece
            for i, piece in zip(ids, tokenizer.pieces(ids), strict=True)
        ]
        grams = [[word[i : i + n] for n in _LENGTHS for i in range(len(word) - n + 1)] for word in words]
        return cls(grams) if any(grams) else None

    def gather(self, vectors: Any) -> Any:
        """For each n-gram the weighted sum of what its pieces have: (pieces, units) to (n-grams, units)."""
        rows, columns = self._by_gram
        return tf.sparse.segment_sum(vectors * self._weights, rows, columns, num_segments=self.count)

    def spread(self, vectors: Any) -> Any:
        """For each piece the weighted sum of what its n-grams have: (n-grams, units) to (pieces, units)."""
        columns, rows = self._by_piece
        return tf.sparse.segment_sum(vectors, columns, rows, num_segments=self._pieces) * self._weights
