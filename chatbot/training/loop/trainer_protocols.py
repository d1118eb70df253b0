"""The inputs of the training loop: batches, validation pairs, the connections to the outside, and the saver."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatbot.runs.events import Observer, SampleReply
from chatbot.training.data.batches import Batch
from chatbot.training.loop.early_stopping import FEWEST_SELECTING
from chatbot.training.loop.metrics_log import TensorBoard
from chatbot.training.resume.run_state import RunState


class EpochBatches(Protocol):
    """The training batches of each epoch."""

    def batches(self, epoch: int, start: int = 0) -> Iterable[Batch]:
        """The batches of an epoch, each the arguments of `TrainingStep.learn`.

        Args:
            epoch: From 1; together with the seed it decides everything that is random.
            start: How many batches to skip.
        """


@dataclass(frozen=True)
class ValidationSet:
    """The validation pairs.

    Attributes:
        batches: The same ones at each iteration, each the arguments of `TrainingStep.measure`.
        reply_bytes: See `Tokenized.reply_bytes`.
        closed: Whether most replies are also training replies, so that the share of exact replies is a
            better measure than the loss.
        pairs: Their number.
    """

    batches: Iterable[Batch]
    reply_bytes: int
    closed: bool
    pairs: int

    @property
    def selects(self) -> bool:
        """Whether they are enough to select the best weights by; else the training loss does."""
        return self.pairs >= FEWEST_SELECTING


@dataclass
class RunMonitor:
    """The connections of a run to the outside.

    Attributes:
        observer: Receives steps and measurements.
        board: Logs measurements as well, or None.
        should_stop: Called after every step; whether the run is to stop.
        sample_replies: Replies with the current weights.
    """

    observer: Observer
    board: TensorBoard | None
    should_stop: Callable[[], bool]
    sample_replies: Callable[[], Sequence[SampleReply]]


class Saver(Protocol):
    """Saves a run, so that it can be resumed if it is interrupted."""

    def begin(self, run: RunState) -> None:
        """Save before the first step.

        Args:
            run: The progress of the run.
        """

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Save if it is time for it.

        Args:
            run: The progress of the run.
            epoch_over: Whether the step was the last one of its epoch.
        """

    def save(self, run: RunState) -> None:
        """Save now.

        Args:
            run: The progress of the run.
        """
