"""Choosing the tokens of a reply.

Works over the step contract alone and knows token ids only: no text, no files, no screen.
A search is a generator that yields what it chose at each step, for every sentence that is
still unfinished, so that the caller can show a reply while it grows or stop asking.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chatbot.config import EOS, GO, DecodingConfig
from chatbot.inference.logits import ban, log_softmax
from chatbot.inference.steps import StepModel


class Choice(NamedTuple):
    """A token chosen for one sentence.

    Attributes:
        row: Index of the prompt.
        token: Its id; EOS ends the reply and is part of its score but not of its text.
        log_probability: Natural logarithm of the probability that the model gave it.
    """

    row: int
    token: int
    log_probability: float


def greedy(
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    config: DecodingConfig,
    banned: Sequence[int] = (),
) -> Iterator[list[Choice]]:
    """Take the most probable token at each step until EOS or `config.max_tokens`.

    A sentence that reaches EOS leaves the batch; one that is cut at `max_tokens` yields no
    EOS, which is how a caller knows.

    Args:
        model: Where the logits come from.
        prompts: Token ids of each prompt, none empty; all are answered side by side.
        config: Only `max_tokens` matters here.
        banned: Ids that are never chosen; EOS must not be among them.

    Yields:
        One `Choice` for each unfinished prompt, in the order of the prompts.
    """
    if not prompts:
        return
    state = model.encode(prompts)
    rows = np.arange(len(prompts))
    tokens = np.full(len(prompts), GO, np.int32)
    for _ in range(config.max_tokens):
        logits, state = model.step(tokens, state)
        log_probabilities = log_softmax(ban(logits, banned))
        tokens = log_probabilities.argmax(axis=-1).astype(np.int32)
        chosen = log_probabilities[np.arange(len(tokens)), tokens]
        yield [Choice(*choice) for choice in zip(rows.tolist(), tokens.tolist(), chosen.tolist(), strict=True)]
        live = np.flatnonzero(tokens != EOS)
        if live.size == 0:
            return
        if live.size < len(tokens):
            rows, tokens, state = rows[live], tokens[live], state.select(live)


def complete(
    model: StepModel,
    prompts: Sequence[Sequence[int]],
    config: DecodingConfig,
    banned: Sequence[int] = (),
) -> list[list[Choice]]:
    """Run `greedy` to its end and return the choices of each prompt, in the order of the prompts."""
    chosen: list[list[Choice]] = [[] for _ in prompts]
    for step in greedy(model, prompts, config, banned):
        for choice in step:
            chosen[choice.row].append(choice)
    return chosen


def spoken(choices: Sequence[Choice]) -> list[int]:
    """The token ids of a reply without its EOS."""
    return [choice.token for choice in choices if choice.token != EOS]
