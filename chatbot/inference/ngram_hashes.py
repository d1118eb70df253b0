"""The n-grams of prompts as hashes: words, pairs of words, and the characters of words two to five at a time."""

import functools
import itertools
import re
import zlib
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+")
_SIZES = range(2, 6)
#: Characters of a word, or of what else has no space in it, that count.
_LONGEST_WORD = 64
#: Characters of a prompt that count.
_LONGEST = 10_000
#: Words whose hashes are remembered, as most that people write are few: some 300 bytes each. A corpus of 98,000 prompts
#: has 28,000.
_WORDS = 1 << 15
#: Prompts whose n-grams are counted together.
_PROMPTS = 1 << 12
Hashes = npt.NDArray[np.uint32]


def hash_ngrams(text: str) -> tuple[Hashes, Hashes]:
    """The hashes of the n-grams of a text, each as often as it occurs.

    Args:
        text: A prompt, normalized and in lower case.

    Returns:
        (n-grams,) uint32 of the words and pairs of words, and the same of the characters of the words.
    """
    text = text[:_LONGEST]
    words = _WORD.findall(text)
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return (
        np.array([_hash("w" + word) for word in (*words, *pairs)], np.uint32),
        np.concatenate([np.empty(0, np.uint32), *(_hash_parts(word[:_LONGEST_WORD]) for word in text.split())]),
    )


@functools.lru_cache(_WORDS)
def _hash_parts(word: str) -> Hashes:
    """Hashes of the characters of a word two to five at a time, with a space on either side."""
    padded = f" {word} "
    return np.array(
        [_hash("c" + padded[start : start + size]) for size in _SIZES for start in range(len(padded) - size + 1)],
        np.uint32,
    )


def _hash(feature: str) -> int:
    """A hash of 32 bits: among 100,000 features, about one shares its hash with another."""
    return zlib.crc32(feature.encode("utf-8", "surrogatepass"))


class NgramCounts(NamedTuple):
    """The distinct n-grams of each prompt, as they come in it.

    Attributes:
        prompts: How many there are.
        blocks: (n-grams,) int64, in order: twice the number of the prompt, and 1 more for the characters.
        hashes: (n-grams,) uint32.
        counts: (n-grams,) int64, how often each is in its block.
    """

    prompts: int
    blocks: npt.NDArray[np.int64]
    hashes: Hashes
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Count the n-grams of prompts.

        Args:
            texts: Normalized and in lower case.

        Returns:
            The counts.
        """
        found = [_count_distinct(texts[start : start + _PROMPTS], start) for start in range(0, len(texts), _PROMPTS)]
        parts = zip(*(found or [_count_distinct([], 0)]), strict=True)
        return cls(len(texts), *map(np.concatenate, parts))


def _count_distinct(texts: Sequence[str], first: int) -> tuple[npt.NDArray[np.int64], Hashes, npt.NDArray[np.int64]]:
    """The arrays of `NgramCounts` for some prompts, of which the first has a number."""
    blocks = [block for text in texts for block in hash_ngrams(text)]
    codes = np.concatenate([np.empty(0, np.uint32), *blocks]).astype(np.uint64)
    block_of = np.repeat(np.arange(len(blocks), dtype=np.uint64), [len(block) for block in blocks])
    found, places, counts = np.unique(block_of << np.uint64(32) | codes, return_index=True, return_counts=True)
    order = np.argsort(places)
    found = found[order]
    return 2 * first + (found >> np.uint64(32)).astype(np.int64), found.astype(np.uint32), counts[order]
