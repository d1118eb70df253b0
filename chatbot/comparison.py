"""Two bots side by side on the same prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chatbot.config import DecodingConfig
from chatbot.replies import Reply


class Bot(Protocol):
    """The part of a `Chatbot` that a comparison needs."""

    def reply_batch(self, texts: Sequence[str], decoding: DecodingConfig) -> list[Reply]:
        """See `Chatbot.reply_batch`."""


@dataclass(frozen=True)
class Comparison:
    """What two bots say to one prompt."""

    prompt: str
    first: Reply
    second: Reply

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.first.text == self.second.text

    def to_json(self) -> dict[str, Any]:
        """The comparison as a JSON object; scores are log-probabilities, `confidence` is null without a calibration."""
        return {
            "prompt": self.prompt,
            "same": self.same,
            "a": self.first.to_json(),
            "b": self.second.to_json(),
        }


def compare(first: Bot, second: Bot, prompts: Sequence[str], decoding: DecodingConfig) -> list[Comparison]:
    """Ask both bots, of all prompts at once."""
    answers = zip(first.reply_batch(prompts, decoding), second.reply_batch(prompts, decoding), strict=True)
    return [Comparison(prompt, *replies) for prompt, replies in zip(prompts, answers, strict=True)]
