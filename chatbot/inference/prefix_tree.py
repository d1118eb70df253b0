"""The prefix tree of the recorded replies: which tokens may follow a beginning, and the replies beneath each.

The replies are in the order of their tokens, so that those beneath a node of the tree are a range
`first:last` of them, and a node is no more than its range and its depth. The branches of many
nodes are found at once, by where neighbours in that order part.

References: Fredkin (1960), "Trie Memory", for the tree; De Cao et al. (2021), "Autoregressive Entity
Retrieval", section 3.2, for decoding that it constrains to a set of texts.
"""

import functools
import itertools
import operator
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Shares = npt.NDArray[np.floating]
_Scalar = TypeVar("_Scalar", bound=np.generic)


class Branches(NamedTuple):
    """The branches of some nodes, those of a node together and in the order of the nodes.

    Attributes:
        node: (branches,), the number of the node of each.
        token: (branches,), the token that leads to it.
        first: (branches,), where the replies beneath it begin.
        last: (branches,), and end.
    """

    node: Indices
    token: Indices
    first: Indices
    last: Indices


class PrefixTree:
    """A set of replies by their beginnings.

    Attributes:
        replies: How many different ones.
        longest: Tokens of the longest, EOS among them.
    """

    def __init__(self, replies: Mapping[int, Sequence[int]]) -> None:
        """Put the replies in order.

        Args:
            replies: Token ids of each by its number, at least one reply, EOS the last of each and nowhere
                else. Equal ones are one reply.
        """
        order = sorted(replies, key=lambda number: tuple(replies[number]))
        ordered = [replies[number] for number in order]
        shared = [0, *map(_shared, ordered, ordered[1:])]
        new = [number for number, length in enumerate(shared) if not number or length < len(ordered[number])]
        self._order, self._new = np.array(order, np.intp), np.array(new, np.intp)
        self._shared = np.array([shared[number] for number in new], np.intp)
        lengths = [len(ordered[number]) for number in new]
        self._starts = np.cumsum([0, *lengths[:-1]], dtype=np.intp)
        tokens = itertools.chain.from_iterable(ordered[number] for number in new)
        self._tokens = np.fromiter(tokens, np.intp, sum(lengths))
        self.replies, self.longest = len(new), max(lengths)
        self._begins = functools.cache(self._find_begins)

    def arrange(self, shares: Shares) -> npt.NDArray[np.float64]:
        """Put shares in the order of the tree.

        Args:
            shares: (prompts, numbers) of replies by their numbers; those that are not in the tree are left out.

        Returns:
            (prompts, `self.replies`) float64, those of equal replies added up.
        """
        return np.add.reduceat(shares[:, self._order].astype(np.float64), self._new, axis=1)

    def select(self, values: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
        """Put something of each reply in the order of the tree.

        Args:
            values: (numbers,) of replies by their numbers; those that are not in the tree are left out.

        Returns:
            (`self.replies`,), of the first of equal replies.
        """
        return values[self._order[self._new]]

    def rest(self, reply: int, depth: int) -> list[int]:
        """The tokens of a reply from one on.

        Args:
            reply: Its place in the order of the tree.
            depth: Tokens before that one.
        """
        end = self._starts[reply + 1] if reply + 1 < self.replies else len(self._tokens)
        rest: list[int] = self._tokens[self._starts[reply] + depth : end].tolist()
        return rest

    def branches(self, first: Indices, last: Indices, depth: int) -> Branches:
        """Find the branches of nodes.

        Args:
            first: (nodes,), where the replies beneath each begin.
            last: (nodes,), and end; one with nothing beneath has no branches.
            depth: Tokens from the root to the nodes.

        Returns:
            The branches.
        """
        begins = self._begins(depth)
        node, place = _write_out(np.searchsorted(begins, first), np.searchsorted(begins, last))
        begin = begins[place]
        return Branches(node, self._tokens[self._starts[begin] + depth], begin, begins[place + 1])

    def _find_begins(self, depth: int) -> Indices:
        """Find where the branches of all nodes of a depth begin, in order, with the number of replies behind them."""
        return np.append(np.flatnonzero(self._shared <= depth), self.replies)


def _write_out(first: Indices, last: Indices) -> tuple[Indices, Indices]:
    """Write ranges out.

    Args:
        first: (ranges,), their beginnings.
        last: (ranges,), their ends.

    Returns:
        For each number in a range the number of the range, and the number itself.
    """
    counts = last - first
    starts = counts.cumsum() - counts
    ranges = np.repeat(np.arange(len(first)), counts)
    return ranges, np.arange(len(ranges)) + (first - starts)[ranges]


def join_topics(shares: npt.NDArray[np.float64], topics: Indices) -> npt.NDArray[np.float64]:
    """Give the likeliest reply of each topic the shares of all its replies, evenly if several are.

    Args:
        shares: (prompts, replies) float64.
        topics: (replies,), the topic of each.

    Returns:
        (prompts, replies) float64, with the same sums.
    """
    order = np.argsort(topics, kind="stable")
    grouped, ordered = shares[:, order], topics[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    counts = np.diff(begins, append=len(ordered))
    best = grouped == np.repeat(np.maximum.reduceat(grouped, begins, axis=1), counts, axis=1)
    parts = np.add.reduceat(grouped, begins, axis=1) / np.add.reduceat(best, begins, axis=1)
    joined = np.empty_like(shares)
    joined[:, order] = np.where(best, np.repeat(parts, counts, axis=1), 0.0)
    return joined


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """The number of tokens that two replies begin with alike."""
    parts = map(operator.ne, one, other)
    return next(itertools.compress(itertools.count(), parts), min(len(one), len(other)))
