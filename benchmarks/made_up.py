"""Sentences of made-up words, as many as anybody wants, for measuring speed."""

from collections.abc import Iterator

import numpy as np

_WORDS = 20_000
_AT_ONCE = 10_000


def make_sentences(count: int, seed: int = 0) -> Iterator[str]:
    """Sentences of three to nine made-up words, whose frequencies follow Zipf's law."""
    rng = np.random.default_rng(seed)
    syllables = [first + second for first in "bdfghklmnprstvwz" for second in ("a", "e", "i", "o", "u", "an", "er")]
    words = np.array(["".join(np.random.default_rng(word).choice(syllables, 1 + word % 4)) for word in range(_WORDS)])
    for start in range(0, count, _AT_ONCE):
        lengths = rng.integers(3, 10, min(_AT_ONCE, count - start))
        ranks = (_WORDS ** rng.random(lengths.sum())).astype(int)
        chosen, ends = words[ranks - 1].tolist(), np.cumsum(lengths).tolist()
        yield from (" ".join(chosen[first:end]) for first, end in zip([0, *ends], ends, strict=False))
