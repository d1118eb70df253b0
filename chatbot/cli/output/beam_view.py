"""Tree of a beam search on a terminal: as branches, or as lines of words."""

from collections.abc import Sequence

from rich.text import Text
from rich.tree import Tree

from chatbot.explain.beam_branches import Branch
from chatbot.explain.phrases import (
    say_fate,
    say_share,
)


def beam_tree(branches: Sequence[Branch]) -> Tree:
    """The branches of a beam search as a tree of lines."""
    root = Tree(Text("<go>", style="dim"), guide_style="dim")
    waiting = [(root, branch) for branch in reversed(branches)]
    while waiting:
        place, branch = waiting.pop()
        below = place.add(_branch(branch))
        waiting += [(below, further) for further in reversed(branch.branches)]
    return root


def branch_lines(branches: Sequence[Branch]) -> Text:
    """The branches of a beam search in words, a line each."""
    lines = []
    waiting = [(0, branch) for branch in reversed(branches)]
    while waiting:
        depth, branch = waiting.pop()
        lines.append(Text.assemble("  " * depth, f"{depth + 1}. ", _branch(branch)))
        waiting += [(depth + 1, further) for further in reversed(branch.branches)]
    return Text("\n").join(lines)


def _branch(branch: Branch) -> Text:
    line = Text.assemble(
        (branch.text, "bold cyan" if branch.chosen else ""), (f" {say_share(branch.probability)}", "dim")
    )
    if not branch.branches:
        end = branch.nodes[-1]
        style = "green" if end.chosen else "red" if end.rank is None else "dim"
        line.append(f"  {say_fate(end)}", style=style)
    return line
