"""Ctrl-C during work that is worth finishing."""

import signal
from types import FrameType, TracebackType
from typing import Any, Self


class Interruption:
    """While open, Ctrl-C is a request once somebody listens, and an order before and after.

    A loop that can stop asks `should_stop` at every turn. From its first question on, the
    first Ctrl-C answers it with yes; the second raises KeyboardInterrupt, as does one that
    comes before there is a loop to stop.

    Attributes:
        requested: Whether Ctrl-C was pressed while somebody listened.
    """

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self.requested = False
        self._listening = False
        self._insisted = False
        self._previous: Any = None

    def should_stop(self) -> bool:
        """Whether to stop; whoever asks is taken to go on asking.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed again, perhaps in a finalizer, where Python drops exceptions.
        """
        if self._insisted:  # a library caught the exception
            raise KeyboardInterrupt
        self._listening = True
        return self.requested

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
        if self.requested or not self._listening:
            self._insisted = True
            raise KeyboardInterrupt
        self.requested = True
