"""A queue of prompts that wait for a bot, answered together as one batch."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chatbot.bot.reply_object import Reply
from chatbot.config import DecodingConfig

#: Prompts that one batch takes: enough for all cores; more would only let the first of them wait for the last.
_MOST = 256


class Question(NamedTuple):
    """A prompt to be answered.

    Attributes:
        prompt: The prompt.
        context: The turns before it, the oldest first.
        decoding: The choice of the reply. Questions of a batch with the same settings are searched together.
    """

    prompt: str
    context: tuple[str, ...]
    decoding: DecodingConfig


class Answered(NamedTuple):
    """The answer to a question.

    Attributes:
        reply: The reply, with its confidence computed.
        prompt_tokens: Tokens of the prompt that the bot read.
    """

    reply: Reply
    prompt_tokens: int


#: Answers questions, in their order.
Answering = Callable[[Sequence[Question]], Sequence[Answered]]
_Waiting = tuple[Question, "asyncio.Future[Answered]"]
_Results = Sequence[tuple["asyncio.Future[Answered]", Answered | Exception]]


class BatchQueue:
    """Takes questions from an event loop, and answers those that wait, as one batch, in a thread of its own."""

    def __init__(self, answer: Answering, report_size: Callable[[int], None]) -> None:
        """Start the thread.

        Args:
            answer: Called in the thread, with questions that have the same settings.
            report_size: Called in the thread with the number of the questions of each batch.
        """
        self._answer, self._report_size = answer, report_size
        self._waiting: deque[_Waiting] = deque()
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

    def close(self) -> None:
        """End the thread once what waits is answered."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next_batch():
            by_decoding: dict[DecodingConfig, list[_Waiting]] = {}
            for question, future in batch:
                if not future.cancelled():
                    by_decoding.setdefault(question.decoding, []).append((question, future))
            for group in by_decoding.values():
                self._report_size(len(group))
                results = self._results(group)
                group[0][1].get_loop().call_soon_threadsafe(_deliver, results)

    def _next_batch(self) -> list[_Waiting]:
        """The questions that wait, as many as a batch takes; none when the queue is closed."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]

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
