"""Events of a training run, and the `Observer` protocol that receives them.

Plain values without TensorFlow, so that a display can be built, and tested, on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chatbot.metrics import Validation
from chatbot.runs.collapse_alarm import TopReply

#: Of the samples of a measurement, how many a person gets to see.
SHOWN_SAMPLES = 3


@dataclass(frozen=True)
class Plan:
    """Known before the first step.

    Attributes:
        training_pairs: Pairs to learn from.
        validation_pairs: Pairs to measure on, 0 without validation.
        training_tokens: Tokens of the pairs to learn from, both sides.
        truncated_pairs: Pairs of which a side was cut to the model's longest.
        vocabulary_size: Pieces of the tokenizer.
        parameters: Numbers that are learned.
        memory_bytes: Estimate of the most that the process will hold.
        steps_per_epoch: Batches in a pass over the pairs.
        epochs: Most passes.
        max_seconds: Longest time, or None.
        expected_seconds: Estimate of the time of all epochs, `max_seconds` at most.
        devices: What it will work with, in words.
    """

    training_pairs: int
    validation_pairs: int
    training_tokens: int
    truncated_pairs: int
    vocabulary_size: int
    parameters: int
    memory_bytes: int
    steps_per_epoch: int
    epochs: int
    max_seconds: float | None
    expected_seconds: float
    devices: str


@dataclass(frozen=True)
class StepReport:
    """After a step.

    Attributes:
        epoch: From 1.
        step: Steps taken since the start.
        seconds: Since the first step began.
        loss: Mean nats a token of the last batch that had replies.
        learning_rate: At this step.
        tokens_per_second: Reply tokens learned from since the start, over the time.
        seconds_left: Estimate of what is left if training does not stop early.
        steps: Estimate of those of the whole run, likewise.
    """

    epoch: int
    step: int
    seconds: float
    loss: float
    learning_rate: float
    tokens_per_second: float
    seconds_left: float
    steps: int

    @property
    def progress(self) -> float:
        """The share of the run that is done, by time, in 0..1."""
        whole = self.seconds + self.seconds_left
        return self.seconds / whole if whole > 0 else 0.0


@dataclass(frozen=True)
class SampleReply:
    """The bot's reply to a fixed prompt at a measurement, and the recorded one."""

    prompt: str
    reply: str
    recorded: str


@dataclass(frozen=True)
class Measurement:
    """After a pass over the pairs, a part of a long pass, or several short ones.

    Attributes:
        epoch: From 1, the one that was under way or has just ended.
        step: Steps taken since the start.
        seconds: Since the first step began.
        train_loss: Mean nats a token since the last measurement, dropout on.
        valid: None without validation pairs.
        learning_rate: At the last step.
        tokens_per_second: Reply tokens learned from over the time since the last measurement.
        best: Whether it was the best so far, see `is_best` in `chatbot.training.loop.early_stopping`.
        samples: Replies to the fixed prompts; to be looked at in this order.
    """

    epoch: int
    step: int
    seconds: float
    train_loss: float
    valid: Validation | None
    learning_rate: float
    tokens_per_second: float
    best: bool
    samples: Sequence[SampleReply]

    @property
    def top_reply(self) -> TopReply | None:
        """The most frequent reply of the samples, if there are any."""
        if not self.samples:
            return None
        return TopReply.of([sample.reply for sample in self.samples], [sample.recorded for sample in self.samples])

    def figures(self) -> dict[str, float | None]:
        """The numbers by their names in `history.csv` and in logs; None where nothing is held out."""
        valid, top = self.valid, self.top_reply
        return {
            "epoch": self.epoch,
            "step": self.step,
            "seconds": self.seconds,
            "train_loss": self.train_loss,
            "valid_loss": None if valid is None else valid.loss,
            "valid_perplexity": None if valid is None else valid.perplexity,
            "valid_bits_per_byte": None if valid is None else valid.bits_per_byte,
            "valid_exact": None if valid is None else valid.exact,
            "top_reply_share": None if top is None else top.share,
            "learning_rate": self.learning_rate,
            "tokens_per_second": self.tokens_per_second,
        }


@dataclass(frozen=True)
class Resumption:
    """The place where an interrupted run is resumed.

    Attributes:
        epoch: From 1, the one that is under way.
        step: Steps taken before.
        seconds: What they took.
        history: What was measured.
    """

    epoch: int
    step: int
    seconds: float
    history: Sequence[Measurement]

    @property
    def best(self) -> Measurement | None:
        """The measurement whose weights are kept, if any was made."""
        return next((report for report in reversed(self.history) if report.best), None)

    @property
    def top_replies(self) -> Sequence[TopReply]:
        """Those of the measurements that have samples."""
        return [top for report in self.history if (top := report.top_reply) is not None]


class Observer(Protocol):
    """Somebody who watches a run."""

    def stage(self, what: str) -> None:
        """A part of the work other than the steps begins.

        Args:
            what: The part, such as "fitting the tokenizer".
        """

    def started(self, plan: Plan) -> None:
        """The steps begin.

        Args:
            plan: The work and the expected time.
        """

    def resumed(self, where: Resumption) -> None:
        """An interrupted run is resumed.

        Args:
            where: The place in the run.
        """

    def warned(self, what: str) -> None:
        """Something is wrong, and the run continues.

        Args:
            what: The warning, for people.
        """

    def stepped(self, report: StepReport) -> None:
        """A step is done.

        Args:
            report: Its figures.
        """

    def measured(self, report: Measurement) -> None:
        """The bot has been measured.

        Args:
            report: The figures.
        """
