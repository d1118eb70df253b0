"""Sampling: tokens drawn from the distribution that temperature, top-k, top-p and min-p leave."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.decoding_loop import Pick, TokenByToken
from chatbot.inference.logits import keep_min_p, keep_top_k, keep_top_p, scale
from chatbot.inference.step_model import Logits, Tokens

#: The settings that reshape a distribution, in the order in which they do, each with its function of
#: logits and of the setting's value. None leaves the distribution as it is.
SHAPERS: tuple[tuple[str, Callable[[Logits, Any], Logits]], ...] = (
    ("temperature", scale),
    ("top_k", keep_top_k),
    ("top_p", keep_top_p),
    ("min_p", keep_min_p),
)


class Sampling(TokenByToken):
    """Ancestral sampling.

    Each prompt has a random generator of its own, seeded by the seed and its tokens, so that neither its
    place in a batch nor what is answered beside it changes its reply.
    """

    name = "sampled"
    random = True

    def applies(self, config: DecodingConfig) -> bool:
        """See `Strategy.applies`."""
        return config.samples

    def start(self, prompts: Sequence[Sequence[int]], config: DecodingConfig) -> Pick:
        """See `TokenByToken.start`."""
        seeds = [None if config.seed is None else [config.seed, *prompt] for prompt in prompts]
        generators = [np.random.default_rng(seed) for seed in seeds]

        def pick(logits: Logits, rows: Sequence[int]) -> Tokens:
            uniform = np.array([generators[row].random() for row in rows])
            return draw(self.reshape(logits, config), uniform)

        return pick

    def reshape(self, logits: Logits, config: DecodingConfig) -> Logits:
        """See `Strategy.reshape`."""
        for setting, function in SHAPERS:
            value = getattr(config, setting)
            if value is not None:
                logits = function(logits, value)
        return logits


def draw(logits: Logits, uniform: npt.NDArray[np.float64]) -> Tokens:
    """Draw a token of each row by inverting the cumulative distribution.

    Args:
        logits: (rows, vocabulary) float32.
        uniform: (rows,) float64, a random number in 0..1 each.

    Returns:
        (rows,) int32, the first token whose cumulative probability is above the row's number.
    """
    weights = np.exp((logits - logits.max(axis=-1, keepdims=True)).astype(np.float64))
    cumulative = weights.cumsum(axis=-1)
    total = cumulative[:, -1]
    # Rounding must not reach the total, which no token passes.
    aim = np.minimum(uniform * total, np.nextafter(total, 0))
    tokens: Tokens = (cumulative > aim[:, None]).argmax(axis=-1).astype(np.int32)
    return tokens
