"""Signals that ask the program to end: Ctrl-C, SIGTERM and SIGHUP alike."""

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

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
            self._leave()
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
                self._leave()
            raise

    def _leave(self) -> NoReturn:
        """Raise the order, which is lost no more."""
        assert self._order is not None
        _lost.clear()
        raise self._order from None

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        _raise_lost()
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
#: Seconds between looks for whether a finalizer has ended.
_SOON = 0.01
_received: list[int] = []
#: What ends the loops that are not to be left by an exception; the innermost is last.
_stops: list[Callable[[], None]] = []
#: What a finalizer kept from ending the program.
_lost: list[BaseException] = []


class _Ended(SystemExit):
    """A signal ends the program.

    Attributes:
        exit_code: What it ends with.
    """

    def __init__(self, number: int) -> None:
        """Take the number of the signal."""
        self.exit_code = BY_SIGNAL + number
        super().__init__(self.exit_code)


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the program as its other endings do, so that files and the terminal are left whole.

    They raise SystemExit, with 128 and the number of the signal; the second of a kind kills. A signal that
    was ignored from the start, as `nohup` does, stays so. One that comes while a finalizer runs, whose exceptions
    Python prints and drops, is sent again after that, as is Ctrl-C.
    """
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    if not isinstance(sys.unraisablehook, _Finalizers):
        sys.unraisablehook = _Finalizers(sys.unraisablehook)


@contextmanager
def ending_after(stop: Callable[[], None]) -> Iterator[None]:
    """Let a signal that ends the program stop a loop first, which an exception in its midst would leave in disorder.

    An event loop takes the exception for one of the task that happens to run, and waits for the others.

    Args:
        stop: Makes the loop end soon; called between any two instructions.

    Raises:
        SystemExit: Such a signal came meanwhile.
    """
    before = len(_received)
    _stops.append(stop)
    try:
        yield
    finally:
        _stops.pop()
        if len(_received) > before:
            raise _Ended(_received[before])


def signalled_code() -> int | None:
    """The exit code for the first signal that came; None if there was none."""
    return BY_SIGNAL + _received[0] if _received else None


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    _raise_lost()
    _received.append(number)
    if not _stops:
        raise _Ended(number)
    _stops[-1]()


def _raise_lost() -> None:
    if _lost:
        raise _lost.pop()


class _Finalizers:
    """Takes the exceptions that Python drops: of `__del__`, of a weak reference, of a callback in compiled code."""

    def __init__(self, usual: Callable[["sys.UnraisableHookArgs"], Any]) -> None:
        """Take the hook for those that no signal has raised."""
        self._usual = usual
        self._over, self._sending = True, False

    def __call__(self, dropped: "sys.UnraisableHookArgs") -> None:
        """Send a signal again whose exception was dropped."""
        error = dropped.exc_value
        number = _signal_of(error)
        if number is None or error is None or threading.current_thread() is not threading.main_thread():
            self._usual(dropped)
            return
        self._over = False
        _lost[:] = [error]
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
        if not self._sending:
            self._sending = True
            _thread.start_new_thread(self._send_again, (number,))
        self._over = True  # the last step: Python calls no handler from here to the end of the hook

    def _send_again(self, number: signal.Signals) -> None:
        time.sleep(_SOON)
        while not self._over:
            time.sleep(_SOON)
        self._sending = False
        if not _lost:  # it was raised by another signal, or by a loop that asked
            return
        if signal.getsignal(number) is signal.default_int_handler:
            _lost.clear()  # it raises one of its own
        if hasattr(signal, "pthread_kill"):  # it ends a wait for input, too
            signal.pthread_kill(threading.main_thread().ident or 0, number)
        else:
            _thread.interrupt_main(number)


def _signal_of(error: BaseException | None) -> signal.Signals | None:
    """The signal whose handler raised an exception; None where none has."""
    if isinstance(error, _Ended | Interrupted):
        return signal.Signals(error.exit_code - BY_SIGNAL)
    return signal.SIGINT if isinstance(error, KeyboardInterrupt) else None
