"""Mistakes of a bot by expected reply, by confused replies, and by replies with few phrasings."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from chatbot.bot.grading import GradedReply
from chatbot.corpus.reply_set import is_reply_set
from chatbot.metrics import fold_answer


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
        The replies; none where the replies are no set, as in open dialogue.
    """
    if not is_reply_set(len(phrasings), sum(phrasings.values())):
        return []
    counts = {fold_answer(reply): count for reply, count in phrasings.items()}
    few = median(phrasings.values())
    known = [NeedyReply(expected, counts.get(fold_answer(expected.text), 0)) for expected in weakest_first(graded)]
    return sorted((one for one in known if one.phrasings <= few), key=lambda one: one.rank)
