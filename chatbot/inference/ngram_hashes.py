"""The n-grams of prompts as hashes: words, pairs of words, and the characters of words two to five at a time.

A Korean word carries its particles and endings and is often written together with the next, so that few come again as
they stand. In the place of the words of Hangul and their characters are the letters of their syllables three and four
at a time, and the syllables of all of them two and three at a time, without the spaces.
"""

import functools
import itertools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"\w+")
#: A syllable, or a letter by itself.
_HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
#: Characters of an n-gram: of a word, and, where that is of Hangul, of its letters and of the prompt's syllables.
_SIZES, _LETTERS, _SYLLABLES = range(2, 6), range(3, 5), range(2, 4)
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
        (n-grams,) uint32 of the words and pairs of words, and the same of the characters.
    """
    text = text[:_LONGEST]
    words = _WORD.findall(text)
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    parts = text.split()
    syllables = "".join(part for part in parts if _HANGUL.search(part))
    return (
        np.array([_hash("w" + word) for word in (*words, *pairs) if not _HANGUL.search(word)], np.uint32),
        np.concatenate(
            [_hash_parts("s", syllables, _SYLLABLES), *(_hash_word(part[:_LONGEST_WORD]) for part in parts)]
        ),
    )


@functools.lru_cache(_WORDS)
def _hash_word(word: str) -> Hashes:
    """Hashes of the parts of a word, with a space on either side."""
    if _HANGUL.search(word):
        return _hash_parts("c", f" {unicodedata.normalize('NFD', word)} ", _LETTERS)
    return _hash_parts("c", f" {word} ", _SIZES)


def _hash_parts(kind: str, text: str, sizes: range) -> Hashes:
    """Hashes of the characters of a text, so many at a time."""
    return np.array(
        [_hash(kind + text[start : start + size]) for size in sizes for start in range(len(text) - size + 1)],
        np.uint32,
    )


def _hash(feature: str) -> int:
    """A hash of 32 bits: among 100,000 features, about one shares its hash with another."""
    return zlib.crc32(feature.encode("utf-8", "surrogatepass"))


class NgramCounts(NamedTuple):
    """The distinct n-grams of each prompt, those of a block by their hashes.

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

    def parts(self) -> Iterator["NgramCounts"]:
        """The counts of so many prompts at a time that what is computed of them takes little memory; of none, one."""
        firsts = np.arange(0, max(1, self.prompts), _PROMPTS)
        edges = [*np.searchsorted(self.blocks, 2 * firsts).tolist(), len(self.blocks)]
        for first, start, end in zip(firsts.tolist(), edges[:-1], edges[1:], strict=True):
            count = min(_PROMPTS, self.prompts - first)
            yield NgramCounts(count, self.blocks[start:end] - 2 * first, self.hashes[start:end], self.counts[start:end])


def _count_distinct(texts: Sequence[str], first: int) -> tuple[npt.NDArray[np.int64], Hashes, npt.NDArray[np.int64]]:
    """The arrays of `NgramCounts` for some prompts, of which the first has a number."""
    blocks = [block for text in texts for block in hash_ngrams(text)]
    codes = np.concatenate([np.empty(0, np.uint32), *blocks]).astype(np.uint64)
    block_of = np.repeat(np.arange(len(blocks), dtype=np.uint64), [len(block) for block in blocks])
    found, counts = np.unique(block_of << np.uint64(32) | codes, return_counts=True)
    return 2 * first + (found >> np.uint64(32)).astype(np.int64), found.astype(np.uint32), counts
