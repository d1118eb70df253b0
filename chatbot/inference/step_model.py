"""The step contract between a model and the search.

A step model reads prompts into a `DecoderState` and then advances it by one token a call. Rows are
independent sentences. The search owns the rows: it picks, repeats, reorders and drops them
with `DecoderState.select`, and the model never looks across them. Nothing here knows about text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

#: No prompt at all. The decoder started from it is a language model of the replies, p(reply).
EMPTY_PROMPT: tuple[int, ...] = ()

Tokens = npt.NDArray[np.int32]
Logits = npt.NDArray[np.float32]
Rows = Sequence[int] | npt.NDArray[np.intp]


@dataclass(frozen=True)
class DecoderState:
    """The state that a decoder carries from one token to the next, for several sentences.

    Attributes:
        arrays: What each token changes, by the model's own names, each of shape (rows, ...), float32.
        fixed: What belongs to the prompt and no token changes, such as the encoder's outputs that attention looks back
            at; of the same form.
        prompts: (rows,), which prompt of `StepModel.encode` each row answers; None as long as row and prompt are the
            same. While rows are only exchanged for others of the same prompt, as the beams of one are, `fixed` is
            passed on as it is, not copied.
    """

    arrays: Mapping[str, npt.NDArray[np.float32]]
    fixed: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    prompts: npt.NDArray[np.intp] | None = None

    @property
    def rows(self) -> int:
        """Number of sentences."""
        return len(next(iter(self.arrays.values())))

    def select(self, rows: Rows) -> "DecoderState":
        """Select rows.

        Args:
            rows: (new rows,), numbers of rows in their new order; a row may be left out or repeated.

        Returns:
            The state of these rows.
        """
        index = np.asarray(rows, dtype=np.intp)
        before = np.arange(self.rows) if self.prompts is None else self.prompts
        prompts, fixed = before[index], self.fixed
        if fixed and not np.array_equal(prompts, before):
            fixed = {name: array[index] for name, array in fixed.items()}
        return DecoderState({name: array[index] for name, array in self.arrays.items()}, fixed, prompts)

    def advance(self, arrays: Mapping[str, npt.NDArray[np.float32]]) -> "DecoderState":
        """Take all rows one token further.

        Args:
            arrays: What the token has changed, by name, each (rows, ...) float32.

        Returns:
            The state with these `arrays` and the same `fixed`.
        """
        return DecoderState(arrays, self.fixed, self.prompts)


class StepModel(Protocol):
    """An encoder-decoder taken a step at a time."""

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        """Read whole prompts.

        Args:
            prompts: Token ids of one or more prompts; lengths may differ. Of an empty one nothing
                is read: its state is what comes of the zeros that the encoder itself starts from,
                and there is nothing that attention could look back at.

        Returns:
            The sentence vectors, one row a prompt, that the decoder starts from.
        """
        ...

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        """Advance every row by one token.

        Args:
            tokens: (rows,) int32, the token that each row continues with; GO at the start.
            state: The state before that token, of the same number of rows.

        Returns:
            Logits of the next token, (rows, vocabulary) float32, and the state after `tokens`.
        """
        ...


@runtime_checkable
class Attentive(Protocol):
    """A step model that can show its attention weights."""

    def alignment(self, tokens: Tokens, state: DecoderState) -> npt.NDArray[np.float32] | None:
        """The share of the attention of a step that each token of the prompt gets.

        Args:
            tokens: As `StepModel.step` takes them.
            state: The state before them.

        Returns:
            The weights, (rows, length), 0 or more, 1 together; the length is that of the longest prompt or more. None
            where the model has no attention.
        """
        ...


class BlockAttention(NamedTuple):
    """The attention of one block of a decoder at one token, by heads.

    Attributes:
        own: (heads, tokens) float32, the shares of the tokens of the reply so far, GO first and the token itself last.
        prompt: (heads, length) float32, the shares of the tokens of the prompt, and 0 at its padding.
    """

    own: npt.NDArray[np.float32]
    prompt: npt.NDArray[np.float32]


@runtime_checkable
class MultiHeaded(Protocol):
    """A step model that can show the attention of its blocks by heads."""

    def block_attention(self, tokens: Tokens, state: DecoderState) -> list[BlockAttention]:
        """The attention of each block at a step of one row.

        Args:
            tokens: As `StepModel.step` takes them, (1,).
            state: The state before them.

        Returns:
            A block each, the first one first; none where the model has no such blocks.
        """
        ...

    def prompt_attention(self, prompt: Sequence[int]) -> list[npt.NDArray[np.float32]]:
        """The attention of the encoder's blocks to the tokens of a prompt.

        Args:
            prompt: Token ids.

        Returns:
            (heads, length, length) float32 for each block: of each token in the rows, to each in the columns.
        """
        ...


class Recall(NamedTuple):
    """The output of the reply memory for a prompt.

    Attributes:
        shares: (candidate replies,) float32, the weights of their values in the decoder's first state: 1 together.
        views: By their names in `VIEWS`, what each view's scores alone would make of the shares, of the same
            form; a model without n-grams has no such view. Empty where the model does not have them.
    """

    shares: npt.NDArray[np.float32]
    views: Mapping[str, npt.NDArray[np.float32]]


#: The views of a prompt in the reply memory: as the encoder reads it, its words, its pairs of words, and in most
#: bundles its n-grams, perhaps with the vectors of its words.
VIEWS = ("sentence", "words", "pairs", "n-grams")


@runtime_checkable
class Remembering(Protocol):
    """A step model that may have a reply memory."""

    def encode_with_shares(
        self, prompts: Sequence[Sequence[int]]
    ) -> tuple[DecoderState, npt.NDArray[np.float32] | None]:
        """Read whole prompts, and say what the reply memory recalls for each.

        Args:
            prompts: As `StepModel.encode` takes them.

        Returns:
            What `StepModel.encode` does, and the shares of the candidate replies, (prompts, candidate replies)
            float32, 0 or more, 1 together; None as in `Recalling.recall`.
        """
        ...


@runtime_checkable
class Recalling(Remembering, Protocol):
    """A step model that can show what lies between its encoder and its decoder."""

    def sentence_vectors(self, prompts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return the last states of the encoder.

        Args:
            prompts: As `StepModel.encode` takes them.

        Returns:
            (prompts, numbers) float32, `h` and `c` of every layer in a row.
        """
        ...

    def recall(self, prompt: Sequence[int]) -> Recall | None:
        """The shares of the candidate replies in the decoder's first state.

        Args:
            prompt: Token ids.

        Returns:
            The recall; None where the model has no reply memory, or its file does not have the shares.
        """
        ...
