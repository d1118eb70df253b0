"""What is shown while a bot is trained: a picture, sentences or a log, whatever the place can take."""

import sys
from collections.abc import Callable
from typing import Protocol

from rich.console import Console

from chatbot.cli.bars import BARS
from chatbot.cli.live_display import LiveDisplay
from chatbot.cli.log_display import LogDisplay, WorkerLog, to_json, to_key_values
from chatbot.cli.plain_display import PlainDisplay
from chatbot.cli.summary import Summary
from chatbot.progress import Observer


class Display(Observer, Protocol):
    """An observer with a screen to open, to close and to sum up on."""

    def __enter__(self) -> "Display":
        """Begin to show."""

    def __exit__(self, *error: object) -> None:
        """Stop showing."""

    def conclude(self, summary: Summary) -> None:
        """Sum up a finished run and name the next command to type."""


def choose_display(
    json_logs: bool, interval: float | None, interrupted: Callable[[], bool], chief: bool = True
) -> Display:
    """JSON if it is wanted; else a live picture on a terminal, sentences on one that cannot redraw, a log elsewhere.

    Of the processes of a cluster only the chief shows how the training goes; the others have a short log.

    Args:
        json_logs: Whether to log JSON, on a terminal too.
        interval: Seconds between the steps that are logged; None for measurements alone.
        interrupted: Whether Ctrl-C was pressed once, so that the picture can say so.
        chief: Whether this process speaks for all that train.
    """
    if not chief:
        return WorkerLog(to_json if json_logs else to_key_values, interval)
    if json_logs:
        return LogDisplay(to_json, interval)
    if not sys.stdout.isatty():
        return LogDisplay(to_key_values, interval)
    console = Console(highlight=False, theme=BARS)
    return PlainDisplay() if console.is_dumb_terminal else LiveDisplay(console, interrupted)
