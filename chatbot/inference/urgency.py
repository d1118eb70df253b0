"""The decision whether something urgent was meant, from the shares of the recorded replies.

The chance that it was is the sum of the shares of all urgent replies. Where some of them are made for doubt, it decides
what is said: below `DOUBT` a reply that is not urgent, from `SURE` on an urgent one, and in between one that is made
for doubt. Where none is, a share counts as often as it costs not to say that reply where it is right, so that the
expected cost is the least.

References: Chow (1970), "On Optimum Recognition Error and Reject Tradeoff", section II, and Yao (2010), "Three-way
decisions with probabilistic rough sets", section 3, for two thresholds of one chance; Elkan (2001), "The Foundations of
Cost-Sensitive Learning", section 1, for the costs.
"""

from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.inference.prefix_tree import PrefixTree

Flags = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]

#: The chance of something urgent from which on it is in doubt, and that from which on it is said; docs/log.md has the
#: figures.
DOUBT, SURE = 0.15, 0.5
#: How much worse it is to miss an urgent reply than any other, where none is made for doubt.
URGENCY = 2.0
#: How many times as likely as the others, at least, the replies become that the chance has decided for: more than the
#: decoder, which has a small weight, takes back.
_MARGIN = 4.0
#: Added to the shares of those replies, so that one that is not recalled at all may be said.
_LEAST_SHARE = 1e-12


class Urgency:
    """The urgent replies of a set, and those of them that are made for doubt."""

    def __init__(self, urgent: Flags, doubtful: Flags) -> None:
        """Take the replies.

        Args:
            urgent: (replies,), which ones are urgent.
            doubtful: (replies,), which ones of these are said where it is in doubt whether anything urgent was meant.
        """
        self._urgent, self._doubtful = urgent, doubtful

    def arrange(self, tree: PrefixTree) -> Self:
        """The same in the order of a tree, without the replies that are not in it.

        Args:
            tree: Of replies by their numbers.
        """
        return type(self)(tree.select(self._urgent), tree.select(self._doubtful))

    def weigh(self, shares: Shares, collect: np.ufunc) -> Shares:
        """Weigh the shares of the replies to prompts by what the chance of something urgent decides.

        The order among urgent replies stays the same, and that among all others.

        Args:
            shares: (prompts, replies); each row adds up to 1, or less where rules refuse replies.
            collect: What stands for several replies: `np.maximum` where the best is looked for, `np.add` where one is
                drawn.

        Returns:
            (prompts, replies), the weighed shares, which add up to something else.
        """
        if not self._doubtful.any():
            return shares * np.where(self._urgent, URGENCY, 1.0)
        chances = self._chances(shares)[:, None]
        decided = np.where(chances < DOUBT, ~self._urgent, np.where(chances < SURE, self._doubtful, self._urgent))
        for_it, against = np.where(decided, shares + _LEAST_SHARE, 0.0), np.where(decided, 0.0, shares)
        best, other = (collect.reduce(part, axis=1, keepdims=True) for part in (for_it, against))
        factors = np.maximum(1.0, _MARGIN * other / np.maximum(best, _LEAST_SHARE))
        weighed: Shares = for_it * factors + against
        return weighed

    def _chances(self, shares: Shares) -> Shares:
        """The chance that something urgent was meant by each prompt.

        Args:
            shares: See `weigh`.

        Returns:
            (prompts,), in 0..1; 0 where nothing is recalled.
        """
        total = shares.sum(axis=1)
        chances: Shares = shares[:, self._urgent].sum(axis=1) / np.where(total > 0, total, 1.0)
        return chances
