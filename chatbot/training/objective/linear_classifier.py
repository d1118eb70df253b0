"""A linear classifier over n-grams and word vectors: multinomial logistic regression.

The problem is convex, so that it has none of the luck of a network. The weights of a class begin in the direction of
its centroid, and the steps end when the rows are told apart, which keeps the weights short.

Reference: Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.4.
"""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from chatbot.inference.ngram_features import Features
from chatbot.training.type_aliases import Tensor

Weights = npt.NDArray[np.float32]

#: Rows of a step.
_ROWS = 512
#: Epochs: the more rows, the more steps each has; and scores that are computed in all of them together, at most.
_MOST_EPOCHS, _FEWEST_EPOCHS, _MOST_SCORES = 60, 5, 8_000_000
#: Rate of the first step, which falls to zero, and the share of the last step's direction that is kept.
_RATE, _MOMENTUM = 0.7, 0.9
#: Length of a class's weights at the beginning, in the direction of its centroid.
_SCALE = 8.0
_STEP = [
    tf.TensorSpec((None, 2), tf.int64),
    tf.TensorSpec((None,), tf.float32),
    tf.TensorSpec((None, None), tf.float32),
    tf.TensorSpec((None,), tf.int32),
    tf.TensorSpec((), tf.float32),
]


def fit_linear_classifier(
    features: Features, labels: npt.NDArray[np.int32], counts: tuple[int, int], seed: int
) -> Weights:
    """Fit weights to rows of features, by stochastic gradient descent with momentum.

    Args:
        features: Of (rows,) prompts.
        labels: (rows,) int32, the class of each.
        counts: Numbers of n-grams and of classes.
        seed: Decides the order of the rows.

    Returns:
        (n-grams + 1 + features of vectors, classes) float32: the row of each n-gram's number, that of 0 zero, then
        those of the features of word vectors, if there are any.
    """
    count, classes = counts
    rows = len(labels)
    vectors = np.zeros((rows, 0), np.float32) if features.vectors is None else features.vectors
    weights, dense = (tf.Variable(start) for start in _initial_weights(features, vectors, labels, counts))
    velocity, dense_velocity = (tf.Variable(tf.zeros_like(each)) for each in (weights, dense))
    epochs = max(_FEWEST_EPOCHS, min(_MOST_EPOCHS, _MOST_SCORES // (rows * classes)))
    steps = epochs * -(-rows // _ROWS)
    rng = np.random.default_rng(seed)

    def step(places: Tensor, values: Tensor, vectors_: Tensor, classes_: Tensor, rate: Tensor) -> None:
        size = tf.shape(classes_)[0]
        given = tf.SparseTensor(places, values, tf.cast(tf.stack([size, count + 1]), tf.int64))
        shares = tf.nn.softmax(tf.sparse.sparse_dense_matmul(given, weights) + vectors_ @ dense)
        error = (shares - tf.one_hot(classes_, classes)) / tf.cast(size, tf.float32)
        velocity.assign(_MOMENTUM * velocity + tf.sparse.sparse_dense_matmul(given, error, adjoint_a=True))
        weights.assign_sub(rate * velocity)
        dense_velocity.assign(_MOMENTUM * dense_velocity + tf.matmul(vectors_, error, transpose_a=True))
        dense.assign_sub(rate * dense_velocity)

    compiled = tf.function(step, input_signature=_STEP)
    done = 0
    for _ in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, rows, _ROWS):
            chosen = order[start : start + _ROWS]
            numbers = features.numbers[chosen]
            row, column = np.nonzero(numbers)
            places = np.stack([row, numbers[row, column]], axis=1).astype(np.int64)
            compiled(
                places,
                features.weights[chosen][row, column],
                vectors[chosen],
                labels[chosen],
                np.float32(_RATE * classes * (1 - done / steps)),
            )
            done += 1
    return np.concatenate([weights.numpy(), dense.numpy()])


def _initial_weights(
    features: Features, vectors: Weights, labels: npt.NDArray[np.int32], counts: tuple[int, int]
) -> tuple[Weights, Weights]:
    """The mean of the rows of each class, of length `_SCALE`.

    Args:
        features: Of (rows,) prompts.
        vectors: (rows, features of vectors) float32.
        labels: (rows,) int32, the class of each.
        counts: Numbers of n-grams and of classes.

    Returns:
        (n-grams + 1, classes) and (features of vectors, classes) float32.
    """
    count, classes = counts
    row, column = np.nonzero(features.numbers)
    places = features.numbers[row, column].astype(np.int64) * classes + labels[row]
    sums = np.bincount(places, features.weights[row, column], (count + 1) * classes).reshape(count + 1, classes)
    dense = vectors.T @ np.eye(classes, dtype=np.float32)[labels]
    lengths = np.maximum(np.sqrt((sums**2).sum(axis=0) + (dense**2).sum(axis=0)), 1e-9) / _SCALE
    return np.asarray(sums / lengths, np.float32), np.asarray(dense / lengths, np.float32)
