"""The view of n-grams of the reply memory: a linear classifier that is fitted when the network has been trained.

It sees what the network does not: the characters of words, a few at a time, with weights by rarity. From three
or five phrasings of an answer, such a classifier learns more than a network does. It is fitted by
`chatbot.training.export.ngram_fitting`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt

from chatbot.config import ModelConfig
from chatbot.inference.ngram_features import NGRAM_WEIGHTS, NGRAMS, PromptFeatures
from chatbot.inference.word_vectors import FEATURES, WORD_VECTORS
from chatbot.training.type_aliases import KerasLayer, Tensor


class LinearWeights(NamedTuple):
    """The weights of a fitted classifier, as a product of two matrices.

    Attributes:
        vectors: (n-grams + 1 + features of word vectors, directions) float32: the row of each n-gram's number, that of
            0 zero, then those of the features of word vectors, if there are any.
        keys: (directions, classes) float32.
    """

    vectors: npt.NDArray[np.float32]
    keys: npt.NDArray[np.float32]


class NgramInputs(NamedTuple):
    """The inputs of the view of n-grams, see `chatbot.inference.ngram_features.Features`.

    Attributes:
        numbers: (rows, features) int32.
        weights: (rows, features) float32.
        vectors: (rows, features) float32; None where words have no vectors.
    """

    numbers: Tensor
    weights: Tensor
    vectors: Tensor | None


def name_inputs(ngrams: NgramInputs | None) -> dict[str, Tensor]:
    """Name the inputs of the view.

    Args:
        ngrams: The inputs; None without a view.

    Returns:
        The tensors by the names of the inputs; none without a view.
    """
    if ngrams is None:
        return {}
    words = {} if ngrams.vectors is None else {WORD_VECTORS: ngrams.vectors}
    return {NGRAMS: ngrams.numbers, NGRAM_WEIGHTS: ngrams.weights, **words}


def new_inputs(view: "NgramView | None") -> NgramInputs | None:
    """Make the inputs of the view for a functional model.

    Args:
        view: The view, or None.

    Returns:
        The inputs, for any number of rows; None without a view.
    """
    if view is None:
        return None
    words = None if view.projection is None else keras.Input((FEATURES,), name=WORD_VECTORS)
    return NgramInputs(
        keras.Input((None,), dtype="int32", name=NGRAMS), keras.Input((None,), name=NGRAM_WEIGHTS), words
    )


class NgramView:
    """The view of n-grams of a trained network: n-grams and word vectors, a sum of vectors, and a key for each reply.

    Attributes:
        features: The n-grams of prompts given as tokens.
        embedding: The layer with the vector of each n-gram, (n-grams + 1, directions) float32.
        projection: The layer with those of the features of word vectors, (features, directions) float32; None without
            those.
        scores: The layer with the keys, (directions, known replies) float32.
        network_weight: Factor of the scores of the other views.
    """

    def __init__(
        self,
        features: PromptFeatures,
        weights: LinearWeights,
        network_weight: float,
        fit_all: Callable[[], LinearWeights] | None = None,
    ) -> None:
        """Take fitted weights.

        Args:
            features: The n-grams of prompts given as tokens.
            weights: With a class for each known reply.
            network_weight: Factor of the scores of the other views.
            fit_all: The weights that are fitted to all pairs; None if these are.
        """
        layers, (directions, replies) = keras.layers, weights.keys.shape
        self.features, self.network_weight, self._fit_all = features, network_weight, fit_all
        rows = 1 + len(features.ngrams)
        self.embedding = layers.Embedding(rows, directions, name="ngram_embedding", trainable=False)
        self.embedding.build()
        self.projection: KerasLayer | None = None
        if features.vectors is not None:
            self.projection = layers.Dense(directions, use_bias=False, name="vector_projection", trainable=False)
            self.projection.build((None, FEATURES))
        self.scores = layers.Dense(replies, use_bias=False, name="ngram_scores", trainable=False)
        self.scores.build((None, directions))
        self._set_weights(weights)

    def complete(self, config: ModelConfig) -> ModelConfig:
        """The shape of a model with this view.

        Args:
            config: Its shape without one.
        """
        ngrams, words = self.features.counts
        return replace(config, ngrams=ngrams, word_vectors=words)

    def learn_all(self) -> None:
        """Learn the validation pairs, too. What is measured on them afterwards is not of pairs held out."""
        if self._fit_all is not None:
            self._set_weights(self._fit_all())

    def _set_weights(self, weights: LinearWeights) -> None:
        """Set the weights of all layers."""
        rows = 1 + len(self.features.ngrams)
        self.embedding.set_weights([weights.vectors[:rows]])
        if self.projection is not None:
            self.projection.set_weights([weights.vectors[rows:]])
        self.scores.set_weights([weights.keys])

    def add(self, scores: Tensor, given: NgramInputs) -> Tensor:
        """Add this view to the sum of the others.

        Args:
            scores: (rows, known replies) float32, of the others.
            given: The n-grams of the prompts.

        Returns:
            (rows, known replies) float32.
        """
        ops = keras.ops
        found = ops.sum(self.embedding(given.numbers) * ops.expand_dims(given.weights, -1), axis=1)
        if self.projection is not None:
            found += self.projection(given.vectors)
        return self.network_weight * scores + self.scores(found)
