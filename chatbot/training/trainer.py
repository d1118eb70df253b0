"""The training loop: a step at a time, so that it can stop at any step.

The best weights are those of the epoch with the lowest validation loss, or the lowest
training loss where nothing is held out.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatbot.config import TrainingConfig
from chatbot.errors import TrainingError
from chatbot.progress import EpochReport, Observer, Plan, Sample, StepReport
from chatbot.training.backend import keras, tf
from chatbot.training.loss import masked_cross_entropy
from chatbot.training.schedule import learning_rate, run_progress

_TOKENS = tf.TensorSpec((None, None), tf.int32)
_BATCH = [_TOKENS, _TOKENS, _TOKENS]


@dataclass(frozen=True)
class Outcome:
    """How a run ended; the model has the weights of the epoch `best`.

    Attributes:
        stopped: Why: "epochs", "time", "early" (no better validation loss for `patience`
            epochs), "interrupted" or "diverged".
        seconds: From the first step, compilation and validation included.
        history: One report an epoch, the last perhaps of a part of one.
        best: The report of the epoch whose weights were kept.
    """

    stopped: str
    seconds: float
    history: Sequence[EpochReport]
    best: EpochReport


@dataclass
class Watch:
    """Who looks on: an observer, a question asked after every step, and what shows progress.

    Attributes:
        observer: Told of steps and epochs.
        should_stop: Whether somebody asked the run to stop.
        say_samples: Replies of the model as it is now.
    """

    observer: Observer
    should_stop: Callable[[], bool]
    say_samples: Callable[[], Sequence[Sample]]


@dataclass(frozen=True)
class _Pass:
    """One pass over the pairs, or the part of it until it ended early for the reason `ended`."""

    loss: float
    tokens_per_second: float
    ended: str | None


@dataclass
class _Run:
    """What changes while a run goes on."""

    started: float = field(default_factory=time.perf_counter)
    step: int = 0
    tokens: float = 0.0
    rate: float = 0.0
    history: list[EpochReport] = field(default_factory=list)
    best: EpochReport | None = None
    best_weights: list[Any] | None = None

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


class Trainer:
    """Fits one model with Adam, by gradient steps compiled once for all batch shapes."""

    def __init__(self, model: Any, config: TrainingConfig, plan: Plan) -> None:
        """Prepare the step; nothing is compiled before the first one."""
        self._model = model
        self._config = config
        self._plan = plan
        self._steps = plan.epochs * plan.steps_per_epoch
        # Gradients shrink tenfold once the replies are known and only the choice among them is
        # left to learn; second moments that forget slowly would hold the steps back until then.
        self._optimizer = keras.optimizers.Adam(
            config.learning_rate, beta_2=config.beta_2, epsilon=1e-8, global_clipnorm=config.clip_norm, name="adam"
        )
        self._optimizer.build(model.trainable_variables)
        self._train_step = tf.function(self._learn, input_signature=_BATCH)
        self._valid_step = tf.function(self._measure, input_signature=_BATCH)

    def fit(self, training: Any, validation: Any | None, watch: Watch) -> Outcome:
        """Train until the epochs, the time or the patience end, or until asked to stop.

        Args:
            training: Dataset of (prompt, decoder input, target) batches, one pass an epoch.
            validation: The same, or None.
            watch: Who looks on.

        Raises:
            TrainingError: The loss stopped being a number before any epoch was complete.
        """
        run = _Run()
        stopped = "epochs"
        for epoch in range(1, self._plan.epochs + 1):
            done = self._pass(run, epoch, training, watch)
            if done.ended == "diverged" or (done.ended == "interrupted" and run.best is not None):
                stopped = done.ended
                break
            measured = validation is not None and done.ended != "interrupted"
            self._close_epoch(run, epoch, done, self._evaluate(validation) if measured else None, watch)
            if run.best is None:  # the validation loss is no number
                break
            if done.ended is not None or self._out_of_patience(run):
                stopped = done.ended or "early"
                break
        if run.best is None or run.best_weights is None:
            raise TrainingError("the loss is not a number any more; train with a lower --learning-rate")
        self._model.set_weights(run.best_weights)
        return Outcome(stopped, run.seconds, run.history, run.best)

    def _pass(self, run: _Run, epoch: int, training: Any, watch: Watch) -> _Pass:
        started, nats, tokens = run.seconds, 0.0, 0.0
        ended = None
        for batch in training:
            batch_nats, batch_tokens = self._step(run, batch)
            nats, tokens = nats + batch_nats, tokens + batch_tokens
            speed, left = run.tokens / run.seconds, self._seconds_left(run)
            watch.observer.stepped(StepReport(epoch, run.step, batch_nats / batch_tokens, speed, left))
            ended = self._reason_to_stop(run, batch_nats, watch)
            if ended is not None:
                break
        return _Pass(nats / tokens, tokens / (run.seconds - started), ended)

    def _step(self, run: _Run, batch: Any) -> tuple[float, float]:
        """Learn from one batch; returns its nats and its tokens."""
        progress = run_progress(run.step, self._steps, run.seconds, self._plan.max_seconds)
        run.rate = learning_rate(run.step, progress, self._config)
        self._optimizer.learning_rate.assign(run.rate)
        nats, tokens = (float(value) for value in self._train_step(*batch))
        run.step += 1
        run.tokens += tokens
        return nats, tokens

    def _reason_to_stop(self, run: _Run, nats: float, watch: Watch) -> str | None:
        if not math.isfinite(nats):
            return "diverged"
        if watch.should_stop():
            return "interrupted"
        if self._plan.max_seconds is not None and run.seconds >= self._plan.max_seconds:
            return "time"
        return None

    def _seconds_left(self, run: _Run) -> float:
        by_steps = run.seconds / run.step * (self._steps - run.step)
        if self._plan.max_seconds is None:
            return by_steps
        return max(0.0, min(by_steps, self._plan.max_seconds - run.seconds))

    def _close_epoch(self, run: _Run, epoch: int, done: _Pass, valid_loss: float | None, watch: Watch) -> None:
        measure = done.loss if valid_loss is None else valid_loss
        best = math.isfinite(measure) and (run.best is None or measure < _measure_of(run.best))
        report = EpochReport(
            epoch=epoch,
            step=run.step,
            seconds=run.seconds,
            train_loss=done.loss,
            valid_loss=valid_loss,
            valid_perplexity=None if valid_loss is None else math.exp(min(valid_loss, 700.0)),
            learning_rate=run.rate,
            tokens_per_second=done.tokens_per_second,
            best=best,
            samples=watch.say_samples(),
        )
        if best:
            run.best, run.best_weights = report, self._model.get_weights()
        run.history.append(report)
        watch.observer.epoch_ended(report)

    def _out_of_patience(self, run: _Run) -> bool:
        assert run.best is not None  # an epoch was just closed
        return run.history[-1].epoch - run.best.epoch >= self._config.patience

    def _evaluate(self, validation: Any) -> float:
        sums = [self._valid_step(*batch) for batch in validation]
        return float(sum(nats for nats, _ in sums) / sum(tokens for _, tokens in sums))

    def _learn(self, prompt: Any, decoder_input: Any, target: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            nats, tokens = masked_cross_entropy(self._model([prompt, decoder_input], training=True), target)
            loss = nats / tokens
        gradients = tape.gradient(loss, self._model.trainable_variables)
        self._optimizer.apply(gradients, self._model.trainable_variables)
        return nats, tokens

    def _measure(self, prompt: Any, decoder_input: Any, target: Any) -> tuple[Any, Any]:
        nats, tokens = masked_cross_entropy(self._model([prompt, decoder_input], training=False), target)
        return nats, tokens


def _measure_of(report: EpochReport) -> float:
    return report.train_loss if report.valid_loss is None else report.valid_loss
