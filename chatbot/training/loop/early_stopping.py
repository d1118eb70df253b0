"""Which measurement of a run is the best.

What is best depends on the corpus:

- replies chosen from a known set (an FAQ, small talk): the share of validation prompts that get
  their very reply; this goes on growing long after the loss has begun to rise, because the
  network grows too sure of the few choices that it gets wrong;
- open dialogue: the loss;
- without validation pairs: the training loss. It jumps about while the rate is high, which is
  no sign of an end, so such a run goes on to its last epoch or minute.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement


def measurements_without_progress(history: Sequence[Measurement]) -> int:
    """Measurements since the last that was the best so far, or had the lowest validation loss so far.

    Either is a sign that a run still learns: the share of exact replies jumps about while the loss
    falls steadily, and goes on growing when the loss has begun to rise.
    """
    lowest, since = math.inf, 0
    for report in history:
        loss = math.inf if report.valid is None else report.valid.loss
        since = 0 if report.best or loss < lowest else since + 1
        lowest = min(lowest, loss)
    return since


def goodness_of(train_loss: float, valid: Validation | None, closed: bool) -> tuple[float, float]:
    """Larger is better; a loss that is no number is not better than anything."""
    if valid is None:
        return 0.0, -train_loss
    return (valid.exact if closed and math.isfinite(valid.loss) else 0.0), -valid.loss


def digest_of(weights: Sequence[Any]) -> str:
    """The first sixteen hexadecimal digits of the SHA-256 of arrays in their order."""
    found = hashlib.sha256()
    for array in weights:
        found.update(array.tobytes())
    return found.hexdigest()[:16]
