"""Ctrl-C during work that is worth finishing."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Interruption:
    """While open, the first Ctrl-C is a request and the second one an order.

    The first sets `requested`, for a loop to look at when it can stop; the second raises
    KeyboardInterrupt as ever.
    """

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self.requested = False
        self._previous: Any = None

    def __enter__(self) -> Self:
        """Take Ctrl-C over."""
        self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give Ctrl-C back."""
        signal.signal(signal.SIGINT, self._previous)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
