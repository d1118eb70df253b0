"""Verdict on the phrasings of each answer, by the quality that bots with so many of them were measured to have."""

import math
from itertools import pairwise
from typing import NamedTuple

from chatbot.corpus.check_finding import Finding, Verdict
from chatbot.corpus.survey_result import Survey, quantile
from chatbot.text import plural


class MeasuredQuality(NamedTuple):
    """Shares of new questions that bots trained with default options answered right, in 0..1.

    Attributes:
        phrasings: Training prompts of each answer.
        lower: Of the set whose answers were harder to tell apart.
        higher: Of the other one.
    """

    phrasings: int
    lower: float
    higher: float


#: The questions of two public sets of 90 and 77 answers that were held out, so many phrasings of each answer drawn at
#: random; the last row has all of them, 98 and 130 on the average. `docs/results.md` has the same figures.
MEASURED = (
    MeasuredQuality(3, 0.494, 0.559),
    MeasuredQuality(5, 0.593, 0.655),
    MeasuredQuality(10, 0.696, 0.750),
    MeasuredQuality(20, 0.784, 0.833),
    MeasuredQuality(100, 0.921, 0.930),
)

#: How much worse than the measured ones a corpus may be and still be in the range that is expected of it: a made-up
#: bakery's FAQ of three phrasings an answer was.
_MARGIN = 0.1
#: Phrasings of the median answer below which more of them are advised.
_FEW = 10
#: Answers with the fewest phrasings that are named.
_NAMED = 3


def expected_right(phrasings: float) -> tuple[int, int]:
    """The number of new questions of ten that a bot can be expected to answer right, by `MEASURED`.

    Args:
        phrasings: Training prompts of each answer, 1 or more.

    Returns:
        The least and the most of a rough range. It follows the logarithm of the phrasings from row to row of the
        table, below the first as between the first two, and is that of the last beyond it.
    """
    rows = pairwise(MEASURED)
    below, above = next((pair for pair in rows if phrasings < pair[1].phrasings), (MEASURED[-2], MEASURED[-1]))
    way = min(math.log(phrasings / below.phrasings) / math.log(above.phrasings / below.phrasings), 1.0)
    lower, higher = (one + way * (other - one) for one, other in zip(below[1:], above[1:], strict=True))
    return math.floor(10 * (lower - _MARGIN)), round(10 * higher)


def judge_phrasings(seen: Survey) -> Finding:
    """The finding on the phrasings of the answers of a corpus, with what to expect of a bot that learns them.

    Args:
        seen: The survey of the corpus, with at least one pair.
    """
    counts = {str(phrasings): answers for phrasings, answers in sorted(seen.phrasings.items())}
    if not seen.has_reply_set:
        found = "nearly every reply has one prompt, as in translation or open dialogue: this is no set of answers"
        return Finding("phrasings", Verdict.GOOD, found, data={"answers": counts})
    middle = quantile(seen.phrasings, 0.5)
    least, most = expected_right(middle)
    data = {
        "answers": counts,
        "median": middle,
        "fewest": [answer._asdict() for answer in seen.fewest_phrasings],
        "expected_right_of_10": [least, most],
    }
    fewest, largest = min(seen.phrasings), max(seen.phrasings)
    found = (
        f"{plural(fewest, 'phrasing')} an answer"
        if fewest == largest
        else f"{fewest:,} to {largest:,} phrasings an answer, half of the answers with {middle:,} or fewer"
    )
    found += (
        f"; with about {middle:,}, expect roughly {least} to {most} of 10 new questions to be answered right, fewer"
        " where answers are alike"
    )
    if fewest < largest:
        named = (f"“{one.text}” {one.phrasings:,} ({seen.path}:{one.line})" for one in seen.fewest_phrasings[:_NAMED])
        found += f"; fewest: {', '.join(named)}"
    if middle >= _FEW:
        return Finding("phrasings", Verdict.GOOD, found, data=data)
    more = (f"{row.phrasings}: {_range(row.phrasings)}" for row in MEASURED if middle < row.phrasings)
    advice = (
        f"write more phrasings, first of the answers with the fewest; of 10 new questions right, with {', '.join(more)}"
    )
    return Finding("phrasings", Verdict.NOTE, found, advice, data)


def _range(phrasings: int) -> str:
    least, most = expected_right(phrasings)
    return f"{least} to {most}"
