"""The confidence in a reply: the probability that it is right."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from chatbot import bundle
from chatbot.bot.index.index_building import IndexEntry
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.calibration import Calibration, Lengths
from chatbot.bundle import Bundle, Corrections
from chatbot.errors import BundleError, ConfigError
from chatbot.files import Readable

#: Bounds of the logit of a reply: what is more certain, or less, says no more of its being right.
_LEAST_NATS, _LEAST_LOGIT = math.exp(-5), -2.0
#: Nearest training prompts that tell the kind of a prompt, and those with the bot's reply that support it.
_NEIGHBOURS, _SUPPORTERS = 10, 3
#: Answers whose confidences are computed together; who reads one of many waits for so many, some 20 ms.
_TOGETHER = 64

#: A key of the calibrations of earlier versions, which went by other signals.
_KEY_BEFORE = "surety"


class Answer(NamedTuple):
    """A prompt and what the bot said to it.

    Attributes:
        prompt: Normalized, in lower case.
        prompt_tokens: Its length.
        reply: The text.
        log_probability: Sum of the natural log-probabilities of the reply's tokens and EOS.
    """

    prompt: str
    prompt_tokens: int
    reply: str
    log_probability: float


@dataclass(frozen=True)
class Confidence:
    """The calibrated confidence of a bot.

    Attributes:
        calibration: Of the bot.
        file: Its index, read when it is first needed; None without one.
        more: Pairs that the index is extended by.
    """

    calibration: Calibration
    file: Readable | None
    more: tuple[IndexEntry, ...] = ()

    @classmethod
    def open(cls, source: Bundle, corrections: Corrections) -> Self | None:
        """Read the confidence from a bundle.

        Args:
            source: The bundle.
            corrections: What the bot was taught after its training, which the index knows as well.

        Returns:
            The confidence; None where the bundle has no calibration, or one of an earlier version of this program.

        Raises:
            BundleError: Its calibration is damaged, or does not fit its files.
        """
        described = source.manifest.get("confidence")
        if described is None or _KEY_BEFORE in described:
            return None
        try:
            calibration = Calibration.from_json(described)
        except ConfigError as error:
            raise BundleError(f"{source.path / bundle.MANIFEST}: {error}; train again with --overwrite") from None
        if (calibration.familiar is None) != (source.index is None):
            raise BundleError(
                f"{source.path / bundle.MANIFEST}: the confidence and {bundle.INDEX} do not fit;"
                " train again with --overwrite"
            )
        numbers = {name: number for number, name in enumerate(corrections.files, len(source.corpus_names))}
        more = (IndexEntry(one.prompt, one.reply, numbers[one.file], one.line) for one in corrections.learned)
        return cls(calibration, source.index, tuple(more))

    @functools.cached_property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts.

        Raises:
            BundleError: See `NearestNeighbour.load`.
        """
        return None if self.file is None else NearestNeighbour.load(self.file, self.more)

    def of(self, answer: Answer) -> float:
        """The confidence of an answer, in 0..1."""
        return self.of_all([answer])[0]

    def of_all(self, answers: Sequence[Answer]) -> list[float]:
        """The confidence of answers, in 0..1.

        Args:
            answers: At least one.
        """
        index = self.index if self.calibration.familiar is not None else None
        return [*map(self.calibration.probability, signals_of_all(answers, self.calibration.lengths, index))]


class AnswersTogether:
    """Answers that were found together, whose confidences are computed together when the first of them is read."""

    def __init__(self, confidence: Confidence) -> None:
        """Begin with no answer.

        Args:
            confidence: Of the bot.
        """
        self._confidence = confidence
        self._answers: list[Answer] = []
        self._known: dict[int, float] = {}

    def add(self, answer: Answer) -> Callable[[], float]:
        """Add an answer.

        Args:
            answer: The answer.

        Returns:
            Computes its confidence, in 0..1, and those of its neighbours.
        """
        self._answers.append(answer)
        return functools.partial(self._value, len(self._answers) - 1)

    def _value(self, place: int) -> float:
        if place not in self._known:
            first = place - place % _TOGETHER
            values = self._confidence.of_all(self._answers[first : first + _TOGETHER])
            self._known.update(enumerate(values, first))
        return self._known[place]


def signals_of_all(
    answers: Sequence[Answer], lengths: Lengths, index: NearestNeighbour | None
) -> list[dict[str, float]]:
    """Compute the signals of answers; many at once take less than one after the other.

    Args:
        answers: At least one.
        lengths: Of the training prompts.
        index: Of the training prompts, or None.

    Returns:
        For each answer what `signals` returns.
    """
    if index is None:
        return [_own_signals(answer, lengths) for answer in answers]
    pairs = [(answer.prompt, answer.reply) for answer in answers]
    found = index.similarities(pairs, _NEIGHBOURS, _SUPPORTERS)
    others = len(index)
    return [
        _own_signals(answer, lengths) | _index_signals(*cosines, others)
        for answer, cosines in zip(answers, found, strict=True)
    ]


def signals(
    answer: Answer, lengths: Lengths, index: NearestNeighbour | None, besides: str | None = None
) -> dict[str, float]:
    """Compute the signals of an answer by name; the larger, the likelier is the reply right.

    - `reply_logit`: -ln(-ln p) of the whole reply, within bounds.
    - `prompt_length_z`: 0 for a prompt of usual length; for a longer one, minus its distance from the
      training prompts' mean in standard deviations of ln(tokens).
    - `neighbourhood`, with an index: mean cosine with the ten nearest training prompts, or with all if they are fewer.
    - `neighbour_similarity`, with an index: cosine with the nearest training prompt.
    - `reply_support`, with an index: mean cosine with the three nearest training prompts that have this very reply.

    Args:
        answer: The prompt and the reply.
        lengths: Of the training prompts.
        index: Of the training prompts, or None.
        besides: A training prompt that the index leaves out.

    Returns:
        The signals by name; those of an index only where there is one.
    """
    if index is None or besides is None:
        return signals_of_all([answer], lengths, index)[0]
    near, supporting = (
        [match.similarity for match in index.nearest(answer.prompt, count + 1, reply) if match.prompt != besides][
            :count
        ]
        for count, reply in ((_NEIGHBOURS, None), (_SUPPORTERS, answer.reply))
    )
    return _own_signals(answer, lengths) | _index_signals(near, supporting, len(index) - 1)


def _own_signals(answer: Answer, lengths: Lengths) -> dict[str, float]:
    """The signals that need no index."""
    excess = (math.log(max(answer.prompt_tokens, 1)) - lengths.mean) / lengths.spread
    logit = -math.log(_LEAST_NATS - min(answer.log_probability, 0.0))
    return {"reply_logit": max(logit, _LEAST_LOGIT), "prompt_length_z": -max(excess, 0.0)}


def _index_signals(near: Sequence[float], supporting: Sequence[float], others: int) -> dict[str, float]:
    """The signals of an index, from the cosines of the nearest training prompts and of those with the reply."""
    return {
        "neighbourhood": sum(near) / max(1, min(_NEIGHBOURS, others)),
        "neighbour_similarity": max(near, default=0.0),
        "reply_support": sum(supporting) / _SUPPORTERS,
    }
