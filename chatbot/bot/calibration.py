"""Calibration of the confidence: from signals of a reply to the probability that it is right.

The signals are put on one scale by their means and standard deviations over prompts that the bot
was not trained on, added up with equal weights, and turned into a probability by a logistic curve
(Platt 1999, "Probabilistic outputs for support vector machines") fitted to whether the replies to
those prompts were the recorded ones. So the confidence rises with each signal. Equal weights told
strange prompts from known ones better than fitted ones, which see no strange ones;
docs/log.md has the figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.config.base import Config

_Floats = npt.NDArray[np.float64]

#: The weights by their fields, with their names in the manifest, which bundles of every version share.
_JSON_NAMES = {
    "reply_logit": "surety",
    "prompt_length_z": "brevity",
    "neighbour_similarity": "similarity",
    "neighbour_agreement": "agreement",
}

#: Share of the unseen prompts whose confidence is below the default threshold. They have chosen the weights
#: too, so that of others more may be below.
FALLBACK_SHARE = 0.02

#: A signal that hardly differs between prompts weighs no more than if it differed by this much.
_LEAST_SPREAD = 0.05
#: What the slope of the curve is expected to be, which decides where there is little to measure.
_USUAL_SLOPE, _SLOPE_SPREAD = 0.6, 0.3
_LEAST_SLOPE, _NO_SPREAD = 0.1, 1e-6
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
        return cls(float(logarithms.mean()), max(float(logarithms.std()), _LEAST_SPREAD))


@dataclass(frozen=True, kw_only=True)
class Calibration(Config):
    """The fitted curve of a bot's confidence, as the manifest has it.

    The confidence is 1 / (1 + exp(-(offset + the signals times their weights))).

    Attributes:
        measured_on: "validation prompts" or "altered training prompts".
        prompts: How many.
        length_mean: Of the natural logarithm of the training prompts' tokens.
        length_spread: Standard deviation of the same.
        reply_logit: Weight of that signal, see `chatbot.bot.confidence.signals`.
        prompt_length_z: The same.
        neighbour_similarity: The same; None without an index.
        neighbour_agreement: The same; None without an index.
        offset: Of the logistic curve.
        threshold: Confidence below which a reply gives way to a fallback, unless another is given: `FALLBACK_SHARE` of
            the prompts were below.
    """

    measured_on: str
    prompts: int
    length_mean: float
    length_spread: float
    reply_logit: float
    prompt_length_z: float
    neighbour_similarity: float | None
    neighbour_agreement: float | None
    offset: float
    threshold: float

    def __post_init__(self) -> None:
        """Check the ranges."""
        numbers = (self.length_mean, self.length_spread, self.offset, self.threshold, *self.weights.values())
        self._require(all(map(math.isfinite, numbers)), "a number is not finite")
        self._require(self.length_spread > 0, "length_spread must be above 0")
        for signal, weight in self.weights.items():
            self._require(weight > 0, f"{self.key_of(signal)} must be above 0")
        self._require(0 <= self.threshold <= 1, "threshold must be in 0..1")
        self._require(
            (self.neighbour_similarity is None) == (self.neighbour_agreement is None),
            "similarity and agreement are both numbers, or both null",
        )

    @classmethod
    def key_of(cls, field: str) -> str:
        """See `Config.key_of`; the weights are by the names of `_JSON_NAMES`."""
        return _JSON_NAMES.get(field, field)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the signals by name, those of the index left out where there is none."""
        weights = {"reply_logit": self.reply_logit, "prompt_length_z": self.prompt_length_z}
        if self.neighbour_similarity is not None and self.neighbour_agreement is not None:
            weights |= {
                "neighbour_similarity": self.neighbour_similarity,
                "neighbour_agreement": self.neighbour_agreement,
            }
        return weights

    @property
    def lengths(self) -> Lengths:
        """Of the training prompts."""
        return Lengths(self.length_mean, self.length_spread)

    def probability(self, signals: Mapping[str, float]) -> float:
        """The confidence, in 0..1, of a reply with these signals."""
        logit = self.offset + sum(weight * signals[name] for name, weight in self.weights.items())
        return float(_logistic(np.array(logit)))


def calibrate(
    found: Sequence[Mapping[str, float]], right: Sequence[bool], lengths: Lengths, measured_on: str
) -> Calibration:
    """Fit the confidence to prompts that the bot was not trained on.

    Args:
        found: `signals` of each prompt, at least one.
        right: Whether its reply was one of those recorded.
        lengths: Of the training prompts.
        measured_on: See `Calibration`.

    Returns:
        The calibration, with a weight for each signal.
    """
    names = list(found[0])
    table = np.array([[row[name] for name in names] for row in found])
    means, spreads = table.mean(axis=0), np.maximum(table.std(axis=0), _LEAST_SPREAD)
    sums = ((table - means) / spreads).sum(axis=1)
    slope, offset = _fit_logistic(sums, np.array(right, np.bool_), _USUAL_SLOPE, _SLOPE_SPREAD)
    if slope < _LEAST_SLOPE:  # where hardly any reply is right, chance may tilt the curve
        slope, offset = _fit_logistic(sums, np.array(right, np.bool_), _LEAST_SLOPE, _NO_SPREAD)
    weights = {name: float(slope / spread) for name, spread in zip(names, spreads, strict=True)}
    return Calibration(
        measured_on=measured_on,
        prompts=len(found),
        length_mean=lengths.mean,
        length_spread=lengths.spread,
        reply_logit=weights["reply_logit"],
        prompt_length_z=weights["prompt_length_z"],
        neighbour_similarity=weights.get("neighbour_similarity"),
        neighbour_agreement=weights.get("neighbour_agreement"),
        offset=float(offset - slope * (means / spreads).sum()),
        threshold=float(np.quantile(_logistic(slope * sums + offset), FALLBACK_SHARE)),
    )


def _fit_logistic(
    sums: _Floats, right: npt.NDArray[np.bool_], usual_slope: float, slope_spread: float
) -> tuple[float, float]:
    """Fit the slope and the offset of the curve from sums of signals to the probability of being right.

    Platt's smoothed targets, so that a few prompts, or only right ones, make nothing certain;
    a Gaussian prior on the slope; Newton's method with step halving (Lin, Lin and Weng 2007, "A
    note on Platt's probabilistic outputs for support vector machines", algorithm 1).

    Args:
        sums: (prompts,) float64.
        right: (prompts,) bool.
        usual_slope: Mean of the prior.
        slope_spread: Standard deviation of the prior.

    Returns:
        The slope and the offset.
    """
    rights, wrongs = right.sum(), (~right).sum()
    targets = np.where(right, (rights + 1) / (rights + 2), 1 / (wrongs + 2))
    inputs = np.stack([sums, np.ones_like(sums)], axis=1)
    prior, usual = np.array([1 / slope_spread**2, 0.0]), np.array([usual_slope, 0.0])

    def loss(fit: _Floats) -> float:
        logits = inputs @ fit
        return float((np.logaddexp(0, logits) - targets * logits).sum() + (prior * (fit - usual) ** 2).sum() / 2)

    fit = np.array([usual_slope, math.log((rights + 1) / (wrongs + 1))])
    for _ in range(_ITERATIONS):
        probabilities = _logistic(inputs @ fit)
        gradient = inputs.T @ (probabilities - targets) + prior * (fit - usual)
        curvature = (inputs.T * (probabilities * (1 - probabilities))) @ inputs + np.diag(prior) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while loss(fit - step) > loss(fit) and np.abs(step).max() > 1e-9:
            step = step / 2
        fit = fit - step
        if np.abs(step).max() <= 1e-9:
            break
    return float(fit[0]), float(fit[1])


def _logistic(logits: _Floats) -> _Floats:
    probabilities: _Floats = 0.5 * (1 + np.tanh(logits / 2))
    return probabilities
