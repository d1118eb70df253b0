"""Answers as streams of events of the API."""

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from chatbot.cli.server.answering.reply_stream import Answered, News
from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.completion_request import CompletionRequest
from chatbot.cli.server.completion_response import ending, head, to_bytes, usage

#: The status that the metrics have for a stream whose client went away, as those of proxies do.
CLIENT_GONE = 499
#: What a whole reply is sent in: a word with the space before it; a long run without spaces in parts.
_PIECE = re.compile(r"\s*\S{1,16}|\s+")


async def pieces_of(answer: Answered) -> AsyncIterator[News]:
    """The news of an answer that is whole from the start.

    Args:
        answer: The answer.
    """
    for piece in _PIECE.findall(answer.reply.text):
        yield piece
    yield answer


async def stream_events(
    request: CompletionRequest,
    model: str,
    choices: Sequence[AsyncIterable[News]],
    told: Callable[[Sequence[Answered]], None],
) -> AsyncIterator[bytes]:
    """The events of an answer, the one that ends it last.

    Args:
        request: The request.
        model: Name of the bot.
        choices: The news of each choice.
        told: Called with the answers once they are whole, before the last event.

    Yields:
        An event each.
    """
    events = _Events(request, model)
    answers: list[Answered] = []
    for index, news in enumerate(choices):
        yield events.choice(index, {"role": "assistant", "content": ""})
        said = StopTexts(request.stop)
        async for one in news:
            piece = said.add(one) if isinstance(one, str) else said.finish()
            if piece:
                yield events.choice(index, {"content": piece})
            if isinstance(one, Answered):
                answers.append(one)
                yield events.choice(index, {}, ending(one.reply, said.text))
    told(answers)
    if request.include_usage:
        yield events.usage(answers)
    yield b"data: [DONE]\n\n"


class _Events:
    """Events that belong to one answer."""

    def __init__(self, request: CompletionRequest, model: str) -> None:
        self._head = head("chat.completion.chunk", model)
        self._rest = {"usage": None} if request.include_usage else {}

    def choice(self, index: int, delta: dict[str, Any], end: dict[str, Any] | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, **(end or {"finish_reason": None})}
        return _event({**self._head, "choices": [choice], **self._rest})

    def usage(self, answers: Sequence[Answered]) -> bytes:
        counts = usage([answer.reply for answer in answers], answers[0].prompt_tokens)
        return _event({**self._head, "choices": [], "usage": counts})


def _event(value: Any) -> bytes:
    return b"data: " + to_bytes(value) + b"\n\n"


class StopTexts:
    """A text that grows piece by piece, and ends before the first of some others.

    Attributes:
        text: What was told of it so far.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        """Begin with no text.

        Args:
            stops: The others; none of them is empty.
        """
        self.text, self._held, self._stops, self._met = "", "", stops, False

    def add(self, piece: str) -> str:
        """Add a piece.

        Args:
            piece: The piece.

        Returns:
            What can be told now: the end is held back as long as it may be the start of a stop text.
        """
        if self._met:
            return ""
        held = self._held + piece
        found = min((place for stop in self._stops if (place := held.find(stop)) >= 0), default=None)
        self._met = found is not None
        return self._tell(held, _begun(held, self._stops) if found is None else found)

    def finish(self) -> str:
        """End the text.

        Returns:
            What was held back, and is no stop text.
        """
        return "" if self._met else self._tell(self._held, len(self._held))

    def _tell(self, held: str, end: int) -> str:
        told, self._held = held[:end], held[end:]
        self.text += told
        return told


def _begun(text: str, stops: Sequence[str]) -> int:
    """The place in a text from which on a stop text may have begun; its length where none has."""
    most = min(len(text), max(map(len, stops), default=0))
    begins = (len(text) - size for size in range(most, 0, -1))
    return next((place for place in begins if any(stop.startswith(text[place:]) for stop in stops)), len(text))


class EventStream(StreamingResponse):
    """A response that sends events as they come."""

    def __init__(
        self,
        events: AsyncIterator[bytes],
        headers: dict[str, str],
        patience: float,
        fail: Callable[[Exception], ApiError],
    ) -> None:
        """Send nothing yet.

        Args:
            events: The events.
            headers: Of the response.
            patience: Seconds that a client may take to take an event.
            fail: Tells of what went wrong in the middle, and gives the error for the client.
        """
        super().__init__(self._watch(events), headers=headers, media_type="text/event-stream")
        self._patience, self._fail, self._outcome = patience, fail, CLIENT_GONE
        #: Called once all is over, with an HTTP status for the metrics.
        self.on_end: Callable[[int], None] = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, unless the client goes away or does not take them; see the specification of ASGI."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(self._patience):
                await send(message)

        try:
            await super().__call__(scope, receive, send_soon)
        except TimeoutError:
            pass  # and the server closes the connection, as the response is not whole
        finally:
            self.on_end(self._outcome)

    async def _watch(self, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for event in events:
                yield event
            self._outcome = 200
        except Exception as error:
            yield _event(self._fail(error).to_json())
            self._outcome = 500
