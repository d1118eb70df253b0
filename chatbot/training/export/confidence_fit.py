"""The fit of a bot's confidence to its replies, and the choice of the threshold of its fallback.

The curve of familiarity tells training prompts, each looked up among the others alone, from prompts that are outside
for the bot; no reply is needed for it, so that a corpus of a hundred prompts is enough. The curve of rightness is
fitted to the graded replies. The priors of both were measured on bots of a bank's questions, of small talk and of a
bakery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from chatbot.bot.reply.calibration import (
    ALTERED,
    BARE_RIGHTNESS,
    FAMILIARITY,
    OFFSET,
    RIGHTNESS,
    SHOWN_BEFORE,
    Calibration,
    Floats,
    Lengths,
    Prior,
    Scale,
    apply_curve,
    fit_curve,
    logistic,
)

Signals = Mapping[str, float]

_FAMILIARITY_PRIOR = Prior((2.0, 0.4, 0.6), (0.32, 0.32, 0.16), 3.4, 0.32)
_RIGHTNESS_PRIOR = Prior((0.9, 0.7), (0.5, 0.5), 0.8, 0.5)
#: The usual logit of a reply, and its spread.
_USUAL_LOGIT, _LOGIT_SPREAD = 3.0, 2.0
#: A cosine that hardly differs between prompts weighs no more than if it differed by this much.
_LEAST_SPREAD = 0.03
#: As how many prompts the training prompts count in all, the outside ones, and altered ones at most: these resemble
#: what was learned more than those of other people will.
_KNOWN, _OUTSIDE, _MOST_ALTERED = 200.0, 66.0, 30.0
#: Means and spreads of the signals of familiarity in small corpora: four prompts have nothing in common, and beside
#: them alone whatever is asked would look familiar. One prompt counts as so many at most.
_USUAL_FAMILIARITY, _MOST_COUNTED = Scale(np.array((0.2, 0.35, 0.0)), np.array((0.05, 0.13, 1.0))), 2.0

#: The most that is added to the offset of the curve of rightness, and the steps in which that is found.
_MOST_MADE_UP, _HALVINGS = 1.0, 20

#: The threshold where no cost is given: this share of the right replies is below it. It is estimated as if so many
#: replies had shown the usual one before, and stays within bounds.
_RIGHT_LOST, _USUAL_THRESHOLD, _SHOWN_BEFORE = 0.03, 0.2, 80
_LEAST_THRESHOLD, _LARGEST_THRESHOLD = 0.1, 0.5
#: Where fewer replies are right, as in open conversation, the threshold is at most what this share did not reach.
_FEW_RIGHT, _FEW_UNSURE = 0.2, 0.02
#: As many right and as many wrong replies are taken for granted there, so that a few by chance change nothing.
_PLAIN_RIGHT = 10


@dataclass(frozen=True)
class Examples:
    """Signals of prompts that the confidence is fitted to, see `chatbot.bot.reply.confidence.signals`.

    Attributes:
        answered: Of prompts that the bot was not trained on, that its view of n-grams was not, or of altered ones.
        right: Whether the reply to each is right.
        measured_on: Which prompts they are, see `Calibration`.
        known: Of training prompts, each passed over in the index; none without an index.
        outside: Of prompts that are outside for the bot; none without an index.
    """

    answered: Sequence[Signals]
    right: Sequence[bool]
    measured_on: str
    known: Sequence[Signals]
    outside: Sequence[Signals]


@dataclass(frozen=True)
class FallbackCosts:
    """The replies that a threshold turns into the fallback.

    Attributes:
        right: Right replies.
        right_lost: Of them, those below the threshold.
        wrong: Wrong replies to prompts of the bot's kind.
        wrong_caught: Of them, those below the threshold.
        outside: Replies to prompts that are outside for the bot.
        outside_caught: Of them, those below the threshold.
    """

    right: int
    right_lost: int
    wrong: int
    wrong_caught: int
    outside: int
    outside_caught: int


def fit_confidence(examples: Examples, lengths: Lengths, wrong_cost: float | None) -> Calibration:
    """Fit the confidence, and choose the threshold.

    Args:
        examples: At least one that is answered.
        lengths: Of the training prompts.
        wrong_cost: How many needless fallbacks a wrong reply is as bad as; None for as many as few right replies need.

    Returns:
        The calibration.
    """
    familiar = _fit_familiarity(examples) if examples.known else None
    unsettled = Calibration(
        measured_on=examples.measured_on,
        prompts=len(examples.answered),
        length_mean=lengths.mean,
        length_spread=lengths.spread,
        familiar=familiar,
        right=_fit_rightness(examples, familiar),
        wrong_cost=wrong_cost,
        threshold=0.0,
    )
    confidences = np.array([unsettled.probability(one) for one in examples.answered])
    right = np.array(examples.right, np.bool_)
    threshold = _choose_threshold(confidences, right, wrong_cost)
    outside = np.array([unsettled.probability(one) for one in examples.outside])
    below = confidences < threshold
    costs = FallbackCosts(
        right=int(right.sum()),
        right_lost=int((right & below).sum()),
        wrong=int((~right).sum()),
        wrong_caught=int((~right & below).sum()),
        outside=len(outside),
        outside_caught=int((outside < threshold).sum()),
    )
    return replace(unsettled, threshold=threshold, costs=asdict(costs))


def _fit_familiarity(examples: Examples) -> dict[str, float]:
    known, outside = _table(examples.known, FAMILIARITY), _table(examples.outside, FAMILIARITY)
    scale = _shown_before(Scale.of(known, _LEAST_SPREAD), len(known))
    scale = _with_fixed(scale, FAMILIARITY.index("prompt_length_z"), 0.0, 1.0)
    rows = (np.concatenate([known, outside]) - scale.means) / scale.spreads
    targets = np.repeat([1.0, 0.0], [len(known), len(outside)])
    each = min(_MOST_COUNTED, _KNOWN / len(known))
    counts = np.repeat([each, _OUTSIDE / len(outside)], [len(known), len(outside)])
    return scale.curve(FAMILIARITY, fit_curve(rows, targets, counts, _FAMILIARITY_PRIOR))


def _fit_rightness(examples: Examples, familiar: Mapping[str, float] | None) -> dict[str, float]:
    names = RIGHTNESS if examples.known else BARE_RIGHTNESS
    table = _table(examples.answered, names)
    scale = Scale(np.zeros(2), np.ones(2))
    if examples.known:
        scale = Scale.of(_table(examples.known, names))
    scale = _with_fixed(scale, 0, _USUAL_LOGIT, _LOGIT_SPREAD)
    altered = examples.measured_on == ALTERED
    counts = np.full(len(table), min(1.0, _MOST_ALTERED / len(table)) if altered else 1.0)
    targets = np.array(examples.right, np.float64)
    curve = scale.curve(names, fit_curve((table - scale.means) / scale.spreads, targets, counts, _RIGHTNESS_PRIOR))
    return curve if familiar is None else _made_up(curve, familiar, examples.answered)


def _made_up(curve: dict[str, float], familiar: Mapping[str, float], answered: Sequence[Signals]) -> dict[str, float]:
    """The curve of rightness with the offset by which the product of both is as high, on average, as it was alone."""
    others = np.array([apply_curve(familiar, one) for one in answered])
    alone = np.array([apply_curve(curve, one) for one in answered])
    logits = np.log(alone / (1 - alone))
    low, high = 0.0, _MOST_MADE_UP
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = (others * logistic(logits + middle)).mean() >= alone.mean()
        low, high = (low, middle) if enough else (middle, high)
    return {**curve, OFFSET: curve[OFFSET] + high}


def _choose_threshold(confidences: Floats, right: npt.NDArray[np.bool_], wrong_cost: float | None) -> float:
    """The confidence below which the fallback is said.

    Args:
        confidences: (prompts,) float64.
        right: (prompts,) whether each reply is right.
        wrong_cost: The expected costs of both are equal at the threshold; None for what few right replies miss.
    """
    if wrong_cost is not None:
        return wrong_cost / (1 + wrong_cost)
    seen = float(np.quantile(confidences[right], _RIGHT_LOST)) if right.any() else _USUAL_THRESHOLD
    weight = right.sum() / (right.sum() + _SHOWN_BEFORE)
    usual = weight * seen + (1 - weight) * _USUAL_THRESHOLD
    threshold = float(np.clip(usual, _LEAST_THRESHOLD, _LARGEST_THRESHOLD))
    if (right.sum() + _PLAIN_RIGHT) / (len(right) + 2 * _PLAIN_RIGHT) < _FEW_RIGHT:
        return min(threshold, float(np.quantile(confidences, _FEW_UNSURE)))
    return threshold


def _shown_before(scale: Scale, prompts: int) -> Scale:
    """A scale of the signals of familiarity that was measured on a few prompts, nearer to the usual one."""
    share = prompts / (prompts + SHOWN_BEFORE)
    pairs = ((scale.means, _USUAL_FAMILIARITY.means), (scale.spreads, _USUAL_FAMILIARITY.spreads))
    means, spreads = (share * found + (1 - share) * usual for found, usual in pairs)
    return Scale(means, spreads)


def _table(rows: Sequence[Signals], names: Sequence[str]) -> Floats:
    return np.array([[row[name] for name in names] for row in rows], np.float64)


def _with_fixed(scale: Scale, signal: int, mean: float, spread: float) -> Scale:
    """A scale with the mean and the spread of one signal given."""
    means, spreads = scale.means.copy(), scale.spreads.copy()
    means[signal], spreads[signal] = mean, spread
    return Scale(means, spreads)
