"""Pairs that do not fit in memory, on disk in blocks."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chatbot.corpus.origins import Origins
from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.scratch_file import ScratchFile
from chatbot.corpus.split import Ranks


class _Place(NamedTuple):
    """The place of a block, the bytes of its text, and the number of its pairs."""

    start: int
    size: int
    pairs: int


class Spool:
    """Blocks of pairs with the ranks of their prompts and their origins, written once and read as often as needed."""

    def __init__(self, folder: Path) -> None:
        """Begin with none; see `ScratchFile`.

        Args:
            folder: On the disk to use; see `ScratchFile`.
        """
        self._file = ScratchFile(folder)
        self._places: list[_Place] = []

    def add(self, pairs: Sequence[Pair], ranks: Ranks, origins: Origins) -> None:
        """Write a block.

        Args:
            pairs: The pairs of the block.
            ranks: (pairs,) uint64, the ranks of their prompts.
            origins: (pairs,) uint64, the files and the lines that they come from.

        Raises:
            OutputError: The disk is full.
        """
        text = "\n".join(map("\t".join, pairs)).encode()
        self._places.append(
            _Place(self._file.append(text + ranks.tobytes() + origins.tobytes()), len(text), len(pairs))
        )

    def blocks(self) -> Iterator[tuple[list[str], Ranks]]:
        """Read the blocks in order, one in memory at a time.

        Yields:
            The lines of a block, of which `parse` makes pairs, and the ranks of their prompts, (pairs,) uint64.
        """
        for place in self._places:
            content = self._file.read(place.start, place.size + 8 * place.pairs)
            yield content[: place.size].decode().split("\n"), np.frombuffer(content, np.uint64, offset=place.size)

    def ranks(self) -> Iterator[Ranks]:
        """Read the ranks of the blocks alone, in order.

        Yields:
            The ranks of the prompts of a block, (pairs,) uint64.
        """
        for place in self._places:
            yield np.frombuffer(self._file.read(place.start + place.size, 8 * place.pairs), np.uint64)

    def origins(self) -> Iterator[Origins]:
        """Read the origins of the pairs of the blocks alone, in order.

        Yields:
            The origins of the pairs of a block, (pairs,) uint64.
        """
        for place in self._places:
            start = place.start + place.size + 8 * place.pairs
            yield np.frombuffer(self._file.read(start, 8 * place.pairs), np.uint64)

    def close(self) -> None:
        """Give the space on the disk back."""
        self._file.close()


def parse(line: str) -> Pair:
    """The pair of a line of a block."""
    prompt, _, reply = line.partition("\t")
    return Pair(prompt, reply)
