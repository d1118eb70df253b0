"""Features of many prompts, without padding, and their sums over the prompts of a class."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: Features of whole classes that are summed together, so that what sorts them stays in the caches of a processor.
_TOGETHER = 1 << 20


class WeighedNgrams(NamedTuple):
    """The features of some prompts, one prompt after another, as most of them have far fewer than the longest.

    Attributes:
        lengths: (prompts,) int64, the number of features of each.
        numbers: (features,) int32, from 1.
        weights: (features,) float32.
    """

    lengths: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """(features,) int64, the place of the prompt of each."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def take(self, rows: npt.NDArray[np.int64]) -> "WeighedNgrams":
        """The features of some of the prompts.

        Args:
            rows: Their places, (taken,) int64, in any order.
        """
        lengths = self.lengths[rows]
        starts, before = (np.cumsum(these) - these for these in (self.lengths, lengths))
        places = np.arange(lengths.sum()) + np.repeat(starts[rows] - before, lengths)
        return WeighedNgrams(lengths, self.numbers[places], self.weights[places])

    def sum_classes(self, labels: npt.NDArray[np.integer], classes: int) -> "ClassSums":
        """The sums of the weights of each class.

        Args:
            labels: (prompts,), the class of each.
            classes: How many there are.

        Returns:
            The sums that are not of nothing, by feature and then by class.
        """
        order = np.argsort(labels, kind="stable")
        firsts = np.flatnonzero(np.diff(labels[order], prepend=-1))  # of each class
        lengths = self.lengths[order]
        block = (np.cumsum(lengths) - lengths)[firsts] // _TOGETHER
        cuts = firsts[np.flatnonzero(np.diff(block)) + 1]
        parts = [_sum_cells(self.take(rows), labels[rows], classes) for rows in np.split(order, cuts)]
        cells, sums = (np.concatenate(found) for found in zip(*parts, strict=True))
        by_cell = np.argsort(cells)
        return ClassSums(*np.divmod(cells[by_cell], classes), sums[by_cell])


class ClassSums(NamedTuple):
    """The sums of features over the prompts of a class, where there are any.

    Attributes:
        numbers: (sums,) int64, the feature, from 1, in order.
        classes: (sums,) int64, in order where the feature is the same.
        sums: (sums,) float64.
    """

    numbers: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    sums: npt.NDArray[np.float64]


def _sum_cells(
    found: WeighedNgrams, labels: npt.NDArray[np.integer], classes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The sums of the weights of some features by class.

    Args:
        found: The features.
        labels: (prompts,), the class of each.
        classes: How many there are.

    Returns:
        The cells of which there are any, in order: the feature times the classes, plus the class; and their sums.
    """
    cells = found.numbers.astype(np.int64) * classes + np.repeat(labels, found.lengths)
    cells, inverse = np.unique(cells, return_inverse=True)
    return cells, np.bincount(inverse, found.weights, len(cells)).astype(np.float64, copy=False)
