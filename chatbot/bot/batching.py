"""Batches of prompts of like lengths, answered on all cores and returned in order."""

import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from chatbot.inference.fork_safe_lock import ForkSafeLock
from chatbot.inference.usable_cores import usable_cores

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

#: Sentences stepped side by side, beams included. Several threads hold so many each, about 12 MB of a bot of
#: base size; twice as many are no faster, as they differ more in length.
ROWS = 64
#: With fewer prompts than this to each, threads cost more than they bring.
_FEWEST = 8
#: Most threads: each has its own copy of the model's weights, laid out for its products.
_THREADS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Does a batch, or raises `Stopped` soon after the event is set.
Work = Callable[[Sequence[Item], threading.Event], Sequence[Result]]


#: Held while threads are started, so that two that ask at once share them.
_starting = ForkSafeLock()


class BatchRunner:
    """Splits work into batches, and keeps the threads that do them for the next time."""

    def __init__(self, threads: int = _THREADS) -> None:
        """No thread is started before there is work for two.

        Args:
            threads: Most threads, on as many cores.
        """
        self._most = threads
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0  # whose threads these are

    @cached_property
    def _cores(self) -> int:
        return min(usable_cores(), self._most)

    def run(
        self, items: Sequence[Item], work: "Work[Item, Result]", size: Callable[[Item], int], hypotheses: int = 1
    ) -> list[Result]:
        """Do `work` on all items and return the results in the order of the items.

        Args:
            items: What to work on.
            work: Called with batches of items, perhaps from several threads at once.
            size: Of an item; a batch holds items of like sizes.
            hypotheses: Sentences that each item comes to.

        Returns:
            A result for each item, in the order of `items`.
        """
        share = -(-len(items) // self._cores) if len(items) > _FEWEST else len(items)
        rows = max(1, min(ROWS // hypotheses, max(_FEWEST, share)))
        # The largest first: what is left at the end, for one thread to finish alone, is small.
        order = sorted(range(len(items)), key=lambda place: size(items[place]), reverse=True)
        batches = [order[start : start + rows] for start in range(0, len(order), rows)]
        results: dict[int, Result] = {}
        for batch, done in zip(batches, self._map(work, [[items[i] for i in batch] for batch in batches]), strict=True):
            results.update(zip(batch, done, strict=True))
        return [results[place] for place in range(len(items))]

    def _map(self, work: "Work[Item, Result]", batches: Sequence[Sequence[Item]]) -> Sequence[Sequence[Result]]:
        stop = threading.Event()
        if len(batches) < 2 or self._cores < 2:
            return [work(batch, stop) for batch in batches]
        futures = [self._threads().submit(work, batch, stop) for batch in batches]
        try:
            return [future.result() for future in futures]
        except BaseException:  # Ctrl-C above all: nobody waits for the threads any more
            stop.set()
            for future in futures:
                future.cancel()
            raise

    def _threads(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # one reply does without, and sooner

        with _starting:
            if self._pool is None or self._process != os.getpid():  # a process that was forked has no threads
                self._pool, self._process = ThreadPoolExecutor(self._cores, "chatbot"), os.getpid()
            return self._pool
