"""The changing state of a run, and its conversion to and from what is saved."""

import dataclasses
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Resumption, SampleReply
from chatbot.runs.saved_state_file import Arrays
from chatbot.training.type_aliases import JsonObject

_BEST = "best/"


@dataclass
class RunState:
    """The progress of a run; with the recipe and the variables of the training step it is all there is to resume.

    Attributes:
        seconds_before: Time that earlier processes spent on this run.
        epoch: The current epoch, from 1.
        step: Steps taken.
        compilations: Steps that compiled: the first one of each process with replies, and the first one without.
        tokens: Reply tokens trained on.
        compiling: Seconds of those steps.
        rate: Learning rate of the last step.
        history: All measurements.
        best: The measurement whose weights are kept.
        best_weights: Its weights, as `model.get_weights()` gives them.
        measuring_cost: Seconds that the last measurement took.
        loss: Nats a token of the last batch that had replies.
        nats: Summed loss since the last measurement.
        recent_tokens: Reply tokens trained on since the last measurement.
        last_measured_at: Run time of the last measurement, in seconds.
        stopped: Why training ended, see `Outcome.stopped`; None while it has not.
    """

    seconds_before: float = 0.0
    epoch: int = 1
    step: int = 0
    compilations: int = 0
    tokens: float = 0.0
    compiling: float = 0.0
    rate: float = 0.0
    history: list[Measurement] = field(default_factory=list)
    best: Measurement | None = None
    best_weights: list[npt.NDArray[np.generic]] = field(default_factory=list)
    measuring_cost: float = 0.0
    loss: float = 0.0
    nats: float = 0.0
    recent_tokens: float = 0.0
    last_measured_at: float = 0.0
    stopped: str | None = None
    _compiled: set[bool] = field(default_factory=set)
    _started: float = field(default_factory=time.perf_counter)
    _passed: float = 0.0

    def start_clock(self) -> None:
        """Start counting the seconds of this process."""
        self._started = time.perf_counter()

    def read_clock(self) -> float:
        """The seconds since `start_clock`."""
        return time.perf_counter() - self._started

    def set_time(self, passed: float) -> None:
        """Set the time of all processes.

        Args:
            passed: Seconds since `start_clock`.
        """
        self._passed = passed

    def note_compilation(self, has_replies: bool, seconds: float) -> None:
        """After each step: count the first one of its kind in this process as compilation.

        Args:
            has_replies: Whether its batch had targets; the step without them is another function.
            seconds: That it took.
        """
        if has_replies not in self._compiled:
            self._compiled.add(has_replies)
            self.compilations += 1
            self.compiling += seconds

    @property
    def seconds(self) -> float:
        """Time spent on the run by all processes, as of the last `set_time`."""
        return self.seconds_before + self._passed

    def add_loss(self, nats: float, tokens: float) -> None:
        """Count what a step has learned from.

        Args:
            nats: Summed over the reply tokens of its batch.
            tokens: Their number; 0 of a batch without replies.
        """
        self.loss = nats / tokens if tokens else self.loss + nats  # so that NaN is seen in any batch
        self.tokens += tokens
        self.nats += nats
        self.recent_tokens += tokens

    @property
    def train_loss(self) -> float:
        """Mean nats a token since the last measurement."""
        return self.nats / self.recent_tokens if self.recent_tokens else self.loss

    @property
    def is_measured(self) -> bool:
        """Whether the last step was measured."""
        return bool(self.history) and self.history[-1].step == self.step

    @property
    def pace(self) -> float | None:
        """Seconds a step; None while there are only steps that compiled."""
        steps = self.step - self.compilations
        return (self.seconds - self.compiling) / steps if steps > 0 else None

    @property
    def resumption(self) -> Resumption:
        """The event for an observer of a resumed run."""
        return Resumption(self.epoch, self.step, self.seconds_before, self.history)

    def to_values(self) -> JsonObject:
        """Return everything but the arrays as JSON values."""
        plain = {key: getattr(self, name) for name, key in _PLAIN.items()}
        return plain | {
            "seconds_before": self.seconds,
            "history": [dataclasses.asdict(report) for report in self.history],
            "best": None if self.best is None else self.history.index(self.best),
        }

    def to_arrays(self) -> Arrays:
        """The best weights, by their number."""
        return {f"{_BEST}{number}": weights for number, weights in enumerate(self.best_weights)}

    @classmethod
    def restored(cls, values: JsonObject, arrays: Arrays) -> "RunState":
        """Restore a saved state.

        Args:
            values: From `to_values`.
            arrays: From `to_arrays`, others among them.

        Returns:
            The state, with its clock stopped.

        Raises:
            KeyError, TypeError, ValueError, IndexError: The values or the arrays are not those of a run.
        """
        values = {"loss": 0.0, **values}  # runs saved by earlier versions have none
        history = [_measurement(report) for report in values["history"]]
        best, weights = values["best"], sum(name.startswith(_BEST) for name in arrays)
        plain = {name: values[key] for name, key in _PLAIN.items()}
        return cls(
            **plain,
            seconds_before=float(values["seconds_before"]),
            history=history,
            best=None if best is None else history[best],
            best_weights=[arrays[f"{_BEST}{number}"] for number in range(weights)],
        )


#: Keys of saved states that are not the name of their field, so that runs saved by earlier versions can be resumed.
_SAVED_AS = {"compilations": "parts", "last_measured_at": "since"}
#: Fields that are JSON values as they are, with their keys in a saved state.
_PLAIN = {
    one.name: _SAVED_AS.get(one.name, one.name)
    for one in dataclasses.fields(RunState)
    if one.name not in {"seconds_before", "history", "best", "best_weights"} and not one.name.startswith("_")
}


def _measurement(values: JsonObject) -> Measurement:
    valid = values["valid"]
    return Measurement(
        **{
            **values,
            "valid": None if valid is None else Validation(**valid),
            "samples": [SampleReply(**sample) for sample in values["samples"]],
        }
    )


def digest_of(weights: Sequence[npt.NDArray[np.generic]]) -> str:
    """The first sixteen hexadecimal digits of the SHA-256 of arrays, in their order.

    Args:
        weights: Arrays of any shapes and dtypes.
    """
    found = hashlib.sha256()
    for array in weights:
        found.update(array.tobytes())
    return found.hexdigest()[:16]
