"""Early stopping: the measurement whose weights are kept, and the number of measurements without progress.

What is best depends on the corpus:

- replies from a known set (an FAQ, small talk): the share of validation prompts that get exactly
  their reply. It still grows long after the loss has begun to rise, because the network becomes
  overconfident about the few choices that it gets wrong. Within a standard error of the highest share it says
  nothing, and the validation loss decides: one prompt of 500 by chance once threw the last sixth of a run away, with
  the steps of the lowest learning rate;
- open dialogue: the validation loss;
- no validation pairs, or too few to select by: the training loss. It fluctuates while the learning
  rate is high, so such a run never stops early.
"""

import math
from collections.abc import Sequence

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement

#: Validation pairs below which they are measured but select nothing. Of a dozen, one prompt is eight points of the
#: share of exact replies, and their loss rises before the training pairs are learned.
FEWEST_SELECTING = 30


def measurements_without_progress(history: Sequence[Measurement]) -> int:
    """The number of measurements since the last one with the best score or the lowest validation loss so far.

    Either is progress: the share of exact replies fluctuates while the loss falls steadily, and still grows when the
    loss has begun to rise.

    Args:
        history: All measurements of the run.
    """
    lowest, since = math.inf, 0
    for report in history:
        loss = math.inf if report.valid is None else report.valid.loss
        since = 0 if report.best or loss < lowest else since + 1
        lowest = min(lowest, loss)
    return since


def is_best(
    history: Sequence[Measurement], train_loss: float, valid: Validation | None, closed_pairs: int | None
) -> bool:
    """Tell whether a new measurement is the best so far.

    Args:
        history: All measurements before it.
        train_loss: Mean nats a token since the last measurement.
        valid: Validation results, or None without validation pairs to select by.
        closed_pairs: The number of validation pairs, where most of their replies are among the training replies; else
            None.

    Returns:
        Whether its weights are to be kept; never where the loss is NaN.
    """
    kept = next((report for report in reversed(history) if report.best), None)
    loss = train_loss if valid is None else valid.loss
    if kept is None:
        return loss < math.inf
    lower = loss < (kept.train_loss if valid is None or kept.valid is None else kept.valid.loss)
    if valid is None or kept.valid is None or closed_pairs is None:
        return lower
    most = max(report.valid.exact for report in history if report.valid is not None)
    error = math.sqrt(most * (1 - most) / closed_pairs)
    more = valid.exact > kept.valid.exact and loss < math.inf
    return more or (lower and valid.exact >= most - error)
