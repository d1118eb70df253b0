"""Conversations that are trees."""

from collections.abc import Mapping
from typing import Any


def branch(last: Any, parents: Mapping[str, Any]) -> list[str]:
    """The way from the root of a tree to one of its nodes.

    Args:
        last: The node where the branch ends; another value than a node is no way.
        parents: The node above each; the root's is none of the nodes. A circle ends the way.
    """
    way: dict[str, None] = {}
    while isinstance(last, str) and last in parents and last not in way:
        way[last] = None
        last = parents[last]
    return list(reversed(way))
