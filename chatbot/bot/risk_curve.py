"""The risk of answering: the right answers kept and the wrong ones said, for each threshold of the confidence.

Reference: El-Yaniv and Wiener (2010), "On the Foundations of Noise-free Selective Classification"; Fawcett (2006), "An
introduction to ROC analysis", section 7, for the area.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from chatbot.bot.chatbot import Chatbot
from chatbot.bot.grading import GradedReply
from chatbot.config import DecodingConfig

Floats = npt.NDArray[np.float64]

#: Thresholds of a curve at most, besides the bot's own.
_MOST_POINTS = 100


@dataclass(frozen=True)
class RiskPoint:
    """The answers that a threshold lets through.

    Attributes:
        threshold: The confidence from which on a reply is said.
        right_kept: Of the right replies the share that is said.
        wrong_said: Of the wrong ones to prompts of the corpus the share that is said.
        outside_said: Of the prompts from outside the share that is answered; None where none was asked.
    """

    threshold: float
    right_kept: float
    wrong_said: float
    outside_said: float | None


@dataclass(frozen=True)
class RiskCurve:
    """The answers that each threshold lets through.

    Attributes:
        right: Right replies to prompts of the corpus.
        wrong: Wrong ones.
        outside: Prompts from outside; None where none was asked.
        outside_answered: Of them, those that are answered at the bot's own threshold.
        auroc: The chance that a prompt of the corpus has more confidence than one from outside; None as above.
        own: The point of the bot's own threshold.
        points: From the lowest threshold to the highest.
    """

    right: int
    wrong: int
    outside: int | None
    outside_answered: int | None
    auroc: float | None
    own: RiskPoint
    points: Sequence[RiskPoint]

    @classmethod
    def of(cls, graded: Sequence[GradedReply], threshold: float, outside: Sequence[float] | None) -> Self:
        """Measure the thresholds.

        Args:
            graded: Replies to prompts of the corpus, at least one, each with its confidence.
            threshold: The bot's own.
            outside: The confidence of the reply to each prompt from outside, 0 where it says that the bot does not
                know; None where none was asked.

        Returns:
            The curve.
        """
        sure = np.array([one.confidence for one in graded], np.float64)
        right = np.array([one.right for one in graded], np.bool_)
        foreign = None if outside is None else np.array(outside, np.float64)

        def point(least: float) -> RiskPoint:
            outside_said = None if foreign is None else _share_from(foreign, least)
            return RiskPoint(least, _share_from(sure[right], least), _share_from(sure[~right], least), outside_said)

        seen = np.unique(np.concatenate([[0.0, 1.0], sure, sure[:0] if foreign is None else foreign]))
        chosen = seen[np.unique(np.linspace(0, len(seen) - 1, _MOST_POINTS).round().astype(np.intp))]
        return cls(
            right=int(right.sum()),
            wrong=int((~right).sum()),
            outside=None if foreign is None else len(foreign),
            outside_answered=None if foreign is None else int((foreign >= threshold).sum()),
            auroc=None if foreign is None else area_under_roc(sure, foreign),
            own=point(threshold),
            points=[point(float(least)) for least in chosen],
        )

    def to_json(self) -> dict[str, Any]:
        """The curve for programs."""
        return asdict(self)


def ask_outside(bot: Chatbot, prompts: Sequence[str], decoding: DecodingConfig) -> list[float]:
    """Ask a bot, which has a calibration, what nobody taught it.

    Args:
        bot: The bot.
        prompts: What to ask.
        decoding: The settings that it answers with.

    Returns:
        The confidence of each reply; 0 for one of its fallbacks, which is no answer.
    """
    replies = bot.reply_batch(prompts, decoding)
    return [0.0 if reply.text in bot.fallbacks else reply.confidence or 0.0 for reply in replies]


def area_under_roc(higher: Floats, lower: Floats) -> float:
    """The chance that one of `higher` is above one of `lower`, where equal ones count as half; 0.5 where one has none.

    Args:
        higher: Of any length.
        lower: Of any length.
    """
    if not len(higher) or not len(lower):
        return 0.5
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, "left") + np.searchsorted(ordered, higher, "right")
    return float(below.mean() / 2 / len(lower))


def _share_from(confidences: Floats, least: float) -> float:
    """The share of confidences from a threshold on; 0 of none.

    Args:
        confidences: (replies,) float64.
        least: The threshold.
    """
    return float((confidences >= least).mean()) if len(confidences) else 0.0
