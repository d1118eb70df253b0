"""The loss of teacher forcing."""

from typing import Any

from chatbot.config import PAD
from chatbot.training.backend import tf


def masked_cross_entropy(logits: Any, target: Any) -> tuple[Any, Any]:
    """Sum the cross-entropy over the real tokens of a batch.

    Args:
        logits: (rows, length, vocabulary) float32.
        target: (rows, length) int32; PAD positions do not count.

    Returns:
        Nats summed over the real tokens and the number of real tokens, float32 scalars.
    """
    real = tf.cast(tf.not_equal(target, PAD), tf.float32)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logits)
    return tf.reduce_sum(nats * real), tf.reduce_sum(real)
