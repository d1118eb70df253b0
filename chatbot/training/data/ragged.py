"""Rows of token ids of different lengths in one flat array: no padding, and no object for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from chatbot.config import PAD

Tokens = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """Rows of token ids.

    Attributes:
        values: (tokens,) the rows one behind the other.
        lengths: (rows,) tokens of each.
    """

    values: Tokens
    lengths: Rows

    @classmethod
    def of(cls, tensor: Any) -> "Ragged":
        """The rows of a ragged tensor of TensorFlow, (rows, tokens)."""
        return cls(tensor.flat_values.numpy(), tensor.row_lengths().numpy())

    @classmethod
    def joined(cls, parts: Sequence["Ragged"]) -> "Ragged":
        """The rows of several, one behind the other."""
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.lengths for part in parts]))

    @cached_property
    def starts(self) -> Rows:
        """(rows,) where each row begins among the values."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: Rows) -> "Ragged":
        """Some of the rows, in the order asked for."""
        lengths = self.lengths[rows]
        before = np.cumsum(lengths) - lengths
        return Ragged(self.values[np.arange(lengths.sum()) + np.repeat(self.starts[rows] - before, lengths)], lengths)

    def padded(self, rows: Rows, lengths: Rows | None = None) -> Tokens:
        """Some of the rows with PAD behind, or so many of the first tokens of each: (rows, longest)."""
        lengths = self.lengths[rows] if lengths is None else lengths
        places = np.arange(lengths.max())
        real = places < lengths[:, None]
        table = np.full(real.shape, PAD, np.int32)
        table[real] = self.values[(self.starts[rows, None] + places)[real]]
        return table

    def to_texts(self) -> list[str]:
        """The rows as texts, a character for each token: that of its id. A list would have an object for each."""
        text = self.values.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        ends = np.cumsum(self.lengths).tolist()
        return [text[start:end] for start, end in pairwise([0, *ends])]

    def to_list(self) -> list[list[int]]:
        """The rows as lists."""
        values = self.values.tolist()
        return [
            values[start : start + length]
            for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True)
        ]
