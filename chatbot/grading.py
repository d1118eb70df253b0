"""Grading replies: which ones are right, by the one rule of evaluation, comparison and training.

A reply is right if the corpus records it for the prompt. Where a corpus names topics and records no
more than one reply for most of its prompts, it does not say what else would have done, so another
reply of the prompt's topic is right too; where it records several for most, those are what counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from chatbot.metrics import is_recorded, plain
from chatbot.text import fold


@dataclass(frozen=True)
class AnswerKey:
    """The right replies to the prompts of some pairs.

    Attributes:
        prompts: The distinct ones, each as it is spelled first, by their lower case, in the order of the pairs.
        recorded: The distinct replies recorded for each, by the same, in the order of the pairs.
        topics: The topic of each reply that has one, by its `plain` form; empty where topics do not count.
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
        return cls(prompts, recorded, {plain(reply): topic for reply, topic in counted.items()})

    def is_right(self, prompt: str, reply: str) -> bool:
        """Whether a reply to one of the prompts is right."""
        if self.is_exact(prompt, reply):
            return True
        topic = self.topics.get(plain(reply))
        return topic is not None and any(
            self.topics.get(plain(other)) == topic for other in self.recorded[fold(prompt)]
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
    """What a bot said to a prompt, beside what it should have said.

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
    """How well a bot knows when to say one reply.

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
    """The expected replies that a bot missed at least once, those with the smallest share of right answers first.

    Of equal shares the one with more mistakes comes first, then the one that is expected first.
    """
    by_text: dict[str, list[GradedReply]] = {}
    for one in graded:
        by_text.setdefault(one.recorded[0], []).append(one)
    found = [
        ExpectedReply(text, len(group), tuple(one for one in group if not one.right)) for text, group in by_text.items()
    ]
    missed = [expected for expected in found if expected.mistakes]
    return sorted(missed, key=lambda expected: (expected.right / expected.prompts, -len(expected.mistakes)))
