"""A queue of prompts that wait for a bot: answered together as one batch, or piece by piece side by side."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from chatbot.cli.server.reply_stream import Answered, Question, ReplyStream, StreamGroup, Streaming
from chatbot.config import DecodingConfig

#: Prompts that one batch takes: enough for all cores; more would only let the first of them wait for the last.
_MOST = 256
#: A batch is waited for as long as this share of the time that the last one took, until it is as large as that was:
#: clients that ask again when they have their answers come one by one, and a batch of many costs each of them less.
_PATIENCE = 0.25
#: Groups of streams that take turns; more streams wait until one of them is over, and begin together.
_MOST_GROUPS = 4


#: Answers questions, in their order.
Answering = Callable[[Sequence[Question]], Sequence[Answered]]
Item = TypeVar("Item")
_Waiting = tuple[Question, "asyncio.Future[Answered]"]
_Results = Sequence[tuple["asyncio.Future[Answered]", Answered | Exception]]


class BatchQueue:
    """Takes questions from an event loop, and answers those that wait in a thread of its own."""

    def __init__(
        self,
        answer: Answering,
        stream: Streaming,
        report_size: Callable[[int], None],
        patience: float = _PATIENCE,
    ) -> None:
        """Start the thread.

        Args:
            answer: Called in the thread, with questions that have the same settings.
            stream: The same, for answers piece by piece.
            report_size: Called in the thread with the number of the questions of each batch.
            patience: Share of the time of a batch that the next one is waited for.
        """
        self._patience, self._last_size, self._last_seconds = patience, 0, 0.0
        self._answer, self._stream, self._report_size = answer, stream, report_size
        self._waiting: deque[_Waiting] = deque()
        self._streams: list[ReplyStream] = []
        self._groups: list[StreamGroup] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="replies", daemon=True)
        self._thread.start()

    async def ask(self, question: Question) -> Answered:
        """Wait for the answer to a question.

        Args:
            question: The question; one whose asker is gone by its turn is dropped.

        Returns:
            The answer.
        """
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._waiting.append((question, future))
            self._changed.notify()
        return await future

    async def stream(self, question: Question) -> ReplyStream:
        """Wait for the first piece of the answer to a question.

        Args:
            question: The question.

        Returns:
            The stream, for its asker to close.
        """
        stream = ReplyStream(question)
        with self._changed:
            self._streams.append(stream)
            self._changed.notify()
        try:
            await stream.begin()
        except BaseException:  # the asker is gone, or the settings are refused
            stream.close()
            raise
        return stream

    def close(self) -> None:
        """End the thread once what waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        """Answer what waits, then take each group of streams one step further, and so on."""
        while self._wait():
            batch, begun = self._next_batch(), time.perf_counter()
            asked = [one for one in batch if not one[1].cancelled()]
            for group in _by_decoding(asked, lambda one: one[0].decoding):
                self._report_size(len(group))
                group[0][1].get_loop().call_soon_threadsafe(_deliver, self._results(group))
            self._last_size, self._last_seconds = len(batch), time.perf_counter() - begun
            for streams in _by_decoding(self._next_streams(), lambda one: one.question.decoding):
                self._report_size(len(streams))
                self._groups.append(StreamGroup(streams, self._stream))
            self._groups = [group for group in self._groups if group.step()]

    def _wait(self) -> bool:
        """Wait until there is something to do; false when the queue is closed and there is nothing left."""
        with self._changed:
            while not (self._waiting or self._streams or self._groups or self._closed):
                self._changed.wait()
            return bool(self._waiting or self._streams or self._groups)

    def _next_batch(self) -> list[_Waiting]:
        """The questions that wait, as many as a batch takes; there are none where only streams wait."""
        with self._changed:
            if self._waiting and not self._groups:
                self._changed.wait_for(self._are_together, self._patience * self._last_seconds)
            return [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]

    def _are_together(self) -> bool:
        return self._closed or len(self._waiting) >= min(self._last_size, _MOST)

    def _next_streams(self) -> list[ReplyStream]:
        """The streams that begin now."""
        with self._changed:
            if len(self._groups) >= _MOST_GROUPS:
                return []
            taken, self._streams = self._streams[:_MOST], self._streams[_MOST:]
        return [stream for stream in taken if not stream.closed]

    def _results(self, group: Sequence[_Waiting]) -> _Results:
        questions, futures = zip(*group, strict=True)
        try:
            return list(zip(futures, self._answer(questions), strict=True))
        except Exception as error:  # every asker is told, and the thread goes on
            return [(future, error) for future in futures]


def _deliver(results: _Results) -> None:
    for future, result in results:
        if future.cancelled():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def _by_decoding(items: Iterable[Item], decoding: Callable[[Item], DecodingConfig]) -> Iterable[list[Item]]:
    """Groups of items with the same settings."""
    groups: dict[DecodingConfig, list[Item]] = {}
    for item in items:
        groups.setdefault(decoding(item), []).append(item)
    return groups.values()
