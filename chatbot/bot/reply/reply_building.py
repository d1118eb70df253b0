"""Replies built from the hypotheses of a search: whole, or piece by piece while the search runs."""

from collections.abc import Sequence
from dataclasses import replace

from chatbot.bot.reply.confidence import Answer, AnswersTogether, Confidence
from chatbot.bot.reply.prompt import Prompt
from chatbot.bot.reply.reply_object import LazyConfidence, Reply
from chatbot.config import DecodingConfig
from chatbot.inference.decoding.reranking import choose_reranker
from chatbot.inference.decoding.search_results import Hypothesis, strip_eos
from chatbot.tokenizer import Tokenizer


class ReplyBuilder:
    """Turns hypotheses into replies."""

    def __init__(self, tokenizer: Tokenizer, confidence: Confidence | None) -> None:
        """Take what all replies of a bot share.

        Args:
            tokenizer: Token ids to text.
            confidence: Scores replies; None without a calibration.
        """
        self._tokenizer, self._confidence = tokenizer, confidence

    def build_all(
        self, prompts: Sequence[Prompt], found: Sequence[Sequence[Hypothesis]], decoding: DecodingConfig
    ) -> list[Reply]:
        """Build the replies to prompts, whose confidences are computed together.

        Args:
            prompts: What was asked.
            found: The hypotheses of each, see `build`; none for an empty prompt, which gets an empty reply.
            decoding: The settings of the search.

        Returns:
            The reply to each.
        """
        together = self._together()
        return [
            self._build(prompt, hypotheses, decoding, together) if hypotheses else empty_reply()
            for prompt, hypotheses in zip(prompts, found, strict=True)
        ]

    def build(self, prompt: Prompt, hypotheses: Sequence[Hypothesis], decoding: DecodingConfig) -> Reply:
        """Build the best reply, and with `n_best` the others as its alternatives.

        The others are in the order of their log-probabilities; after a reranking, in the order that it gave them.

        Args:
            prompt: What was asked.
            hypotheses: The best first, at least one.
            decoding: The settings of the search.

        Returns:
            The reply. Of hypotheses with the same text the best counts alone.
        """
        return self.build_all([prompt], [hypotheses], decoding)[0]

    def _together(self) -> AnswersTogether | None:
        return None if self._confidence is None else AnswersTogether(self._confidence)

    def _build(
        self,
        prompt: Prompt,
        hypotheses: Sequence[Hypothesis],
        decoding: DecodingConfig,
        together: AnswersTogether | None,
    ) -> Reply:
        read = self._tokenizer.decode(prompt.ids) if self._confidence is not None else ""
        by_text: dict[str, Reply] = {}
        for hypothesis in hypotheses:
            reply = self._build_one(prompt, read, hypothesis, together)
            together = self._together()  # few read those of the others
            by_text.setdefault(reply.text, reply)
            if len(by_text) == decoding.n_best:
                break
        best, *others = by_text.values()
        if choose_reranker(decoding) is None:
            others.sort(key=lambda reply: reply.score, reverse=True)
        return replace(best, alternatives=tuple(others)) if others else best

    def _build_one(self, prompt: Prompt, read: str, hypothesis: Hypothesis, together: AnswersTogether | None) -> Reply:
        ids, log_probability = strip_eos(hypothesis), sum(hypothesis.log_probabilities)
        text, confidence = self._tokenizer.decode(ids), None
        if together is not None:
            confidence = LazyConfidence(together.add(Answer(read, len(prompt.ids), text, log_probability)))
        return Reply(
            text=text,
            tokens=self._tokenizer.pieces(ids),
            score=log_probability,
            truncated=not hypothesis.ended,
            prompt_truncated=prompt.truncated,
            log_probabilities=hypothesis.log_probabilities,
            _confidence=confidence,
        )


def empty_reply() -> Reply:
    """The reply to an empty prompt, with a confidence of 0.0."""
    return Reply("", _confidence=LazyConfidence(float))
