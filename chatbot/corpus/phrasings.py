"""Phrasings of the answers of a corpus, and the quality that bots with so many of them were measured to have."""

import math
from typing import NamedTuple

#: Prompts for each reply of a corpus from which on its replies are a set of answers, and more phrasings the remedy.
FEWEST_PHRASINGS = 1.5


class MeasuredQuality(NamedTuple):
    """Shares of new questions that were answered right, by bots and by a usual classifier with the same pairs.

    Attributes:
        phrasings: Training prompts of each answer.
        bot: The share of a bot trained with default options, in 0..1.
        classifier: That of a linear support vector machine over TF-IDF of words and character n-grams, in 0..1.
    """

    phrasings: int
    bot: float
    classifier: float


#: Held-out questions of public intent sets of 150 answers, one reply an intent, so many phrasings of each drawn at
#: random, with default options on 2 cores. `docs/results.md` has the same table.
MEASURED = (
    MeasuredQuality(3, 0.55, 0.67),
    MeasuredQuality(5, 0.71, 0.74),
    MeasuredQuality(10, 0.78, 0.83),
    MeasuredQuality(20, 0.87, 0.87),
    MeasuredQuality(100, 0.945, 0.93),
)

#: Points that a corpus may be worse than the measured ones before what is said of it is wrong.
_MARGIN = 0.1


def expected_right(phrasings: float) -> tuple[int, int]:
    """The number of new questions of ten that a bot can be expected to answer right, by `MEASURED`.

    Args:
        phrasings: Training prompts of each answer, 1 or more.

    Returns:
        The least and the most of a rough range: between two rows of the table it follows the logarithm of the
        phrasings, and beyond its ends it is that of the end.
    """
    known = [row for row in MEASURED if row.phrasings <= phrasings]
    below = known[-1] if known else MEASURED[0]
    above = MEASURED[min(len(known), len(MEASURED) - 1)]
    way = 0.0
    if below is not above and known:
        way = math.log(phrasings / below.phrasings) / math.log(above.phrasings / below.phrasings)
    share = below.bot + way * (above.bot - below.bot)
    return math.floor(10 * (share - _MARGIN) + 1e-9), math.floor(10 * share + 1e-9)
