"""A pool of interpreters: as many as there are cores, whatever the number of threads that call them."""

import os
import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

#: Seconds after which a thread that waits looks whether an interpreter has been lost.
_PATIENCE = 0.1
_Interpreter = TypeVar("_Interpreter")


class InterpreterPool(Generic[_Interpreter]):
    """Interpreters that threads take and give back; a thread that finds none waits for one."""

    def __init__(self, make: Callable[[], _Interpreter], most: int) -> None:
        """Begin with none.

        Args:
            make: Makes one.
            most: Number of interpreters at a time; more than there are cores would only take memory.
        """
        self._make, self._most = make, most
        self._begin()

    def __len__(self) -> int:
        """The number of interpreters that there are, taken or not."""
        return len(self._all)

    def take(self) -> _Interpreter:
        """Take an interpreter, which no other thread has until it is given back.

        Returns:
            One that is free, or a new one.

        Raises:
            RuntimeError, ValueError: None can be made.
        """
        if self._process != os.getpid():  # a process that was forked lacks the threads that would give them back
            self._begin()
        try:
            return self._free.get_nowait()
        except Empty:
            return self._make_or_wait()

    def give(self, one: _Interpreter) -> None:
        """Give an interpreter back.

        Args:
            one: The interpreter, as taken.
        """
        if one in self._all:  # else it is that of the process that was forked
            self._free.put(one)

    def _begin(self) -> None:
        self._free: SimpleQueue[_Interpreter] = SimpleQueue()
        # Ctrl-C may come when one has been taken and nobody holds it yet. It is gone then, and counts no more.
        self._all: weakref.WeakSet[_Interpreter] = weakref.WeakSet()
        self._making = threading.Lock()
        self._process = os.getpid()

    def _make_or_wait(self) -> _Interpreter:
        while True:
            with self._making:
                if len(self._all) < self._most:
                    one = self._make()
                    self._all.add(one)
                    return one
            try:
                return self._free.get(timeout=_PATIENCE)
            except Empty:
                continue
