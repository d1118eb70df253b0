"""JSON log of a training run: one event a line, an object each.

The events are `stage`, `started`, `resumed`, `step`, `measured`, `warning` and `finished`.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chatbot.cli.output.fault_tolerant_output import print_line
from chatbot.cli.output.json_output import to_shown_json
from chatbot.cli.training_display.summary import Summary
from chatbot.metrics import perplexity
from chatbot.runs.collapse_alarm import CollapseAlarm
from chatbot.runs.events import SHOWN_SAMPLES, Measurement, Plan, Resumption, StepReport

Fields = Mapping[str, Any]


class LogDisplay:
    """One line for each stage, each measurement, and a step now and then."""

    def __init__(self, interval: float | None) -> None:
        """Begin a log.

        Args:
            interval: Seconds of training between two steps that are logged, the first of all
                among them; None for no steps.
        """
        self._interval = interval
        self._next_step = 0.0
        self._losses: list[float] = []
        self._step: StepReport | None = None
        self._alarm = CollapseAlarm()

    def __enter__(self) -> "LogDisplay":
        """Nothing to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        self._log("stage", {"stage": what})

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._log("started", asdict(plan))

    def resumed(self, where: Resumption) -> None:
        """See `Observer.resumed`."""
        self._alarm.recall(where.top_replies)
        best = where.best
        fields = {"epoch": where.epoch, "step": where.step, "seconds": where.seconds}
        self._log("resumed", {**fields, "measurements": len(where.history), "best_step": best and best.step})

    def warned(self, what: str) -> None:
        """See `Observer.warned`."""
        self._log("warning", {"warning": what})

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`; the loss of a line is the mean of the steps since the line before."""
        self._step = report
        if self._interval is None:
            return
        self._losses.append(report.loss)
        if report.seconds < self._next_step:
            return
        self._next_step = report.seconds + self._interval
        loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        self._log(
            "step",
            {
                "epoch": report.epoch,
                "step": report.step,
                "seconds": report.seconds,
                "loss": loss,
                "perplexity": perplexity(loss),
                "learning_rate": report.learning_rate,
                "tokens_per_second": report.tokens_per_second,
                "seconds_left": report.seconds_left,
            },
        )

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        step, top = self._step, report.top_reply
        self._log(
            "measured",
            {
                **report.figures(),
                "best": report.best,
                "seconds_left": step and step.seconds_left,
                "collapse": top and step and self._alarm.hear(top, report.step, step.steps),
                "samples": [asdict(sample) for sample in report.samples[:SHOWN_SAMPLES]],
            },
        )

    def conclude(self, summary: Summary) -> None:
        """See `Display.conclude`."""
        self._log("finished", {**summary.figures, "collapse": summary.warning})

    def _log(self, event: str, fields: Fields) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        print_line(to_json({"time": now, "event": event, **fields}))


def to_json(fields: Fields) -> str:
    """The fields as a JSON object on one line; numbers have six digits; NaN and infinity are null."""
    return to_shown_json(_rounded(fields))


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
