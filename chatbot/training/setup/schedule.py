"""How long to train and how fast: functions of the size of the run, without TensorFlow."""

import math

from chatbot.config import TrainingConfig

#: The rate ends at this share of its highest.
_FLOOR = 0.02
_WARMUP_STEPS = 300
#: A corpus seen less often than this cannot be learned by heart, and needs no regularization.
_FEW_PASSES = 3.0
_REGULARIZATION = {"dropout": 0.2, "weight_decay": 0.1, "subword_sampling": 0.3, "word_dropout": 0.1}


def choose_regularization(passes: float) -> dict[str, float]:
    """Dropout, weight decay, subword sampling and word dropout, by name, for a run that sees every pair so often."""
    return {name: 0.0 if passes < _FEW_PASSES else share for name, share in _REGULARIZATION.items()}


def run_progress(step: int, steps: int, seconds: float, max_seconds: float | None) -> float:
    """Share of the run that is behind, in 0..1, by steps or by time, whichever is further."""
    by_time = 0.0 if max_seconds is None else seconds / max_seconds
    return min(1.0, max(step / steps, by_time))


def learning_rate(step: int, progress: float, config: TrainingConfig) -> float:
    """Linear warm-up to the highest rate, then half a cosine down to 2 % of it.

    The warm-up is over after `config.warmup_share` of the run or after 300 steps, whichever
    comes first, so that a long run does not begin slower than a short one.

    Reference: Loshchilov and Hutter (2017), "SGDR", equation 5, without restarts.

    Args:
        step: Steps taken before this one.
        progress: See `run_progress`.
        config: The highest rate and the share of the warm-up.
    """
    climbed = max((step + 1) / _WARMUP_STEPS, progress / config.warmup_share if config.warmup_share else 1.0)
    decay = max(0.0, (progress - config.warmup_share) / (1 - config.warmup_share))
    return config.learning_rate * max(_FLOOR, min(1.0, climbed) * 0.5 * (1 + math.cos(math.pi * decay)))
