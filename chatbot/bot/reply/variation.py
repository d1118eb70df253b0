"""`--vary`: a draw among the recorded replies that a search has found, by their probabilities."""

from collections.abc import Sequence

import numpy as np

from chatbot.inference.decoding.search_results import Hypothesis
from chatbot.inference.fork_safe_lock import ForkSafeLock

#: A reply takes part if it is at least so many times as probable as the most probable one.
LEAST_RATIO = 0.25


class Variation:
    """The draws with one seed, one after the other; threads may share it, and then take turns.

    No reply is drawn twice running where another takes part.
    """

    def __init__(self, seed: int | None) -> None:
        """Draw nothing yet.

        Args:
            seed: The same gives the same replies to the same prompts in the same order; None draws others each time.
        """
        self._random = np.random.default_rng(seed)
        self._last: tuple[int, ...] = ()
        self._turn = ForkSafeLock()

    def draw(self, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Draw a reply.

        Args:
            hypotheses: Different replies to a prompt, at least one.

        Returns:
            The same, the one that was drawn first.
        """
        totals = np.array([sum(one.log_probabilities) for one in hypotheses], np.float64)
        weights = np.exp(totals - totals.max())
        weights[weights < LEAST_RATIO] = 0.0
        with self._turn:
            others = np.array([one.tokens != self._last for one in hypotheses])
            if (weights * others).any():
                weights = weights * others
            place = int(self._random.choice(len(weights), p=weights / weights.sum()))
            self._last = hypotheses[place].tokens
        return [hypotheses[place], *hypotheses[:place], *hypotheses[place + 1 :]]
