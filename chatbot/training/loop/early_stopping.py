"""Early stopping: the score of a measurement, and the number of measurements without progress.

The score depends on the corpus:

- replies from a known set (an FAQ, small talk): the share of validation prompts that get exactly
  their reply. It still grows long after the loss has begun to rise, because the network becomes
  overconfident about the few choices that it gets wrong;
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


def validation_score(train_loss: float, valid: Validation | None, closed: bool) -> tuple[float, float]:
    """The sort key of a measurement; higher is better.

    Args:
        train_loss: Mean nats a token since the last measurement.
        valid: Validation results, or None without validation pairs to select by.
        closed: Whether most validation replies are among the training replies.

    Returns:
        The share of exact replies (0.0 where it does not count) and the negative loss. A NaN loss is
        never higher than anything.
    """
    if valid is None:
        return 0.0, -train_loss
    return (valid.exact if closed and math.isfinite(valid.loss) else 0.0), -valid.loss
