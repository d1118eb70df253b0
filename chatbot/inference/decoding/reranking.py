"""Reranking of the replies that a beam has found, and the table of rerankers.

A beam likes what is probable after any prompt, "I don't know" above all. Anti-LM reranking
takes off what a reply owes to that: Li et al. (2016), "A Diversity-Promoting Objective
Function for Neural Conversation Models", section 4.5.1, over an n-best list and with the
decoder's own language model.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.search_results import Hypothesis
from chatbot.inference.scoring import score
from chatbot.inference.step_model import EMPTY_PROMPT, StepModel

#: Scores of hypotheses, the higher the better, from the model, the prompt of each hypothesis, the
#: hypotheses of all prompts, and the settings.
ScoreHypotheses = Callable[[StepModel, Sequence[Sequence[int]], Sequence[Hypothesis], DecodingConfig], Sequence[float]]


class Reranker(NamedTuple):
    """A way to rank anew what a beam has found: a row of `RERANKERS`.

    Attributes:
        name: The field's name for it.
        setting: The setting that asks for it, 0 where it does not.
        score: Scores all hypotheses, which are ranked by it.
    """

    name: str
    setting: str
    score: ScoreHypotheses


def score_anti_lm(
    model: StepModel, prompts: Sequence[Sequence[int]], hypotheses: Sequence[Hypothesis], config: DecodingConfig
) -> list[float]:
    """Score hypotheses by log p(reply | prompt) - λ log p(reply) + γ length (Li et al. 2016, section 4.5.1).

    Args:
        model: The decoder that found them; started from `EMPTY_PROMPT` it gives p(reply).
        prompts: The prompt of each hypothesis, which its log-probabilities have seen already.
        hypotheses: Those of all prompts.
        config: `diversity` is λ, `length_bonus` is γ; the length is in tokens.

    Returns:
        The scores, in nats.
    """
    del prompts
    without_prompt = score(model, [EMPTY_PROMPT] * len(hypotheses), [hypothesis.tokens for hypothesis in hypotheses])
    return [
        sum(hypothesis.log_probabilities)
        - config.diversity * float(alone.sum())
        + config.length_bonus * len(hypothesis.tokens)
        for hypothesis, alone in zip(hypotheses, without_prompt, strict=True)
    ]


#: All rerankers. The first whose setting is not 0 is used.
RERANKERS: tuple[Reranker, ...] = (Reranker("anti-LM", "diversity", score_anti_lm),)


def choose_reranker(config: DecodingConfig) -> Reranker | None:
    """The reranker that a configuration asks for.

    Args:
        config: The configuration.

    Returns:
        A row of `RERANKERS`; None where none is asked for.
    """
    return next((reranker for reranker in RERANKERS if getattr(config, reranker.setting)), None)


def rerank(
    reranker: Reranker,
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    found: Sequence[Sequence[Hypothesis]],
    config: DecodingConfig,
) -> list[list[Hypothesis]]:
    """Rank hypotheses anew.

    Args:
        reranker: Scores them.
        model: The model that found them.
        prompts: Token ids of each prompt.
        found: The hypotheses of each prompt.
        config: The settings.

    Returns:
        The hypotheses of each prompt with their new scores, the best first.
    """
    asked = [prompt for prompt, hypotheses in zip(prompts, found, strict=True) for _ in hypotheses]
    flat = [hypothesis for hypotheses in found for hypothesis in hypotheses]
    scores = iter(reranker.score(model, asked, flat, config))
    rescored = [[replace(one, score=next(scores)) for one in hypotheses] for hypotheses in found]
    return [sorted(hypotheses, key=lambda one: one.score, reverse=True) for hypotheses in rescored]
