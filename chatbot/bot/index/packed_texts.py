"""Many texts in one array of bytes, so that they take no object of Python each."""

import functools
from collections.abc import Sequence

import numpy as np

from chatbot.bot.index.tfidf_ngrams import Array


def pack_texts(texts: Sequence[str]) -> tuple[Array, Array]:
    """Put texts one behind the other.

    Args:
        texts: The texts.

    Returns:
        Their UTF-8, (bytes,) uint8, and the end of each in it, (texts,) int64.
    """
    encoded = [text.encode("utf-8") for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(text) for text in encoded])


class PackedTexts:
    """Texts of an index, as `pack_texts` puts them one behind the other."""

    def __init__(self, content: Array, ends: Array) -> None:
        """Take the arrays.

        Args:
            content: The UTF-8 of all texts, (bytes,) uint8.
            ends: The end of each in it, (texts,) integers.
        """
        self._content, self._ends = content, ends

    @functools.cached_property
    def _bytes(self) -> bytes:
        return self._content.tobytes()

    def __len__(self) -> int:
        """Number of texts."""
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        """The text of a number."""
        start = int(self._ends[number - 1]) if number else 0
        return self._content[start : int(self._ends[number])].tobytes().decode("utf-8")

    def take(self, numbers: Array) -> list[str]:
        """The texts of many numbers.

        Args:
            numbers: (texts,) int64.
        """
        ends = self._ends[numbers].tolist()
        starts = np.where(numbers > 0, self._ends[numbers - 1], 0).tolist()
        content = memoryview(self._content.data)
        return [str(content[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]

    def find(self, text: str) -> int | None:
        """The number of a text; None where there is no such one."""
        wanted = text.encode("utf-8")
        place = self._bytes.find(wanted)
        while place >= 0:
            number = int(np.searchsorted(self._ends, place, "right"))
            if number < len(self) and self[number] == text and int(self._ends[number]) == place + len(wanted):
                return number
            place = self._bytes.find(wanted, place + 1)
        return None
