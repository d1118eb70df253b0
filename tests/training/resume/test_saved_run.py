import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest

from chatbot.bundle import run_folder
from chatbot.config import ModelConfig
from chatbot.errors import RunError
from chatbot.runs.run_identity import Identity
from chatbot.runs.run_lock import claim
from chatbot.runs.saved_state_file import SavedState
from chatbot.tokenizer import Tokenizer
from chatbot.training.distributed.replicas import Devices
from chatbot.training.loop.trainer import Trainer
from chatbot.training.loop.trainer_protocols import RunMonitor
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.resume.saved_run import RunSaver, RunSetup, SavedRun
from chatbot.training.setup.initial_model import Start
from chatbot.training.setup.recipe_choice import Recipe
from tests.training.test_trainer import PLAN, EpochBatches, Notes, held_out

KNOWN = ("hello you", "so long")
SHAPE = ModelConfig(vocabulary_size=20, embedding_size=8, units=8, known_replies=len(KNOWN))
RECIPE = Recipe(
    epochs=6, max_seconds=None, patience=1000, precision="float32", dropout=0.3, word_dropout=0.2, weight_decay=0.1
)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.fit(["hi there", "hello you"])


@pytest.fixture
def folder(tmp_path):
    with claim(tmp_path / "bot") as folder:
        folder.begin(Identity({}, "the digest", {}))
        yield folder


class Run:
    """A run in a folder, as a process of its own would have it: nothing but the folder is shared."""

    def __init__(self, folder, tokenizer, recipe=RECIPE, shape=SHAPE):
        keras.utils.set_random_seed(int.from_bytes(np.random.default_rng().bytes(4)))  # what is saved must outrank it
        saved = SavedRun.load(folder)
        if saved is None:
            keras.utils.set_random_seed(0)
        self.notes = Notes()
        self.step = TrainingStep(build_training_model(shape, recipe.dropout), shape, recipe, Devices())
        self.state = RunState() if saved is None else saved.restore(self.step, recipe, folder)
        self._recipe = recipe
        self._saving = RunSaver(folder, RunSetup(Start(tokenizer, shape, KNOWN), recipe), self.step, self.notes)

    def until(self, step=None, on_samples=lambda: None, steps_per_epoch=3):
        watch = RunMonitor(self.notes, None, lambda: self.state.step == step, lambda: on_samples() or [])
        plan = replace(PLAN, epochs=self._recipe.epochs, steps_per_epoch=steps_per_epoch)
        trainer = Trainer(self.step, self._recipe, plan, watch, self._saving)
        return trainer.fit(self.state, EpochBatches(steps_per_epoch), held_out())


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory, tokenizer):
    """The folder of a run that was interrupted after two steps; it is read only."""
    with claim(tmp_path_factory.mktemp("runs") / "cut") as folder:
        folder.begin(Identity({}, "the digest", {}))
        Run(folder, tokenizer).until(2)
        yield folder


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory, tokenizer):
    """A run, its outcome, and its folder, which is read only."""
    place = tmp_path_factory.mktemp("runs") / "alone"
    with claim(place) as folder:
        folder.begin(Identity({}, "the digest", {}))
        run = Run(folder, tokenizer)
        return run, run.until(), run_folder(place)


def test_the_first_save_comes_before_the_first_step(tmp_path, tokenizer):
    saved = []
    with claim(tmp_path / "cut") as folder:
        folder.begin(Identity({}, "the digest", {}))
        run = Run(folder, tokenizer)
        run.until(1, on_samples=lambda: saved.append(folder.load_values()["run"]["step"] if folder.has_state else None))
        assert saved[0] == 0
        assert folder.load_values()["run"]["step"] == 1


def test_a_run_that_is_interrupted_again_and_again_ends_with_the_very_weights_of_one_left_alone(
    tmp_path, tokenizer, left_alone
):
    moments = [1, 9, 17]  # after the first step, at the end of an epoch, before the last step
    alone, expected, _ = left_alone
    with claim(tmp_path / "cut") as folder:
        for moment in moments:
            assert Run(folder, tokenizer).until(moment).stopped == "interrupted"
        last = Run(folder, tokenizer)
        outcome = last.until()
    assert (outcome.stopped, outcome.step) == ("epochs", 18)
    for one, other in zip(alone.step.variables.values(), last.step.variables.values(), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert outcome.history[-1].valid == expected.history[-1].valid
    assert outcome.history[-1].learning_rate == expected.history[-1].learning_rate
    assert [report.step for report in outcome.history] == sorted({report.step for report in outcome.history})
    assert [report.step for report in last.notes.steps] == list(range(moments[-1] + 1, 19))
    assert last.notes.steps[0].seconds > last.state.seconds_before > 0


@pytest.mark.parametrize("moment", [2, 6, 18])  # every second step is measured
def test_an_interruption_at_a_step_that_is_measured_leaves_no_measurement_out(tmp_path, tokenizer, left_alone, moment):
    _, expected, _ = left_alone
    with claim(tmp_path / "cut") as folder:
        assert Run(folder, tokenizer).until(moment).stopped == "interrupted"
        outcome = Run(folder, tokenizer).until()
    assert (outcome.stopped, outcome.step) == ("epochs", 18)
    assert [report.step for report in outcome.history] == [report.step for report in expected.history]
    assert outcome.weights_digest == expected.weights_digest


def test_a_run_that_has_taken_more_steps_than_its_epochs_have_by_now_is_over(tmp_path, tokenizer):
    with claim(tmp_path / "cut") as folder:
        assert Run(folder, tokenizer).until(17).stopped == "interrupted"
        outcome = Run(folder, tokenizer).until(steps_per_epoch=2)
    assert (outcome.stopped, outcome.step) == ("epochs", 17)
    assert outcome.history[-1].step == 17


@pytest.mark.parametrize("architecture", ["gru", "transformer"])
def test_a_run_of_another_architecture_resumes_to_the_very_weights_of_one_left_alone(tmp_path, tokenizer, architecture):
    shape, recipe = replace(SHAPE, architecture=architecture), replace(RECIPE, epochs=2)
    with claim(tmp_path / "alone") as folder:
        alone = Run(folder, tokenizer, recipe, shape)
        assert alone.until().step == 6
    with claim(tmp_path / "cut") as folder:
        assert Run(folder, tokenizer, recipe, shape).until(2).stopped == "interrupted"
        last = Run(folder, tokenizer, recipe, shape)
        assert last.until().step == 6
        assert [report.step for report in last.notes.steps] == [3, 4, 5, 6]
    assert alone.step.variables.keys() == last.step.variables.keys()
    for one, other in zip(alone.step.variables.values(), last.step.variables.values(), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_a_run_whose_steps_are_over_takes_no_more_unless_what_ended_it_is_raised(tmp_path, tokenizer, left_alone):
    _, first, ended = left_alone
    shutil.copytree(ended, run_folder(tmp_path / "again"))
    with claim(tmp_path / "again") as folder:
        again = Run(folder, tokenizer)
        outcome = again.until()
        assert (outcome.stopped, outcome.step, again.notes.steps) == ("epochs", 18, [])
        assert outcome.best == first.best
        longer = Run(folder, tokenizer, replace(RECIPE, epochs=8)).until()
    assert (longer.stopped, longer.step) == ("epochs", 24)


def test_what_it_stands_on_comes_back(interrupted, tokenizer):
    saved = SavedRun.load(interrupted)
    start = saved.setup.start
    assert (start.config, start.known_replies, saved.setup.recipe) == (SHAPE, KNOWN, RECIPE)
    assert start.tokenizer.model == tokenizer.model


def test_a_state_of_another_model_is_refused(interrupted):
    other = replace(SHAPE, units=16)
    step = TrainingStep(build_training_model(other), other, RECIPE, Devices())
    with pytest.raises(RunError, match=r"state.npz: not the state of this run .*--overwrite"):
        SavedRun.load(interrupted).restore(step, RECIPE, interrupted)


@pytest.mark.parametrize("values", [{}, {"model": {}, "recipe": {}, "run": {}}])
def test_a_state_that_is_none_of_a_run_is_refused(folder, tokenizer, values):
    folder.save(SavedState(values, {"tokenizer": np.frombuffer(tokenizer.model, np.uint8)}))
    with pytest.raises(RunError, match=r"state.npz: not the state of this run"):
        SavedRun.load(folder)


def test_where_nothing_can_be_saved_training_goes_on_and_says_so_once(folder, tokenizer, tmp_path):
    run = Run(folder, tokenizer)
    (tmp_path / "bot.run" / "state.npz").mkdir()
    assert run.until(4).stopped == "interrupted"
    run.state.stopped = None
    assert run.until(7).stopped == "interrupted"
    (said,) = run.notes.warnings
    assert "state.npz: cannot be written" in said
