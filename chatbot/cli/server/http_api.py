"""The HTTP interface: its routes, and the way of a request from its bytes to its answer."""

import asyncio
import functools
import time
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatbot import __version__
from chatbot.bot.arguments import turns_read
from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.cli.output.crash_report import describe
from chatbot.cli.output.exit_codes_and_messages import print_warning
from chatbot.cli.server.answering.reply_stream import Answered, News, Question, ReplyStream
from chatbot.cli.server.answering.served_bot import ServedBot
from chatbot.cli.server.api_error import SERVER_ERROR, ApiError, overloaded
from chatbot.cli.server.chat_page import build_page, build_widget
from chatbot.cli.server.completion_events import EventStream, pieces_of, stream_events
from chatbot.cli.server.completion_request import CompletionRequest, parse_completion
from chatbot.cli.server.completion_response import complete, to_bytes
from chatbot.cli.server.error_response import error_response
from chatbot.cli.server.request_body import read_body
from chatbot.cli.server.server_metrics import MEDIA_TYPE, ServerMetrics
from chatbot.cli.server.server_options import ServerOptions
from chatbot.config import DecodingConfig
from chatbot.errors import ChatbotError, ConfigError
from chatbot.text import excerpt

#: Kept from caches: answers are nobody else's, and events must not be held back.
_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_EVENTS = {**_PRIVATE, "X-Accel-Buffering": "no"}


@dataclass(frozen=True)
class HttpApi:
    """The routes, and all that they share.

    Attributes:
        bots: By their names, the default first.
        options: The limits.
        decoding: The settings where a request has none.
        metrics: Count what is answered.
        record: Told of every reply.
    """

    bots: Mapping[str, ServedBot]
    options: ServerOptions
    decoding: DecodingConfig
    metrics: ServerMetrics
    record: Callable[[ChatTurn], None] | None = None

    def app(self) -> Starlette:
        """The application for a server of ASGI."""
        counter = _Completions(self)
        page, widget = build_page(self.options.allow_origin), build_widget()
        routes = [
            Route("/", lambda _: page),
            Route("/widget.js", lambda _: widget),
            Route("/v1/chat/completions", counter.answer, methods=["POST"]),
            Route("/v1/models", self._models, methods=["GET"]),
            Route("/v1/models/{name:path}", self._model, methods=["GET"]),
            Route("/health", self._health, methods=["GET"]),
            Route("/metrics", lambda _: Response(self.metrics.render(counter.under_way), media_type=MEDIA_TYPE)),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _refuse, ApiError: _refuse})

    def find(self, name: str | None) -> ServedBot:
        """The bot of a name.

        Args:
            name: As a client asks; None for the first.

        Raises:
            ApiError: There is none.
        """
        if name is None:
            return next(iter(self.bots.values()))
        if name not in self.bots:
            known = ", ".join(self.bots)
            raise ApiError(404, f"there is no model {excerpt(name)}; there is {known}", "model", "model_not_found")
        return self.bots[name]

    async def _models(self, _: Request) -> Response:
        return _json({"object": "list", "data": [bot.to_json() for bot in self.bots.values()]})

    async def _model(self, request: Request) -> Response:
        return _json(self.find(request.path_params["name"]).to_json())

    async def _health(self, _: Request) -> Response:
        return _json({"status": "ok", "version": __version__, "models": [*self.bots]})


class _Completions:
    """The route of completions.

    Attributes:
        under_way: Requests that are being answered.
    """

    def __init__(self, api: HttpApi) -> None:
        self._api = api
        self.under_way = 0

    async def answer(self, http: Request) -> Response:
        """Answer a request, and count it whatever comes of it."""
        call = _Call(self._api)
        try:
            if self.under_way >= self._api.options.max_requests:
                raise overloaded("too many requests are under way; try again")
            self.under_way += 1
            response = None
            try:
                response = await call.respond(http)
            finally:
                if not isinstance(response, EventStream):
                    self.under_way -= 1
        except ApiError as error:
            response = error_response(error)
        except Exception as error:  # a fault of this server, of which the client need know no more
            response = error_response(_fault(error))
        if isinstance(response, EventStream):
            response.on_end = functools.partial(self._end, call)
        else:
            call.count(response.status_code)
        return response

    def _end(self, call: "_Call", status: int) -> None:
        """Count a stream that is over."""
        self.under_way -= 1
        call.close()
        call.count(status)


class _Call:
    """The way of one request."""

    def __init__(self, api: HttpApi) -> None:
        self._api, self._started, self._model = api, time.perf_counter(), ""
        self._streams: list[ReplyStream] = []

    async def respond(self, http: Request) -> Response:
        """The answer to the request.

        Raises:
            ApiError: It is refused.
        """
        options = self._api.options
        body = await read_body(http, options.max_body, options.read_timeout)
        request = parse_completion(body, self._api.decoding, options.max_turns)
        bot = self._api.find(request.model)
        self._model = bot.name
        questions = [Question(request.prompt, request.context, decoding) for decoding in request.searches()]
        try:
            if request.stream and len(questions) == request.choices and bot.grows(request.decoding):
                return self._stream(request, bot, await self._begin(bot, questions))
            answers = await asyncio.gather(*map(bot.queue.ask, questions))
        except ConfigError as error:  # the settings that a client asked for, on this bot
            raise ApiError(400, str(error), code="invalid_value") from None
        completion = complete(request, bot.name, answers)
        if request.stream:
            whole = [Answered(reply, completion.prompt_tokens) for reply in completion.replies]
            return self._stream(request, bot, [pieces_of(answer) for answer in whole])
        self._tell(request, bot, completion.replies)
        return _json(completion.to_json())

    def close(self) -> None:
        """Let go of the replies that nobody waits for any more."""
        for stream in self._streams:
            stream.close()

    def count(self, status: int) -> None:
        """Count the request."""
        self._api.metrics.count_request(self._model, status, time.perf_counter() - self._started)

    async def _begin(self, bot: ServedBot, questions: Sequence[Question]) -> Sequence[ReplyStream]:
        """The streams of all choices, each with its first piece; when one is refused, none goes on."""
        begun = await asyncio.gather(*map(bot.queue.stream, questions), return_exceptions=True)
        self._streams = [stream for stream in begun if isinstance(stream, ReplyStream)]
        for error in begun:
            if isinstance(error, BaseException):
                self.close()
                raise error
        return self._streams

    def _stream(self, request: CompletionRequest, bot: ServedBot, choices: Sequence[AsyncIterable[News]]) -> Response:
        def tell(answers: Sequence[Answered]) -> None:
            self._tell(request, bot, [answer.reply for answer in answers])

        events = stream_events(request, bot.name, choices, tell)
        return EventStream(events, _EVENTS, self._api.options.read_timeout, _fault)

    def _tell(self, request: CompletionRequest, bot: ServedBot, replies: Sequence[Reply]) -> None:
        """Count the replies, and record the first."""
        self._api.metrics.count_replies(bot.name, replies)
        if self._api.record is not None:
            now, read = datetime.now(UTC), turns_read(request.context, bot.loaded.bot.context_turns)
            self._api.record(
                ChatTurn(now, bot.loaded, request.prompt, read, replies[0], request.decoding, user=request.user)
            )


def _fault(error: Exception) -> ApiError:
    """Tell the owner of what went wrong, and the client that something did."""
    print_warning(str(error) if isinstance(error, ChatbotError) else describe(error))
    return ApiError(500, "the server cannot answer this", code="internal_error", kind=SERVER_ERROR)


def _json(value: object) -> Response:
    return Response(to_bytes(value), headers=_PRIVATE, media_type="application/json")


async def _refuse(_: Request, error: Exception) -> Response:
    """The response to a request for what there is not, in the form of the API."""
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code)
        error = ApiError(error.status_code, str(error.detail), code=code, headers=error.headers)
    assert isinstance(error, ApiError)
    return error_response(error)
