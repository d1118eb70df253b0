"""Rules and shapers: pure functions on logits, (rows, vocabulary) float32; none changes its arguments.

A token that may not be chosen has the logit -inf. The functions compose in any order; the
search takes first those that look at the reply so far, then those that shape the distribution.
`histories` are the tokens of each row's reply so far, without GO.
"""

from collections.abc import Sequence

import numpy as np

from chatbot.config import EOS
from chatbot.inference.probabilities import log_softmax
from chatbot.inference.step_model import Logits

Histories = Sequence[Sequence[int]]


def ban(logits: Logits, tokens: Sequence[int]) -> Logits:
    """Make tokens impossible in every row.

    Args:
        logits: (rows, vocabulary) float32.
        tokens: Their ids.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    banned = logits.copy()
    banned[:, tokens] = -np.inf
    return banned


def penalize_repetition(logits: Logits, histories: Histories, penalty: float) -> Logits:
    """Make tokens that the reply has already less probable, for a penalty above 1.

    Keskar et al. (2019), "CTRL", section 4.1: their logits are divided by the penalty. A
    negative one is multiplied instead, or it would become more probable.

    Args:
        logits: (rows, vocabulary) float32.
        histories: The tokens of each row's reply so far.
        penalty: Above 0.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    penalized = logits.copy()
    for row, history in zip(penalized, histories, strict=True):
        seen = list(set(history))
        row[seen] = np.where(row[seen] > 0, row[seen] / penalty, row[seen] * penalty)
    return penalized


def block_ngrams(logits: Logits, histories: Histories, length: int) -> Logits:
    """Make impossible what would end a run of tokens that the reply has already.

    Paulus, Xiong and Socher (2018), "A Deep Reinforced Model for Abstractive Summarization", section 2.5.

    Args:
        logits: (rows, vocabulary) float32.
        histories: The tokens of each row's reply so far.
        length: Tokens of a run, at least 1.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    blocked = logits.copy()
    for row, history in zip(blocked, histories, strict=True):
        runs = len(history) - length + 1
        last = history[max(runs, 0) :]
        row[[history[at + length - 1] for at in range(runs) if history[at : at + length - 1] == last]] = -np.inf
    return blocked


def delay_end(logits: Logits, histories: Histories, length: int) -> Logits:
    """Make EOS impossible for replies that are too short.

    Args:
        logits: (rows, vocabulary) float32.
        histories: The tokens of each row's reply so far.
        length: Tokens that a reply has at least before EOS.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    delayed = logits.copy()
    delayed[[len(history) < length for history in histories], EOS] = -np.inf
    return delayed


def allow_end(logits: Logits) -> Logits:
    """Let a row in which every token is impossible end: EOS, with certainty.

    Args:
        logits: (rows, vocabulary) float32.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    stuck = ~(logits > -np.inf).any(axis=-1)
    opened = logits.copy()
    opened[stuck, EOS] = 0.0
    return opened


def scale(logits: Logits, temperature: float) -> Logits:
    """Divide logits by a temperature: below 1 the probable tokens gain, above 1 the others.

    Ackley, Hinton and Sejnowski (1985), "A Learning Algorithm for Boltzmann Machines". The
    maximum is taken off first, so that a tiny temperature leaves it finite.

    Args:
        logits: (rows, vocabulary) float32.
        temperature: Above 0.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    shifted = (logits - logits.max(axis=-1, keepdims=True)).astype(np.float64)
    with np.errstate(over="ignore"):
        scaled: Logits = (shifted / temperature).astype(np.float32)
    return scaled


def keep_top_k(logits: Logits, count: int) -> Logits:
    """Keep the most probable tokens of each row, and those as probable as the last of them.

    Fan, Lewis and Dauphin (2018), "Hierarchical Neural Story Generation".

    Args:
        logits: (rows, vocabulary) float32.
        count: Tokens to keep, at least 1.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    if count >= logits.shape[-1]:
        return logits.copy()
    smallest = np.partition(logits, -count, axis=-1)[:, -count, None]
    return np.where(logits >= smallest, logits, np.float32(-np.inf))


def keep_top_p(logits: Logits, share: float) -> Logits:
    """Keep the fewest most probable tokens of each row that reach a share together, and those as probable as the last.

    Holtzman et al. (2020), "The Curious Case of Neural Text Degeneration", section 3.1.

    Args:
        logits: (rows, vocabulary) float32.
        share: Sum of probabilities, above 0; 1 keeps all.

    Returns:
        (rows, vocabulary) float32, a copy.
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
    """Keep the tokens that are probable enough beside the most probable one of their row.

    Nguyen et al. (2024), "Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs".

    Args:
        logits: (rows, vocabulary) float32.
        share: Smallest ratio of the two probabilities, in 0..1.

    Returns:
        (rows, vocabulary) float32, a copy.
    """
    with np.errstate(divide="ignore"):
        smallest = logits.max(axis=-1, keepdims=True) + np.log(np.float32(share))
    return np.where(logits >= smallest, logits, np.float32(-np.inf))
