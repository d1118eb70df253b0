"""The evaluation of a bot on a corpus, beside the nearest-neighbour baseline.

The bot's replies are measured over the distinct prompts, each against all replies that the corpus
records for it; the perplexity of the recorded replies, over the pairs. It runs on the step models.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from chatbot import metrics
from chatbot.bot.chatbot import Chatbot
from chatbot.bot.grading import AnswerKey, GradedReply
from chatbot.bot.index.nearest_centroid import NearestCentroid
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.index.support_vector_machine import SupportVectorMachine
from chatbot.bot.mistakes import ConfusedReplies, NeedyReply, most_confused_first, neediest_first
from chatbot.bot.reply.reply_object import Reply
from chatbot.config import DecodingConfig
from chatbot.corpus import Pair

#: Called with the name of the work, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

#: Pairs or prompts between two reports of progress.
_PART = 512


@dataclass(frozen=True)
class ReplyMetrics:
    """Metrics of replies against the recorded ones.

    Attributes:
        right: Share of the prompts that got a right reply; see `chatbot.metrics`.
        exact_match: Share that is recorded for the prompt, case and outer spaces aside.
        bleu: Corpus BLEU, 0..100.
        chrf: Corpus chrF, 0..100.
    """

    right: float
    exact_match: float
    bleu: float
    chrf: float

    @classmethod
    def of(cls, key: AnswerKey, replies: Sequence[str]) -> Self:
        """Measure replies.

        Args:
            key: The recorded replies.
            replies: A reply to each prompt of the key, in its order.

        Returns:
            The figures.
        """
        right = sum(map(key.is_right, key.recorded, replies)) / len(replies)
        args = (replies, list(key.recorded.values()))
        return cls(right, metrics.exact_match(*args), metrics.bleu(*args), metrics.chrf(*args))


@dataclass(frozen=True)
class Evaluation:
    """The figures of a bot on a corpus.

    Attributes:
        pairs: Of the corpus.
        prompts: Distinct ones among them, case aside.
        perplexity: e to the mean nats of a token of the recorded replies, EOS included.
        bits_per_byte: Bits of the recorded replies and their EOS over their UTF-8 bytes and one more byte each.
        reply_metrics: Of the bot's replies.
        by_topic: Whether another reply of the prompt's topic counts as right.
        distinct_1: See `metrics.distinct`.
        distinct_2: The same of pairs of words.
        top_reply_share: Share of the prompts that got the most frequent reply.
        confidence: Mean of the replies; None where the bundle has no calibration.
        calibration_error: Of the confidence as the chance of a right reply; None as above.
        fallback_below: The bot's own threshold of the confidence; None as above.
        unsure: Share of the replies below it; None as above.
        replies_per_second: Prompts over the time that answering them took.
        nearest_neighbour: The baseline's; None where the bundle has no index.
        nearest_centroid: Another baseline's; None as above.
        linear_svm: That of a linear support vector machine; None as above, and for a corpus that it would take long.
        graded: Each prompt with the bot's reply, in the order of the corpus.
        confused: The recorded replies that it takes for each other, the most frequent mistakes first.
        needy: The replies that need more phrasings, the worst first; None where the bundle has no index.
    """

    pairs: int
    prompts: int
    perplexity: float
    bits_per_byte: float
    reply_metrics: ReplyMetrics
    by_topic: bool
    distinct_1: float
    distinct_2: float
    top_reply_share: float
    confidence: float | None
    calibration_error: float | None
    fallback_below: float | None
    unsure: float | None
    replies_per_second: float
    nearest_neighbour: ReplyMetrics | None
    nearest_centroid: ReplyMetrics | None
    linear_svm: ReplyMetrics | None
    graded: Sequence[GradedReply]
    confused: Sequence[ConfusedReplies]
    needy: Sequence[NeedyReply] | None

    def to_json(self) -> dict[str, Any]:
        """The figures for programs."""
        return {
            "pairs": self.pairs,
            "prompts": self.prompts,
            **asdict(self.reply_metrics),
            "by_topic": self.by_topic,
            "perplexity": self.perplexity,
            "bits_per_byte": self.bits_per_byte,
            "distinct_1": self.distinct_1,
            "distinct_2": self.distinct_2,
            "top_reply_share": self.top_reply_share,
            "confidence": self.confidence,
            "calibration_error": self.calibration_error,
            "fallback_below": self.fallback_below,
            "unsure": self.unsure,
            "replies_per_second": self.replies_per_second,
            "nearest_neighbour": self.nearest_neighbour and asdict(self.nearest_neighbour),
            "nearest_centroid": self.nearest_centroid and asdict(self.nearest_centroid),
            "linear_svm": self.linear_svm and asdict(self.linear_svm),
            "confused": [one.to_json() for one in self.confused],
            "need_phrasings": None if self.needy is None else [one.to_json() for one in self.needy],
        }


def evaluate(
    bot: Chatbot, pairs: Sequence[Pair], topics: Mapping[str, str], decoding: DecodingConfig, progress: Progress
) -> Evaluation:
    """Measure a bot on the pairs of a corpus, at least one.

    Args:
        bot: The bot.
        pairs: Prompts and the replies recorded for them.
        topics: Of the replies that have one, by reply.
        decoding: The settings that it answers with.
        progress: Called with the progress.

    Returns:
        The figures, and the reply to each prompt.
    """
    key = AnswerKey.of(pairs, topics)
    prompts = list(key.recorded)
    perplexity, bits_per_byte = _predict(bot, pairs, progress)
    replies, seconds = _answer(bot, prompts, decoding, progress)
    texts = [reply.text for reply in replies]
    confidences = _confidences(replies, progress)
    known = [confidence for confidence in confidences if confidence is not None]
    baselines = _look_up(bot.index, prompts, progress).items()
    measured = {name: ReplyMetrics.of(key, said) if said else None for name, said in baselines}
    graded = list(map(key.grade, prompts, texts, confidences))
    phrasings = None if bot.index is None else bot.index.count_phrasings()
    threshold = bot.fallback_threshold
    return Evaluation(
        pairs=len(pairs),
        prompts=len(prompts),
        perplexity=perplexity,
        bits_per_byte=bits_per_byte,
        reply_metrics=ReplyMetrics.of(key, texts),
        by_topic=bool(key.topics),
        distinct_1=metrics.distinct(texts, 1),
        distinct_2=metrics.distinct(texts, 2),
        top_reply_share=metrics.top_share(texts),
        confidence=float(np.mean(known)) if known else None,
        calibration_error=metrics.calibration_error(known, [one.right for one in graded]) if known else None,
        fallback_below=threshold,
        unsure=float(np.mean(np.array(known) < threshold)) if threshold is not None else None,
        replies_per_second=len(prompts) / seconds,
        nearest_neighbour=measured["nearest_neighbour"],
        nearest_centroid=measured["nearest_centroid"],
        linear_svm=measured["linear_svm"],
        graded=graded,
        confused=most_confused_first(graded, phrasings or ()),
        needy=None if phrasings is None else neediest_first(graded, phrasings),
    )


def _predict(bot: Chatbot, pairs: Sequence[Pair], progress: Progress) -> tuple[float, float]:
    """Perplexity and bits per byte of the recorded replies."""
    nats, tokens = 0.0, 0
    for start in _parts("scoring the recorded replies", len(pairs), progress):
        for scores in bot.score_batch(pairs[start : start + _PART]):
            nats -= float(scores.sum(dtype=np.float64))
            tokens += len(scores)
    size = sum(len(reply.encode()) + 1 for _, reply in pairs)
    return math.exp(min(nats / tokens, 700.0)), nats / math.log(2) / size


def _answer(
    bot: Chatbot, prompts: Sequence[str], decoding: DecodingConfig, progress: Progress
) -> tuple[list[Reply], float]:
    """Replies to all prompts, and the seconds that they took."""
    replies: list[Reply] = []
    seconds = 0.0
    for start in _parts("answering", len(prompts), progress):
        started = time.perf_counter()
        replies += bot.reply_batch(prompts[start : start + _PART], decoding)
        seconds += time.perf_counter() - started
    return replies, seconds


def _confidences(replies: Sequence[Reply], progress: Progress) -> list[float | None]:
    """Confidence of each reply; None for each where the bot has no calibration."""
    confidences: list[float | None] = []
    for start in _parts("weighing the replies", len(replies), progress):
        confidences += [reply.confidence for reply in replies[start : start + _PART]]
    return confidences


def _look_up(index: NearestNeighbour | None, prompts: Sequence[str], progress: Progress) -> dict[str, list[str]]:
    """Replies of the baselines, by their names in `Evaluation`; none of those that the bundle cannot have."""
    said: dict[str, list[str]] = {"nearest_neighbour": [], "nearest_centroid": [], "linear_svm": []}
    if index is None:
        return said
    known = list(index.pairs())
    asked = {"nearest_neighbour": index.reply, "nearest_centroid": NearestCentroid.of(known).reply}
    machine = SupportVectorMachine.of(known)
    if machine is not None:
        asked["linear_svm"] = machine.reply
    for start in _parts("looking up the nearest prompts", len(prompts), progress):
        for name, reply in asked.items():
            said[name] += map(reply, prompts[start : start + _PART])
    return said


def _parts(what: str, total: int, progress: Progress) -> Iterator[int]:
    """The beginnings of the parts of some work, with a report before each and at the end."""
    for start in range(0, total, _PART):
        progress(what, start, total)
        yield start
    progress(what, total, total)
