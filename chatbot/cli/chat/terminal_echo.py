"""Terminal echo, switched off while a bot replies and restored whenever the program gives the terminal back."""

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import Any, Self

try:
    import termios
except ImportError:  # on Windows
    termios = None  # type: ignore[assignment]  # the name of a module has no other type

_LOCAL_MODES = 3  # of what termios gives


class EchoOff:
    """While open, keys are not shown, and the next line that is read has them.

    Ctrl-Z gives the terminal back as it was found, and `fg` takes the echo away again. On Windows, whose terminals have
    neither, nothing is switched off.
    """

    def __enter__(self) -> Self:
        """Switch the echo off."""
        if termios is None:
            return self
        self._found: list[Any] = termios.tcgetattr(sys.stdin)
        self._stop = signal.signal(signal.SIGTSTP, self._suspend)
        self._silence()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the terminal as it was, if it is still there."""
        if termios is None:
            return
        signal.signal(signal.SIGTSTP, self._stop)
        self._set(termios.TCSADRAIN, self._found)

    def _silence(self) -> None:
        silent = [*self._found]
        silent[_LOCAL_MODES] &= ~termios.ECHO
        self._set(termios.TCSANOW, silent)

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Stop as every program does, between giving the terminal back and taking it again."""
        self._set(termios.TCSADRAIN, self._found)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # SIGCONT continues the program here
        signal.signal(number, self._suspend)
        self._silence()

    @staticmethod
    def _set(when: int, modes: list[Any]) -> None:
        with contextlib.suppress(termios.error):  # the terminal was closed
            termios.tcsetattr(sys.stdin, when, modes)
