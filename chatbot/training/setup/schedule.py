"""The learning-rate schedule, and the regularization that suits the length of a run."""

import math

from chatbot.config import TrainingConfig

#: The final learning rate, as a share of the peak.
_FLOOR = 0.02
_WARMUP_STEPS = 300
#: With fewer epochs than this, regularization slows a run down more than it helps; docs/log.md has the figures.
_FEW_EPOCHS = 5.5
_REGULARIZATION = {"dropout": 0.2, "weight_decay": 0.1, "subword_sampling": 0.3, "word_dropout": 0.1}


def choose_regularization(epochs: float) -> dict[str, float]:
    """The dropout, weight decay, subword sampling and unknown-token dropout of a run, by name.

    Args:
        epochs: Epochs of the run.
    """
    return {name: 0.0 if epochs < _FEW_EPOCHS else share for name, share in _REGULARIZATION.items()}


def run_progress(step: int, steps: int, seconds: float, max_seconds: float | None) -> float:
    """The share of the run that is done, in 0..1: by steps or by time, whichever is more.

    Args:
        step: Steps taken.
        steps: Steps of the whole run.
        seconds: Time taken.
        max_seconds: Time of the whole run, or None.
    """
    by_time = 0.0 if max_seconds is None else seconds / max_seconds
    return min(1.0, max(step / steps, by_time))


def learning_rate(step: int, progress: float, config: TrainingConfig) -> float:
    """The learning rate of a step: a linear warm-up to the peak, then half a cosine down to 2 % of it.

    Warm-up ends after `config.warmup_share` of the run or after 300 steps, whichever comes first, so that a long run
    does not start slower than a short one.

    Reference: Loshchilov and Hutter (2017), "SGDR", equation 5, without restarts.

    Args:
        step: Steps taken before this one.
        progress: See `run_progress`.
        config: The peak rate and the share of the warm-up.
    """
    climbed = max((step + 1) / _WARMUP_STEPS, progress / config.warmup_share if config.warmup_share else 1.0)
    decay = max(0.0, (progress - config.warmup_share) / (1 - config.warmup_share))
    return config.learning_rate * max(_FLOOR, min(1.0, climbed) * 0.5 * (1 + math.cos(math.pi * decay)))
