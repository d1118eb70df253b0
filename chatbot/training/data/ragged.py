"""Rows of token ids of different lengths in one flat array, without padding or an object for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from chatbot.config import PAD
from chatbot.training.type_aliases import Tensor

Tokens = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """Rows of token ids.

    Attributes:
        values: (tokens,) int32, the rows one after another.
        lengths: (rows,) int64, tokens of each.
    """

    values: Tokens
    lengths: Rows

    @classmethod
    def of(cls, tensor: Tensor) -> "Ragged":
        """Take the rows of a ragged tensor.

        Args:
            tensor: A `tf.RaggedTensor`, (rows, tokens) int32.

        Returns:
            The same rows as arrays.
        """
        return cls(tensor.flat_values.numpy(), tensor.row_lengths().numpy())

    @classmethod
    def joined(cls, parts: Sequence["Ragged"]) -> "Ragged":
        """Concatenate the rows of several parts.

        Args:
            parts: In order, one at least.

        Returns:
            All rows.
        """
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.lengths for part in parts]))

    @cached_property
    def starts(self) -> Rows:
        """(rows,) int64, the index in `values` at which each row starts."""
        return np.cumsum(self.lengths) - self.lengths

    def take(self, rows: Rows) -> "Ragged":
        """Select rows.

        Args:
            rows: (selected,) int64 indices, in any order.

        Returns:
            The selected rows, in the order of the indices.
        """
        lengths = self.lengths[rows]
        before = np.cumsum(lengths) - lengths
        return Ragged(self.values[np.arange(lengths.sum()) + np.repeat(self.starts[rows] - before, lengths)], lengths)

    def padded(self, rows: Rows, lengths: Rows | None = None) -> Tokens:
        """Select rows, padded with PAD at their ends.

        Args:
            rows: (selected,) int64 indices, in any order.
            lengths: (selected,) int64, how many tokens of each to keep; None keeps all.

        Returns:
            (selected, longest) int32.
        """
        lengths = self.lengths[rows] if lengths is None else lengths
        places = np.arange(lengths.max())
        real = places < lengths[:, None]
        table = np.full(real.shape, PAD, np.int32)
        table[real] = self.values[(self.starts[rows, None] + places)[real]]
        return table

    def to_keys(self) -> list[str]:
        """The rows as strings, to count and to compare: one character a token, whose code point is its id.

        A list of integers would have an object for each token.
        """
        text = self.values.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        ends = np.cumsum(self.lengths).tolist()
        return [text[start:end] for start, end in pairwise([0, *ends])]

    def to_list(self) -> list[list[int]]:
        """The rows as lists of ids."""
        values = self.values.tolist()
        return [
            values[start : start + length]
            for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True)
        ]
