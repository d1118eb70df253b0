"""Pure functions on logits of shape (rows, vocabulary), float32; none changes its argument."""

from collections.abc import Sequence

import numpy as np

from chatbot.inference.steps import Logits


def ban(logits: Logits, tokens: Sequence[int]) -> Logits:
    """Logits with the given tokens made impossible, -inf."""
    banned = logits.copy()
    banned[:, list(tokens)] = -np.inf
    return banned


def log_softmax(logits: Logits) -> Logits:
    """Log-probabilities: logits - log(sum(exp(logits))) along the vocabulary.

    The maximum is taken off first, so that large logits do not overflow.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Logits = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
