"""Several segmentations of each prompt into tokens, for subword regularization."""

from dataclasses import dataclass

import numpy as np

from chatbot.config import ModelConfig
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.ragged import Ragged, Rows, Tokens

#: Segmentations of a prompt.
_SEGMENTATIONS = 16


@dataclass(frozen=True)
class Segmentations:
    """Several segmentations of each prompt into tokens, for subword regularization.

    Reference: Kudo (2018), "Subword Regularization", section 3.2, with the n best drawn evenly.

    Attributes:
        prompts: (segmentations of all pairs in turn, tokens), the most probable one of a pair first.
        starts: (pairs + 1,) int64, the row at which the segmentations of a pair start.
        share: Share of the prompts of a batch that get another segmentation than the most probable one.
    """

    prompts: Ragged
    starts: Rows
    share: float

    def draw(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Draw a segmentation for each of some pairs.

        Args:
            rows: (selected,) int64 indices of pairs.
            rng: The source of randomness.

        Returns:
            (selected,) int64 rows of `prompts`.
        """
        first, others = self.starts[rows], self.starts[rows + 1] - self.starts[rows] - 1
        other = 1 + (rng.random(len(rows)) * others).astype(np.int64)
        differs = (rng.random(len(rows)) < self.share) & (others > 0)
        return np.where(differs, first + other, first)


@dataclass(frozen=True)
class Segmenter:
    """Finds several segmentations of prompts.

    Attributes:
        tokenizer: Of the model.
        config: Shape of the model.
        share: See `Segmentations`.
    """

    tokenizer: Tokenizer
    config: ModelConfig
    share: float

    def segment(self, prompts: Ragged) -> Segmentations:
        """The most probable segmentations of tokenized prompts.

        Args:
            prompts: (pairs, tokens) int32.
        """
        values: list[Tokens] = []
        lengths: list[int] = []
        counts: list[int] = []
        for prompt in prompts.to_list():
            ways = self.tokenizer.segmentations(self.tokenizer.decode(prompt), _SEGMENTATIONS)
            kept = [way[self.config.prompt_window] for way in ways]
            values.append(np.concatenate(kept, dtype=np.int32))
            lengths += map(len, kept)
            counts.append(len(kept))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Segmentations(Ragged(np.concatenate(values), np.array(lengths, np.int64)), starts, self.share)
