"""Sparklines: rows of figures as rows of characters."""

import math
from collections.abc import Sequence
from itertools import pairwise

_BARS = "▁▂▃▄▅▆▇█"
#: For terminals without those.
_ASCII_BARS = "_.-~=+*#"


def sparkline(values: Sequence[float], width: int, *, least_span: float = 0.0, ascii_only: bool = False) -> str:
    """Draw figures, the lowest as the lowest bar and the highest as the highest.

    Args:
        values: The figures; one that is no number leaves a gap.
        width: Characters at most. Of more figures neighbours are averaged.
        least_span: The least range of figures that fills the height of the bars.
        ascii_only: Draw with ASCII characters, one for each height.

    Returns:
        A character for each figure, or for each group of neighbours.
    """
    bars = _ASCII_BARS if ascii_only else _BARS
    shown = _average(values, width)
    numbers = [value for value in shown if math.isfinite(value)]
    if not numbers:
        return " " * len(shown)
    low, span = min(numbers), max(max(numbers) - min(numbers), least_span)
    heights = ((value - low) / span if span else 0.0 for value in shown)
    return "".join(bars[round(height * 7)] if math.isfinite(height) else " " for height in heights)


def _average(values: Sequence[float], width: int) -> list[float]:
    groups = min(len(values), width)
    edges = [number * len(values) // groups for number in range(groups + 1)] if groups > 0 else []
    return [_mean(values[start:end]) for start, end in pairwise(edges)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


class Series:
    """A series of figures of any length in bounded memory: the longer, the coarser.

    When it is full, each two neighbours become their mean, and from then on as many new
    figures make one entry as went into those.

    Attributes:
        values: The entries; only ever replaced, so that another thread may read them.
    """

    def __init__(self, capacity: int = 256) -> None:
        """Begin with none.

        Args:
            capacity: Entries at most, an even number.
        """
        self.values: tuple[float, ...] = ()
        self._capacity = capacity
        self._per_entry = 1
        self._pending: list[float] = []

    def append(self, value: float) -> None:
        """Add a value."""
        self._pending.append(value)
        if len(self._pending) < self._per_entry:
            return
        values, self._pending = (*self.values, _mean(self._pending)), []
        if len(values) == self._capacity:
            values = tuple(_mean(pair) for pair in zip(values[::2], values[1::2], strict=True))
            self._per_entry *= 2
        self.values = values
