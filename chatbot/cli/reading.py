"""A bar for files that take a while to read."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from chatbot.cli.bars import BARS, can_redraw


class ReadingBar:
    """Shows how much of the files has been read; a `chatbot.corpus.open_file.Watch`."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Begin with nothing to read."""
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
        what: Is done meanwhile.
    """
    console = Console(stderr=True, highlight=False, theme=BARS)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not can_redraw(console)) as progress:
        yield ReadingBar(progress, progress.add_task(what, total=None))
