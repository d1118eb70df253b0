"""Graded replies: the answer key of a corpus, exact replies and right ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

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
