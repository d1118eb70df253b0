"""The arithmetic of attention with several heads (Vaswani et al. 2017, section 3.2), without computed shapes."""

import math

import keras
import tensorflow as tf

from chatbot.training.type_aliases import KerasLayer, Tensor

#: Score of what may not be looked at.
_MASKED_SCORE = -1e9


def split_heads(vectors: Tensor, heads: int) -> Tensor:
    """Give each head its part of each token.

    Args:
        vectors: (rows, length, units) float32.
        heads: How many; they divide the units.

    Returns:
        (rows, heads, length, units / heads) float32.
    """
    ops = keras.ops
    return ops.concatenate([ops.expand_dims(part, 1) for part in ops.split(vectors, heads, axis=-1)], axis=1)


def join_heads(vectors: Tensor, heads: int) -> Tensor:
    """Put the parts of each token together, as `split_heads` took them apart.

    Args:
        vectors: (rows, heads, length, units / heads) float32.
        heads: How many.

    Returns:
        (rows, length, units) float32.
    """
    ops = keras.ops
    # A sum over one entry, where a squeeze would be a reshape with two sizes that are not known.
    return ops.sum(ops.concatenate(ops.split(vectors, heads, axis=1), axis=-1), axis=1)


def attend_heads(query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
    """Average values, weighted by the softmax of the products of queries and keys.

    Args:
        query: (rows, heads, length, size) float32.
        key: (rows, heads, other length, size) float32.
        value: Likewise.
        seen: bool, True where a token may be looked at; its shape fits (rows, heads, length, other length).

    Returns:
        (rows, heads, length, size) float32.
    """
    ops = keras.ops
    scores = ops.matmul(query * (1 / math.sqrt(query.shape[-1])), ops.transpose(key, (0, 1, 3, 2)))
    return ops.matmul(ops.softmax(ops.where(seen, scores, _MASKED_SCORE), axis=-1), value)


class DenseOverSequences(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """A trained dense layer applied to each token, as one product that LiteRT has: Keras's own computes shapes."""

    def __init__(self, dense: KerasLayer) -> None:
        """Share the weights of a dense layer.

        Args:
            dense: Built.
        """
        super().__init__()
        self.dense = dense

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the dense layer.

        Args:
            inputs: (rows, length, features) float32.

        Returns:
            (rows, length, units) float32.
        """
        # A kernel of two dimensions, other than in `ThreeDimensional`: with one of three LiteRT's converter makes a
        # product of these that takes no weights of 8 bits.
        return self.dense.activation(tf.matmul(inputs, self.dense.kernel) + self.dense.bias)
