"""The view of n-grams of the reply memory: a linear classifier that is fitted when the network has been trained.

It sees what the network does not: the characters of words, two to five at a time, with weights by rarity. From three
or five phrasings of an answer, such a classifier learns more than a network does. It is fitted by
`chatbot.training.export.ngram_fitting`.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import keras
import numpy as np
import numpy.typing as npt

from chatbot.inference.ngram_features import NGRAM_WEIGHTS, NGRAMS, PromptFeatures
from chatbot.training.type_aliases import Tensor


class NgramInputs(NamedTuple):
    """The inputs of the view of n-grams, see `chatbot.inference.ngram_features.Features`.

    Attributes:
        numbers: (rows, features) int32.
        weights: (rows, features) float32.
    """

    numbers: Tensor
    weights: Tensor

    @classmethod
    def new(cls) -> Self:
        """Make the inputs of a functional model.

        Returns:
            The inputs, for any number of rows and features.
        """
        return cls(keras.Input((None,), dtype="int32", name=NGRAMS), keras.Input((None,), name=NGRAM_WEIGHTS))


def name_inputs(ngrams: NgramInputs | None) -> dict[str, Tensor]:
    """Name the inputs of the view.

    Args:
        ngrams: The inputs; None without a view.

    Returns:
        The tensors by the names of the inputs; none without a view.
    """
    return {} if ngrams is None else {NGRAMS: ngrams.numbers, NGRAM_WEIGHTS: ngrams.weights}


class NgramView:
    """The view of n-grams of a trained network.

    Attributes:
        features: The n-grams of prompts given as tokens.
        scores: The layer with the weights of each n-gram, (features + 1, known replies) float32.
        network_weight: Factor of the scores of the other views.
    """

    def __init__(
        self,
        features: PromptFeatures,
        weights: npt.NDArray[np.float32],
        network_weight: float,
        fit_all: Callable[[], npt.NDArray[np.float32]] | None = None,
    ) -> None:
        """Take fitted weights.

        Args:
            features: The n-grams of prompts given as tokens.
            weights: (features + 1, known replies) float32; the first row is that of no feature.
            network_weight: Factor of the scores of the other views.
            fit_all: The weights that are fitted to all pairs; None if these are.
        """
        rows, replies = weights.shape
        self.features, self.network_weight, self._fit_all = features, network_weight, fit_all
        self.scores = keras.layers.Embedding(rows, replies, name="ngram_scores", trainable=False)
        self.scores.build()
        self.scores.set_weights([weights])

    def learn_all(self) -> None:
        """Learn the validation pairs, too. What is measured on them afterwards is not of pairs held out."""
        if self._fit_all is not None:
            self.scores.set_weights([self._fit_all()])

    def add(self, scores: Tensor, given: NgramInputs) -> Tensor:
        """Add this view to the sum of the others.

        Args:
            scores: (rows, known replies) float32, of the others.
            given: The n-grams of the prompts.

        Returns:
            (rows, known replies) float32.
        """
        ops = keras.ops
        found = ops.sum(self.scores(given.numbers) * ops.expand_dims(given.weights, -1), axis=1)
        return self.network_weight * scores + found
