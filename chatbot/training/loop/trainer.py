"""The training loop: a step at a time, so that it can stop at any step.

After each pass over the pairs, or each tenth of the run if a pass is longer, the model is
measured, and the weights of the best measurement are kept; `chatbot.training.loop.early_stopping` says which
that is. The run is kept too, so that it can go on if it is interrupted.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from chatbot.config import TrainingConfig
from chatbot.errors import TrainingError
from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Observer, Plan, SampleReply, StepReport
from chatbot.training.loop.early_stopping import digest_of, goodness_of, measurements_without_progress
from chatbot.training.loop.metrics_log import TensorBoard
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.setup.schedule import learning_rate, run_progress

#: A pass that takes more of the run than this is measured in the midst.
_LONGEST_UNMEASURED = 0.1
#: Share of the time that measuring may take, but at the end.
_MEASURING = 0.05


@dataclass(frozen=True)
class Outcome:
    """How a run ended; the model has the weights of the measurement `best`.

    Attributes:
        stopped: Why: "epochs", "time", "early" (`patience` measurements without progress),
            "interrupted" or "diverged".
        epoch: The one that was under way or had just ended, from 1.
        step: The last one; where the loss was no number, if it diverged.
        seconds: From the first step, compilation and validation included.
        history: All measurements.
        best: The one whose weights were kept.
        weights_digest: Of those weights, the same wherever they are the same.
    """

    stopped: str
    epoch: int
    step: int
    seconds: float
    history: Sequence[Measurement]
    best: Measurement
    weights_digest: str


class Passes(Protocol):
    """What to learn from, in the order of each pass over it."""

    def batches(self, epoch: int, start: int = 0) -> Iterable[Any]:
        """The (prompt, decoder input, target, known reply) batches of a pass.

        Args:
            epoch: The pass, from 1; together with the seed it decides all that is random.
            start: How many of its batches to leave out.
        """


@dataclass(frozen=True)
class ValidationSet:
    """What to measure on.

    Attributes:
        batches: (prompt, decoder input, target, known reply) batches, the same at each pass.
        reply_bytes: See `TokenizedPairs.reply_bytes`.
        closed: Whether most replies are also among those to learn from, so that the share of
            exact replies says more than the loss.
    """

    batches: Iterable[Any]
    reply_bytes: int
    closed: bool


@dataclass
class Watch:
    """Who looks on: an observer, a question asked after every step, and what shows progress.

    Attributes:
        observer: Told of steps and measurements.
        board: Where measurements are logged as well, or None.
        should_stop: Whether somebody asked the run to stop.
        say_samples: Replies of the model as it is now.
    """

    observer: Observer
    board: TensorBoard | None
    should_stop: Callable[[], bool]
    say_samples: Callable[[], Sequence[SampleReply]]


class Keeper(Protocol):
    """Who keeps a run, so that it can be resumed if it is interrupted."""

    def begin(self, run: RunState) -> None:
        """Keep it before its first step."""

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Keep it if it is time to."""

    def save(self, run: RunState) -> None:
        """Keep it now."""


class Trainer:
    """Fits one model within the epochs and the time of a plan."""

    def __init__(self, step: TrainingStep, config: TrainingConfig, plan: Plan, watch: Watch, keeper: Keeper) -> None:
        """Prepare; the first step compiles."""
        self._step = step
        self._devices = step.devices
        self._config = config
        self._plan = plan
        self._watch = watch
        self._keeper = keeper
        self._asked_to_stop = False
        self._steps = plan.epochs * plan.steps_per_epoch

    def fit(self, run: RunState, training: Passes, validation: ValidationSet | None) -> Outcome:
        """Train until the epochs, the time or the patience end, or until asked to stop.

        Args:
            run: Where to begin: a new state, or one that was saved, with the step's variables of then.
            training: One pass an epoch.
            validation: What to measure on, or None.

        Raises:
            TrainingError: The loss stopped being a number before anything was measured.
        """
        if run.step == 0:
            self._keeper.begin(run)
        run.start_clock()
        if run.stopped is None:
            self._step.part_replicas()
            self._compile_measuring(validation)
            run.stopped = self._train(run, training, validation)
            if run.stopped != "interrupted" and run.best is not None:
                self._keeper.save(run)
        if run.best is None:
            raise TrainingError(
                f"the loss is not a number any more at step {run.step}; train with a lower --learning-rate"
            )
        self._step.model.set_weights(run.best_weights)
        return Outcome(
            run.stopped, run.epoch, run.step, run.seconds, run.history, run.best, digest_of(run.best_weights)
        )

    def _train(self, run: RunState, training: Passes, validation: ValidationSet | None) -> str:
        """Take steps and measure; returns why it stopped."""
        for epoch in range(run.epoch, self._plan.epochs + 1):
            run.epoch = epoch
            done = run.step - (epoch - 1) * self._plan.steps_per_epoch
            for batch in training.batches(epoch, done):
                self._learn(run, batch)
                ended = self._reason_to_stop(run)
                if ended == "interrupted":
                    self._keeper.save(run)  # before a measurement that an uninterrupted run would not make
                if ended == "diverged" or (ended == "interrupted" and run.best is not None):
                    return ended
                epoch_over = run.step == epoch * self._plan.steps_per_epoch
                if ended is None and epoch_over and epoch == self._plan.epochs:
                    ended = "epochs"
                if ended is not None or self._due(run, epoch_over):
                    self._measure(run, validation if ended != "interrupted" else None)
                    if ended is not None:
                        return ended
                    if run.best is None or self._out_of_patience(run):
                        return "early"
                self._keeper.after_step(run, epoch_over)
        raise AssertionError("a pass over the batches was shorter than planned")

    def _learn(self, run: RunState, batch: Any) -> None:
        run.rate = learning_rate(run.step, self._progress(run), self._config)
        self._step.set_learning_rate(run.rate)
        nats, tokens = (float(value) for value in self._step.learn(*batch))
        run.step += 1
        self._tick(run)
        run.note_compilation()
        run.tokens += tokens
        run.nats += nats
        run.recent_tokens += tokens
        seconds, left = run.seconds, self._seconds_left(run)
        self._watch.observer.stepped(
            StepReport(
                run.epoch, run.step, seconds, nats / tokens, run.rate, run.tokens / seconds, left, self._all_steps(run)
            )
        )

    def _tick(self, run: RunState) -> None:
        """Take the time and hear a request to stop: of all processes alike, which must do the same by them."""
        passed, self._asked_to_stop = self._devices.agree(run.read_clock(), self._watch.should_stop())
        run.set_time(passed)

    def _progress(self, run: RunState) -> float:
        # Without first steps, which compile, so that a run that its epochs end does not depend on the clock.
        limit = self._plan.max_seconds
        seconds = run.seconds - run.compiling if run.step else 0.0
        return run_progress(run.step, self._steps, seconds, limit and max(1e-9, limit - run.compiling))

    def _reason_to_stop(self, run: RunState) -> str | None:
        if not math.isfinite(run.nats):
            return "diverged"
        if self._asked_to_stop:
            return "interrupted"
        if self._plan.max_seconds is not None and run.seconds >= self._plan.max_seconds:
            return "time"
        return None

    def _due(self, run: RunState, epoch_over: bool) -> bool:
        """Whether to measure now, between the steps of a run that goes on."""
        unmeasured = run.seconds - run.since
        if not epoch_over and unmeasured < _LONGEST_UNMEASURED * (run.seconds + self._seconds_left(run)):
            return False
        # Of the time since the last one, so that measurements are evenly spaced.
        return run.measuring_cost <= _MEASURING * unmeasured

    def _seconds_left(self, run: RunState) -> float:
        pace = self._pace(run)
        by_steps = self._plan.expected_seconds if pace is None else pace * (self._steps - run.step)
        if self._plan.max_seconds is None:
            return by_steps
        return max(0.0, min(by_steps, self._plan.max_seconds - run.seconds))

    def _all_steps(self, run: RunState) -> int:
        """Estimate of the steps of the whole run, which its time may end before its epochs do."""
        pace = self._pace(run)
        if pace is None or self._plan.max_seconds is None:
            return self._steps
        return min(self._steps, run.step + max(0, round((self._plan.max_seconds - run.seconds) / pace)))

    @staticmethod
    def _pace(run: RunState) -> float | None:
        """Seconds a step; None while there are but first steps, which are mostly compilation."""
        return (run.seconds - run.compiling) / (run.step - run.parts) if run.step > run.parts else None

    def _measure(self, run: RunState, validation: ValidationSet | None) -> None:
        started = run.seconds
        valid = None if validation is None else self._validate(validation)
        train_loss = run.nats / run.recent_tokens
        goodness = goodness_of(train_loss, valid, validation is not None and validation.closed)
        best = goodness > run.goodness
        report = Measurement(
            epoch=run.epoch,
            step=run.step,
            seconds=run.seconds,
            train_loss=train_loss,
            valid=valid,
            learning_rate=run.rate,
            tokens_per_second=run.recent_tokens / (started - run.since),
            best=best,
            samples=self._watch.say_samples(),
        )
        if best:
            run.best, run.goodness, run.best_weights = report, goodness, self._step.model.get_weights()
        run.history.append(report)
        run.nats = run.recent_tokens = 0.0
        self._tick(run)
        run.since = run.seconds
        run.measuring_cost = run.since - started
        self._watch.observer.measured(report)
        if self._watch.board is not None:
            self._watch.board.add(report)

    def _compile_measuring(self, validation: ValidationSet | None) -> None:
        """Compile now, so that the time of the first measurement says what the next will take."""
        self._watch.say_samples()
        for batch in islice(validation.batches, 1) if validation is not None else ():
            self._step.measure(*batch)

    def _validate(self, validation: ValidationSet) -> Validation:
        sums = [[float(value) for value in self._step.measure(*batch)] for batch in validation.batches]
        nats, tokens, exact, rows = (sum(column) for column in zip(*sums, strict=True))
        return Validation(nats / tokens, nats / math.log(2) / validation.reply_bytes, exact / rows)

    def _out_of_patience(self, run: RunState) -> bool:
        held_out = run.history[-1].valid is not None
        return held_out and measurements_without_progress(run.history) >= self._config.patience
