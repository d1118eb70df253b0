"""Pure functions on logits of shape (rows, vocabulary), float32; none changes its argument."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatbot.inference.steps import Logits, Tokens


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


def log_probabilities(logits: Logits, tokens: Tokens) -> npt.NDArray[np.float32]:
    """What `log_softmax` gives one token of each row, (rows,), without the work for the others."""
    highest = logits.max(axis=-1)
    total = np.exp(logits - highest[:, None]).sum(axis=-1)
    result: npt.NDArray[np.float32] = logits[np.arange(len(tokens)), tokens] - highest - np.log(total)
    return result
