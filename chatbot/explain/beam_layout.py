"""Which hypotheses of a beam's tree to show, and in which order, on a terminal and in a picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.explain.explanation import BeamNode, Fate

_ROOT = -1


@dataclass(frozen=True)
class Layout:
    """A tree that is small enough to be looked at.

    Attributes:
        children: Of each node that is shown, by its index, and of the root, -1; the branch of
            the reply first, then the likeliest.
        left_out: Ends of branches that are not shown.
    """

    children: dict[int, list[int]]
    left_out: int


def lay_out(nodes: Sequence[BeamNode], leaves: int) -> Layout:
    """Choose the branches to show.

    Args:
        nodes: The whole tree.
        leaves: Most ends of branches to show: the replies first, then those that went furthest.
            What led nowhere is shown only where nothing else went on.
    """
    parents = {node.parent for node in nodes}
    went_on = {node.parent for node in nodes if not _leads_nowhere(node)}
    ends = [number for number in range(len(nodes)) if number not in parents]
    ends.sort(key=lambda end: (nodes[end].rank or len(nodes), -nodes[end].step, -nodes[end].total))
    shown: set[int] = set()
    chosen = [end for end in ends if not _leads_nowhere(nodes[end]) or nodes[end].parent not in went_on][:leaves]
    for end in chosen:
        place = end
        while place != _ROOT and place not in shown:
            shown.add(place)
            place = nodes[place].parent
    children: dict[int, list[int]] = defaultdict(list)
    for number in sorted(shown, key=lambda one: (not nodes[one].chosen, -nodes[one].total)):
        children[nodes[number].parent].append(number)
    return Layout(dict(children), len(ends) - len(chosen))


def _leads_nowhere(node: BeamNode) -> bool:
    """Whether it was no more than a thought: dropped as it came, or an end that is not among the replies."""
    return node.fate is Fate.OUT_OF_REACH or (node.fate is Fate.ENDED and node.rank is None)
