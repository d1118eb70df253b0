"""A lock that no process which is forked finds held by a thread that it does not have."""

import itertools
import os
import threading
import weakref
from types import TracebackType


class ForkSafeLock:
    """A lock for `with`, which a fork waits for, so that what it guards is whole in the new process as well.

    A thread may take it twice. One that holds a lock may only take those that were made before it: a fork takes
    all of them, the youngest first.
    """

    def __init__(self) -> None:
        """Begin free."""
        self._lock = threading.RLock()
        self._number = next(_numbers)
        with _forking:  # which goes through all of them
            _locks.add(self)

    def __enter__(self) -> None:
        """Take the lock, or wait for it."""
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back."""
        self._lock.release()

    @property
    def number(self) -> int:
        """Number of locks that were made before it."""
        return self._number


_numbers = itertools.count()
_locks: weakref.WeakSet[ForkSafeLock] = weakref.WeakSet()
#: Held by the thread that forks, so that two do not mix up what they took.
_forking = threading.RLock()
_taken: list[ForkSafeLock] = []


def _before_fork() -> None:
    _forking.acquire()
    for lock in sorted(_locks, key=lambda lock: lock.number, reverse=True):
        lock.__enter__()
        _taken.append(lock)


def _after_fork() -> None:
    while _taken:
        _taken.pop().__exit__(None, None, None)
    _forking.release()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
