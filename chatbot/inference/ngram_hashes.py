"""The n-grams of a prompt as hashes: words, pairs of words, and the characters of words two to five at a time."""

import functools
import itertools
import re
import zlib

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
