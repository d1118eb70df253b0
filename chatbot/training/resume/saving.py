"""Saving a run now and then, so that it can be resumed where it was interrupted.

What is saved is whole in itself: the tokenizer, the shape of the model, the recipe, where the run
is, and every variable that decides what the next step does.
"""

import time
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from chatbot.config import ModelConfig
from chatbot.errors import ChatbotError, RunError
from chatbot.runs.events import Observer
from chatbot.runs.run_folder import RunFolder, SavedState
from chatbot.tokenizer import Tokenizer
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.setup.recipe import Recipe
from chatbot.training.setup.start import Beginning

#: A pass that takes longer is saved in its midst.
_LONGEST_UNSAVED = 60.0
#: Share of the time that saving may take.
_SAVING = 0.01
#: The limits that end a run, by what is then said of it.
_ENDED_BY = {"epochs": "epochs", "time": "max_seconds", "early": "patience"}
_TOKENIZER, _VARIABLES = "tokenizer", "variables/"


@dataclass(frozen=True)
class Foundation:
    """What stays as it is while a run goes on.

    Attributes:
        start: The tokenizer, the model's shape and the replies that it knows; not its first weights.
        recipe: How it is fitted.
    """

    start: Beginning
    recipe: Recipe

    def to_state(self) -> SavedState:
        """It alone, before there is anything that changes."""
        model = np.frombuffer(self.start.tokenizer.model, np.uint8)
        values = {
            "model": self.start.config.to_json(),
            "known_replies": self.start.known_replies,
            "recipe": self.recipe.to_json(),
        }
        return SavedState(values, {_TOKENIZER: model})

    @classmethod
    def of(cls, state: SavedState) -> Self:
        """That of a state.

        Raises:
            KeyError, TypeError, ValueError, ChatbotError: There is none in it.
        """
        values = state.values
        tokenizer, config = Tokenizer(state.arrays[_TOKENIZER].tobytes()), ModelConfig.from_json(values["model"])
        start = Beginning(tokenizer, config, tuple(values["known_replies"]))
        return cls(start, Recipe.from_json(values["recipe"]))


@dataclass(frozen=True)
class SavedRun:
    """A run as it was saved.

    Attributes:
        foundation: What it stands on.
        state: Where it was.
        variables: Arrays by the names of `TrainingStep.variables`.
    """

    foundation: Foundation
    state: RunState
    variables: dict[str, Any]

    @classmethod
    def load(cls, folder: RunFolder) -> "SavedRun | None":
        """Read it; None if nothing has been saved yet.

        Raises:
            RunError: It is damaged.
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
        """Take what `capture` has put together.

        Raises:
            KeyError, TypeError, ValueError, IndexError, ChatbotError: It is something else.
        """
        arrays = saved.arrays
        variables = {name.removeprefix(_VARIABLES): arrays[name] for name in arrays if name.startswith(_VARIABLES)}
        return cls(Foundation.of(saved), RunState.restored(saved.values["run"], arrays), variables)

    def restore(self, step: TrainingStep, recipe: Recipe, folder: RunFolder) -> RunState:
        """Give a step the variables that were saved, and return where the run goes on.

        Args:
            step: Of the same model.
            recipe: The run's from now on; if what had ended it has been raised, it has not ended.
            folder: Where it was saved.

        Raises:
            RunError: The variables are not those of such a step.
        """
        wanted = step.variables
        shapes = {name: tuple(variable.shape) for name, variable in wanted.items()}
        if shapes != {name: array.shape for name, array in self.variables.items()}:
            raise folder.damaged("its variables are not those of its model")
        self.set_variables(step)
        limit = _ENDED_BY.get(self.state.stopped or "")
        if limit is not None and getattr(recipe, limit) != getattr(self.foundation.recipe, limit):
            return replace(self.state, stopped=None)
        return self.state

    def set_variables(self, step: TrainingStep) -> None:
        """Give a step of the same model the variables that were saved."""
        for name, variable in step.variables.items():
            variable.assign(self.variables[name])


def capture(foundation: Foundation, step: TrainingStep, run: RunState) -> SavedState:
    """All that a run needs to go on from where it is."""
    base = foundation.to_state()
    variables = {f"{_VARIABLES}{name}": variable.numpy() for name, variable in step.variables.items()}
    return SavedState({**base.values, "run": run.to_values()}, {**base.arrays, **variables, **run.to_arrays()})


class Saving:
    """Saves a run before its first step, after each pass, and in the midst of a long one, as far as that is quick."""

    def __init__(self, folder: RunFolder, foundation: Foundation, step: TrainingStep, observer: Observer) -> None:
        """Begin with nothing saved by this process.

        Args:
            folder: Where to.
            foundation: Saved with each state.
            step: Whose variables to save.
            observer: Told when a state cannot be saved; the run goes on all the same.
        """
        self._folder, self._foundation, self._step, self._observer = folder, foundation, step, observer
        self._seconds = self._cost = self._last = 0.0
        self._started = time.perf_counter()
        self._failing = False

    def begin(self, run: RunState) -> None:
        """Save before the first step, so that there is something to resume; its time is not counted."""
        self.save(run)
        self._seconds = self._cost = 0.0

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Save if it is time to."""
        passed = time.perf_counter() - self._started
        wanted = epoch_over or passed - self._last >= _LONGEST_UNSAVED
        if wanted and self._seconds + self._cost <= _SAVING * passed:
            self.save(run)

    def save(self, run: RunState) -> None:
        """Save now. What cannot be written is said once, and the state before stays."""
        started = time.perf_counter()
        try:
            self._folder.save(capture(self._foundation, self._step, run))
            self._failing = False
        except RunError as error:
            if not self._failing:
                self._observer.warned(
                    f"{error}; training goes on, but an interruption would lose all that has been learned since the"
                    " last save"
                )
            self._failing = True
        ended = time.perf_counter()
        self._cost, self._last = ended - started, ended - self._started
        self._seconds += self._cost


class NoSaving:
    """Saves nothing: a process that is not the chief leaves it to the chief."""

    def begin(self, run: RunState) -> None:
        """Nothing."""

    def after_step(self, run: RunState, epoch_over: bool) -> None:
        """Nothing."""

    def save(self, run: RunState) -> None:
        """Nothing."""
