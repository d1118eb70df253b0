"""Metrics of replies: exact match, BLEU, chrF, distinct-n, calibration error, perplexity, quality."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any


def fold_answer(text: str) -> str:
    """The text of a reply for comparisons with another: without case and outer spaces."""
    return text.strip().casefold()


def is_recorded(reply: str, recorded: Sequence[str]) -> bool:
    """Whether a reply is one of those recorded, case and outer spaces aside.

    Args:
        reply: The reply.
        recorded: The replies of the corpus to the prompt.
    """
    return fold_answer(reply) in map(fold_answer, recorded)


def exact_match(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """The share of the replies that are among those recorded for their prompt, in 0..1.

    Args:
        replies: One to each prompt.
        recorded: The replies of the corpus to each prompt.
    """
    return sum(map(is_recorded, replies, recorded)) / len(replies)


def bleu(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """The corpus BLEU against all replies recorded for each prompt (Papineni et al. 2002; Post 2018), in 0..100.

    Args:
        replies: One to each prompt.
        recorded: The replies of the corpus to each prompt.
    """
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415  # only evaluation needs it

    # Forced: replies that end in " ." are what the corpus holds, and no sign of tokenized text.
    return float(BLEU(force=True).corpus_score(list(replies), _in_columns(recorded)).score)


def chrf(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """The corpus chrF2 against all replies recorded for each prompt (Popović 2015), in 0..100.

    Args:
        replies: One to each prompt.
        recorded: The replies of the corpus to each prompt.
    """
    from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415  # as above

    return float(CHRF().corpus_score(list(replies), _in_columns(recorded)).score)


def distinct(replies: Sequence[str], size: int) -> float:
    """The share of different n-grams among the n-grams of words of all replies together (Li et al. 2016), in 0..1.

    Words are separated by white space. The share is 0 where no reply has n words.

    Args:
        replies: Any texts.
        size: The n.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for reply in replies:
        words = reply.split()
        counts.update(zip(*(words[start:] for start in range(size)), strict=False))
    return len(counts) / counts.total() if counts else 0.0


def top_share(replies: Sequence[str]) -> float:
    """The share of the most frequent one among the replies, in 0..1."""
    return max(Counter(replies).values()) / len(replies)


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """The expected calibration error, in 0..1 (Guo et al. 2017, equation 3).

    It is the distance between the mean confidence and the share of right replies in a bin, averaged over the bins by
    the number of their replies. A confidence on an edge belongs to the bin above.

    Args:
        confidences: In 0..1.
        right: Whether each reply is right.
        bins: Bins of equal width.
    """
    import numpy as np  # noqa: PLC0415  # the lists of bots hold measurements too, and would wait for it

    sure, hits = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    places = np.minimum((sure * bins).astype(np.intp), bins - 1)
    return float(np.abs(np.bincount(places, sure - hits)).sum() / len(sure))


def _in_columns(recorded: Sequence[Sequence[str]]) -> Any:
    """References as sacreBLEU takes them: the first of every prompt, the second, and so on, None for none."""
    return [list(column) for column in zip_longest(*(dict.fromkeys(replies) for replies in recorded))]


def perplexity(loss: float) -> float:
    """The perplexity exp(loss) of a loss in nats a token."""
    return math.exp(min(loss, 700.0))


@dataclass(frozen=True)
class Validation:
    """Measured on the validation pairs, with dropout off.

    Attributes:
        loss: Mean nats a token, EOS included.
        bits_per_byte: Bits of the replies and their EOS over their UTF-8 bytes and one more
            byte each, so that bots with other tokenizers can be compared.
        exact: Share of the pairs that get exactly the recorded reply: the likeliest known reply of the network, where
            there are known ones, else the greedy reply.
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
    """The share of right replies: the figure that `train`, `evaluate`, `list` and `info` have in common.

    Attributes:
        prompts: Distinct ones that it was asked, which it was not trained on.
        right: Of them, those that got a right reply; see `chatbot.metrics`.
        exact: Of them, those that got a reply recorded for this very prompt.
        by_topic: Whether another reply of the prompt's topic counts as right.
        nearest_neighbour: Prompts to which the reply of the nearest training prompt is right; None without an index.
        nearest_centroid: Prompts to which the reply whose prompts are nearest together is right; None as above.
        linear_svm: Those to which that of a linear support vector machine is right; None where that would take long.
    """

    prompts: int
    right: int
    exact: int
    by_topic: bool
    nearest_neighbour: int | None
    nearest_centroid: int | None = None
    linear_svm: int | None = None

    @property
    def baselines(self) -> dict[str, int]:
        """The prompts that the known baselines answer right, by their names for people."""
        found = {
            "nearest neighbour": self.nearest_neighbour,
            "nearest centroid": self.nearest_centroid,
            "linear SVM": self.linear_svm,
        }
        return {name: right for name, right in found.items() if right is not None}

    @property
    def beaten_by(self) -> str | None:
        """The name of the best baseline, if it answers more prompts right."""
        best = max(self.baselines.items(), key=lambda one: one[1], default=("", 0))
        return best[0] if best[1] > self.right else None

    @property
    def share(self) -> float:
        """Share of the prompts that got a right reply."""
        return self.right / self.prompts
