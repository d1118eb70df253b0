"""The comparison of two bots on the same prompts, with right and wrong replies where a corpus records them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from chatbot.bot.grading import AnswerKey
from chatbot.bot.reply.reply_object import Reply
from chatbot.config import DecodingConfig
from chatbot.corpus.reading.tsv import Pair, Row
from chatbot.corpus.topic_column import ReplyTopics
from chatbot.text import fold, normalize, plural


class ComparedBot(Protocol):
    """The part of a `Chatbot` that a comparison needs."""

    def reply_batch(self, texts: Sequence[str], decoding: DecodingConfig) -> list[Reply]:
        """See `Chatbot.reply_batch`."""


@dataclass(frozen=True)
class Questions:
    """The prompts for both bots.

    Attributes:
        prompts: In the order of the lines; where replies are recorded, each prompt once, case aside.
        key: The right replies; None where none is recorded.
    """

    prompts: Sequence[str]
    key: AnswerKey | None

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """The questions of lines, each a prompt, or a prompt, a tab and a reply, and perhaps a tab and its topic."""
        prompts, pairs, topics = list[str](), list[Pair](), ReplyTopics()
        for number, line in enumerate(lines, 1):
            prompt, *further = map(normalize, line.split("\t"))
            if prompt:
                prompts.append(prompt)
            if prompt and further and further[0]:
                pairs.append(Pair(prompt, further[0]))
                topics.note(Row(number, pairs[-1], tuple(further[1:])))
        if not pairs:
            return cls(prompts, None)
        distinct: dict[str, str] = {}
        for prompt in prompts:
            distinct.setdefault(fold(prompt), prompt)
        return cls(list(distinct.values()), AnswerKey.of(pairs, topics.chosen))


@dataclass(frozen=True)
class PromptComparison:
    """The replies of two bots to one prompt.

    Attributes:
        prompt: What both were asked.
        first: What the one says.
        second: What the other says.
        recorded: The replies recorded for the prompt; empty if none is known.
        right: Whether each is right; None if nothing is recorded.
    """

    prompt: str
    first: Reply
    second: Reply
    recorded: tuple[str, ...] = ()
    right: tuple[bool, bool] | None = None

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.first.text == self.second.text

    def to_json(self) -> dict[str, Any]:
        """The comparison as a JSON object; scores are log-probabilities, `confidence` is null without a calibration.

        Where replies are recorded, `expected` has them, and `right` of each bot whether its reply is right.
        """
        first, second = self.first.to_json(), self.second.to_json()
        expected: Mapping[str, Any] = {}
        if self.right is not None:
            expected = {"expected": list(self.recorded)}
            first["right"], second["right"] = self.right
        return {"prompt": self.prompt, "same": self.same, **expected, "a": first, "b": second}


@dataclass
class ComparisonCounts:
    """The counts of a comparison over all prompts so far.

    Attributes:
        prompts: That both were asked.
        same: To which both said the same.
        right: Of those with recorded replies, how many there are by whether A and B are right.
    """

    prompts: int = 0
    same: int = 0
    right: Counter[tuple[bool, bool]] = field(default_factory=Counter)

    def add(self, comparison: PromptComparison) -> None:
        """Count the comparison at one prompt."""
        self.prompts += 1
        self.same += comparison.same
        if comparison.right is not None:
            self.right[comparison.right] += 1

    def say(self) -> list[str]:
        """The counts in words, a sentence a line."""
        said = [f"the same reply to {self.same:,} of {plural(self.prompts, 'prompt')}"]
        if self.right:
            both, first, second, neither = (
                self.right[found] for found in ((True, True), (True, False), (False, True), (False, False))
            )
            said.append(
                f"A right {both + first:,}, B right {both + second:,} of {self.right.total():,}:"
                f" both {both:,}, only A {first:,}, only B {second:,}, neither {neither:,}"
            )
        return said


def compare(
    first: ComparedBot,
    second: ComparedBot,
    prompts: Sequence[str],
    decoding: DecodingConfig,
    key: AnswerKey | None = None,
) -> list[PromptComparison]:
    """Ask both bots, of all prompts at once.

    Args:
        first: The one.
        second: The other.
        prompts: What to ask them.
        decoding: How both choose their words.
        key: The right replies to some of the normalized prompts.

    Returns:
        A comparison for each prompt, in their order.
    """
    answers = zip(first.reply_batch(prompts, decoding), second.reply_batch(prompts, decoding), strict=True)
    return [_judge(prompt, *replies, key) for prompt, replies in zip(prompts, answers, strict=True)]


def _judge(prompt: str, first: Reply, second: Reply, key: AnswerKey | None) -> PromptComparison:
    recorded = () if key is None else key.recorded.get(fold(prompt), ())
    if key is None or not recorded:
        return PromptComparison(prompt, first, second)
    right = (key.is_right(prompt, first.text), key.is_right(prompt, second.text))
    return PromptComparison(prompt, first, second, recorded, right)
