"""Saved runs: their contents, their restoring, and the time of a save.

A saved run is complete in itself: the tokenizer, the shape of the model, the recipe, the progress,
and every variable that the next step depends on.
"""

import time
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.config import ModelConfig
from chatbot.errors import ChatbotError, RunError
from chatbot.runs.events import Observer
from chatbot.runs.run_folder import RunFolder
from chatbot.runs.saved_state_file import SavedState
from chatbot.tokenizer import Tokenizer
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.setup.initial_model import Start
from chatbot.training.setup.recipe_choice import Recipe

#: Seconds after which a run is saved even within an epoch.
_LONGEST_UNSAVED = 60.0
#: Share of the time that saving may take.
_SAVING = 0.01
#: The option that ended a run, by `Outcome.stopped`.
_ENDED_BY = {"epochs": "epochs", "time": "max_seconds", "early": "patience"}
_TOKENIZER, _VARIABLES = "tokenizer", "variables/"


@dataclass(frozen=True)
class RunSetup:
    """The immutable part of a run.

    Attributes:
        start: The tokenizer, the shape of the model and its known replies; not its initial weights.
        recipe: How it is fitted.
    """

    start: Start
    recipe: Recipe

    def to_state(self) -> SavedState:
        """The setup alone, as it is broadcast before the first step."""
        model = np.frombuffer(self.start.tokenizer.model, np.uint8)
        values = {
            "model": self.start.config.to_json(),
            "known_replies": self.start.known_replies,
            "recipe": self.recipe.to_json(),
        }
        return SavedState(values, {_TOKENIZER: model})

    @classmethod
    def of(cls, state: SavedState) -> Self:
        """Read the setup of a saved state.

        Returns:
            The setup.

        Raises:
            KeyError, TypeError, ValueError, ChatbotError: The state has no setup.
        """
        values = state.values
        tokenizer, config = Tokenizer(state.arrays[_TOKENIZER].tobytes()), ModelConfig.from_json(values["model"])
        start = Start(tokenizer, config, tuple(values["known_replies"]))
        return cls(start, Recipe.from_json(values["recipe"]))


@dataclass(frozen=True)
class SavedRun:
    """A saved run.

    Attributes:
        setup: Its immutable part.
        state: Its progress.
        variables: Arrays by the names of `TrainingStep.variables`.
    """

    setup: RunSetup
    state: RunState
    variables: dict[str, npt.NDArray[np.generic]]

    @classmethod
    def load(cls, folder: RunFolder) -> "SavedRun | None":
        """Load the run of a folder.

        Returns:
            The run; None if nothing has been saved yet.

        Raises:
            RunError: What was saved is damaged.
        """
        saved = folder.load()
        if saved is None:
            return None
        try:
            return cls.of(saved)
        except (KeyError, TypeError, ValueError, IndexError, ChatbotError) as error:
            raise folder.damaged(error) from None

    @classmethod
    def of(cls, saved: SavedState) -> Self:
        """Convert a state from `capture`.

        Args:
            saved: The state.

        Returns:
            The run.

        Raises:
            KeyError, TypeError, ValueError, IndexError, ChatbotError: The state is not that of a run.
        """
        arrays = saved.arrays
        variables = {name.removeprefix(_VARIABLES): arrays[name] for name in arrays if name.startswith(_VARIABLES)}
        return cls(RunSetup.of(saved), RunState.restored(saved.values["run"], arrays), variables)

    def restore(self, step: TrainingStep, recipe: Recipe, folder: RunFolder) -> RunState:
        """Assign the saved variables to a step.

        Args:
            step: Of the same model.
            recipe: The recipe from now on. A run that had reached a limit continues if that is higher now.
            folder: Where the run was saved.

        Returns:
            The progress of the run.

        Raises:
            RunError: The variables are not those of this step.
        """
        wanted = step.variables
        shapes = {name: tuple(variable.shape) for name, variable in wanted.items()}
        if shapes != {name: array.shape for name, array in self.variables.items()}:
            raise folder.damaged("its variables are not those of its model")
        self.set_variables(step)
        limit = _ENDED_BY.get(self.state.stopped or "")
        if limit is not None and getattr(recipe, limit) != getattr(self.setup.recipe, limit):
            return replace(self.state, stopped=None)
        return self.state

    def set_variables(self, step: TrainingStep) -> None:
        """Assign the saved variables to a step of the same model."""
        for name, variable in step.variables.items():
            variable.assign(self.variables[name])


def capture(setup: RunSetup, step: TrainingStep, run: RunState) -> SavedState:
    """Collect everything that is needed to resume a run.

    Args:
        setup: The setup of the run.
        step: Its variables are copied from the devices.
        run: The progress of the run.

    Returns:
        The state to save.
    """
    base = setup.to_state()
    variables = {f"{_VARIABLES}{name}": variable.numpy() for name, variable in step.variables.items()}
    return SavedState({**base.values, "run": run.to_values()}, {**base.arrays, **variables, **run.to_arrays()})


class RunSaver:
    """Saves a run before its first step, after each epoch and within a long one, while saving takes little time."""

    def __init__(self, folder: RunFolder, setup: RunSetup, step: TrainingStep, observer: Observer) -> None:
        """Prepare; nothing is saved yet.

        Args:
            folder: Where to save.
            setup: Saved with each state.
            step: The step whose variables are saved.
            observer: Warned when a state cannot be saved; training continues.
        """
        self._folder, self._setup, self._step, self._observer = folder, setup, step, observer
        self._seconds = self._cost = self._last = 0.0
        self._started = time.perf_counter()
        self._failing = False

    def begin(self, run: RunState) -> None:
        """Save before the first step, so that there is something to resume; the time for it is not counted."""
        self.save(run)
        self._seconds = self._cost = 0.0

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Save if it is time for it."""
        passed = time.perf_counter() - self._started
        wanted = epoch_over or passed - self._last >= _LONGEST_UNSAVED
        if wanted and self._seconds + self._cost <= _SAVING * passed:
            self.save(run)

    def save(self, run: RunState) -> None:
        """Save now. A failure is reported once, and the previous state stays."""
        started = time.perf_counter()
        try:
            self._folder.save(capture(self._setup, self._step, run))
            self._failing = False
        except RunError as error:
            if not self._failing:
                self._observer.warned(
                    f"{error}; training continues, but an interruption would lose all that has been learned since the"
                    " last save"
                )
            self._failing = True
        ended = time.perf_counter()
        self._cost, self._last = ended - started, ended - self._started
        self._seconds += self._cost


class NoSaver:
    """Saves nothing; for the processes of a cluster other than its chief."""

    def begin(self, run: RunState) -> None:
        """Do nothing."""

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Do nothing."""

    def save(self, run: RunState) -> None:
        """Do nothing."""
