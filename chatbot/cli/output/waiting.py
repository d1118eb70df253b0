"""A notice that work continues, shown where it takes long and prints nothing yet."""

import threading

from rich.console import Console
from rich.status import Status

_SECONDS = 2.0
_WORDS = "working; Ctrl-C stops"


class Waiting:
    """Shows that work continues, once it has taken two seconds, until something else is shown."""

    def __init__(self, console: Console, moves: bool) -> None:
        """Begin with nothing to wait for.

        Args:
            console: Where to show it.
            moves: Whether it may move, and be wiped; else it is a line that stays.
        """
        self._console = console
        self._moves = moves
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._status: Status | None = None

    def begin(self) -> None:
        """Work begins."""
        self.end()
        self._timer = threading.Timer(_SECONDS, self._show)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Something else is to be shown; nothing is left of what moved."""
        if self._timer is None:
            return
        with self._lock:
            self._timer.cancel()
            self._timer = None
            if self._status is not None:
                self._status.stop()
                self._status = None

    def _show(self) -> None:
        with self._lock:
            if self._timer is None:  # the work was over before the lock was free
                return
            if self._moves:
                self._status = Status(f"[dim]{_WORDS}[/dim]", console=self._console, spinner="dots")
                self._status.start()
            else:
                self._console.print(_WORDS)
