"""The shortest unique prefix of each reply, and how often it and the rest of a shared reply are trained on.

Hundreds of prompts of an FAQ or of small talk share a reply. Once its first tokens differ from
those of every other reply, the rest follows from them, whatever the prompt was: a few pairs in
each epoch teach it. The other pairs only have to teach which reply a prompt gets, so their targets
end with the prefix, and an epoch takes a fraction of the time. Where a reply memory chooses the
reply, they need no target at all. A reply that occurs once in the corpus, as most do in open
dialogue, is always trained on as a whole.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReplyPrefixes:
    """The target of each pair: its length, its shortest unique prefix, and how often an epoch has them.

    Attributes:
        lengths: (pairs,) int64, tokens of the whole targets.
        prefix_lengths: (pairs,) int64, tokens up to and with the first that no other target shares; 0 of a shared
            target that a reply memory chooses.
        keep_probability: (pairs,) float64, probability that an epoch has the whole target.
    """

    lengths: Rows
    prefix_lengths: Rows
    keep_probability: Probabilities

    @classmethod
    def of(
        cls, targets: Iterable[str], whole: float, scale: float = 1.0, *, chosen: bool | npt.NDArray[np.bool_] = False
    ) -> Self:
        """Find the prefixes of some targets.

        Args:
            targets: The reply of each pair with EOS, one character a token: the one whose code point is its id.
            whole: How many of the pairs that share a target have it whole in an epoch.
            scale: Pairs of the corpus for each of these. A target that occurs once here counts as unshared.
            chosen: Whether a reply memory chooses the replies: all or none of them, or (pairs,) bool.

        Returns:
            The prefix of each target, and how often it is enough.
        """
        rows = list(targets)
        chooses = np.broadcast_to(chosen, len(rows)).tolist()
        counts = Counter(rows)
        distinct = sorted(counts)
        shared = [_common_prefix(one, other) for one, other in pairwise(distinct)]
        prefix_lengths = {
            row: min(len(row), 1 + max(before, after))
            for row, before, after in zip(distinct, [0, *shared], [*shared, 0], strict=True)
        }
        return cls(
            np.array([len(row) for row in rows], np.int64),
            np.array(
                [
                    0 if is_chosen and counts[row] > 1 else prefix_lengths[row]
                    for row, is_chosen in zip(rows, chooses, strict=True)
                ],
                np.int64,
            ),
            np.array([1.0 if counts[row] == 1 else min(1.0, whole / (scale * counts[row])) for row in rows]),
        )

    @property
    def tokens(self) -> float:
        """Expected number of target tokens in an epoch."""
        return float((self.prefix_lengths + self.keep_probability * (self.lengths - self.prefix_lengths)).sum())

    def draw(self, rng: np.random.Generator) -> Rows:
        """Draw how much of its target each pair has in an epoch.

        Args:
            rng: Source of the random numbers.

        Returns:
            (pairs,) int64, tokens: of the whole target, or of the prefix.
        """
        return np.where(rng.random(len(self.lengths)) < self.keep_probability, self.lengths, self.prefix_lengths)


def _common_prefix(one: str, other: str) -> int:
    """Length of the longest common prefix of two targets."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
