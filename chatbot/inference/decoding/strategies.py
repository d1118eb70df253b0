"""The table of decoding strategies."""

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.beam import BeamSearch
from chatbot.inference.decoding.greedy import Greedy
from chatbot.inference.decoding.sampling import Sampling
from chatbot.inference.decoding.strategy import Strategy
from chatbot.inference.decoding.varied import Varied

#: All strategies. The first that applies to a configuration is used; the last applies to any.
STRATEGIES: tuple[Strategy, ...] = (Varied(), BeamSearch(), Sampling(), Greedy())


def choose_strategy(config: DecodingConfig) -> Strategy:
    """The strategy that a configuration asks for.

    Args:
        config: The configuration.

    Returns:
        The first row of `STRATEGIES` that applies.
    """
    return next(strategy for strategy in STRATEGIES if strategy.applies(config))
