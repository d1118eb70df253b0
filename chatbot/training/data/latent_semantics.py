"""Vectors of tokens and topics, from a count of which tokens occur in the prompts of which topic.

The dot product of a token's vector and a topic's is the log of how much more often the token occurs in prompts of the
topic than it would by chance. A network that begins with them need not find out first which tokens mean the same.

References: Deerwester et al. (1990), "Indexing by Latent Semantic Analysis", for a singular value decomposition of such
counts; Levy, Goldberg and Dagan (2015), "Improving Distributional Similarity with Lessons Learned from Word
Embeddings", sections 2.2 and 3.3, for counts over expected counts, and for the roots of the singular values; Halko,
Martinsson and Tropp (2011), "Finding Structure with Randomness", algorithm 4.4, for the decomposition.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.training.data.ragged import Ragged, Tokens

#: Added to each count and each expected count: one occurrence of a rare token says little.
_SMOOTHING = 0.3
#: Columns of the random projection beyond those asked for, and its multiplications with the table.
_OVERSAMPLING, _POWER_ITERATIONS = 8, 2

Vectors = npt.NDArray[np.float32]


class LatentVectors(NamedTuple):
    """Vectors of tokens and topics.

    Attributes:
        tokens: (vocabulary size, size) float32; zeros for a token that no prompt has.
        topics: (topics, size) float32; zeros for a topic without a prompt.
    """

    tokens: Vectors
    topics: Vectors

    @classmethod
    def of(cls, prompts: Ragged, topics: Tokens, counts: tuple[int, int], size: int) -> "LatentVectors":
        """Count tokens by topic, and decompose the table.

        Args:
            prompts: (pairs, tokens).
            topics: (pairs,) int32, the topic of each; a negative one does not count.
            counts: Of the vocabulary, and of the topics.
            size: Of the vectors, the most telling dimensions first; zero where the table has fewer.

        Returns:
            The vectors.
        """
        vectors = cls(*(np.zeros((count, size), np.float32) for count in counts))
        columns: npt.NDArray[np.integer] = np.repeat(topics, prompts.lengths)
        known = columns >= 0
        tokens, rows = np.unique(prompts.values[known], return_inverse=True)
        asked, columns = np.unique(columns[known], return_inverse=True)
        if len(tokens):
            counted = np.bincount(rows * len(asked) + columns, minlength=len(tokens) * len(asked))
            table = counted.reshape(len(tokens), len(asked)).astype(np.float32)
            of_tokens, of_topics = _decompose(_associations(table), size)
            vectors.tokens[tokens, : of_tokens.shape[1]] = of_tokens
            vectors.topics[asked, : of_topics.shape[1]] = of_topics
        return vectors


def _associations(counts: Vectors) -> Vectors:
    """The log of counts over expected counts.

    Args:
        counts: (tokens, topics) float32, how often each token occurs in the prompts of each topic.

    Returns:
        (tokens, topics) float32.
    """
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0) / counts.sum())
    return np.asarray(np.log((counts + _SMOOTHING) / (expected + _SMOOTHING)), np.float32)


def _decompose(table: Vectors, size: int) -> tuple[Vectors, Vectors]:
    """Two factors of a table, each with the roots of its largest singular values.

    Args:
        table: (rows, columns) float32.
        size: Most singular values to keep.

    Returns:
        (rows, kept) and (columns, kept) float32; their product is the nearest table of that rank.
    """
    width = min(size + _OVERSAMPLING, *table.shape)
    basis = table @ np.random.default_rng(0).standard_normal((table.shape[1], width), np.float32)
    for _ in range(_POWER_ITERATIONS):
        basis = table @ np.linalg.qr(table.T @ np.linalg.qr(basis)[0])[0]
    basis = np.linalg.qr(basis)[0]
    left, values, right = np.linalg.svd(basis.T @ table, full_matrices=False)
    roots = np.sqrt(values[:size])
    return basis @ left[:, :size] * roots, right[:size].T * roots
