"""Bars for work that has a known end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.theme import Theme

from chatbot.cli.output.console import TextConsole


class ProgressBars:
    """A bar on standard error for each part of some work, while a person looks on."""

    def __init__(self) -> None:
        """Begin with none."""
        console = TextConsole(stderr=True, theme=BARS)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not can_redraw(console),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "ProgressBars":
        """Begin to draw."""
        if not self._progress.disable:
            self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Wipe the bars; Rich 14.0 ends one that is not drawn by an empty line."""
        if not self._progress.disable:
            self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Draw the progress of one part.

        Args:
            what: The part, in words.
            done: Units that are done.
            total: Units of the whole part.
        """
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)


class ReadingBar:
    """Shows how much of the files has been read; a `chatbot.corpus.reading.open_file.ReadObserver`."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Begin with nothing to read.

        Args:
            progress: The display.
            task: The bar in it.
        """
        self._progress = progress
        self._task = task
        self._total = 0

    def opened(self, size: int) -> None:
        """See `Watch.opened`."""
        self._total += size
        self._progress.update(self._task, total=self._total)

    def advanced(self, count: int) -> None:
        """See `Watch.advanced`."""
        self._progress.advance(self._task, count)


@contextmanager
def reading_bar(what: str) -> Iterator[ReadingBar]:
    """Show a bar on standard error while files are read, if that is a terminal that can redraw.

    Args:
        what: The work, in words.

    Yields:
        The bar, to be told of what is read.
    """
    console = TextConsole(stderr=True, theme=BARS)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not can_redraw(console))
    with nullcontext() if progress.disable else progress:  # Rich 14.0 ends one that is not drawn by an empty line
        yield ReadingBar(progress, progress.add_task(what, total=None))


BARS = Theme({"bar.back": "bright_black", "bar.complete": "cyan", "bar.finished": "green", "bar.pulse": "cyan"})


def can_redraw(console: Console) -> bool:
    """Whether a bar can move on what a console writes to."""
    return console.is_terminal and not console.is_dumb_terminal


def can_draw() -> bool:
    """Whether bars, shades and boxes are shown: not where `TERM` names a terminal that can show text alone."""
    return os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}
