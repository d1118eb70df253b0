"""Bars for work that has a known end."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from chatbot.cli.bars import BARS, can_redraw


class ProgressBars:
    """A bar on standard error for each part of some work, while a person looks on."""

    def __init__(self) -> None:
        """Begin with none."""
        console = Console(stderr=True, theme=BARS)
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
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Wipe the bars."""
        self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Draw how far one part is."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)
