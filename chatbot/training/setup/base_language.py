"""The part of a trained bot that a new bot with a vocabulary of its own begins with.

The layers of encoder and decoder are taken over as they are. The vector of a piece that both vocabularies have is taken
over, too; that of a new piece is the mean of those of the other vocabulary's pieces that spell it. The layers of the
reply memory stay new, as the new bot has other replies.

Reference: Zoph et al. (2016), "Transfer Learning for Low-Resource Neural Machine Translation", for weights from a task
with more pairs; the mean of the pieces that spell a word is usual where a vocabulary is exchanged, as in Sachidananda,
Kessler and Lai (2021), "Efficient Domain Adaptation of Language Models via Adaptive Tokenization", section 3.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS
from chatbot.runs.events import Observer
from chatbot.tokenizer import LONGEST_PIECE, Tokenizer
from chatbot.training.models import reply_memory
from chatbot.training.setup.trained_model import TrainedModel
from chatbot.training.type_aliases import KerasModel

#: The layers with a row or a column for each piece.
_EMBEDDING, _PROJECTION = "token_embedding", "vocabulary_projection"

Rows = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Base:
    """A trained model whose language a new model takes over.

    Attributes:
        model: The trained model.
        tokenizer: Of the new model.
        spelling: For each piece of the new vocabulary the ids of the pieces of the trained model that spell it: its own
            where that has it, none where it cannot be spelt.
    """

    model: TrainedModel
    tokenizer: Tokenizer
    spelling: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, model: TrainedModel, tokenizer: Tokenizer) -> Self:
        """Compare vocabularies.

        Args:
            model: The trained model.
            tokenizer: Of the new model.

        Returns:
            The base.
        """
        known = {piece: number for number, piece in enumerate(_pieces(model.tokenizer))}
        return cls(model, tokenizer, tuple(_spell(piece, known) for piece in _pieces(tokenizer)))

    def tell(self, name: str, observer: Observer) -> None:
        """Say how much of the vocabulary is known.

        Args:
            name: Of the bundle.
            observer: Is told, and warned where most pieces stay new.
        """
        texts = range(EOS + 1, self.tokenizer.vocabulary_size)
        counts = [len(self.spelling[piece]) for piece in texts if not self.tokenizer.is_byte(piece)]
        shared, spelt, pieces = counts.count(1), sum(count > 1 for count in counts), len(counts)
        observer.stage(
            f"taking over the layers of {name}, {shared:,} of {pieces:,} pieces, and {spelt:,} by their parts"
        )
        if 2 * (shared + spelt) < pieces:
            observer.warned(f"{name}: knows few of the pieces of this corpus; another language?")

    def lend(self, model: KerasModel) -> None:
        """Give a new model the weights.

        Args:
            model: From `build_training_model`, of the same shape but for the vocabulary and the known replies.

        Raises:
            BundleError: See `TrainedModel.build`.
        """
        trained = self.model.build(0.0)
        own = {layer.name for layer in reply_memory.new_layers(self.model.config, 0.0)}
        table, projection = model.get_layer(_EMBEDDING).embeddings, model.get_layer(_PROJECTION).kernel
        table.assign(self._mix(trained.get_layer(_EMBEDDING).embeddings.numpy(), table.numpy()))
        kernel = trained.get_layer(_PROJECTION).kernel.numpy()
        projection.assign(self._mix(kernel.T, projection.numpy().T).T)
        for layer in trained.layers:
            if layer.name not in {_EMBEDDING, _PROJECTION, *own}:
                for mine, theirs in zip(
                    model.get_layer(layer.name).trainable_variables, layer.trainable_variables, strict=True
                ):
                    mine.assign(theirs)

    def _mix(self, known: Rows, new: Rows) -> Rows:
        """The rows of the new vocabulary.

        Args:
            known: (pieces of the trained model, size) float32.
            new: (pieces of the new model, size) float32, for those that cannot be spelt.
        """
        rows = zip(self.spelling, new, strict=True)
        return np.stack([known[list(ids)].mean(axis=0) if ids else row for ids, row in rows])


def _pieces(tokenizer: Tokenizer) -> Sequence[str]:
    return tokenizer.pieces(range(tokenizer.vocabulary_size))


def _spell(piece: str, known: Mapping[str, int]) -> tuple[int, ...]:
    """The ids of the longest known pieces from the left on that make up a piece; none if something is left over."""
    found, start = [], 0
    while start < len(piece):
        ends = range(min(len(piece), start + LONGEST_PIECE), start, -1)
        end = next((end for end in ends if piece[start:end] in known), None)
        if end is None:
            return ()
        found.append(known[piece[start:end]])
        start = end
    return tuple(found)
