"""What changes while a run goes on, and its way to and from what is saved of it."""

import dataclasses
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Resumption, SampleReply
from chatbot.runs.run_folder import Arrays

_BEST = "best/"


@dataclass
class RunState:
    """Where a run is; apart from this it is its recipe and the variables of its step.

    Attributes:
        seconds_before: That the run had taken when this process took it on.
        epoch: From 1, the one that is under way.
        step: Steps taken.
        parts: Processes that have taken a step, each of which compiles.
        tokens: Reply tokens learned from.
        compiling: Seconds until the first steps of all processes were done.
        rate: Learning rate of the last step.
        history: All measurements.
        best: The one whose weights are kept.
        goodness: What made it the best.
        best_weights: As `model.get_weights()` has them.
        measuring_cost: Seconds that the last measurement took.
        nats: Since the last measurement.
        recent_tokens: Since then.
        since: When that was, in seconds of the run.
        stopped: Why the steps are over, see `Outcome.stopped`; None while they are not.
    """

    seconds_before: float = 0.0
    epoch: int = 1
    step: int = 0
    parts: int = 0
    tokens: float = 0.0
    compiling: float = 0.0
    rate: float = 0.0
    history: list[Measurement] = field(default_factory=list)
    best: Measurement | None = None
    goodness: tuple[float, float] = (0.0, -math.inf)
    best_weights: list[Any] = field(default_factory=list)
    measuring_cost: float = 0.0
    nats: float = 0.0
    recent_tokens: float = 0.0
    since: float = 0.0
    stopped: str | None = None
    _compiled: bool = False
    _started: float = field(default_factory=time.perf_counter)
    _passed: float = 0.0

    def start_clock(self) -> None:
        """Count seconds from now on, after those of before."""
        self._started = time.perf_counter()

    def read_clock(self) -> float:
        """Seconds since then."""
        return time.perf_counter() - self._started

    def set_time(self, passed: float) -> None:
        """Let so many seconds have passed since then."""
        self._passed = passed

    def note_compilation(self) -> None:
        """After each step: the first of a process was mostly compilation."""
        if not self._compiled:
            self._compiled = True
            self.parts += 1
            self.compiling += self.seconds - self.seconds_before

    @property
    def seconds(self) -> float:
        """That the run has taken, with its parts of before, when the time was set last."""
        return self.seconds_before + self._passed

    @property
    def resumption(self) -> Resumption:
        """For whoever watches."""
        return Resumption(self.epoch, self.step, self.seconds_before, self.history)

    def to_values(self) -> dict[str, Any]:
        """All but arrays, as JSON values."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return plain | {
            "seconds_before": self.seconds,
            "history": [dataclasses.asdict(report) for report in self.history],
            "best": None if self.best is None else self.history.index(self.best),
        }

    def to_arrays(self) -> dict[str, Any]:
        """The arrays."""
        return {f"{_BEST}{number}": weights for number, weights in enumerate(self.best_weights)}

    @classmethod
    def restored(cls, values: Mapping[str, Any], arrays: Arrays) -> "RunState":
        """The state that was saved.

        Args:
            values: From `to_values`.
            arrays: Those of `to_arrays` among others.

        Raises:
            KeyError, TypeError, ValueError, IndexError: They are not those of a run.
        """
        history = [_measurement(report) for report in values["history"]]
        best, weights = values["best"], sum(name.startswith(_BEST) for name in arrays)
        return cls(
            **{name: values[name] for name in _PLAIN} | {"goodness": tuple(values["goodness"])},
            seconds_before=float(values["seconds_before"]),
            history=history,
            best=None if best is None else history[best],
            best_weights=[arrays[f"{_BEST}{number}"] for number in range(weights)],
        )


#: Fields that are JSON values as they are.
_PLAIN = tuple(
    one.name
    for one in dataclasses.fields(RunState)
    if one.name not in {"seconds_before", "history", "best", "best_weights"} and not one.name.startswith("_")
)


def _measurement(values: Mapping[str, Any]) -> Measurement:
    valid = values["valid"]
    return Measurement(
        **{
            **values,
            "valid": None if valid is None else Validation(**valid),
            "samples": [SampleReply(**sample) for sample in values["samples"]],
        }
    )
