"""Pure functions on logits of shape (rows, vocabulary), float32; none changes its arguments.

A token that may not be chosen has the logit -inf. The functions compose in any order; the
search takes first those that look at the reply so far, then those that shape the distribution.
`histories` are the tokens of each row's reply so far, without GO.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS
from chatbot.inference.step_model import Logits, Tokens

Histories = Sequence[Sequence[int]]

#: Rows of probabilities worked on at once: few enough to stay in the processor's cache.
_BLOCK = 8
#: Tokens of which `top_tokens` looks at the most probable first.
_GROUP = 32


def ban(logits: Logits, tokens: Sequence[int]) -> Logits:
    """Logits with the given tokens made impossible in every row."""
    banned = logits.copy()
    banned[:, tokens] = -np.inf
    return banned


def penalize_repetition(logits: Logits, histories: Histories, penalty: float) -> Logits:
    """Make tokens that the reply has already less probable, for a penalty above 1.

    Keskar et al. (2019), "CTRL", section 4.1: their logits are divided by the penalty. A
    negative one is multiplied instead, or it would become more probable.
    """
    penalized = logits.copy()
    for row, history in zip(penalized, histories, strict=True):
        seen = list(set(history))
        row[seen] = np.where(row[seen] > 0, row[seen] / penalty, row[seen] * penalty)
    return penalized


def block_ngrams(logits: Logits, histories: Histories, length: int) -> Logits:
    """Make impossible what would end a run of `length` tokens that the reply has already.

    Paulus, Xiong and Socher (2018), "A Deep Reinforced Model for Abstractive Summarization", section 2.5.
    """
    blocked = logits.copy()
    for row, history in zip(blocked, histories, strict=True):
        runs = len(history) - length + 1
        last = history[max(runs, 0) :]
        row[[history[at + length - 1] for at in range(runs) if history[at : at + length - 1] == last]] = -np.inf
    return blocked


def delay_end(logits: Logits, histories: Histories, length: int) -> Logits:
    """Make EOS impossible for replies of fewer than `length` tokens."""
    delayed = logits.copy()
    delayed[[len(history) < length for history in histories], EOS] = -np.inf
    return delayed


def allow_end(logits: Logits) -> Logits:
    """Logits in which a row that has nothing left to say can end: EOS, with certainty."""
    stuck = ~(logits > -np.inf).any(axis=-1)
    opened = logits.copy()
    opened[stuck, EOS] = 0.0
    return opened


def scale(logits: Logits, temperature: float) -> Logits:
    """Logits over a temperature above 0: below 1 the probable tokens gain, above 1 the others.

    The maximum is taken off first, so that a tiny temperature leaves it finite.
    """
    shifted = (logits - logits.max(axis=-1, keepdims=True)).astype(np.float64)
    with np.errstate(over="ignore"):
        scaled: Logits = (shifted / temperature).astype(np.float32)
    return scaled


def keep_top_k(logits: Logits, count: int) -> Logits:
    """Keep the `count` most probable tokens of each row, and those as probable as the last of them.

    Fan, Lewis and Dauphin (2018), "Hierarchical Neural Story Generation".
    """
    if count >= logits.shape[-1]:
        return logits.copy()
    smallest = np.partition(logits, -count, axis=-1)[:, -count, None]
    return np.where(logits >= smallest, logits, np.float32(-np.inf))


def keep_top_p(logits: Logits, share: float) -> Logits:
    """Keep the fewest most probable tokens of each row that reach `share` together, and those as probable as the last.

    Holtzman et al. (2020), "The Curious Case of Neural Text Degeneration", section 3.1.
    """
    if share >= 1:
        return logits.copy()
    probabilities = log_softmax(logits)
    falling = np.sort(probabilities, axis=-1)[:, ::-1]
    reached = np.exp(falling.astype(np.float64)).cumsum(axis=-1)
    # Rounding may keep the sum of all from reaching a share that is nearly 1.
    last = (reached >= np.minimum(share, reached[:, -1:])).argmax(axis=-1)
    smallest = falling[np.arange(len(falling)), last, None]
    return np.where(probabilities >= smallest, logits, np.float32(-np.inf))


def keep_min_p(logits: Logits, share: float) -> Logits:
    """Keep the tokens at least `share` times as probable as the most probable one of their row.

    Nguyen et al. (2024), "Turning Up the Heat: Min-p Sampling".
    """
    with np.errstate(divide="ignore"):
        smallest = logits.max(axis=-1, keepdims=True) + np.log(np.float32(share))
    return np.where(logits >= smallest, logits, np.float32(-np.inf))


def log_softmax(logits: Logits) -> Logits:
    """Log-probabilities: logits - log(sum(exp(logits))) along the vocabulary.

    The maximum is taken off first, so that large logits do not overflow.
    """
    highest, log_total = _normalizers(logits)
    return (logits - highest[:, None]) - log_total[:, None]


def log_probabilities(logits: Logits, tokens: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
    """What `log_softmax` gives `tokens` of each row, without the work for the others.

    Args:
        logits: (rows, vocabulary).
        tokens: (rows,) or (rows, several).

    Returns:
        An array of the shape of `tokens`.
    """
    highest, log_total = _normalizers(logits)
    rows = np.arange(len(tokens))
    chosen: npt.NDArray[np.float32] = (logits[rows, tokens.T] - highest - log_total).T
    return chosen


def _normalizers(logits: Logits) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The maximum of each row and log(sum(exp(row - maximum)))."""
    highest = logits.max(axis=-1)
    totals = np.empty_like(highest)
    for start in range(0, len(logits), _BLOCK):
        block = slice(start, start + _BLOCK)
        shifted = logits[block] - highest[block, None]
        np.exp(shifted, out=shifted).sum(axis=-1, out=totals[block])
    return highest, np.log(totals)


def top_tokens(logits: Logits, count: int) -> Tokens:
    """The `count` most probable tokens of each row, the most probable first, (rows, count).

    The maxima of groups of tokens are found first. At least `count` tokens reach the maximum
    that is in place `count` among them and few others do, so that only those need an order.
    """
    rows, size = logits.shape
    groups = size // _GROUP
    if groups < count:
        return np.argsort(-logits, axis=-1, kind="stable")[:, :count].astype(np.int32)
    maxima = logits[:, : groups * _GROUP].reshape(rows, _GROUP, groups).max(axis=1)
    smallest = np.partition(maxima, -count, axis=-1)[:, -count, None]
    places = np.flatnonzero(logits >= smallest)
    row, token = np.divmod(places, size)
    order = np.lexsort((-logits.ravel()[places], row))
    starts = np.searchsorted(row, np.arange(rows))
    tokens: Tokens = token[order[starts[:, None] + np.arange(count)]].astype(np.int32)
    return tokens
