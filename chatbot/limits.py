"""The limits of a run that is resumed: they may be raised but not lowered."""

import math
from typing import Any

from chatbot.config import TrainingConfig
from chatbot.errors import RunError

#: Option, field, unit.
_LIMITS = [("--epochs", "epochs", ""), ("--max-time", "max_seconds", " s")]


def raise_limits(began: TrainingConfig, asked: TrainingConfig) -> dict[str, Any]:
    """The limits from now on, by their fields; the schedule then spans the longer run.

    Args:
        began: How the run has been fitted so far, its epochs chosen.
        asked: What is asked for now; no epochs are those of before.

    Raises:
        RunError: A limit is lower than before.
    """
    limits = {name: getattr(asked, name) for _, name, _ in _LIMITS}
    if limits["epochs"] is None:
        limits["epochs"] = began.epochs
    for option, name, unit in _LIMITS:
        before = getattr(began, name)
        if (math.inf if limits[name] is None else limits[name]) < (math.inf if before is None else before):
            said = "without this limit" if before is None else f"with {before:g}{unit}, which can only be raised"
            raise RunError(
                f"{option}: the interrupted run began {said}; leave that out to resume it, or start anew with"
                " --overwrite"
            )
    return limits
