"""How a model is fitted."""

import math
from dataclasses import dataclass
from typing import Any

from chatbot.config.base import Config
from chatbot.errors import RunError

#: Of the matrix products of the projection; "auto" measures which one this machine does faster.
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class TrainingConfig(Config):
    """How the model is fitted.

    Attributes:
        seed: Of the split, the initial weights, the order of the batches and dropout.
        valid_share: Share of the distinct prompts held out when no validation file is given; None is a
            tenth, of a few thousand prompts at most (`chatbot.corpus.split`).
        epochs: Most passes over the pairs; None chooses from the number of batches.
        max_seconds: Longest training time in seconds from the first step, compilation
            included; None is no limit.
        patience: Measurements of held-out pairs in a row, none with more exact replies or a lower loss than
            any before, after which training stops.
        batch_tokens: Tokens of a batch, of both sides; None chooses from the corpus.
        learning_rate: Adam's rate at its highest, after warm-up.
        beta_2: Decay of Adam's second moments.
        warmup_share: Share of the run in which the rate climbs to `learning_rate`, at most
            300 steps.
        clip_norm: Largest global norm of the gradient.
        dropout: Share of the embeddings and of the LSTMs' outputs dropped while training; None
            chooses from the passes over the pairs that there is time for.
        weight_decay: Share of the weights that a step takes off, times the rate; None chooses
            as for dropout.
        subword_sampling: Share of the prompts in a batch that are cut into tokens in another way
            than the most probable one; None chooses as for dropout.
        word_dropout: Share of the prompts' tokens read as UNK while training; None chooses as
            for dropout.
        whole_replies: Of the pairs that share a reply, how many have it whole in each pass; the
            others end where it is told from all other replies (`chatbot.corpus.reply_prefixes`).
        known_replies: Most replies that the model is to know as such
            (`chatbot.training.data.candidate_replies`); a corpus with more of them gets the plain
            model, as every corpus does with 0.
        precision: Of the projection's matrix products while training, one of `PRECISIONS`.
        vocabulary_size: Asked of the tokenizer; None chooses from the corpus.
    """

    seed: int = 0
    valid_share: float | None = None
    epochs: int | None = None
    max_seconds: float | None = 240.0
    patience: int = 20
    batch_tokens: int | None = None
    learning_rate: float = 1.2e-2
    beta_2: float = 0.98
    warmup_share: float = 0.05
    clip_norm: float = 1.0
    dropout: float | None = None
    weight_decay: float | None = None
    subword_sampling: float | None = None
    word_dropout: float | None = None
    whole_replies: int = 4
    known_replies: int = 4096
    precision: str = "auto"
    vocabulary_size: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.seed >= 0, "seed must be 0 or more")
        self._require(self.valid_share is None or 0 <= self.valid_share < 1, "valid_share must be in 0..1")
        self._require(self.epochs is None or self.epochs > 0, "epochs must be above 0")
        self._require(self.max_seconds is None or self.max_seconds > 0, "max_seconds must be above 0")
        self._require(self.patience > 0, "patience must be above 0")
        self._require(self.batch_tokens is None or self.batch_tokens > 0, "batch_tokens must be above 0")
        self._require(self.learning_rate > 0, "learning_rate must be above 0")
        self._require(0 < self.beta_2 < 1, "beta_2 must be between 0 and 1")
        self._require(0 <= self.warmup_share < 1, "warmup_share must be in 0..1")
        self._require(self.clip_norm > 0, "clip_norm must be above 0")
        self._require(self.dropout is None or 0 <= self.dropout < 1, "dropout must be in 0..1")
        for name in ("subword_sampling", "word_dropout"):
            share = getattr(self, name)
            self._require(share is None or 0 <= share <= 1, f"{name} must be in 0..1")
        self._require(self.weight_decay is None or self.weight_decay >= 0, "weight_decay must be 0 or more")
        self._require(self.whole_replies > 0, "whole_replies must be above 0")
        self._require(self.known_replies >= 0, "known_replies must be 0 or more")
        self._require(self.precision in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}")


#: Option, field, unit.
_LIMITS = [("--epochs", "epochs", ""), ("--max-time", "max_seconds", " s")]


def extend_limits(began: TrainingConfig, asked: TrainingConfig) -> dict[str, Any]:
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
