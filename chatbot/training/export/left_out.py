"""Prompts that are left out of a fit in turn, a quarter of the phrasings of each reply at a time, and their answers.

A dozen validation prompts of a small corpus tell too little of its confidence. Cross-validation asks every prompt
(Stone 1974, "Cross-Validatory Choice and Assessment of Statistical Predictions"; Platt 1999, section 2.2). The network
would have to be trained anew for each part; the view of n-grams, which decides nearly alone in a small corpus, takes a
second. docs/log.md has the figures.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: Pairs of a corpus, at most, that is small in this sense, and the parts that are left out in turn.
SMALL, PARTS = 1000, 4

Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


def deal_parts(labels: Numbers, seed: int) -> npt.NDArray[np.intp]:
    """Deal the rows of each label out to the parts in turn, in any order and beginning with any part.

    Args:
        labels: (rows,) int32.
        seed: Of the order.

    Returns:
        (rows,) the part of each, below `PARTS`.
    """
    rng = np.random.default_rng(seed)
    parts = np.empty(len(labels), np.intp)
    turn = rng.integers(PARTS, size=int(labels.max(initial=0)) + 1)
    for row in rng.permutation(len(labels)):
        parts[row] = turn[labels[row]] % PARTS
        turn[labels[row]] += 1
    return parts


def choose_replies(scores: Floats, topics: Numbers) -> tuple[Sequence[int], Sequence[float]]:
    """Choose the likeliest replies, as `chatbot.inference.recorded_reply_steps` does without the decoder.

    Args:
        scores: (rows, known replies) float32, logits.
        topics: (known replies,) int32, their topics: each reply has the share of the whole topic.

    Returns:
        The number of each row's reply, and the natural logarithm of its share among all of them.
    """
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    joined = (shares @ np.eye(int(topics.max()) + 1)[topics])[:, topics]
    chosen = joined.argmax(axis=1)
    found = joined[np.arange(len(joined)), chosen] / joined.sum(axis=1)
    return chosen.tolist(), np.log(found).tolist()
