"""How far into a reply it is told from all others, and how often what follows is learned.

Hundreds of prompts of an FAQ or of small talk share a reply. Once its first tokens tell it from
every other reply, the rest follows from them, whatever the prompt was: a few pairs in each pass
teach it. Which reply a prompt gets is decided before, and that is what all the others are for.
They end there, and a pass over the corpus takes a fraction of the time. A reply that is in the
corpus once, as most are in open dialogue, is always learned whole.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tails:
    """For each pair, where its target may end and how often it does not.

    Attributes:
        lengths: (pairs,) tokens of the whole targets.
        decided: (pairs,) tokens up to and with the first that no other target shares.
        chances: (pairs,) float64, how probable the whole target is in a pass.
    """

    lengths: Rows
    decided: Rows
    chances: npt.NDArray[np.float64]

    @classmethod
    def of(cls, targets: Iterable[str], whole: float, scale: float = 1.0) -> "Tails":
        """Find them.

        Args:
            targets: Each pair's reply, EOS included, a character for each token: that of its id.
            whole: Of the pairs that share a target, how many have it whole in a pass.
            scale: Of how many pairs each of these was drawn; one that is here once is taken for unshared.
        """
        rows = list(targets)
        counts = Counter(rows)
        distinct = sorted(counts)
        shared = [_common(one, other) for one, other in pairwise(distinct)]
        decided = {
            row: min(len(row), 1 + max(before, after))
            for row, before, after in zip(distinct, [0, *shared], [*shared, 0], strict=True)
        }
        return cls(
            np.array([len(row) for row in rows], np.int64),
            np.array([decided[row] for row in rows], np.int64),
            np.array([1.0 if counts[row] == 1 else min(1.0, whole / (scale * counts[row])) for row in rows]),
        )

    @property
    def tokens(self) -> float:
        """Tokens of all targets in a pass, on average."""
        return float((self.decided + self.chances * (self.lengths - self.decided)).sum())

    def draw(self, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
        """Choose the pairs, (pairs,), that have their whole target in a pass."""
        return rng.random(len(self.chances)) < self.chances


def _common(one: str, other: str) -> int:
    """Length of the beginning that two targets share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
