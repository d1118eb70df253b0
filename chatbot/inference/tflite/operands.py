"""Tensors and operations as the rules of operators see them."""

import math
import struct
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

FLOAT32, INT32, BOOL, INT8 = 0, 2, 6, 9
#: Bytes of a number, by its type.
BYTES = {FLOAT32: 4, INT32: 4, BOOL: 1, INT8: 1}
#: A size that is known only when the model is run.
ANY = -1
#: Integers of a constant that says how an operation goes, such as axes, at most.
_MOST_INTEGERS = 16

Sizes = tuple[int, ...]


class Operand(NamedTuple):
    """A tensor as an operator sees it.

    Attributes:
        type: Of its numbers.
        sizes: Of its dimensions.
        data: Of a constant; None for a tensor that is computed.
        scales: How many scales 8-bit numbers have.
    """

    type: int
    sizes: Sizes
    data: memoryview | None = None
    scales: int = 0

    def integers(self) -> tuple[int, ...]:
        """The numbers of a constant.

        Raises:
            ValueError: It is none of integers.
        """
        if self.data is None or self.type != INT32 or len(self.data) > 4 * _MOST_INTEGERS:
            raise ValueError("takes integers that are not known")
        return struct.unpack(f"<{len(self.data) // 4}i", self.data)


class Operation(NamedTuple):
    """An operator in a graph.

    Attributes:
        inputs: What it takes; None for one that is left out.
        outputs: How many tensors it writes.
        options: By name.
    """

    inputs: Sequence[Operand]
    outputs: int
    options: Mapping[str, Any]


def require(holds: bool) -> None:
    """Refuse an operation.

    Args:
        holds: Whether it can be run.

    Raises:
        ValueError: It cannot.
    """
    if not holds:
        raise ValueError("not with such inputs and options")


def broadcast(*shapes: Sizes) -> Sizes:
    """The sizes of what comes of operands whose sizes of 1 are stretched.

    Args:
        *shapes: Of the operands.

    Returns:
        The sizes.

    Raises:
        ValueError: They do not fit each other.
    """
    sizes = []
    for dimension in zip_longest(*map(reversed, shapes), fillvalue=1):
        known = set(dimension) - {1, ANY}
        require(len(known) <= 1)
        sizes.append(known.pop() if known else ANY if ANY in dimension else 1)
    return tuple(reversed(sizes))


def fit(some: Sizes, others: Sizes) -> bool:
    """Whether sizes may be the same when the model is run.

    Args:
        some: The sizes of a tensor.
        others: Those of another.
    """
    return len(some) == len(others) and all(
        one == other or ANY in (one, other) for one, other in zip(some, others, strict=True)
    )


def known_numbers(sizes: Sizes) -> int:
    """The numbers of a tensor for each row and each token.

    Args:
        sizes: Of the tensor.
    """
    return math.prod(size for size in sizes if size != ANY)


def axis(number: int, rank: int) -> int:
    """A dimension, counted from the first.

    Args:
        number: Counted from the last where it is negative.
        rank: How many dimensions there are.

    Returns:
        Its place.

    Raises:
        ValueError: There is none.
    """
    require(-rank <= number < rank)
    return number % rank
