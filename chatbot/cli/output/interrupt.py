"""Signals that ask a training to end: Ctrl-C, SIGTERM and SIGHUP alike."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from chatbot.cli.output.exit_codes_and_messages import BY_SIGNAL, Interrupted
from chatbot.cli.output.stdout_errors import abandon_stream

#: Of a terminal that was closed; Windows has no such signal.
_HANGUP = (signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()
#: Of a keyboard; of `kill`, `timeout`, systemd and Slurm; of a closed terminal.
SIGNALS = (signal.SIGINT, signal.SIGTERM, *_HANGUP)
#: Seconds within which further signals belong to the first: `timeout` sends its signal to the process and
#: to its group, systemd may add a SIGHUP, and both a shell and the system report a closed terminal.
_SAME_REQUEST = 0.5


class Interruption:
    """While open, a signal is a request while a loop asks for it, and an order before and after.

    A loop that can stop asks `should_stop` at every turn. From its first question on, the
    first signal answers it with yes; the second raises `Interrupted`, as does one that
    comes before there is a loop to stop. A signal that was ignored stays so: `nohup` lets a
    program outlive its terminal, and a shell lets those that it has put in the background outlive Ctrl-C.

    Attributes:
        requested: Whether a signal came while a loop asked.
    """

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self.requested = False
        self._listening = False
        self._order: Interrupted | None = None
        self._acted = -_SAME_REQUEST
        self._previous: dict[signal.Signals, Any] = {}
        self._terminals = [stream for stream in (sys.stdout, sys.stderr) if stream is not None and stream.isatty()]

    def should_stop(self) -> bool:
        """Whether to stop; the caller is taken to ask again at every step.

        Raises:
            Interrupted: A signal came again, perhaps in a finalizer, where Python drops exceptions.
        """
        if self._order is not None:  # a library caught the exception
            raise self._order
        self._listening = True
        return self.requested

    def __enter__(self) -> Self:
        """Take the signals over."""
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @contextmanager
    def order_first(self) -> Iterator[None]:
        """Let the order to leave stand for the error that it caused.

        An exception that a handler raises may surface within compiled code of a library, which reports a
        fault of its own in its place (TensorFlow: `SystemError: bad argument to internal function`).

        Raises:
            Interrupted: There was such an order, and an error after it.
        """
        try:
            yield
        except Exception:
            if self._order is not None:
                raise self._order from None
            raise

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number in _HANGUP:
            self._leave_closed_terminals()
        now = time.monotonic()
        if now - self._acted < _SAME_REQUEST:
            return
        self._acted = now
        if self.requested or not self._listening:
            self._order = Interrupted(number)
            raise self._order
        self.requested = True

    def _leave_closed_terminals(self) -> None:
        """Let what is written to a terminal that was closed go nowhere, as every write would fail."""
        for stream in self._terminals:
            if not os.isatty(stream.fileno()):
                abandon_stream(stream)


_ENDING = (signal.SIGTERM, *_HANGUP)
_received: list[int] = []


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the program as its other endings do, so that files and the terminal are left whole.

    They raise SystemExit, with 128 and the number of the signal; the second of a kind kills. A signal that
    was ignored from the start, as `nohup` does, stays so.
    """
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def signalled_code() -> int | None:
    """The exit code for the first signal that came; None if there was none."""
    return BY_SIGNAL + _received[0] if _received else None


def _end(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(BY_SIGNAL + number)
