"""A queue of prompts that wait for a bot: answered together as one batch, or piece by piece side by side."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from chatbot.cli.server.answering.reply_stream import Answered, Question, ReplyStream, StreamGroup, Streaming
from chatbot.cli.server.answering.waiting_questions import PATIENCE, Pace, Waiting, WaitingQuestions
from chatbot.config import DecodingConfig

#: Seconds after which a worker that could not start may try again.
_PAUSE = 10.0
#: Streams that begin together at most, and groups of streams that take turns; more streams wait until one is over.
_MOST, _MOST_GROUPS = 256, 4


#: Answers questions, in their order.
Answer = Callable[[Sequence[Question]], Sequence[Answered]]
Item = TypeVar("Item")
_Results = Sequence[tuple["asyncio.Future[Answered]", Answered | Exception]]


class Worker(Protocol):
    """Another process that answers; see `chatbot.cli.server.answering.worker_process.WorkerProcess`."""

    @property
    def is_running(self) -> bool:
        """Whether it answers."""

    def start(self) -> bool:
        """Start it.

        Returns:
            Whether it is ready.
        """

    def answer(self, questions: Sequence[Question]) -> Sequence[Answered] | None:
        """Answer questions with the same settings.

        Returns:
            The answer to each; None where it cannot.
        """

    def close(self) -> None:
        """End it."""


class BatchQueue:
    """Takes questions from an event loop, and answers those that wait in a thread of its own, or by workers.

    Workers are started when many questions wait, and from then on they answer. The thread goes on with streams and
    with varied replies.
    """

    def __init__(
        self,
        answer: Answer,
        stream: Streaming,
        report_size: Callable[[int], None],
        patience: float = PATIENCE,
        workers: Sequence[Worker] = (),
    ) -> None:
        """Start the threads: its own, and one for each worker.

        Args:
            answer: Called in the threads, with questions that have the same settings.
            stream: Called in its own, for answers piece by piece.
            report_size: Called in the threads with the number of the questions of each batch.
            patience: Share of the time of a batch that the next one is waited for.
            workers: They answer where many ask.
        """
        self._answer, self._stream, self._report_size = answer, stream, report_size
        self._questions = WaitingQuestions(patience)
        self._streams: list[ReplyStream] = []
        self._groups: list[StreamGroup] = []
        self._threads = [
            threading.Thread(target=self._work, name="replies", daemon=True),
            *(threading.Thread(target=self._employ, args=[one], name="worker", daemon=True) for one in workers),
        ]
        for thread in self._threads:
            thread.start()

    async def ask(self, question: Question) -> Answered:
        """Wait for the answer to a question.

        Args:
            question: The question; one whose asker is gone by its turn is dropped.

        Returns:
            The answer.
        """
        return await self._questions.ask(question)

    async def stream(self, question: Question) -> ReplyStream:
        """Wait for the first piece of the answer to a question.

        Args:
            question: The question.

        Returns:
            The stream, for its asker to close.
        """
        stream = ReplyStream(question)
        with self._questions.changed:
            self._streams.append(stream)
            self._questions.changed.notify_all()
        try:
            await stream.begin()
        except BaseException:  # the asker is gone, or the settings are refused
            stream.close()
            raise
        return stream

    def close(self) -> None:
        """End the threads once what waits is answered."""
        self._questions.close()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Answer what waits, then take each group of streams one step further, and so on."""
        pace = Pace()
        while self._wait():
            self._reply(self._questions.take_own(pace, bool(self._groups)), self._answer, pace)
            for streams in _by_decoding(self._next_streams(), lambda one: one.question.decoding):
                self._report_size(len(streams))
                self._groups.append(StreamGroup(streams, self._stream))
            self._groups = [group for group in self._groups if group.step()]

    def _wait(self) -> bool:
        """Wait until there is something to do; false when the queue is closed and there is nothing left."""
        waiting = self._questions
        with waiting.changed:
            waiting.changed.wait_for(lambda: waiting.own() or self._streams or self._groups or waiting.is_over)
            return bool(waiting.own() or self._streams or self._groups)

    def _employ(self, worker: Worker) -> None:
        """Let a worker answer from the time on that many questions wait, and again after its end."""

        def answer(questions: Sequence[Question]) -> Sequence[Answered]:
            return worker.answer(questions) or self._answer(questions)

        waiting, pace = self._questions, Pace()
        while waiting.wait_for_many():
            if not worker.start():
                waiting.pause(_PAUSE)
                continue
            with waiting.worker_ready():
                while (worker.is_running or waiting.closed) and (batch := waiting.take_share(pace)):
                    self._reply(batch, answer, pace)
            worker.close()  # one with an old bundle has it in memory still

    def _reply(self, batch: Sequence[Waiting], answer: Answer, pace: Pace) -> None:
        """Answer questions, and let their askers know."""
        begun = time.perf_counter()
        asked = [one for one in batch if not one[1].cancelled()]
        for group in _by_decoding(asked, lambda one: one[0].decoding):
            self._report_size(len(group))
            results = _results(group, answer)
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                group[0][1].get_loop().call_soon_threadsafe(_deliver, results)
        pace.size, pace.seconds = len(batch), time.perf_counter() - begun

    def _next_streams(self) -> list[ReplyStream]:
        """The streams that begin now."""
        with self._questions.changed:
            if len(self._groups) >= _MOST_GROUPS:
                return []
            taken, self._streams = self._streams[:_MOST], self._streams[_MOST:]
        return [stream for stream in taken if not stream.closed]


def _results(group: Sequence[Waiting], answer: Answer) -> _Results:
    questions, futures = zip(*group, strict=True)
    try:
        return list(zip(futures, answer(questions), strict=True))
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
