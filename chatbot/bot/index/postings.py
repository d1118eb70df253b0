"""An inverted index (Manning et al. 2008, section 1.2): the texts that each n-gram occurs in.

The texts stand in blocks of 65,536, so that two bytes hold the number of a text within its block: half of the memory
that the numbers of a large corpus would take. The postings of a block follow those of the block before it, and those
of an n-gram within its block follow those of the n-gram before it, in order.
"""

from itertools import pairwise

import numpy as np

from chatbot.bot.index.tfidf_ngrams import Array, Floats

#: Texts of a block.
_BLOCK = 1 << 16


class Postings:
    """The texts of n-grams that are known by their places, from 0."""

    def __init__(self, starts: Array, rows: Array, ngrams: int) -> None:
        """Take the arrays of an index.

        Args:
            starts: (blocks × n-grams + 1,) integers, where the postings of each n-gram of each block start, with the
                end of the last.
            rows: (postings,) integers, numbers of texts within their block.
            ngrams: Their number.
        """
        blocks = (len(starts) - 1) // ngrams
        self._starts, self._ends = (part.reshape(blocks, ngrams) for part in (starts[:-1], starts[1:]))
        self._rows = rows

    def count(self, places: Array) -> Array:
        """Count the texts of n-grams.

        Args:
            places: (n-grams,) int64.

        Returns:
            (n-grams,) int64.
        """
        starts, ends = (part[:, places].astype(np.int64) for part in (self._starts, self._ends))
        counts: Array = (ends - starts).sum(axis=0)
        return counts

    def add_up(self, places: Array, weights: Floats, texts: int) -> Floats:
        """Add up the weights of n-grams over the texts that have them.

        Args:
            places: (n-grams,) int64.
            weights: (n-grams,) float64.
            texts: Their number.

        Returns:
            (texts,) float64, 0 where a text has none of the n-grams.
        """
        starts, ends = (part[:, places].astype(np.int64) for part in (self._starts, self._ends))
        lists = map(slice, starts.ravel().tolist(), ends.ravel().tolist())
        rows = np.concatenate([self._rows[:0], *map(self._rows.__getitem__, lists)], dtype=np.int64)
        lengths = ends - starts
        rows += np.repeat(np.arange(len(lengths)) * _BLOCK, lengths.sum(axis=1))
        sums = np.bincount(rows, np.repeat(np.tile(weights, len(lengths)), lengths.ravel()), texts)
        return sums.astype(np.float64, copy=False)  # numpy counts nothing in integers


def pack_postings(places: Array, rows: Array, ngrams: int) -> tuple[Array, Array]:
    """Build the arrays of `Postings`.

    Args:
        places: (postings,) int64, the n-gram of each.
        rows: (postings,) int64, the text of each.
        ngrams: Their number.

    Returns:
        `starts`, int64, and `rows`, int64, as `Postings` takes them.
    """
    lists = rows // _BLOCK * ngrams + places
    lengths = np.bincount(lists, minlength=(rows.max(initial=0) // _BLOCK + 1) * ngrams)
    return np.concatenate([[0], np.cumsum(lengths)]), rows[np.lexsort((rows, lists))] % _BLOCK


def add_postings(
    packed: tuple[Array, Array], spots: Array, places: Array, rows: Array, ngrams: int
) -> tuple[Array, Array]:
    """Add n-grams, and texts behind the others.

    Args:
        packed: `starts` and `rows` as `Postings` takes them.
        spots: (new n-grams,) int64, the places before which new n-grams are put, in order.
        places: (postings,) int64, the n-gram of each new posting, by its place among all.
        rows: (postings,) int64, the text of each, none of them in the index yet.
        ngrams: Their number, the new ones included.

    Returns:
        The arrays anew, both int64.
    """
    starts, texts = (array.astype(np.int64) for array in packed)
    lengths = np.insert(np.diff(starts).reshape(-1, ngrams - len(spots)), spots, 0, axis=1)
    blocks = max(len(lengths), int(rows.max()) // _BLOCK + 1)
    flat = np.concatenate([lengths.ravel(), np.zeros((blocks - len(lengths)) * ngrams, np.int64)])
    lists = rows // _BLOCK * ngrams + places
    order = np.lexsort((rows, lists))
    texts = np.insert(texts, np.cumsum(flat)[lists[order]], rows[order] % _BLOCK)
    return np.concatenate([[0], np.cumsum(flat + np.bincount(lists, minlength=len(flat)))]), texts


def are_postings(starts: Array, rows: Array, ngrams: int, texts: int) -> bool:
    """Whether arrays from a file are those of `Postings`.

    Args:
        starts: Of integers, one-dimensional.
        rows: The same.
        ngrams: Their number, above 0.
        texts: The number of texts.
    """
    blocks, odd = divmod(len(starts) - 1, ngrams)
    if odd or blocks != -(-texts // _BLOCK) or len(rows) != starts[-1] or (starts[1:] < starts[:-1]).any():
        return False
    parts = (rows[first:last] for first, last in pairwise(starts[::ngrams].tolist()))
    return all(int(part.max(initial=0)) < min(_BLOCK, texts - at * _BLOCK) for at, part in enumerate(parts))
