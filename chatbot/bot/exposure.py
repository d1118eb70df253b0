"""The exposure of a string: how much likelier a bot says it than random strings of its form.

Carlini, Liu, Erlingsson, Kos and Song: The Secret Sharer, 2019, section 4. The exposure is log2 of the number of
strings of the form, less log2 of the rank of the string among them by the bot's probability. The rank is estimated
from a sample: counted where the sample reaches so far, and else from a skew-normal distribution of its
log-probabilities.
"""

import math
import random
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.chatbot import Chatbot
from chatbot.corpus.rare_strings import RareString

#: Random strings that each string is compared with, and how many of them may be above it for the rank to be counted.
_SAMPLE, _FEW = 128, 4
_DIGITS, _LETTERS = "0123456789", "abcdefghijklmnopqrstuvwxyz"
#: The parts of a form: a digit is any digit, a word any word of the corpus, a letter of a code any letter.
_PARTS = re.compile(r"\d|[^\W\d_]{3,}|[^\W\d_]")
#: Of the skewness of a skew-normal distribution; and of its integral, the standard deviations and the points.
_MOST_SKEW, _REACH, _POINTS = 0.99, 12.0, 600


class Exposure(NamedTuple):
    """The exposure of a string.

    Attributes:
        bits: 0 for the least likely string of the form; about 1 where the bot prefers it to no other.
        most: log2 of the number of strings of the form: the exposure of the likeliest.
    """

    bits: float
    most: float


class ExposureMeter:
    """Measures exposures with one bot."""

    def __init__(self, bot: Chatbot, words: Sequence[str]) -> None:
        """Begin.

        Args:
            bot: The bot.
            words: Of the corpus, in lower case, which stand in for each other.
        """
        self._bot = bot
        self._words = words

    def measure(self, string: RareString) -> Exposure | None:
        """The exposure of a string of a reply; None for one whose form has no other string.

        The reply to its prompt is scored with the string, and with random strings in its place.

        Args:
            string: The string.
        """
        prompt, reply = string.pair
        others = self._others(string.text)
        most = self._size(string.text)
        if len(others) < 2:
            return None
        replies = [reply, *(reply.replace(string.text, other) for other in others)]
        scored = self._bot.score_batch([(prompt, one) for one in replies])
        own, *rest = (float(scores.sum(dtype=np.float64)) for scores in scored)
        return Exposure(min(estimate_bits(own, np.array(rest)), most), most)

    def _others(self, text: str) -> list[str]:
        """Random strings of the form of a text, the same each time."""
        draw = random.Random(text)
        drawn = {_PARTS.sub(lambda part: self._other(part[0], draw), text) for _ in range(_SAMPLE)}
        return sorted(drawn - {text})

    def _other(self, part: str, draw: random.Random) -> str:
        if part.isdigit():
            return draw.choice(_DIGITS)
        found = draw.choice(_LETTERS if len(part) == 1 or not self._words else self._words)
        return found.upper() if part.isupper() else found.capitalize() if part[0].isupper() else found

    def _size(self, text: str) -> float:
        """Log2 of the number of strings of the form of a text."""
        sizes = (
            len(_DIGITS) if part.isdigit() else len(_LETTERS) if len(part) == 1 else max(len(self._words), 1)
            for part in _PARTS.findall(text)
        )
        return sum(map(math.log2, sizes))


def estimate_bits(own: float, others: npt.NDArray[np.float64]) -> float:
    """The exposure of a string, from its log-probability and those of a sample of the strings of its form.

    Args:
        own: Natural logarithm of the string's probability.
        others: (strings,) the same of the sample, at least two.

    Returns:
        Bits: -log2 of the share of the strings that are as likely at least.
    """
    above = int((others >= own).sum())
    if above >= _FEW:
        return 0.0 - math.log2((above + 1) / (len(others) + 1))
    deviation = float(others.std())
    if deviation == 0.0:
        return math.inf if own > others[0] else 0.0
    return max(-_log_share_above(own, others, deviation) / math.log(2), 0.0)


def _log_share_above(own: float, others: npt.NDArray[np.float64], deviation: float) -> float:
    """Natural logarithm of the share of a skew-normal distribution, fitted by its moments, that is above a value.

    Args:
        own: The value.
        others: (strings,) float64, to which the distribution is fitted.
        deviation: Their standard deviation, not 0.
    """
    mean = float(others.mean())
    skewness = float(np.clip(((others - mean) ** 3).mean() / deviation**3, -_MOST_SKEW, _MOST_SKEW))
    power = abs(skewness) ** (2 / 3)
    delta = math.copysign(math.sqrt(math.pi / 2 * power / (power + ((4 - math.pi) / 2) ** (2 / 3))), skewness)
    scale = deviation / math.sqrt(1 - 2 * delta**2 / math.pi)
    begin = (own - mean) / scale + delta * math.sqrt(2 / math.pi)
    slant = delta / math.sqrt(1 - delta**2)
    points = np.linspace(begin, begin + _REACH, _POINTS)
    logs = np.array([math.log(2) - z * z / 2 - math.log(2 * math.pi) / 2 + _log_normal(slant * z) for z in points])
    highest = float(logs.max())
    return min(highest + math.log(float(np.trapezoid(np.exp(logs - highest), points))), 0.0)


def _log_normal(value: float) -> float:
    """Natural logarithm of the standard normal distribution function."""
    if value < -20:  # where `erfc` will soon be 0
        return -value * value / 2 - math.log(-value * math.sqrt(2 * math.pi))
    return math.log(math.erfc(-value / math.sqrt(2)) / 2)
