"""Replies that come piece by piece, from the thread that searches to those who asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import NamedTuple

from chatbot.bot.reply.reply_object import Reply
from chatbot.config import DecodingConfig


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


#: A piece of an answer, or at last the whole of it; or what went wrong.
News = str | Answered
#: Answers questions piece by piece: the news of each step, by the numbers of the questions.
Streaming = Callable[[Sequence[Question]], Iterator[Sequence[tuple[int, News]]]]


class ReplyStream:
    """A reply as it grows, for an event loop: its pieces, and then the whole answer.

    Attributes:
        question: The question.
        closed: Whether nobody waits for it any more.
    """

    def __init__(self, question: Question) -> None:
        """Begin with no news; the running event loop gets them.

        Args:
            question: The question.
        """
        self.question, self.closed = question, False
        self.loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[News | Exception] = asyncio.Queue()
        self._first: News | None = None

    async def begin(self) -> None:
        """Wait for the first news, which is the first of the iterator, too.

        Raises:
            Exception: What went wrong in the thread.
        """
        self._first = await self._next()

    async def __aiter__(self) -> AsyncIterator[News]:
        """The news until the answer is whole."""
        news = self._first
        while news is not None:
            yield news
            news = None if isinstance(news, Answered) else await self._next()

    def close(self) -> None:
        """Let go of the reply; the search for it is given up."""
        self.closed = True

    def put(self, news: News | Exception) -> None:
        """Add news; called in the event loop."""
        self._news.put_nowait(news)

    async def _next(self) -> News:
        news = await self._news.get()
        if isinstance(news, Exception):
            raise news
        return news


class StreamGroup:
    """Streams that began together and are searched together, a step at a time."""

    def __init__(self, streams: Sequence[ReplyStream], answer: Streaming) -> None:
        """Start nothing yet.

        Args:
            streams: With the same settings.
            answer: Answers their questions.
        """
        self._streams, self._answer = streams, answer
        self._steps: Iterator[Sequence[tuple[int, News]]] | None = None

    def step(self) -> bool:
        """Go one step further, and tell the streams; they are given up when nobody waits for any of them.

        Returns:
            Whether there is more to come.
        """
        if all(stream.closed for stream in self._streams):
            return False
        try:
            if self._steps is None:
                self._steps = self._answer([stream.question for stream in self._streams])
            news = next(self._steps, None)
        except Exception as error:  # every asker is told, and the thread goes on
            self._tell([(row, error) for row in range(len(self._streams))])
            return False
        if news is None:
            return False
        self._tell(news)
        return True

    def _tell(self, news: Sequence[tuple[int, News | Exception]]) -> None:
        told = [(self._streams[row], one) for row, one in news if not self._streams[row].closed]
        if told:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                told[0][0].loop.call_soon_threadsafe(_put, told)


def _put(told: Sequence[tuple[ReplyStream, News | Exception]]) -> None:
    for stream, news in told:
        stream.put(news)
