"""What a training run tells whoever watches it.

Plain values without TensorFlow, so that a display can be built, and tested, on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Plan:
    """Known before the first step.

    Attributes:
        training_pairs: Pairs to learn from.
        validation_pairs: Pairs to measure on, 0 without validation.
        truncated_pairs: Pairs of which a side was cut to the model's longest.
        vocabulary_size: Pieces of the tokenizer.
        parameters: Numbers that are learned.
        steps_per_epoch: Batches in a pass over the pairs.
        epochs: Most passes.
        max_seconds: Longest time, or None.
    """

    training_pairs: int
    validation_pairs: int
    truncated_pairs: int
    vocabulary_size: int
    parameters: int
    steps_per_epoch: int
    epochs: int
    max_seconds: float | None


@dataclass(frozen=True)
class StepReport:
    """After a step.

    Attributes:
        epoch: From 1.
        step: Steps taken since the start.
        loss: Mean nats a token of the last batch.
        tokens_per_second: Reply tokens learned from since the start, over the time.
        seconds_left: Estimate of what is left if training does not stop early.
    """

    epoch: int
    step: int
    loss: float
    tokens_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Sample:
    """What the bot says to a fixed prompt at the end of an epoch."""

    prompt: str
    reply: str


@dataclass(frozen=True)
class EpochReport:
    """After a pass over the pairs; the fields but `samples` and `best` are a row of history.csv.

    Attributes:
        epoch: From 1.
        step: Steps taken since the start.
        seconds: Since the first step began.
        train_loss: Mean nats a token over the pass, dropout on.
        valid_loss: The same over the validation pairs, dropout off; None without validation.
        valid_perplexity: exp(valid_loss).
        learning_rate: At the last step.
        tokens_per_second: Reply tokens learned from over the time of the pass.
        best: Whether no earlier epoch was as good.
        samples: Replies to the fixed prompts.
    """

    epoch: int
    step: int
    seconds: float
    train_loss: float
    valid_loss: float | None
    valid_perplexity: float | None
    learning_rate: float
    tokens_per_second: float
    best: bool
    samples: Sequence[Sample]


class Observer(Protocol):
    """Somebody who watches a run."""

    def stage(self, what: str) -> None:
        """A part of the work other than the steps begins, such as "fitting the tokenizer"."""

    def started(self, plan: Plan) -> None:
        """The steps begin."""

    def stepped(self, report: StepReport) -> None:
        """A step is done."""

    def epoch_ended(self, report: EpochReport) -> None:
        """A pass over the pairs is done and measured."""
