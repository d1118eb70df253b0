"""Search: replies to prompts, by the strategy that the settings ask for.

Works over the step contract alone and knows token ids only: no text, no files, no screen.
A search is a generator that yields what it has settled at each step, for every prompt whose
reply is not over, so that the caller can show a reply while it grows or stop asking. What it
returns at its end are the whole replies.
"""

from collections.abc import Sequence

from chatbot.config import DecodingConfig
from chatbot.inference.constraints import Allows, Constraints
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search_results import Hypothesis, Search
from chatbot.inference.decoding.strategies import choose_strategy
from chatbot.inference.step_model import StepModel


def search(
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    config: DecodingConfig,
    banned: Sequence[int] = (),
    allows: Allows | None = None,
) -> Search:
    """Answer prompts.

    Args:
        model: Gives the logits.
        prompts: Token ids of each prompt; all are answered side by side.
        config: How to choose. Its `ban_words` are text and no concern of this function, which
            has `allows` for what they come to.
        banned: Ids that are never chosen; EOS must not be among them.
        allows: Whether a token may follow a reply so far.

    Yields:
        The choices of a step, in the order of the prompts: greedy search and sampling settle one token
        for each unfinished prompt, a beam none or several. A reply that is cut at `max_tokens`
        has no EOS, which is how a caller knows.

    Returns:
        The hypotheses of each prompt, the best first: one, or those that a beam has found, at
        most `config.beam`. The first `config.n_best` are the best there are to find.
    """
    if not prompts:
        return []
    constraints = Constraints(config, banned, allows)
    return (yield from choose_strategy(config).search(model, prompts, config, constraints))


def n_best(
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    config: DecodingConfig,
    banned: Sequence[int] = (),
    allows: Allows | None = None,
) -> list[list[Hypothesis]]:
    """Run a search to its end. See `search`.

    Returns:
        The hypotheses of each prompt, in the order of the prompts, the best first.
    """
    return drain(search(model, prompts, config, banned, allows))


def best_replies(
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    config: DecodingConfig,
    banned: Sequence[int] = (),
) -> list[Hypothesis]:
    """Run a search to its end. See `search`.

    Returns:
        The best reply to each prompt, in the order of the prompts.
    """
    return [hypotheses[0] for hypotheses in n_best(model, prompts, config, banned)]
