"""Branches of a beam's tree: the hypotheses to show and their order, for the terminal and for pictures."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.explain.explanation import BeamNode, Fate

_ROOT = -1


@dataclass(frozen=True)
class Branch:
    """Hypotheses that follow each other without an alternative that is shown.

    Attributes:
        nodes: At least one.
        branches: How the last of them was continued: the branch of the reply first, then the likeliest.
    """

    nodes: tuple[BeamNode, ...]
    branches: tuple["Branch", ...]

    @property
    def text(self) -> str:
        """Its tokens as text; `<eos>` is the end."""
        tokens = "".join(node.token for node in self.nodes)
        return tokens.replace("▁", " ").replace("<eos>", " <eos>").strip() or tokens

    @property
    def probability(self) -> float:
        """Of all its tokens together, after those before."""
        return math.prod(node.probability for node in self.nodes)

    @property
    def chosen(self) -> bool:
        """Whether it is a part of the reply."""
        return self.nodes[0].chosen and self.nodes[-1].chosen


@dataclass(frozen=True)
class Layout:
    """A tree that is small enough to be looked at.

    Attributes:
        branches: From the root.
        left_out: Ends of branches that are not shown.
    """

    branches: tuple[Branch, ...]
    left_out: int


def lay_out(nodes: Sequence[BeamNode], leaves: int = 30) -> Layout:
    """Choose the branches to show.

    Args:
        nodes: The whole tree.
        leaves: Most ends of branches to show: the replies first, then the longest ones. Dead ends are shown only where
            nothing else continued.

    Returns:
        The branches to show, and the number of ends that are left out.
    """
    parents = {node.parent for node in nodes}
    went_on = {node.parent for node in nodes if not _leads_nowhere(node)}
    ends = [number for number in range(len(nodes)) if number not in parents]
    chosen = [end for end in ends if not _leads_nowhere(nodes[end]) or nodes[end].parent not in went_on]
    chosen.sort(key=lambda end: (nodes[end].rank or len(nodes), -nodes[end].step, -nodes[end].total))
    shown: set[int] = set()
    for end in chosen[:leaves]:
        place = end
        while place != _ROOT and place not in shown:
            shown.add(place)
            place = nodes[place].parent
    children: dict[int, list[int]] = defaultdict(list)
    for number in sorted(shown, key=lambda one: (not nodes[one].chosen, -nodes[one].total)):
        children[nodes[number].parent].append(number)
    left_out = len(ends) - len(chosen[:leaves])
    return Layout(tuple(_branch(nodes, children, number) for number in children[_ROOT]), left_out)


def _branch(nodes: Sequence[BeamNode], children: dict[int, list[int]], first: int) -> Branch:
    run = [first]
    while len(following := children.get(run[-1], [])) == 1:
        run += following
    return Branch(
        tuple(nodes[number] for number in run), tuple(_branch(nodes, children, number) for number in following)
    )


def _leads_nowhere(node: BeamNode) -> bool:
    """Whether it was no more than a thought: dropped as it came, or an end that is not among the replies."""
    return node.fate is Fate.OUT_OF_REACH or (node.fate is Fate.ENDED and node.rank is None)
