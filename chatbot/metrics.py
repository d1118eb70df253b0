"""Metrics of replies, and the grading of replies: exact, right or wrong."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Self

import numpy as np

from chatbot.text import fold


def fold_answer(text: str) -> str:
    """A reply as it is compared with another: case and outer spaces aside."""
    return text.strip().casefold()


def is_recorded(reply: str, recorded: Sequence[str]) -> bool:
    """Whether a reply is one of those recorded, case and outer spaces aside."""
    return fold_answer(reply) in map(fold_answer, recorded)


def exact_match(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Share of the replies that are among those recorded for their prompt."""
    return sum(map(is_recorded, replies, recorded)) / len(replies)


def bleu(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU against all replies recorded for each prompt (Papineni et al. 2002; Post 2018)."""
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415  # only evaluation needs it

    # Forced: replies that end in " ." are what the corpus holds, and no sign of tokenized text.
    return float(BLEU(force=True).corpus_score(list(replies), _in_columns(recorded)).score)


def chrf(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Corpus chrF against all replies recorded for each prompt (Popović 2015), sacreBLEU's chrF2."""
    from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415  # as above

    return float(CHRF().corpus_score(list(replies), _in_columns(recorded)).score)


def distinct(replies: Sequence[str], size: int) -> float:
    """Different n-grams of words, over all n-grams of words, of all replies together (Li et al. 2016).

    Words are what white space divides. 0 where no reply has so many.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for reply in replies:
        words = reply.split()
        counts.update(zip(*(words[start:] for start in range(size)), strict=False))
    return len(counts) / counts.total() if counts else 0.0


def top_share(replies: Sequence[str]) -> float:
    """Share of the most frequent reply."""
    return max(Counter(replies).values()) / len(replies)


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, equation 3).

    The distance between the mean confidence and the share of right replies in a bin, averaged
    over the bins by the replies in them. A confidence on an edge belongs to the bin above.

    Args:
        confidences: In 0..1.
        right: Whether each reply is right.
        bins: Bins of equal width.
    """
    sure, hits = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    places = np.minimum((sure * bins).astype(np.intp), bins - 1)
    return float(np.abs(np.bincount(places, sure - hits)).sum() / len(sure))


def _in_columns(recorded: Sequence[Sequence[str]]) -> Any:
    """References as sacreBLEU takes them: the first of every prompt, the second, and so on, None for none."""
    return [list(column) for column in zip_longest(*(dict.fromkeys(replies) for replies in recorded))]


@dataclass(frozen=True)
class AnswerKey:
    """The right replies to the prompts of some pairs.

    Attributes:
        prompts: The distinct ones, each as it is spelled first, by their lower case, in the order of the pairs.
        recorded: The distinct replies recorded for each, by the same, in the order of the pairs.
        topics: The topic of each reply that has one, by its `fold_answer` form; empty where topics do not count.
    """

    prompts: Mapping[str, str]
    recorded: Mapping[str, tuple[str, ...]]
    topics: Mapping[str, str]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], topics: Mapping[str, str]) -> Self:
        """The right replies to the prompts of some normalized pairs.

        Args:
            pairs: Prompts and the replies recorded for them.
            topics: Of the replies that have one, by reply.
        """
        prompts: dict[str, str] = {}
        found: dict[str, dict[str, None]] = {}
        for prompt, reply in pairs:
            folded = fold(prompt)
            prompts.setdefault(folded, prompt)
            found.setdefault(folded, {})[reply] = None
        several = sum(len(replies) > 1 for replies in found.values())
        counted = topics if 2 * several <= len(found) else {}
        recorded = {prompt: tuple(replies) for prompt, replies in found.items()}
        return cls(prompts, recorded, {fold_answer(reply): topic for reply, topic in counted.items()})

    def is_right(self, prompt: str, reply: str) -> bool:
        """Whether a reply to one of the prompts is right."""
        if self.is_exact(prompt, reply):
            return True
        topic = self.topics.get(fold_answer(reply))
        return topic is not None and any(
            self.topics.get(fold_answer(other)) == topic for other in self.recorded[fold(prompt)]
        )

    def is_exact(self, prompt: str, reply: str) -> bool:
        """Whether a reply is recorded for this very prompt, one of them in any case."""
        return is_recorded(reply, self.recorded[fold(prompt)])

    def grade(self, prompt: str, reply: str, confidence: float | None) -> "GradedReply":
        """Grade what a bot said to one of the prompts."""
        folded = fold(prompt)
        right = self.is_right(prompt, reply)
        return GradedReply(self.prompts[folded], reply, self.recorded[folded], right, confidence)


@dataclass(frozen=True)
class GradedReply:
    """A bot's reply to a prompt, beside the recorded ones.

    Attributes:
        prompt: As the corpus spells it.
        said: The bot's reply.
        recorded: The replies recorded for the prompt, at least one.
        right: Whether the bot's is right.
        confidence: The bot's in its reply; None without a calibration.
    """

    prompt: str
    said: str
    recorded: tuple[str, ...]
    right: bool
    confidence: float | None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "prompt": self.prompt,
            "said": self.said,
            "expected": list(self.recorded),
            "confidence": self.confidence,
        }


@dataclass(frozen=True)
class ExpectedReply:
    """A recorded reply with the bot's successes and mistakes.

    Attributes:
        text: The reply, the first one recorded for its prompts.
        prompts: Prompts that it is expected for.
        mistakes: Of what the bot said to them, what is not right, in the order of the corpus.
    """

    text: str
    prompts: int
    mistakes: tuple[GradedReply, ...]

    @property
    def right(self) -> int:
        """Prompts that got a right reply."""
        return self.prompts - len(self.mistakes)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        mistakes = [mistake.to_json() for mistake in self.mistakes]
        return {"expected": self.text, "prompts": self.prompts, "right": self.right, "errors": mistakes}


def weakest_first(graded: Sequence[GradedReply]) -> list[ExpectedReply]:
    """The replies that a bot missed at least once, by rising share of right answers, then by falling mistakes."""
    by_text: dict[str, list[GradedReply]] = {}
    for one in graded:
        by_text.setdefault(one.recorded[0], []).append(one)
    found = [
        ExpectedReply(text, len(group), tuple(one for one in group if not one.right)) for text, group in by_text.items()
    ]
    missed = [expected for expected in found if expected.mistakes]
    return sorted(missed, key=lambda expected: (expected.right / expected.prompts, -len(expected.mistakes)))


def perplexity(loss: float) -> float:
    """exp(loss), of a loss in nats a token."""
    return math.exp(min(loss, 700.0))


@dataclass(frozen=True)
class Validation:
    """Measured on the validation pairs, with dropout off.

    Attributes:
        loss: Mean nats a token, EOS included.
        bits_per_byte: Bits of the replies and their EOS over their UTF-8 bytes and one more
            byte each, so that bots with other tokenizers can be compared.
        exact: Share of the pairs of which the greedy reply is the recorded one.
    """

    loss: float
    bits_per_byte: float
    exact: float

    @property
    def perplexity(self) -> float:
        """exp(loss)."""
        return perplexity(self.loss)


@dataclass(frozen=True)
class Quality:
    """How often a bot answers right: the figure that `train`, `evaluate`, `list` and `info` share.

    Attributes:
        prompts: Distinct ones that it was asked, which it was not trained on.
        right: Of them, those that got a right reply; see `chatbot.metrics`.
        exact: Of them, those that got a reply recorded for this very prompt.
        by_topic: Whether another reply of the prompt's topic counts as right.
        nearest_neighbour: Prompts to which the reply of the nearest training prompt is right; None without an index.
    """

    prompts: int
    right: int
    exact: int
    by_topic: bool
    nearest_neighbour: int | None

    @property
    def share(self) -> float:
        """Share of the prompts that got a right reply."""
        return self.right / self.prompts
