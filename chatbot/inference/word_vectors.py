"""Word vectors that others have learned: a prompt as the mean of those of its words, seen through a Gaussian kernel.

A word of syllables or ideographs carries its particles with it or has no space around it, so that few of a prompt's
words are known as they stand: its pairs of neighbouring characters count beside it.

Two prompts without a word in common are near each other where their words are used alike, so that a linear
classifier knows synonyms that no training prompt has. Frequent words, which are in every prompt, count less. The
mean is of length 1 and taken from the mean of the training prompts. Random Fourier features of it, whose scalar
products are the kernel exp(-|x - y|² / 2), let the classifier draw boundaries that are no planes; their frequencies
are orthogonal, and the same on every machine.

References: Arora, Liang and Ma (2017), "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", for the mean;
Rahimi and Recht (2007), "Random Features for Large-Scale Kernel Machines"; Yu et al. (2016), "Orthogonal Random
Features", section 4, for structured frequencies.
"""

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.array_file import HashTable, read_table

#: Name of the input of a model that takes the features.
WORD_VECTORS = "word_vectors"
#: Number of the features of a prompt, half of them cosines and half sines.
FEATURES = 512
#: Numbers in a vector at most, and bytes of all words at most.
MOST_NUMBERS, _MOST_BYTES = 1024, 4_000_000
#: Words at most.
_MOST_WORDS = 30_000
#: The word of this place by frequency counts half as much as a rare one.
_HALF = 100
#: Characters of a prompt that count.
_LONGEST = 10_000
_WORD = re.compile(r"\w+")
#: Hangul, kana and ideographs, and what stands for the beginning of a word in its first pair.
_SYLLABLE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_BEGINNING = "^"
#: Of which the signs of the frequencies are made.
_SEED = b"word vectors"
Floats = npt.NDArray[np.float32]


class WordVectors(HashTable):
    """The vectors of some terms, in 8 bits with a scale for each."""

    def __init__(self, table: npt.NDArray[np.void]) -> None:
        """Take a table.

        Args:
            table: (words,) of the hash (uint32), the scale (float32) and the vector (numbers, int8) of each, by hash.
        """
        super().__init__(table)
        self._scales = np.ascontiguousarray(table["scale"])
        self._frequencies = _frequencies(table["vector"].shape[1])

    @classmethod
    def fit(cls, words: Mapping[str, tuple[int, Floats]], texts: Iterable[str]) -> Self:
        """Take words for prompts.

        Args:
            words: The place of each by frequency, from 1, and its vector (numbers,); those in the prompts and the most
                frequent ones are kept.
            texts: The training prompts, normalized and in lower case.

        Returns:
            The vectors, weighted by rarity and around the mean of the prompts.
        """
        said = Counter(term for text in texts for term in terms_in(text))
        numbers = len(next(iter(words.values()))[1])
        ranked = sorted(words, key=lambda word: (word not in said, words[word][0]))[: most_words(numbers)]
        kept = sorted({_hash(word): word for word in reversed(ranked)}.items())
        vectors = np.array([words[word][1] for _, word in kept], np.float32)
        vectors = _of_length_one(vectors - vectors.mean(axis=0))
        ranks = np.array([words[word][0] for _, word in kept], np.float32)
        weights = ranks / (ranks + _HALF)
        counts = weights * np.array([said[word] for _, word in kept], np.float32)
        vectors = (vectors - counts @ vectors / max(float(counts.sum()), 1e-9)) * weights[:, None]
        table = np.zeros(len(kept), _entry(numbers))
        table["hash"] = [code for code, _ in kept]
        table["scale"] = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
        table["vector"] = np.rint(vectors / table["scale"][:, None])
        return cls(table)

    @classmethod
    def load(cls, file: Readable) -> Self:
        """Read what `save` wrote.

        Args:
            file: The file.

        Returns:
            The vectors.

        Raises:
            BundleError: The file cannot be read, or is no table of word vectors.
        """
        found = cls(read_table(file, _is_entry, "word vectors"))
        if not (found._rises and bool(((found._scales > 0) & (found._scales < 1)).all())):
            raise BundleError(f"{file}: not a table of word vectors; train again with --overwrite")
        return found

    def of(self, texts: Sequence[str]) -> Floats:
        """The features of prompts.

        Args:
            texts: Normalized and in lower case.

        Returns:
            (texts, FEATURES) float32, rows of length 1; zeros for a text without a word that has a vector.
        """
        sums = np.zeros((len(texts), len(self._frequencies)), np.float32)
        for row, text in enumerate(texts):
            sums[row] = self._sum(text)
        known = sums.any(axis=1, keepdims=True)
        angles = _of_length_one(sums) @ self._frequencies
        features = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * np.sqrt(2 / FEATURES)
        return np.asarray(features * known, np.float32)

    def count_known(self, words: Iterable[str]) -> int:
        """The number of words that have a vector, or one of whose pairs has one."""
        return sum(len(self._find(list(terms_in(word)))) > 0 for word in words)

    def _sum(self, text: str) -> Floats:
        """The sum (numbers,) float32 of the vectors of a text's terms."""
        places = self._find(list(terms_in(text)))
        found: Floats = self._scales[places] @ self._table["vector"][places].astype(np.float32)
        return found

    def _find(self, words: Sequence[str]) -> npt.NDArray[np.intp]:
        """The rows of those words that have a vector."""
        places, known = self._look_up(np.fromiter(map(_hash, words), np.uint32, len(words)))
        return places[known]


def words_in(text: str) -> Iterator[str]:
    """The words of a normalized text, with repetitions."""
    return (found[0] for found in _WORD.finditer(text[:_LONGEST]))


def terms_in(text: str) -> Iterator[str]:
    """The words of a normalized text, and the pairs of characters of its words of syllables, with repetitions."""
    for word in words_in(text):
        yield word
        if _SYLLABLE.search(word):
            pairs = map("".join, pairwise(_BEGINNING + word))
            yield from (pair for pair in pairs if pair != word)


def most_words(numbers: int) -> int:
    """The number of words that are kept at most.

    Args:
        numbers: In the vector of each.
    """
    return max(1, min(_MOST_WORDS, _MOST_BYTES // _entry(numbers).itemsize))


def _entry(numbers: int) -> np.dtype[np.void]:
    return np.dtype([("hash", "<u4"), ("scale", "<f4"), ("vector", "i1", (numbers,))])


def _is_entry(found: np.dtype[np.generic]) -> bool:
    """Whether a type is that of a word, with a vector of any size that is bounded."""
    numbers = found.itemsize - _entry(0).itemsize
    return 0 < numbers <= MOST_NUMBERS and found == _entry(numbers)


def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _of_length_one(vectors: Floats) -> Floats:
    """Vectors (rows, numbers) float32 of length 1, or 0 where they were that."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)


def _frequencies(numbers: int) -> Floats:
    """Frequencies of random Fourier features, about normal with a variance of 1: products of Hadamard's matrices.

    Args:
        numbers: In a vector.

    Returns:
        (numbers, FEATURES / 2) float32, orthogonal columns in blocks.
    """
    size = 1 << max(3, (numbers - 1).bit_length())
    blocks = -(-FEATURES // (2 * size))
    bits = np.unpackbits(np.frombuffer(hashlib.shake_128(_SEED).digest(3 * blocks * size // 8), np.uint8))
    found = []
    for signs in bits.reshape(blocks, 3, size).astype(np.float32) * 2 - 1:
        rows = np.eye(numbers, size, dtype=np.float32)
        for three in signs:
            rows = _hadamard(rows * three)
        found.append(rows * np.float32(size**-1.0))
    return np.ascontiguousarray(np.concatenate(found, axis=1)[:, : FEATURES // 2])


def _hadamard(rows: Floats) -> Floats:
    """Rows (rows, size) float32 times Hadamard's matrix, whose entries are 1 and -1; the size is a power of two."""
    size, step = rows.shape[1], 1
    while step < size:
        pairs = rows.reshape(-1, 2, step)
        rows = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1)
        step *= 2
    return rows.reshape(-1, size)
