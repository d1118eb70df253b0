"""Suggestions: the questions that a person may have meant, where two answers are near each other.

An answer is a topic, or a reply that has none: its probability is that of all its replies together. Recorded replies
have probabilities that add up to 1, so two answers can be compared.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.confidence import Answer, Confidence
from chatbot.bot.reply.prompt import Prompt
from chatbot.bundle import KnownReply
from chatbot.errors import ConfigError
from chatbot.inference.decoding.search_results import Hypothesis, strip_eos
from chatbot.tokenizer import Tokenizer

#: An answer is near the most probable one if it is at least this many times as probable.
NEAR = 0.4
#: Hypotheses of the search for each suggestion, as a topic has several replies.
HYPOTHESES = 4


@dataclass(frozen=True)
class Suggestion:
    """A question that may have been meant.

    Attributes:
        prompt: The learned prompt most like the one that was typed, among those with this answer; in lower case.
        reply: The bot's reply to it.
        probability: Of this answer to what was typed, in 0..1.
    """

    prompt: str
    reply: str
    probability: float

    def to_json(self) -> dict[str, Any]:
        """Return the suggestion as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Suggester:
    """Finds what a person may have meant.

    Attributes:
        tokenizer: Of the bot.
        index: Of the training prompts.
        confidence: Of the bot.
        topics: Of the replies that have one, by reply.
        declining: Replies that are no answers: those that say that the bot does not know.
    """

    tokenizer: Tokenizer
    index: NearestNeighbour
    confidence: Confidence
    topics: Mapping[str, str]
    declining: Collection[str]

    @classmethod
    def of(
        cls,
        tokenizer: Tokenizer,
        confidence: Confidence | None,
        replies: Sequence[KnownReply],
        fallbacks: Sequence[str],
    ) -> Self:
        """Take what a bot suggests from.

        Args:
            tokenizer: Of the bot.
            confidence: The same; None without a calibration.
            replies: Its recorded replies.
            fallbacks: What it says by itself in place of a reply that it is not sure of.

        Returns:
            The suggester.

        Raises:
            ConfigError: The bot has no recorded replies, or no index of its prompts.
        """
        if not replies:
            raise ConfigError("suggest names recorded replies, and this bot has no set of them")
        if confidence is None or confidence.index is None:
            raise ConfigError("suggest needs the index of the prompts; train the bot again without --no-index")
        topics = {reply.text: reply.topic for reply in replies if reply.topic is not None}
        doubtful = (reply.text for reply in replies if reply.is_urgent_fallback)
        return cls(tokenizer, confidence.index, confidence, topics, frozenset((*fallbacks, *doubtful)))

    def suggest(self, prompt: Prompt, found: Sequence[Hypothesis], most: int) -> tuple[Suggestion, ...]:
        """Suggest questions, where there are two answers at least, and one of them is likely to be right.

        Args:
            prompt: What was asked.
            found: The most probable recorded replies; none for an empty prompt.
            most: Suggestions at most.

        Returns:
            The suggestions, the likeliest first: two at least, or none. A prompt that was learned means itself.
        """
        asked = self.tokenizer.decode(prompt.ids)
        near = self._near_answers(found)[:most]
        offered = [one for reply, share in near if (one := self._suggestion(asked, reply, share)) is not None]
        if len(offered) < 2 or asked in (one.prompt for one in offered):
            return ()
        together = math.log(min(sum(one.probability for one in offered), 1.0))
        sure = self.confidence.of(Answer(asked, len(prompt.ids), offered[0].reply, together))
        return tuple(offered) if sure >= self.confidence.calibration.threshold else ()

    def _near_answers(self, found: Sequence[Hypothesis]) -> list[tuple[str, float]]:
        """The most probable reply of each answer that is near the first, with the probability of the answer."""
        answers: dict[str, tuple[str, float]] = {}
        for hypothesis in sorted(found, key=lambda one: -sum(one.log_probabilities)):
            reply = self.tokenizer.decode(strip_eos(hypothesis))
            if reply not in self.declining:
                answer = self.topics.get(reply, reply)
                first, share = answers.get(answer, (reply, 0.0))
                answers[answer] = (first, share + math.exp(sum(hypothesis.log_probabilities)))
        ranked = sorted(answers.values(), key=lambda one: -one[1])
        return [one for one in ranked if one[1] >= NEAR * ranked[0][1]]

    def _suggestion(self, asked: str, reply: str, share: float) -> Suggestion | None:
        """The learned prompt with a reply that is most like another; None where none is like it at all."""
        matches = self.index.nearest(asked, 1, reply)
        return Suggestion(matches[0].prompt, reply, share) if matches else None
