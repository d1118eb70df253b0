"""The step contract between a model and the search.

A step model reads prompts into a `State` and then advances it by one token a call. Rows are
independent sentences. The search owns the rows: it picks, repeats, reorders and drops them
with `State.select`, and the model never looks across them. Nothing here knows about text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS

#: What is read where nothing was said: a sentence that ends before it begins. The decoder started
#: from it is the language model of the replies, p(reply), that anti-LM reranking takes off.
EMPTY_PROMPT = (EOS,)

Tokens = npt.NDArray[np.int32]
Logits = npt.NDArray[np.float32]
Rows = Sequence[int] | npt.NDArray[np.intp]


@dataclass(frozen=True)
class State:
    """What a decoder carries from one token to the next, for several sentences.

    Attributes:
        arrays: By the model's own names, each of shape (rows, ...), float32.
    """

    arrays: Mapping[str, npt.NDArray[np.float32]]

    @property
    def rows(self) -> int:
        """Number of sentences."""
        return len(next(iter(self.arrays.values())))

    def select(self, rows: Rows) -> "State":
        """The state of the given rows in the given order; a row may be left out or repeated."""
        return State({name: array[np.asarray(rows, dtype=np.intp)] for name, array in self.arrays.items()})


class StepModel(Protocol):
    """An encoder-decoder taken a step at a time."""

    def encode(self, prompts: Sequence[Sequence[int]]) -> State:
        """Read whole prompts.

        Args:
            prompts: Token ids of one or more prompts, none empty; lengths may differ.

        Returns:
            The sentence vectors, one row a prompt, that the decoder starts from.
        """
        ...

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """Advance every row by one token.

        Args:
            tokens: (rows,) int32, the token that each row continues with; GO at the start.
            state: The state before that token, of the same number of rows.

        Returns:
            Logits of the next token, (rows, vocabulary) float32, and the state after `tokens`.
        """
        ...
