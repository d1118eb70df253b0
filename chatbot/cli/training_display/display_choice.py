"""What is shown while a bot is trained: a picture, lines for people or a log for programs."""

import sys
from collections.abc import Callable
from typing import Protocol, TextIO, cast

from rich.console import Console

from chatbot.cli.output.lasting_output import LastingStream
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
        """Sum up a finished run and name the next command to type."""


class _Worker:
    """The part of a display of a process of a cluster that is not its chief: the chief shows how it goes."""

    def stepped(self, report: StepReport) -> None:
        """Nothing."""

    def measured(self, report: Measurement) -> None:
        """Nothing."""


class WorkerLog(_Worker, LogDisplay):
    """A log of the other events."""


class WorkerLines(_Worker, PlainDisplay):
    """Lines for the stages and the end."""


def choose_display(
    json_logs: bool, interval: float | None, interrupted: Callable[[], bool], chief: bool = True
) -> Display:
    """A JSON log if it is wanted; else a live picture on a terminal that can redraw, and lines for people elsewhere.

    Args:
        json_logs: Whether to log JSON, on a terminal too.
        interval: Seconds between the steps that are shown or logged; None for none.
        interrupted: Whether the training was asked to stop, so that the picture can say so.
        chief: Whether this process speaks for all that train.
    """
    if not chief:
        return WorkerLog(interval) if json_logs else WorkerLines(interval)
    if json_logs:
        return LogDisplay(interval)
    console = Console(file=cast("TextIO", LastingStream(sys.stdout)), highlight=False, theme=BARS)
    return LiveDisplay(console, interrupted) if can_redraw(console) else PlainDisplay(interval)
