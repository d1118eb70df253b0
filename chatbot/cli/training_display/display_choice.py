"""The choice of a training display: live picture, plain lines or JSON log."""

import sys
from collections.abc import Callable
from typing import Protocol, TextIO, cast

from chatbot.cli.output.console import TextConsole
from chatbot.cli.output.fault_tolerant_output import LastingStream
from chatbot.cli.output.progress_bars import BARS, can_redraw
from chatbot.cli.training_display.live_display import LiveDisplay
from chatbot.cli.training_display.log_display import LogDisplay
from chatbot.cli.training_display.plain_display import PlainDisplay
from chatbot.cli.training_display.summary import Summary
from chatbot.runs.events import Measurement, Observer, StepReport


class Display(Observer, Protocol):
    """An observer with a screen to open, to close and to sum up on."""

    def __enter__(self) -> "Display":
        """Begin to show."""

    def __exit__(self, *error: object) -> None:
        """Stop showing."""

    def conclude(self, summary: Summary) -> None:
        """Show the summary of a finished run and the next command to type."""


class _NoSteps:
    """The part that the displays of workers share: steps and measurements are left to the chief of the cluster."""

    def stepped(self, report: StepReport) -> None:
        """Nothing."""

    def measured(self, report: Measurement) -> None:
        """Nothing."""


class WorkerLog(_NoSteps, LogDisplay):
    """A JSON log of the other events."""


class WorkerLines(_NoSteps, PlainDisplay):
    """Lines for the stages and the end."""


def choose_display(
    json_logs: bool, interval: float | None, interrupted: Callable[[], bool], chief: bool = True
) -> Display:
    """A JSON log if it is wanted; else a live picture on a terminal that can redraw, and lines for people elsewhere.

    Args:
        json_logs: Whether to log JSON, on a terminal too.
        interval: Seconds between the steps that are shown or logged; None for none.
        interrupted: Whether the training was asked to stop, so that the picture can say so.
        chief: Whether this process reports for all processes of a cluster.
    """
    if not chief:
        return WorkerLog(interval) if json_logs else WorkerLines(interval)
    if json_logs:
        return LogDisplay(interval)
    console = TextConsole(file=cast("TextIO", LastingStream(sys.stdout)), theme=BARS)
    return LiveDisplay(console, interrupted) if can_redraw(console) else PlainDisplay(interval)
