import math

import numpy as np
import pytest

from chatbot.config import ModelConfig, TrainingConfig
from chatbot.errors import TrainingError
from chatbot.progress import Plan
from chatbot.training.backend import keras, tf
from chatbot.training.model import build_training_model
from chatbot.training.trainer import Trainer, Watch

RNG = np.random.default_rng(0)


class Notes:
    """An observer that remembers."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def stage(self, what):
        pass

    def started(self, plan):
        pass

    def stepped(self, report):
        self.steps.append(report)

    def epoch_ended(self, report):
        self.epochs.append(report)


def batches(count, rows=4, seed=0):
    """Random pairs; training and validation batches of other seeds have nothing in common."""
    rng = np.random.default_rng(seed)
    arrays = rng.integers(4, 20, (count, rows, 5), dtype=np.int32)
    return tf.data.Dataset.from_tensor_slices((arrays, arrays, arrays[:, :, ::-1]))


def trainer(epochs=5, steps=3, max_seconds=None, **recipe):
    keras.utils.set_random_seed(0)
    model = build_training_model(ModelConfig(20, 8, 8, dropout=0.0))
    plan = Plan(12, 0, 0, 20, model.count_params(), steps, epochs, max_seconds)
    return Trainer(model, TrainingConfig(max_seconds=max_seconds, **recipe), plan), model


def watch(notes, should_stop=lambda: False):
    return Watch(notes, should_stop, list)


def test_the_loss_falls_and_every_epoch_is_reported():
    notes = Notes()
    fitter, _ = trainer(epochs=20, learning_rate=0.02)
    outcome = fitter.fit(batches(3), None, watch(notes))
    assert outcome.stopped == "epochs"
    assert [report.epoch for report in notes.epochs] == list(range(1, 21))
    assert [report.step for report in notes.steps] == list(range(1, 61))
    assert outcome.history[-1].train_loss < outcome.history[0].train_loss - 0.5
    assert outcome.history[-1].valid_loss is None


def test_without_a_better_validation_loss_it_stops_and_the_best_weights_come_back():
    notes = Notes()
    fitter, _model = trainer(epochs=500, learning_rate=0.05, patience=4)
    validation = batches(2, seed=9)
    outcome = fitter.fit(batches(3), validation, watch(notes))
    losses = [report.valid_loss for report in outcome.history]
    assert outcome.stopped == "early"
    assert outcome.best.valid_loss == min(losses)
    assert len(losses) == outcome.best.epoch + 4
    assert outcome.best.valid_perplexity == pytest.approx(math.exp(min(losses)))
    assert fitter._evaluate(validation) == pytest.approx(min(losses), abs=1e-5)
    assert [report.epoch for report in outcome.history if report.best][-1] == outcome.best.epoch


def test_a_request_to_stop_is_heard_at_the_next_step():
    notes = Notes()
    fitter, _ = trainer(epochs=9)
    outcome = fitter.fit(batches(3), batches(1, seed=9), watch(notes, lambda: len(notes.steps) == 5))
    assert outcome.stopped == "interrupted"
    assert len(notes.steps) == 5
    assert [report.epoch for report in outcome.history] == [1]
    assert outcome.best.epoch == 1


def test_a_request_to_stop_in_the_first_epoch_keeps_what_was_learned():
    notes = Notes()
    fitter, model = trainer(epochs=9)
    before = model.get_weights()
    outcome = fitter.fit(batches(3), batches(1, seed=9), watch(notes, lambda: len(notes.steps) == 2))
    assert (outcome.stopped, outcome.history[0].step) == ("interrupted", 2)
    assert any(not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


def test_the_time_ends_it_and_the_part_of_an_epoch_counts():
    fitter, _ = trainer(epochs=1000, max_seconds=1e-6)
    outcome = fitter.fit(batches(3), batches(1, seed=9), watch(Notes()))
    assert outcome.stopped == "time"
    assert outcome.history[0].step == 1
    assert outcome.history[0].valid_loss is not None


def test_a_loss_that_is_no_number_is_an_error_with_advice():
    fitter, model = trainer()
    model.get_layer("token_embedding").set_weights([np.full((20, 8), np.nan, np.float32)])
    with pytest.raises(TrainingError, match="--learning-rate"):
        fitter.fit(batches(3), None, watch(Notes()))
