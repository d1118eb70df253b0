import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from chatbot.config import ModelConfig
from chatbot.errors import TrainingError
from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Plan
from chatbot.training.distributed.replicas import Devices
from chatbot.training.loop.early_stopping import measurements_without_progress
from chatbot.training.loop.trainer import Trainer
from chatbot.training.loop.trainer_protocols import RunMonitor, ValidationSet
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.setup.recipe_choice import Recipe

RNG = np.random.default_rng(0)


class Notes:
    """An observer that remembers."""

    def __init__(self):
        self.steps, self.measurements, self.warnings = [], [], []

    def stage(self, what):
        pass

    def started(self, plan):
        pass

    def warned(self, what):
        self.warnings.append(what)

    def stepped(self, report):
        self.steps.append(report)

    def measured(self, report):
        self.measurements.append(report)


class Kept:
    """A keeper that keeps the states to look at."""

    def __init__(self):
        self.states = []

    def begin(self, run):
        pass

    def after_step(self, run, epoch_over):
        if epoch_over:
            self.save(run)

    def save(self, run):
        self.states.append(run.to_values() | run.to_arrays())


def batches(count, rows=4, seed=0):
    """Random pairs; training and validation batches of other seeds have nothing in common."""
    rng = np.random.default_rng(seed)
    arrays = rng.integers(4, 20, (count, rows, 5), dtype=np.int32)
    return tf.data.Dataset.from_tensor_slices((arrays, arrays, arrays[:, :, ::-1]))


class EpochBatches:
    """The same batches in every pass."""

    def __init__(self, count):
        self._batches = list(batches(count))

    def batches(self, _epoch, start=0):
        return self._batches[start:]


def held_out(count=2, closed=False):
    """Pairs that have nothing in common with those to learn from."""
    return ValidationSet(batches(count, seed=9), reply_bytes=100, closed=closed, pairs=1_000_000)


PLAN = Plan(
    training_pairs=12,
    validation_pairs=0,
    training_tokens=120,
    truncated_pairs=0,
    vocabulary_size=20,
    parameters=1,
    memory_bytes=1,
    steps_per_epoch=3,
    epochs=5,
    max_seconds=None,
    expected_seconds=1.0,
    devices="CPU",
)


def new_trainer(notes, should_stop=lambda: False, epochs=5, max_seconds=None, kept=None, **recipe):
    keras.utils.set_random_seed(0)
    shape = ModelConfig(vocabulary_size=20, embedding_size=8, units=8)
    config = Recipe(epochs=epochs, max_seconds=max_seconds, precision="float32", **recipe)
    step = TrainingStep(build_training_model(shape), shape, config, Devices())
    plan = replace(PLAN, epochs=epochs, max_seconds=max_seconds, expected_seconds=max_seconds or 1.0)
    return Trainer(step, config, plan, RunMonitor(notes, None, should_stop, list), kept or Kept()), step


def measure(step, validation):
    nats, tokens, exact, rows = (
        sum(float(value) for value in column)
        for column in zip(*(step.measure(*batch) for batch in validation.batches), strict=True)
    )
    return nats / tokens, exact / rows


def test_the_loss_falls_and_the_end_is_measured():
    notes = Notes()
    trainer, _ = new_trainer(notes, epochs=20, learning_rate=0.02)
    outcome = trainer.fit(RunState(), EpochBatches(3), None)
    assert (outcome.stopped, outcome.step) == ("epochs", 60)
    assert [report.step for report in notes.steps] == list(range(1, 61))
    assert list(outcome.history) == notes.measurements
    assert (outcome.history[-1].epoch, outcome.history[-1].step) == (20, 60)
    assert outcome.history[-1].train_loss < notes.steps[0].loss - 0.5
    assert outcome.history[-1].valid is None


def test_without_anything_better_it_stops_and_the_best_weights_come_back():
    trainer, step = new_trainer(Notes(), epochs=100_000, learning_rate=0.05, patience=3)
    outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
    losses = [report.valid.loss for report in outcome.history]
    assert outcome.stopped == "early"
    assert outcome.best.valid.loss == min(losses)
    assert losses.index(min(losses)) == len(losses) - 4
    assert [report for report in outcome.history if report.best][-1] == outcome.best
    assert measure(step, held_out())[0] == pytest.approx(min(losses), abs=1e-5)


@pytest.mark.parametrize(
    ("losses", "best", "without"),
    [
        ([3, 2, 1], [True, True, True], 0),
        ([3, 2, 2.5, 2.2], [True, True, False, False], 2),
        ([3, 2, 1.5, 1.2], [True, True, False, False], 0),
        ([3, 2, 2.5, 2.2], [True, True, False, True], 0),
        ([3, 2, 1.5, 1.7], [True, True, False, False], 1),
    ],
)
def test_a_lower_loss_is_progress_and_so_is_a_best_measurement(losses, best, without):
    history = [
        Measurement(1, 1, 1.0, 1.0, Validation(loss, loss, 0.5), 0.1, 1.0, good, ())
        for loss, good in zip(losses, best, strict=True)
    ]
    assert measurements_without_progress(history) == without


def test_with_nothing_held_out_a_training_loss_that_jumps_about_ends_no_run():
    outcome = new_trainer(Notes(), epochs=300, learning_rate=0.5, dropout=0.5, patience=1)[0].fit(
        RunState(), EpochBatches(3), None
    )
    losses = [report.train_loss for report in outcome.history]
    assert losses != sorted(losses, reverse=True)
    assert (outcome.stopped, outcome.step) == ("epochs", 900)


def test_bits_per_byte_are_the_bits_of_all_tokens_over_the_bytes():
    outcome = new_trainer(Notes(), epochs=1)[0].fit(RunState(), EpochBatches(3), held_out(2))
    valid = outcome.history[-1].valid
    tokens = 2 * 4 * 5
    assert valid.bits_per_byte == pytest.approx(valid.loss * tokens / np.log(2) / 100)
    assert valid.perplexity == pytest.approx(np.exp(valid.loss))


@pytest.mark.parametrize("closed", [False, True])
def test_the_best_is_the_lowest_loss_or_where_replies_are_a_known_set_the_most_exact(closed):
    """The pairs to learn and those held out are the same here, so both figures move a lot."""
    same = ValidationSet(batches(3), 100, closed, pairs=1_000_000)
    outcome = new_trainer(Notes(), epochs=60, learning_rate=0.05, patience=1000)[0].fit(
        RunState(), EpochBatches(3), same
    )
    if closed:
        ranks = [(report.valid.exact, -report.valid.loss) for report in outcome.history]
    else:
        ranks = [-report.valid.loss for report in outcome.history]
    assert outcome.best == outcome.history[ranks.index(max(ranks))]


def test_too_few_held_out_pairs_are_measured_and_select_nothing():
    few = replace(held_out(), pairs=29)
    outcome = new_trainer(Notes(), epochs=60, learning_rate=0.05, patience=1)[0].fit(RunState(), EpochBatches(3), few)
    losses = [report.valid.loss for report in outcome.history]
    assert outcome.stopped == "epochs", "patience is for measurements that select"
    assert outcome.best == min(outcome.history, key=lambda report: report.train_loss)
    assert outcome.best != outcome.history[losses.index(min(losses))]


def test_a_request_to_stop_is_heard_at_the_next_step_and_keeps_what_was_learned():
    notes = Notes()
    trainer, step = new_trainer(notes, lambda: len(notes.steps) == 1, epochs=9)
    before = step.model.get_weights()
    outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
    assert (outcome.stopped, outcome.step, len(notes.steps)) == ("interrupted", 2, 2)
    assert any(not np.array_equal(old, new) for old, new in zip(before, step.model.get_weights(), strict=True))


def test_a_request_to_stop_after_a_measurement_goes_back_to_the_best_one():
    notes = Notes()
    trainer, step = new_trainer(notes, lambda: bool(notes.measurements), epochs=900)
    outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
    assert outcome.stopped == "interrupted"
    assert outcome.step == outcome.best.step + 1
    assert measure(step, held_out())[0] == pytest.approx(outcome.best.valid.loss, abs=1e-5)


def test_the_time_ends_it_and_the_part_of_an_epoch_counts():
    trainer, _ = new_trainer(Notes(), epochs=1000, max_seconds=1e-6)
    outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
    assert outcome.stopped == "time"
    assert outcome.history[0].step == 1
    assert outcome.history[0].valid is not None


def test_a_run_that_its_epochs_end_is_measured_at_the_same_steps_however_the_clock_goes():
    def measured(pause):
        trainer, _ = new_trainer(Notes(), should_stop=lambda: time.sleep(pause), epochs=20)
        outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
        return [report.step for report in outcome.history], outcome.weights_digest

    at, digest = measured(0.02)
    assert at == [*range(6, 61, 6)]  # each tenth of the run
    assert measured(0) == (at, digest)


@pytest.mark.parametrize(
    ("epoch_over", "ago", "cost", "due"),
    [
        (True, 5, 0.2, True),
        (False, 5, 0.2, False),  # an epoch is soon over
        (False, 30, 0.5, True),  # a long epoch is measured at each tenth of the run
        (True, 5, 0.5, False),  # measuring would take more than a twentieth of the time since it was measured last
        (True, 30, 20.0, False),
    ],
)
def test_it_measures_after_an_epoch_and_within_a_long_one_but_not_for_long(epoch_over, ago, cost, due):
    trainer, _ = new_trainer(Notes(), epochs=100, max_seconds=200.0)
    run = RunState(seconds_before=100, step=100, last_measured_at=100 - ago, measuring_cost=cost)
    assert trainer._due(run, epoch_over) == due


def test_a_loss_that_is_no_number_from_the_start_is_an_error_with_the_step_and_advice():
    trainer, step = new_trainer(Notes())
    step.model.get_layer("token_embedding").set_weights([np.full((20, 8), np.nan, np.float32)])
    with pytest.raises(TrainingError, match="at step 1; train with a lower --learning-rate"):
        trainer.fit(RunState(), EpochBatches(3), None)


def test_a_loss_that_stops_being_a_number_keeps_the_best_weights_and_says_at_which_step():
    notes = Notes()

    def break_the_weights():
        if len(notes.measurements) == 2:
            step.model.get_layer("token_embedding").set_weights([np.full((20, 8), np.nan, np.float32)])
        return False

    trainer, step = new_trainer(notes, break_the_weights, epochs=100_000, patience=1000)
    outcome = trainer.fit(RunState(), EpochBatches(3), held_out())
    assert outcome.stopped == "diverged"
    assert outcome.step == len(notes.steps)
    assert np.isfinite(measure(step, held_out())[0])
