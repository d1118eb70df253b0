"""A linear classifier over n-grams and word vectors: multinomial logistic regression, of low rank for many classes.

The weights of a class begin in the direction of its centroid. Where there are more classes than directions, the
centroids are projected onto their principal directions first: a feature then has a short vector in the place of a
weight for each class, and classes that share words share what is learned of these. Half of the features of a row are
left out of each step, for otherwise the rare ones, which tell the rows apart by themselves, would leave nothing to be
learned by the others.

References: Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.4, for the regression; Halko,
Martinsson and Tropp (2011), "Finding Structure with Randomness", algorithm 4.4, for the directions; Joulin et al.
(2017), "Bag of Tricks for Efficient Text Classification", section 2, for vectors of features that classes share;
Duchi, Hazan and Singer (2011), "Adaptive Subgradient Methods", section 1, for the steps, which are longer for rare
features; Srivastava et al. (2014), "Dropout", section 4.
"""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from chatbot.inference.weighed_ngrams import WeighedNgrams
from chatbot.training.models.ngram_view import LinearWeights
from chatbot.training.type_aliases import Tensor

Weights = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

#: Directions at most, and passes over the centroids to find them.
DIRECTIONS, _PASSES = 96, 4
#: Rows of a step; fewer of a small corpus, so that an epoch has eight steps, but not below 16.
_ROWS, _FEWEST_ROWS, _FEWEST_STEPS = 256, 16, 8
#: Steps of an epoch from which a step takes more rows, and the most that it takes: four times as many rows share so
#: many n-grams that an epoch takes half of the time, and a large corpus is learned as well by longer steps. The rate
#: grows with the rows above so many, by this power of their ratio.
_MANY_STEPS, _MOST_ROWS, _PLAIN_ROWS, _POWER = 60, 2048, 512, 0.3
#: Epochs at most and at least, and rows that are seen in all of them together.
_MOST_EPOCHS, _FEWEST_EPOCHS, _SEEN = 10, 2, 700_000
#: Rate of the first step, which falls to zero; more classes than directions have more left to learn.
_RATE = 0.03
#: Share of a row's features that a step leaves out.
_DROPOUT = 0.5
#: Length of a class's weights at the beginning, and the part of it that is in the vectors rather than in the keys.
_SCALE, _BALANCE = 8.0, 0.3
#: Parts into which the directions of the n-grams' vectors are cut: the two processors take them in turn, and what a
#: part needs fits their caches. A step takes 25 ms in place of 37.
_PARTS = 4
#: Added to the sums of squared gradients.
_EPSILON = 1e-8


def count_directions(classes: int) -> int:
    """Count the directions of a classifier.

    Args:
        classes: Number of classes.

    Returns:
        As many as classes, up to `DIRECTIONS`.
    """
    return min(classes, DIRECTIONS)


def _count_rows_of_step(rows: int) -> int:
    """Count the rows that a step learns from, of so many."""
    return max(min(_ROWS, max(_FEWEST_ROWS, rows // _FEWEST_STEPS)), min(_MOST_ROWS, rows // _MANY_STEPS))


class LinearFitting:
    """Fits classifiers to some rows or others of the same features; what they share is compiled once."""

    def __init__(
        self, ngrams: WeighedNgrams, vectors: Weights | None, labels: Labels, counts: tuple[int, int], seed: int
    ) -> None:
        """Take the rows; nothing is fitted yet.

        Args:
            ngrams: Of (rows,) prompts.
            vectors: (rows, features of word vectors) float32; None without these.
            labels: (rows,) int32, the class of each.
            counts: Numbers of n-grams and of classes.
            seed: Decides the order of the rows and what is left out.
        """
        self._ngrams, self._labels, self._counts, self._seed = ngrams, labels, counts, seed
        self._dense = np.zeros((len(labels), 0), np.float32) if vectors is None else vectors
        (count, classes), dense = counts, self._dense.shape[1]
        directions = count_directions(classes)
        self._widths = [len(part) for part in np.array_split(np.arange(directions), min(_PARTS, directions))]
        self._sparse_vectors = [tf.Variable(tf.zeros((count + 1, width))) for width in self._widths]
        self._dense_vectors = tf.Variable(tf.zeros((dense, directions)))
        self._keys = tf.Variable(tf.zeros((directions, classes)))
        self._sums = tf.Variable(tf.zeros((count + 1,)))
        self._dense_sums, self._key_sums = (tf.Variable(tf.zeros_like(v)) for v in (self._dense_vectors, self._keys))
        self._compiled = tf.function(
            self._step,
            input_signature=[
                tf.TensorSpec((None,), tf.int64),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((None,), tf.float32),
                tf.TensorSpec((None, dense), tf.float32),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((), tf.float32),
            ],
            autograph=False,
        )

    def fit(self, places: Rows) -> LinearWeights:
        """Fit weights to some of the rows.

        Args:
            places: (some,) int64, those of the rows.

        Returns:
            The weights.
        """
        self._begin_at_centroids(places)
        size = _count_rows_of_step(len(places))
        batches, epochs = -(-len(places) // size), max(_FEWEST_EPOCHS, min(_MOST_EPOCHS, _SEEN // len(places)))
        rate = _RATE * max(1.0, self._counts[1] / DIRECTIONS) ** 0.5 * max(1.0, size / _PLAIN_ROWS) ** _POWER
        rng = np.random.default_rng(self._seed)
        for epoch in range(epochs):
            for batch, chosen in enumerate(np.array_split(rng.permutation(len(places)), batches)):
                done = epoch * batches + batch
                self._learn(places[chosen], rate * (1 - done / (epochs * batches)), done)
        sparse = np.concatenate([part.numpy() for part in self._sparse_vectors], axis=1)
        vectors = np.concatenate([sparse, self._dense_vectors.numpy()])
        vectors[0] = 0.0
        return LinearWeights(vectors, self._keys.numpy())

    def _begin_at_centroids(self, rows: Rows) -> None:
        """Begin anew.

        Args:
            rows: Those of `fit`.
        """
        sparse, dense = _centroids(self._ngrams.take(rows), self._dense[rows], self._labels[rows], self._counts)
        directions = _principal_directions(sparse, dense, sum(self._widths), self._seed)
        parts = np.split(directions, np.cumsum(self._widths)[:-1], axis=1)
        for vectors, part in zip(self._sparse_vectors, parts, strict=True):
            vectors.assign(_BALANCE * tf.sparse.sparse_dense_matmul(sparse, part))
        self._dense_vectors.assign(_BALANCE * dense @ directions)
        self._keys.assign(directions.T / _BALANCE)
        for sums in (self._sums, self._dense_sums, self._key_sums):
            sums.assign(tf.zeros_like(sums))

    def _learn(self, chosen: Rows, rate: float, number: int) -> None:
        """Learn some rows.

        Args:
            chosen: (rows of the step,) their places.
            rate: Of the step.
            number: Of the step, which decides what it leaves out.
        """
        found = self._ngrams.take(chosen)
        kept = np.random.default_rng((self._seed, number)).random(len(found.numbers), np.float32) >= _DROPOUT
        given = found.weights[kept] / np.float32(1 - _DROPOUT)
        dense, labels = self._dense[chosen], self._labels[chosen]
        self._compiled(found.rows[kept], found.numbers[kept], given, dense, labels, np.float32(rate))

    def _step(self, rows: Tensor, numbers: Tensor, given: Tensor, dense: Tensor, labels: Tensor, rate: Tensor) -> None:
        """One step of AdaGrad, with one sum for all directions of an n-gram; only those of the rows change.

        Args:
            rows: (n-grams of all rows,) int64, the row of each, in order.
            numbers: (n-grams of all rows,) int32.
            given: (n-grams of all rows,) float32, their weights.
            dense: (rows, features of word vectors) float32.
            labels: (rows,) int32.
            rate: Of the step, ().
        """
        seen, places = tf.unique(numbers, out_idx=tf.int64)
        shape = tf.stack([tf.shape(labels, tf.int64)[0], tf.shape(seen, tf.int64)[0]])
        matrix = tf.SparseTensor(tf.stack([rows, places], axis=1), given, shape)
        products = [tf.sparse.sparse_dense_matmul(matrix, tf.gather(part, seen)) for part in self._sparse_vectors]
        sums = tf.concat(products, axis=1) + dense @ self._dense_vectors
        error = tf.nn.softmax(sums @ self._keys) - tf.one_hot(labels, self._counts[1])
        back = tf.matmul(error, self._keys, transpose_b=True)
        gradients = [
            tf.sparse.sparse_dense_matmul(matrix, part, adjoint_a=True) for part in tf.split(back, self._widths, axis=1)
        ]
        new = tf.add_n([tf.reduce_sum(gradient**2, axis=1) for gradient in gradients]) / float(sum(self._widths))
        squares = tf.gather(self._sums, seen) + new
        self._sums.scatter_nd_update(seen[:, None], squares)
        length = (rate / tf.sqrt(squares + _EPSILON))[:, None]
        for part, gradient in zip(self._sparse_vectors, gradients, strict=True):
            part.scatter_nd_sub(seen[:, None], length * gradient)
        _descend(self._dense_vectors, self._dense_sums, tf.matmul(dense, back, transpose_a=True), rate)
        _descend(self._keys, self._key_sums, tf.matmul(sums, error, transpose_a=True), rate)


def _descend(variable: tf.Variable, sums: tf.Variable, gradient: Tensor, rate: Tensor) -> None:
    """Take one step of AdaGrad.

    Args:
        variable: float32 of any shape.
        sums: Of its squared gradients, which the step adds to.
        gradient: Of the same shape.
        rate: Of the step, ().
    """
    sums.assign_add(gradient**2)
    variable.assign_sub(rate * gradient / tf.sqrt(sums + _EPSILON))


def _centroids(
    ngrams: WeighedNgrams, vectors: Weights, labels: Labels, counts: tuple[int, int]
) -> tuple[tf.SparseTensor, Weights]:
    """The mean of the rows of each class, of length `_SCALE`.

    Args:
        ngrams: Of (rows,) prompts.
        vectors: (rows, features of vectors) float32.
        labels: (rows,) int32, the class of each.
        counts: Numbers of n-grams and of classes.

    Returns:
        (n-grams + 1, classes) and (features of vectors, classes) float32.
    """
    count, classes = counts
    found = ngrams.sum_classes(labels, classes)
    dense = np.zeros((vectors.shape[1], classes), np.float32)
    np.add.at(dense.T, labels, vectors)
    squares = np.bincount(found.classes, found.sums**2, classes) + (dense**2).sum(axis=0)
    lengths = np.maximum(np.sqrt(squares), 1e-9) / _SCALE
    places = np.stack([found.numbers, found.classes], axis=1)
    values = (found.sums / lengths[found.classes]).astype(np.float32)
    return tf.SparseTensor(places, values, (count + 1, classes)), np.asarray(dense / lengths, np.float32)


def _principal_directions(sparse: tf.SparseTensor, dense: Weights, directions: int, seed: int) -> Weights:
    """The directions among classes in which their weights differ most, by subspace iteration.

    Args:
        sparse: (n-grams + 1, classes) float32.
        dense: (features of vectors, classes) float32.
        directions: Their number.
        seed: Decides where the search begins.

    Returns:
        (classes, directions) float32, orthonormal; each class is a direction of its own where there are no more.
    """
    classes = int(sparse.shape[1])
    if directions == classes:
        return np.eye(classes, dtype=np.float32)
    found = np.random.default_rng(seed).standard_normal((classes, directions)).astype(np.float32)
    for _ in range(_PASSES):
        found = np.linalg.qr(found)[0]
        product = tf.sparse.sparse_dense_matmul(sparse, found)
        found = tf.sparse.sparse_dense_matmul(sparse, product, adjoint_a=True).numpy() + dense.T @ (dense @ found)
    return np.asarray(np.linalg.qr(found)[0], np.float32)
