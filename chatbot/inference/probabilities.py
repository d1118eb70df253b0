"""Probabilities of tokens from logits, (rows, vocabulary) float32, and the most probable tokens."""

import numpy as np
import numpy.typing as npt

from chatbot.inference.step_model import Logits, Tokens

#: Rows of probabilities worked on at once: few enough to stay in the processor's cache.
_BLOCK = 8
#: Tokens of which `top_tokens` looks at the most probable first.
_GROUP = 32


def log_softmax(logits: Logits) -> Logits:
    """Compute log-probabilities: logits - log(sum(exp(logits))) along the vocabulary.

    The maximum is taken off first, so that large logits do not overflow.

    Args:
        logits: (rows, vocabulary) float32.

    Returns:
        (rows, vocabulary) float32, in nats.
    """
    highest, log_total = _normalizers(logits)
    return (logits - highest[:, None]) - log_total[:, None]


def log_probabilities(logits: Logits, tokens: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """The log-probabilities of some tokens, as `log_softmax` gives them, without the work for the others.

    Args:
        logits: (rows, vocabulary) float32.
        tokens: (rows,) or (rows, several), integers.

    Returns:
        A float32 array of the shape of `tokens`, in nats.
    """
    highest, log_total = _normalizers(logits)
    rows = np.arange(len(tokens))
    chosen: npt.NDArray[np.float32] = (logits[rows, tokens.T] - highest - log_total).T
    return chosen


def _normalizers(logits: Logits) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Compute the two terms that normalize each row.

    Args:
        logits: (rows, vocabulary) float32.

    Returns:
        The maximum of each row and log(sum(exp(row - maximum))), both (rows,) float32.
    """
    highest = logits.max(axis=-1)
    totals = np.empty_like(highest)
    for start in range(0, len(logits), _BLOCK):
        block = slice(start, start + _BLOCK)
        shifted = logits[block] - highest[block, None]
        np.exp(shifted, out=shifted).sum(axis=-1, out=totals[block])
    return highest, np.log(totals)


def top_tokens(logits: Logits, count: int) -> Tokens:
    """Find the most probable tokens of each row.

    The maxima of groups of tokens are found first. At least `count` tokens reach the maximum
    that is in place `count` among them and few others do, so that only those need an order.

    Args:
        logits: (rows, vocabulary) float32.
        count: Tokens to find.

    Returns:
        (rows, count) int32, the most probable first. Where fewer have a logit above -inf, one that has not
        takes the places left.
    """
    rows, size = logits.shape
    groups = size // _GROUP
    if groups < count:
        return np.argsort(-logits, axis=-1, kind="stable")[:, :count].astype(np.int32)
    maxima = logits[:, : groups * _GROUP].reshape(rows, _GROUP, groups).max(axis=1)
    smallest = np.partition(maxima, -count, axis=-1)[:, -count, None]
    places = np.flatnonzero(logits >= np.maximum(smallest, np.finfo(np.float32).min))
    row, token = np.divmod(places, size)
    order = np.lexsort((-logits.ravel()[places], row))
    starts, ends = np.searchsorted(row, [np.arange(rows), np.arange(1, rows + 1)])
    wanted = starts[:, None] + np.arange(count)
    found = wanted < ends[:, None]
    tokens = token[order[np.where(found, wanted, 0)]]
    if not found.all():
        tokens = np.where(found, tokens, logits.argmin(axis=-1)[:, None])
    return tokens.astype(np.int32)
