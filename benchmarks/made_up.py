"""Sentences of made-up words, as many as anybody wants, for measuring speed."""

from collections.abc import Iterator

import numpy as np

_WORDS = 20_000


def make_sentences(count: int, seed: int = 0) -> Iterator[str]:
    """Sentences of three to nine made-up words, some words much more frequent than others."""
    rng = np.random.default_rng(seed)
    syllables = [first + second for first in "bdfghklmnprstvwz" for second in ("a", "e", "i", "o", "u", "an", "er")]
    words = ["".join(np.random.default_rng(word).choice(syllables, 1 + word % 4)) for word in range(_WORDS)]
    for _ in range(count):
        ranks = (_WORDS ** rng.random(rng.integers(3, 10))).astype(int)
        yield " ".join(words[rank - 1] for rank in ranks)
