"""Origins of pairs: the file and the line that each was read from, eight bytes a pair."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from chatbot.corpus.reading.tsv import Pair, Row

#: (pairs,) uint64: the number of the file among those of the corpus, from 0, above the number of the line, from 1.
Origins = npt.NDArray[np.uint64]

_LINE_BITS = 40


class OriginLog:
    """The origins of the pairs that are being read, in their order, until they are taken."""

    def __init__(self) -> None:
        """Begin with none."""
        self._noted = array("Q")

    def pairs(self, file: int, rows: Iterable[Row]) -> Iterator[Pair]:
        """Read the pairs of a file, and note the origin of each.

        Args:
            file: The number of the file, from 0.
            rows: Its usable lines.

        Yields:
            Their pairs.
        """
        note, first = self._noted.append, file << _LINE_BITS
        for line, pair, _ in rows:
            note(first | line)
            yield pair

    def take(self, count: int) -> Origins:
        """Take out the origins of so many pairs, the first ones that are left.

        Args:
            count: At most as many as are left.

        Returns:
            (count,) uint64.
        """
        taken = np.array(self._noted[:count], np.uint64)
        del self._noted[:count]
        return taken


def split_origins(origins: Origins) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The numbers of the files and of the lines of origins.

    Args:
        origins: Of some pairs.

    Returns:
        Both, (pairs,) uint64.
    """
    return origins >> np.uint64(_LINE_BITS), origins & np.uint64((1 << _LINE_BITS) - 1)
