"""The calibration of the confidence: from signals of a prompt and its reply to the probability that the reply is right.

The confidence is a product of logistic curves: the probability that the prompt is of the kind that the bot was taught,
and the probability that the reply to such a prompt is right (Platt 1999, "Probabilistic outputs for support vector
machines"). Each curve rises with each of its signals. It is a maximum a posteriori estimate: where there is little to
measure, it stays near what was measured on other corpora, so that a small corpus gets a sensible confidence, and two
trainings of it similar ones. docs/log.md has the figures.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from chatbot.config.base import Config

Floats = npt.NDArray[np.float64]

#: Key of the constant of a curve, beside the weights of its signals.
OFFSET = "offset"
#: Signals by the curve that they are for, in the order of the tables.
FAMILIARITY = ("neighbourhood", "neighbour_similarity", "prompt_length_z")
RIGHTNESS = ("reply_logit", "reply_support")
#: The same for a bot without an index.
BARE_RIGHTNESS = ("reply_logit", "prompt_length_z")

#: The prompts that the curve of rightness may be fitted to.
VALIDATION, LEFT_OUT = "validation prompts", "training prompts, each left out in turn"
ALTERED = "altered training prompts"

_LEAST_SPREAD = 0.05
#: Standard deviation of ln(tokens) in small corpora, and the prompts that are taken to have shown what is usual before.
_USUAL_SPREAD, SHOWN_BEFORE = 0.4, 10
_ITERATIONS = 50


@dataclass(frozen=True)
class Lengths:
    """Mean and standard deviation of ln(tokens) over the training prompts."""

    mean: float
    spread: float

    @classmethod
    def of(cls, tokens: Sequence[int] | npt.NDArray[np.int64]) -> Self:
        """Measure the lengths of prompts.

        Args:
            tokens: (prompts,) integers, 1 and more.

        Returns:
            The mean and the spread of their logarithms.
        """
        logarithms = np.log(tokens)
        variance = (logarithms.var() * len(tokens) + _USUAL_SPREAD**2 * SHOWN_BEFORE) / (len(tokens) + SHOWN_BEFORE)
        return cls(float(logarithms.mean()), math.sqrt(variance))


@dataclass(frozen=True)
class Prior:
    """The curve that is expected before anything is measured, with signals in standard deviations of `Scale`.

    Attributes:
        weights: (signals,) their means.
        spreads: (signals,) their standard deviations.
        offset: Mean of the constant.
        offset_spread: Its standard deviation.
    """

    weights: Sequence[float]
    spreads: Sequence[float]
    offset: float
    offset_spread: float


@dataclass(frozen=True)
class Scale:
    """Means and standard deviations of signals over prompts of the bot's own kind."""

    means: Floats
    spreads: Floats

    @classmethod
    def of(cls, table: Floats, least: float = _LEAST_SPREAD) -> Self:
        """Measure the signals of some prompts.

        Args:
            table: (prompts, signals) float64, at least one prompt.
            least: The spread of a signal that hardly differs between prompts.

        Returns:
            Their scale.
        """
        return cls(table.mean(axis=0), np.maximum(table.std(axis=0), least))

    def curve(self, names: Sequence[str], fit: Floats) -> dict[str, float]:
        """The curve over the signals as they are, of one over signals on this scale.

        Args:
            names: Of the signals.
            fit: (signals + 1,) float64, from `fit_curve`.
        """
        weights = np.maximum(fit[:-1], 0) / self.spreads
        offset = float(fit[-1] - (weights * self.means).sum())
        return {OFFSET: offset, **dict(zip(names, map(float, weights), strict=True))}


@dataclass(frozen=True, kw_only=True)
class Calibration(Config):
    """The fitted curves of a bot's confidence, as the manifest has them.

    Attributes:
        measured_on: `VALIDATION`, `LEFT_OUT` or `ALTERED`.
        prompts: How many.
        length_mean: Of the natural logarithm of the training prompts' tokens.
        length_spread: Standard deviation of the same.
        familiar: The curve of the probability that a prompt is of the bot's kind: `OFFSET` and the weights of
            signals by their names, see `chatbot.bot.reply.confidence.signals`; None without an index.
        right: The same of the probability that the reply to such a prompt is right.
        wrong_cost: How many needless fallbacks a wrong reply is as bad as; None where nobody said.
        threshold: Confidence below which a reply gives way to a fallback, unless another is given.
        costs: What the threshold costs: counts by name, see `FallbackCosts`.
    """

    measured_on: str
    prompts: int
    length_mean: float
    length_spread: float
    familiar: dict | None  # type: ignore[type-arg]  # what `check_types` compares with
    right: dict  # type: ignore[type-arg]
    wrong_cost: float | None
    threshold: float
    costs: dict = field(default_factory=dict)  # type: ignore[type-arg]

    def __post_init__(self) -> None:
        """Check the ranges."""
        numbers = (self.length_mean, self.length_spread, self.threshold, self.wrong_cost or 1.0)
        self._require(all(map(_is_finite, numbers)), "a number is not finite")
        self._require(self.length_spread > 0, "length_spread must be above 0")
        self._require(self.wrong_cost is None or self.wrong_cost > 0, "wrong_cost must be above 0")
        self._require(0 <= self.threshold <= 1, "threshold must be in 0..1")
        rightness = BARE_RIGHTNESS if self.familiar is None else RIGHTNESS
        self._check_curve("right", self.right, rightness)
        if self.familiar is not None:
            self._check_curve("familiar", self.familiar, FAMILIARITY)

    def _check_curve(self, name: str, curve: Mapping[str, Any], signals: Sequence[str]) -> None:
        self._require(set(curve) == {OFFSET, *signals}, f"{name} must have the keys {', '.join((OFFSET, *signals))}")
        for key, value in curve.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            self._require(number and _is_finite(value), f"{key} of {name} must be a number")
            self._require(key == OFFSET or value >= 0, f"{key} of {name} must be 0 or more")

    @property
    def lengths(self) -> Lengths:
        """Of the training prompts."""
        return Lengths(self.length_mean, self.length_spread)

    def probability(self, signals: Mapping[str, float]) -> float:
        """The confidence, in 0..1, of a reply with these signals."""
        familiar = 1.0 if self.familiar is None else apply_curve(self.familiar, signals)
        return familiar * apply_curve(self.right, signals)


def _is_finite(number: float) -> bool:
    """Whether a number of a manifest, perhaps an integer of any size, is a finite float."""
    return abs(number) <= sys.float_info.max


def apply_curve(curve: Mapping[str, float], signals: Mapping[str, float]) -> float:
    """The probability that a curve gives to signals, in 0..1.

    Args:
        curve: `OFFSET`, and the weights of some of the signals.
        signals: By name.
    """
    return float(logistic(np.array(sum(signals.get(name, 1.0) * weight for name, weight in curve.items()))))


def fit_curve(table: Floats, targets: Floats, counts: Floats, prior: Prior) -> Floats:
    """Fit a logistic curve: the maximum a posteriori, by Newton's method with step halving.

    Args:
        table: (rows, signals) float64, on a scale.
        targets: (rows,) float64, the probability that each is known to have.
        counts: (rows,) float64, as how many rows each counts.
        prior: What is expected of the curve.

    Returns:
        (signals + 1,) float64: the weights, and the constant.
    """
    inputs = np.concatenate([table, np.ones((len(table), 1))], axis=1)
    usual = np.array([*prior.weights, prior.offset])
    precision = np.array([*prior.spreads, prior.offset_spread]) ** -2.0

    def loss(fit: Floats) -> float:
        logits = inputs @ fit
        errors = (counts * (np.logaddexp(0, logits) - targets * logits)).sum()
        return float(errors + (precision * (fit - usual) ** 2).sum() / 2)

    fit = usual
    for _ in range(_ITERATIONS):
        probabilities = logistic(inputs @ fit)
        gradient = inputs.T @ (counts * (probabilities - targets)) + precision * (fit - usual)
        curvature = (inputs.T * (counts * probabilities * (1 - probabilities))) @ inputs + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        while loss(fit - step) > loss(fit) and np.abs(step).max() > 1e-9:
            step = step / 2
        fit = fit - step
        if np.abs(step).max() <= 1e-9:
            break
    return fit


def logistic(logits: Floats) -> Floats:
    """The probabilities of logits.

    Args:
        logits: Of any shape.

    Returns:
        1 / (1 + exp(-logits)), of the same shape.
    """
    probabilities: Floats = 0.5 * (1 + np.tanh(logits / 2))
    return probabilities
