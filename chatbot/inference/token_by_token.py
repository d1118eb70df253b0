"""Replies built token by token, greedily or by chance: one loop, two ways to choose.

Rows are independent: a prompt gets the same reply alone and beside others.
"""

from collections.abc import Callable, Sequence

import numpy as np

from chatbot.config import EOS, GO, DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.hypothesis import Hypothesis, Search, TokenChoice
from chatbot.inference.logits import Histories, keep_min_p, keep_top_k, keep_top_p, log_probabilities, scale
from chatbot.inference.step_model import Logits, StepModel, Tokens

#: A token for each of the prompts still unfinished, whose indices come first.
_Choose = Callable[[Sequence[int], Logits, Histories], Tokens]


def token_by_token(
    model: StepModel, prompts: Sequence[Sequence[int]], config: DecodingConfig, rules: Constraints
) -> Search:
    """Choose a token at each step until EOS or `config.max_tokens`.

    A prompt whose reply is over leaves the batch.
    """
    choose: _Choose = _Sampling(config, prompts, rules) if config.samples else _greedily(rules)
    replies: list[list[TokenChoice]] = [[] for _ in prompts]
    histories: list[list[int]] = [[] for _ in prompts]
    state = model.encode(prompts)
    rows = list(range(len(prompts)))
    tokens = np.full(len(prompts), GO, np.int32)
    for _ in range(config.max_tokens):
        logits, state = model.step(tokens, state)
        tokens = choose(rows, logits, histories)
        log_probability = log_probabilities(logits, tokens)
        step = list(map(TokenChoice, rows, tokens.tolist(), log_probability.tolist()))
        for choice, history in zip(step, histories, strict=True):
            replies[choice.row].append(choice)
            history.append(choice.token)
        yield step
        live = np.flatnonzero(tokens != EOS)
        if live.size < len(tokens):
            if live.size == 0:
                break
            rows, histories = [rows[place] for place in live], [histories[place] for place in live]
            tokens, state = tokens[live], state.select(live)
    return [[_hypothesis(reply)] for reply in replies]


def _hypothesis(reply: Sequence[TokenChoice]) -> Hypothesis:
    _, tokens, log_probabilities_ = zip(*reply, strict=True)
    return Hypothesis(tokens, log_probabilities_, sum(log_probabilities_))


def _greedily(rules: Constraints) -> _Choose:
    return lambda _rows, logits, histories: rules.most_probable(logits, histories)


class _Sampling:
    """A token drawn from the distribution that temperature, top-k, top-p and min-p leave.

    Each prompt has its own chance, begun from the seed and its tokens, so that neither its
    place in a batch nor what is answered beside it changes its reply.
    """

    def __init__(self, config: DecodingConfig, prompts: Sequence[Sequence[int]], rules: Constraints) -> None:
        self._config, self._rules = config, rules
        seeds = [None if config.seed is None else [config.seed, *prompt] for prompt in prompts]
        self._chances = [np.random.default_rng(seed) for seed in seeds]

    def __call__(self, rows: Sequence[int], logits: Logits, histories: Histories) -> Tokens:
        def draw(left: Logits, places: Sequence[int]) -> Tokens:
            uniform = np.array([self._chances[rows[place]].random() for place in places])
            return _draw(shape(left, self._config), uniform)

        return self._rules.choose(logits, histories, draw)


def shape(logits: Logits, config: DecodingConfig) -> Logits:
    """The logits that tokens are drawn by: what temperature, top-k, top-p and min-p leave, in this order."""
    if config.temperature is not None:
        logits = scale(logits, config.temperature)
    if config.top_k is not None:
        logits = keep_top_k(logits, config.top_k)
    if config.top_p is not None:
        logits = keep_top_p(logits, config.top_p)
    if config.min_p is not None:
        logits = keep_min_p(logits, config.min_p)
    return logits


def _draw(logits: Logits, uniform: np.ndarray) -> Tokens:
    """A token of each row, for a number in 0..1 each: where the cumulative probability passes it."""
    weights = np.exp((logits - logits.max(axis=-1, keepdims=True)).astype(np.float64))
    cumulative = weights.cumsum(axis=-1)
    total = cumulative[:, -1]
    # Rounding must not reach the total, which no token passes.
    aim = np.minimum(uniform * total, np.nextafter(total, 0))
    tokens: Tokens = (cumulative > aim[:, None]).argmax(axis=-1).astype(np.int32)
    return tokens
