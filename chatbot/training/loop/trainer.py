"""The training loop: one step at a time, so that a run can stop, be saved and be resumed at any step.

After each epoch, or each tenth of the run if an epoch is longer, the model is measured, and the
weights of the best measurement are kept (`chatbot.training.loop.early_stopping`).

`keras.Model.fit` is not used; docs/development/decisions/0001-no-fit.md has the reasons.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from chatbot.config import TrainingConfig
from chatbot.errors import TrainingError
from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Plan, StepReport
from chatbot.training.data.batches import Batch
from chatbot.training.loop.early_stopping import is_best, measurements_without_progress
from chatbot.training.loop.measurement_steps import MeasurementSteps
from chatbot.training.loop.trainer_protocols import EpochBatches, RunMonitor, Saver, ValidationSet
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState, digest_of
from chatbot.training.setup.schedule import learning_rate, run_progress

#: An epoch that takes a larger share of the run than this is measured within.
_LONGEST_UNMEASURED = 0.1
#: Share of the time that measuring may take, except at the end.
_MEASURING = 0.05


@dataclass(frozen=True)
class Outcome:
    """The end of a run; the model has the weights of the measurement `best`.

    Attributes:
        stopped: Why: "epochs", "time", "early" (`patience` measurements without progress),
            "interrupted" or "diverged".
        epoch: The last epoch, complete or not, from 1.
        step: The last step; if the run diverged, the one at which the loss became NaN or infinite.
        seconds: Since the first step, compilation and validation included.
        history: All measurements.
        best: The measurement whose weights were kept.
        weights_digest: A hash of those weights.
    """

    stopped: str
    epoch: int
    step: int
    seconds: float
    history: Sequence[Measurement]
    best: Measurement
    weights_digest: str


class Trainer:
    """Fits one model within the epochs and the time of a plan."""

    def __init__(
        self, step: TrainingStep, config: TrainingConfig, plan: Plan, monitor: RunMonitor, saver: Saver
    ) -> None:
        """Prepare; nothing is compiled yet.

        Args:
            step: The training step, with the model.
            config: The learning rate and the patience.
            plan: The epochs, their steps and the time limit.
            monitor: The connections to the outside.
            saver: Saves the run.
        """
        self._step = step
        self._devices = step.devices
        self._config = config
        self._plan = plan
        self._monitor = monitor
        self._saver = saver
        self._asked_to_stop = False
        self._steps = plan.epochs * plan.steps_per_epoch
        self._measurement_steps: MeasurementSteps | None = None

    def fit(self, run: RunState, training: EpochBatches, validation: ValidationSet | None) -> Outcome:
        """Train until the epochs, the time or the patience end, or until asked to stop.

        Args:
            run: A new state, or a saved one whose variables the step has been given.
            training: The batches of each epoch.
            validation: The validation pairs, or None.

        Returns:
            The end of the run; the model has the best weights.

        Raises:
            TrainingError: The loss became NaN or infinite before the first measurement.
        """
        if run.step == 0:
            self._saver.begin(run)
        run.start_clock()
        if run.stopped is None:
            self._step.seed_dropout_per_replica()
            self._compile_measuring(validation)
            if MeasurementSteps.apply_to(self._plan):
                self._measurement_steps = MeasurementSteps(self._plan, validation)
            run.stopped = self._train(run, training, validation)
            if run.stopped != "interrupted" and run.best is not None:
                self._saver.save(run)
        if run.best is None:
            raise TrainingError(
                f"the loss is not a number any more at step {run.step}; train with a lower --learning-rate"
            )
        self._step.model.set_weights(run.best_weights)
        return Outcome(
            run.stopped, run.epoch, run.step, run.seconds, run.history, run.best, digest_of(run.best_weights)
        )

    def _train(self, run: RunState, training: EpochBatches, validation: ValidationSet | None) -> str:
        """Take steps and measure; returns the reason to stop."""
        # An interruption is saved before the measurement that its step may be due for.
        if run.step and (not run.is_measured or run.step >= self._steps):
            self._tick(run)
            if (ended := self._finish_step(run, validation)) is not None:
                return ended
        for epoch in range(run.epoch, self._plan.epochs + 1):
            run.epoch = epoch
            done = run.step - (epoch - 1) * self._plan.steps_per_epoch
            for batch in training.batches(epoch, done):
                self._learn(run, batch)
                if (ended := self._finish_step(run, validation)) is not None:
                    return ended
        raise AssertionError("an epoch had fewer batches than planned")

    def _finish_step(self, run: RunState, validation: ValidationSet | None) -> str | None:
        """Measure and save after a step, as is due; returns the reason to stop, if there is one."""
        ended = self._reason_to_stop(run)
        if ended == "interrupted":
            self._saver.save(run)  # before a measurement that an uninterrupted run would not make
        if ended == "diverged" or (ended == "interrupted" and run.best is not None):
            return ended
        epoch_over = run.step == run.epoch * self._plan.steps_per_epoch
        if ended is None and run.step >= self._steps:
            ended = "epochs"
        if ended is not None or self._due(run, epoch_over):
            self._measure(run, validation if ended != "interrupted" else None)
            if ended is not None:
                return ended
            if run.best is None or self._out_of_patience(run, validation):
                return "early"
        self._saver.after_step(run, epoch_over)
        return None

    def _learn(self, run: RunState, batch: Batch) -> None:
        before = run.seconds
        run.rate = learning_rate(run.step, self._progress(run), self._config)
        self._step.set_learning_rate(run.rate)
        nats, tokens = (float(value) for value in self._step.learn(*batch))
        run.step += 1
        run.add_loss(nats, tokens)
        self._tick(run)
        run.note_compilation(tokens > 0, run.seconds - before)
        seconds, left, steps = run.seconds, self._seconds_left(run), self._all_steps(run)
        self._monitor.observer.stepped(
            StepReport(run.epoch, run.step, seconds, run.loss, run.rate, run.tokens / seconds, left, steps)
        )

    def _tick(self, run: RunState) -> None:
        """Read the clock and a request to stop, as all processes agree upon them: all must act alike."""
        passed, self._asked_to_stop = self._devices.agree(run.read_clock(), self._monitor.should_stop())
        run.set_time(passed)

    def _progress(self, run: RunState) -> float:
        # Without the steps that compile, so that a run limited by its epochs does not depend on the clock.
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
        """Whether to measure now, in the middle of the run."""
        if self._measurement_steps is not None:
            return self._measurement_steps.is_due(run.step - (run.history[-1].step if run.history else 0), epoch_over)
        unmeasured = run.seconds - run.last_measured_at
        if not epoch_over and unmeasured < _LONGEST_UNMEASURED * (run.seconds + self._seconds_left(run)):
            return False
        # A share of the time since the last one, so that measurements are evenly spaced.
        return run.measuring_cost <= _MEASURING * unmeasured

    def _seconds_left(self, run: RunState) -> float:
        pace = run.pace
        by_steps = self._plan.expected_seconds if pace is None else pace * (self._steps - run.step)
        if self._plan.max_seconds is None:
            return by_steps
        return max(0.0, min(by_steps, self._plan.max_seconds - run.seconds))

    def _all_steps(self, run: RunState) -> int:
        """Estimate of the steps of the whole run, which its time limit may end before its epochs do."""
        pace = run.pace
        if pace is None or self._plan.max_seconds is None:
            return self._steps
        return min(self._steps, run.step + max(0, round((self._plan.max_seconds - run.seconds) / pace)))

    def _measure(self, run: RunState, validation: ValidationSet | None) -> None:
        started = run.seconds
        valid = None if validation is None else self._validate(validation)
        train_loss = run.train_loss
        selecting = valid if validation is not None and validation.selects else None
        closed_pairs = validation.pairs if validation is not None and validation.closed else None
        best = is_best(run.history, train_loss, selecting, closed_pairs)
        report = Measurement(
            epoch=run.epoch,
            step=run.step,
            seconds=run.seconds,
            train_loss=train_loss,
            valid=valid,
            learning_rate=run.rate,
            tokens_per_second=run.recent_tokens / (started - run.last_measured_at),
            best=best,
            samples=self._monitor.sample_replies(),
        )
        if best:
            run.best, run.best_weights = report, self._step.model.get_weights()
        run.history.append(report)
        run.nats = run.recent_tokens = 0.0
        self._tick(run)
        run.last_measured_at = run.seconds
        run.measuring_cost = run.last_measured_at - started
        self._monitor.observer.measured(report)
        if self._monitor.board is not None:
            self._monitor.board.add(report)

    def _compile_measuring(self, validation: ValidationSet | None) -> None:
        """Compile now, so that the time of the first measurement predicts that of the next."""
        self._monitor.sample_replies()
        for batch in islice(validation.batches, 1) if validation is not None else ():
            self._step.measure(*batch)

    def _validate(self, validation: ValidationSet) -> Validation:
        sums = [[float(value) for value in self._step.measure(*batch)] for batch in validation.batches]
        nats, tokens, exact, rows = (sum(column) for column in zip(*sums, strict=True))
        return Validation(nats / tokens, nats / math.log(2) / validation.reply_bytes, exact / rows)

    def _out_of_patience(self, run: RunState, validation: ValidationSet | None) -> bool:
        selects = validation is not None and validation.selects
        return selects and measurements_without_progress(run.history) >= self._config.patience
