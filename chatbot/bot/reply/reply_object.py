"""A reply with its scores, its alternatives and its confidence."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from chatbot.bot.reply.suggestions import Suggestion
from chatbot.config import EOS_PIECE, FallbackConfig
from chatbot.errors import ConfigError


class LazyConfidence:
    """A confidence that is computed when it is first read, as the index that it needs takes a while to load.

    A copy and a pickle hold the number alone, not what it was computed from.
    """

    def __init__(self, compute: Callable[[], float]) -> None:
        """Put the computation off.

        Args:
            compute: Gives the confidence, in 0..1.
        """
        self._compute = compute

    @cached_property
    def value(self) -> float:
        """The confidence, in 0..1."""
        return self._compute()

    def __reduce__(self) -> tuple[type["LazyConfidence"], tuple[Callable[[], float]]]:
        """Reduce to the number."""
        return LazyConfidence, (partial(float, self.value),)


@dataclass(frozen=True, repr=False)
class Reply:
    """A reply; `str` gives its text.

    Log-probabilities are natural logarithms of what the model gave each token, before any
    temperature, penalty or ban.

    Attributes:
        text: The reply.
        tokens: Its pieces as the tokenizer knows them, `▁` for a space, EOS left out.
        score: Sum of `log_probabilities`; 0.0 at best.
        truncated: Whether the reply was cut at `max_tokens` before it ended by itself.
        prompt_truncated: Whether the prompt was longer than the model reads and was cut.
        log_probabilities: Of each token, and of EOS behind them unless the reply was cut.
        alternatives: With `n_best`, the next best replies with other texts, the best first;
            fewer than asked where the beam found no more. They have no alternatives.
        fallback: Whether the text is the fallback, for want of confidence in the bot's own reply;
            the scores are the bot's.
        suggestions: With `suggest`, the questions that may have been meant, the likeliest first; none where one
            answer is far ahead of the others.
    """

    text: str
    tokens: tuple[str, ...] = ()
    score: float = 0.0
    truncated: bool = False
    prompt_truncated: bool = False
    log_probabilities: tuple[float, ...] = ()
    alternatives: tuple["Reply", ...] = ()
    fallback: bool = False
    suggestions: tuple[Suggestion, ...] = ()
    _confidence: LazyConfidence | None = field(default=None, repr=False, compare=False, kw_only=True)

    def __str__(self) -> str:
        """The text."""
        return self.text

    def __repr__(self) -> str:
        """The text and the score, and what is out of the ordinary."""
        flags = [name for name in ("truncated", "prompt_truncated", "fallback") if getattr(self, name)]
        others = [f"{len(self.alternatives)} alternatives"] if self.alternatives else []
        return f"Reply({', '.join([repr(self.text), f'score={self.score:.4g}', *flags, *others])})"

    @property
    def mean_log_probability(self) -> float:
        """Mean of `log_probabilities`, which short and long replies have alike; 0.0 where there are none."""
        return self.score / max(len(self.log_probabilities), 1)

    @property
    def confidence(self) -> float | None:
        """The confidence of the bot in its own reply, in 0..1: the chance that it is the recorded one.

        Computed when first asked for. Fitted to greedy replies; 0.0 where nothing was said, None where the bot has no
        calibration.
        """
        return None if self._confidence is None else self._confidence.value

    def to_json(self) -> dict[str, Any]:
        """Return the reply as a JSON object, with its confidence, which is computed now.

        A fallback has the figures of the reply that it replaces.
        """
        return {
            "reply": self.text,
            "score": float(self.score),
            "confidence": self.confidence,
            "truncated": self.truncated,
        }

    def tokens_to_json(self) -> list[dict[str, Any]]:
        """The tokens for programs, EOS the last of a reply that is whole; a fallback has none."""
        tokens = () if self.fallback else zip((*self.tokens, EOS_PIECE), self.log_probabilities, strict=False)
        return [{"token": token, "log_probability": float(chance)} for token, chance in tokens]

    def or_fallback(
        self, fallback: FallbackConfig, threshold: float | None, prompt: str = "", urgent: Collection[str] = ()
    ) -> "Reply":
        """This reply, or the fallback where the confidence in it is too low or it is a fallback that was learned.

        Args:
            fallback: What to say instead, and perhaps when.
            threshold: The bot's own, for a fallback without one; None where it has no calibration.
            prompt: What was asked.
            urgent: Texts that are kept at any confidence, as it is worse to miss one than to say it in vain.

        Raises:
            ConfigError: There is no confidence to go by.
        """
        least = threshold if fallback.min_confidence is None else fallback.min_confidence
        confidence = self.confidence
        if least is None or confidence is None:
            raise ConfigError("this bot has no calibrated confidence to choose a fallback by; train it again")
        if self.text in urgent or (confidence >= least and self.text not in fallback.replaced):
            return self
        return replace(self, text=fallback.choose(prompt), tokens=(), truncated=False, alternatives=(), fallback=True)
