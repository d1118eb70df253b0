"""Graded replies: the answer key of a corpus, exact and right replies, mistakes by expected reply, confused replies."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

from chatbot.corpus.phrasing_verdict import FEWEST_PHRASINGS
from chatbot.metrics import fold_answer, is_recorded
from chatbot.text import fold


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
        """Whether a reply to one of the prompts is right.

        Args:
            prompt: One of the prompts of the key, in any case.
            reply: The reply of a bot.
        """
        if self.is_exact(prompt, reply):
            return True
        topic = self.topics.get(fold_answer(reply))
        return topic is not None and any(
            self.topics.get(fold_answer(other)) == topic for other in self.recorded[fold(prompt)]
        )

    def is_exact(self, prompt: str, reply: str) -> bool:
        """Whether a reply is recorded for a prompt.

        Args:
            prompt: One of the prompts of the key, in any case.
            reply: The reply of a bot.
        """
        return is_recorded(reply, self.recorded[fold(prompt)])

    def grade(self, prompt: str, reply: str, confidence: float | None) -> "GradedReply":
        """Grade the reply of a bot.

        Args:
            prompt: One of the prompts of the key, in any case.
            reply: The reply of the bot.
            confidence: Of that reply; None for a bot without it.

        Returns:
            The reply, with whether it is right.
        """
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
        """Return the reply as a JSON object."""
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
        """Return the expected reply and the mistakes as a JSON object."""
        mistakes = [mistake.to_json() for mistake in self.mistakes]
        return {"expected": self.text, "prompts": self.prompts, "right": self.right, "errors": mistakes}


def weakest_first(graded: Sequence[GradedReply]) -> list[ExpectedReply]:
    """The replies that a bot missed at least once, by rising share of right answers, then by falling mistakes.

    Args:
        graded: Replies of a bot.
    """
    by_text: dict[str, list[GradedReply]] = {}
    for one in graded:
        by_text.setdefault(one.recorded[0], []).append(one)
    found = [
        ExpectedReply(text, len(group), tuple(one for one in group if not one.right)) for text, group in by_text.items()
    ]
    missed = [expected for expected in found if expected.mistakes]
    return sorted(missed, key=lambda expected: (expected.right / expected.prompts, -len(expected.mistakes)))


@dataclass(frozen=True)
class ConfusedReplies:
    """Two recorded replies that a bot takes for each other.

    Attributes:
        replies: Both, the one that more of the mistakes should have been first.
        mistakes: The wrong answers with one of them where the other was expected, in the order of the corpus.
    """

    replies: tuple[str, str]
    mistakes: tuple[GradedReply, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the two replies, the number of mistakes and the first of them as a JSON object."""
        return {"replies": list(self.replies), "count": len(self.mistakes), "example": self.mistakes[0].to_json()}


def most_confused_first(graded: Sequence[GradedReply], known: Iterable[str]) -> list[ConfusedReplies]:
    """The pairs of recorded replies of which a bot said one where the other was expected, by falling mistakes.

    Args:
        graded: Replies of a bot.
        known: Recorded replies besides those of the graded ones, such as the ones that the bot was trained on.
    """
    recorded = (reply for one in graded for reply in one.recorded)
    spelled = {fold_answer(reply): reply for reply in (*known, *recorded)}
    by_replies: dict[frozenset[str], list[GradedReply]] = defaultdict(list)
    for one in graded:
        if not one.right and fold_answer(one.said) in spelled:
            by_replies[frozenset({fold_answer(one.recorded[0]), fold_answer(one.said)})].append(one)
    found = []
    for replies, mistakes in by_replies.items():
        expected = Counter(fold_answer(one.recorded[0]) for one in mistakes)
        first = max(expected, key=lambda reply: expected[reply])
        (second,) = replies - {first}
        found.append(ConfusedReplies((spelled[first], spelled[second]), tuple(mistakes)))
    return sorted(found, key=lambda confused: -len(confused.mistakes))


@dataclass(frozen=True)
class NeedyReply:
    """A recorded reply that a bot misses and that it knows from few phrasings.

    Attributes:
        expected: The reply with the bot's successes and mistakes.
        phrasings: The training prompts that have it.
    """

    expected: ExpectedReply
    phrasings: int

    @property
    def rank(self) -> tuple[float, int, int]:
        """The sort key of the neediest first: share right, mistakes, phrasings."""
        return self.expected.right / self.expected.prompts, -len(self.expected.mistakes), self.phrasings

    def to_json(self) -> dict[str, Any]:
        """Return the reply, its phrasings and how often it was expected and got right, as a JSON object."""
        return {
            "reply": self.expected.text,
            "phrasings": self.phrasings,
            "prompts": self.expected.prompts,
            "right": self.expected.right,
        }


def neediest_first(graded: Sequence[GradedReply], phrasings: Mapping[str, int]) -> list[NeedyReply]:
    """The missed replies with no more training phrasings than the median, by share right, mistakes and phrasings.

    Args:
        graded: Replies of a bot.
        phrasings: Training prompts of each reply.

    Returns:
        The replies; none where nearly every reply has one phrasing, as in open dialogue.
    """
    if sum(phrasings.values()) < FEWEST_PHRASINGS * len(phrasings):
        return []
    counts = {fold_answer(reply): count for reply, count in phrasings.items()}
    few = median(phrasings.values())
    known = [NeedyReply(expected, counts.get(fold_answer(expected.text), 0)) for expected in weakest_first(graded)]
    return sorted((one for one in known if one.phrasings <= few), key=lambda one: one.rank)
