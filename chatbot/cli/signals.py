"""What ends a command from outside: SIGTERM of `kill`, `timeout` or a scheduler, SIGHUP of a closed terminal."""

import signal
from types import FrameType

from chatbot.cli.exits import BY_SIGNAL

_ENDING = (signal.SIGTERM, signal.SIGHUP)
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
