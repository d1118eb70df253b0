"""Choosing among the replies that a beam has found those that say something.

A beam likes what is probable after any prompt, "I don't know" above all. Anti-LM reranking
takes off what a reply owes to that: Li et al. (2016), "A Diversity-Promoting Objective
Function for Neural Conversation Models", section 4.5.1, over an n-best list and with the
decoder's own language model.
"""

from collections.abc import Sequence
from dataclasses import replace

from chatbot.config import DecodingConfig
from chatbot.inference.hypothesis import Hypothesis
from chatbot.inference.scoring import score
from chatbot.inference.step_model import EMPTY_PROMPT, StepModel


def rerank(model: StepModel, found: Sequence[Sequence[Hypothesis]], config: DecodingConfig) -> list[list[Hypothesis]]:
    """Rank hypotheses by log p(reply | prompt) - λ log p(reply) + γ length.

    Args:
        model: The decoder that found them; started from `EMPTY_PROMPT` it gives p(reply).
        found: The hypotheses of each prompt.
        config: `diversity` is λ, `length_bonus` is γ; the length is in tokens.

    Returns:
        The hypotheses of each prompt with that score, the best first.
    """
    replies = [hypothesis.tokens for hypotheses in found for hypothesis in hypotheses]
    without_prompt = iter(score(model, [EMPTY_PROMPT] * len(replies), replies))
    ranked = []
    for hypotheses in found:
        rescored = [
            replace(
                hypothesis,
                score=sum(hypothesis.log_probabilities)
                - config.diversity * float(next(without_prompt).sum())
                + config.length_bonus * len(hypothesis.tokens),
            )
            for hypothesis in hypotheses
        ]
        ranked.append(sorted(rescored, key=lambda hypothesis: hypothesis.score, reverse=True))
    return ranked
