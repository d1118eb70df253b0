"""Texts as weighted n-grams of characters, in numpy.

An n-gram is the characters 2, 3 or 4 at a time, with a space before and behind the text, known by a
hash of 32 bits: among 100,000 of them, about two share theirs with another. The text is in Unicode's form NFD, in
which a Korean syllable is its letters, so that words share n-grams with other endings of theirs, and an accent is by
itself.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

_SIZES = (2, 3, 4)
_LONGEST = 10_000
#: Texts that are cut into n-grams together, which bounds the memory.
_ROWS = 4096
#: Odd numbers of 64 random-looking bits (2^64 / φ the first; Knuth 1998, section 6.4).
_MIX, _MIX_AGAIN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def hash_ngrams(texts: Sequence[str]) -> tuple[Array, Array]:
    """Cut texts into n-grams.

    Args:
        texts: Of each the first 10,000 characters count.

    Returns:
        The number of the text (uint64) and the hash (uint64, below 2^32) of each n-gram, both of shape (n-grams,), in
        the order of the sizes, the texts and their characters.
    """
    padded = [f" {unicodedata.normalize('NFD', text[:_LONGEST])} " for text in texts]
    codes = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32).astype(np.uint64)
    row = np.repeat(np.arange(len(padded), dtype=np.uint64), [len(text) for text in padded])
    rows, hashes = [], []
    for size in _SIZES:
        starts = max(0, len(codes) - size + 1)
        mixed = np.full(starts, size, np.uint64)
        for offset in range(size):
            mixed = (mixed ^ codes[offset : offset + starts]) * _MIX
        mixed = (mixed ^ (mixed >> np.uint64(32))) * _MIX_AGAIN
        within = row[:starts] == row[size - 1 :]
        rows.append(row[:starts][within])
        hashes.append((mixed >> np.uint64(32))[within])
    return np.concatenate(rows), np.concatenate(hashes)


def count_ngrams(texts: Sequence[str]) -> tuple[Array, Array, Array]:
    """Count the distinct n-grams of each text.

    Args:
        texts: Of each the first 10,000 characters count.

    Returns:
        The number of the text (int64), the hash (uint32) and the count (int64) of each n-gram, all of
        shape (n-grams,), by text and then by hash.
    """
    rows, hashes = hash_ngrams(texts)
    distinct, counts = np.unique(rows << np.uint64(32) | hashes, return_counts=True)
    return (distinct >> np.uint64(32)).astype(np.int64), distinct.astype(np.uint32), counts


def log_tf(counts: Array) -> Floats:
    """Logarithmic term frequency (Manning et al. 2008, section 6.4.1): two n-grams weigh less than twice as much.

    Args:
        counts: Any shape, integers of 1 and more.

    Returns:
        1 + ln(counts), float64.
    """
    damped: Floats = 1 + np.log(counts)
    return damped


def fit_idf(texts: Sequence[str]) -> tuple[Array, Floats]:
    """Weigh n-grams by their inverse document frequency (Manning et al. 2008, section 6.2.1).

    Args:
        texts: The documents.

    Returns:
        The hashes of all n-grams in order, (n-grams,) uint32, and 1 + ln(texts / texts with it) of
        each, (n-grams,) float64.
    """
    parts = [np.unique(count_ngrams(part)[1], return_counts=True) for _, part in _parts(texts)]
    grams, places = np.unique(np.concatenate([found for found, _ in parts]), return_inverse=True)
    having = np.bincount(places, np.concatenate([counts for _, counts in parts]))
    return grams, 1 + np.log(len(texts) / having)


def heaviest_ngrams(texts: Sequence[str], grams: Array, idf: Floats, most: int) -> tuple[Array, Array, Floats]:
    """Choose the heaviest n-grams of each text, and compute its norm.

    Args:
        texts: Those that `fit_idf` has seen.
        grams: From `fit_idf`.
        idf: From `fit_idf`.
        most: N-grams of a text.

    Returns:
        The place of each chosen n-gram in `grams` and the number of its text, both (chosen,) int64; and the norm of
        each text's vector of all its weights, (texts,) float64.
    """
    kept, norms = [], []
    for first, part in _parts(texts):
        rows, found, counts = count_ngrams(part)
        places = np.searchsorted(grams, found)
        weights = log_tf(counts) * idf[places]
        norms.append(np.sqrt(np.bincount(rows, weights**2)))
        order = np.lexsort((places, -weights, rows))
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows))])
        heaviest = order[np.arange(len(order)) - starts[rows] < most]
        kept.append((places[heaviest], first + rows[heaviest]))
    places, rows = (np.concatenate(column) for column in zip(*kept, strict=True))
    return places, rows, np.concatenate(norms)


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    return ((start, texts[start : start + _ROWS]) for start in range(0, len(texts), _ROWS))
