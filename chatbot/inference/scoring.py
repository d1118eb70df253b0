"""Log-probabilities of given replies, teacher-forced over the step contract.

Nothing is chosen here, so nothing is banned or penalized: these are the model's own
probabilities. Like the search, it knows token ids only.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from chatbot.config import GO
from chatbot.inference.probabilities import log_probabilities
from chatbot.inference.step_model import StepModel

#: Replies that are scored side by side, which bounds the memory whatever their number.
ROWS = 64

_Ids = Sequence[int]
LogProbabilities = npt.NDArray[np.float32]


def score(model: StepModel, prompts: Sequence[_Ids], replies: Sequence[_Ids]) -> list[LogProbabilities]:
    """Log-probability of each token of each reply, given its prompt and the tokens before it.

    Args:
        model: Where the logits come from.
        prompts: Token ids of the prompt of each reply; an empty one is no prompt. Equal ones in
            a batch are read once.
        replies: Token ids of each reply, with EOS behind it where its end is to be scored too.

    Returns:
        For each reply, in the order given, a float32 array of natural logarithms, one for each
        of its tokens; an empty reply has an empty one.
    """
    scores = [np.zeros(len(reply), np.float32) for reply in replies]
    for batch in _batches(prompts, replies):
        _score_batch(model, prompts, replies, batch, scores)
    return scores


def _batches(prompts: Sequence[_Ids], replies: Sequence[_Ids]) -> Iterator[list[int]]:
    """Indices of replies of like lengths, the longest first, so that unfinished ones stay in front."""
    lengths = [(len(reply), len(prompt)) for prompt, reply in zip(prompts, replies, strict=True)]
    order = sorted((row for row, (length, _) in enumerate(lengths) if length), key=lengths.__getitem__, reverse=True)
    return (order[start : start + ROWS] for start in range(0, len(order), ROWS))


def _score_batch(
    model: StepModel,
    prompts: Sequence[_Ids],
    replies: Sequence[_Ids],
    batch: Sequence[int],
    scores: Sequence[LogProbabilities],
) -> None:
    """Score the replies of some rows.

    Args:
        model: The step models.
        prompts: All prompts.
        replies: All replies.
        batch: The rows to score, those of longer replies first.
        scores: (tokens,) float32 of each reply, to be filled.
    """
    places = {prompt: place for place, prompt in enumerate(dict.fromkeys(tuple(prompts[row]) for row in batch))}
    state = model.encode(list(places)).select([places[tuple(prompts[row])] for row in batch])
    tokens = np.full(len(batch), GO, np.int32)
    for position in range(len(replies[batch[0]])):
        live = sum(len(replies[row]) > position for row in batch)
        if live < len(tokens):
            tokens, state = tokens[:live], state.select(range(live))
        logits, state = model.step(tokens, state)
        tokens = np.array([replies[row][position] for row in batch[:live]], np.int32)
        for row, log_probability in zip(batch, log_probabilities(logits, tokens), strict=False):
            scores[row][position] = log_probability
