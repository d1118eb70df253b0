"""The HTTP interface: its routes, and the way of a request from its bytes to its answer."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatbot import __version__
from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.cli.output.crash_report import describe
from chatbot.cli.output.exit_codes_and_messages import print_warning
from chatbot.cli.server.api_error import SERVER_ERROR, ApiError, overloaded
from chatbot.cli.server.batch_queue import Answered, Question
from chatbot.cli.server.chat_page import build_page, build_widget
from chatbot.cli.server.completion_request import CompletionRequest, parse_completion
from chatbot.cli.server.completion_response import Completion, complete, to_bytes
from chatbot.cli.server.error_response import error_response
from chatbot.cli.server.request_body import read_body
from chatbot.cli.server.served_bot import ServedBot
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
        started, model = time.perf_counter(), ""
        try:
            if self.under_way >= self._api.options.max_requests:
                raise overloaded("too many requests are under way; try again")
            self.under_way += 1
            try:
                body = await read_body(http, self._api.options.max_body, self._api.options.read_timeout)
                request = parse_completion(body, self._api.decoding, self._api.options.max_turns)
                bot = self._api.find(request.model)
                model = bot.name
                response = _respond(await self._complete(request, bot))
            finally:
                self.under_way -= 1
        except ApiError as error:
            response = error_response(error)
        except Exception as error:  # a fault of this server, of which the client need know no more
            response = _fail(error)
        self._api.metrics.count_request(model, response.status_code, time.perf_counter() - started)
        return response

    async def _complete(self, request: CompletionRequest, bot: ServedBot) -> Completion:
        questions = [Question(request.prompt, request.context, decoding) for decoding in request.searches()]
        try:
            answers: Sequence[Answered] = (
                [await bot.queue.ask(questions[0])]
                if len(questions) == 1
                else await asyncio.gather(*map(bot.queue.ask, questions))
            )
        except ConfigError as error:  # the settings that a client asked for, on this bot
            raise ApiError(400, str(error), code="invalid_value") from None
        completion = complete(request, bot.name, answers)
        self._api.metrics.count_replies(bot.name, completion.replies)
        if self._api.record is not None:
            reply, now = answers[0].reply, datetime.now(UTC)
            self._api.record(ChatTurn(now, bot.loaded, request.prompt, request.context, reply, request.decoding))
        return completion


def _respond(completion: Completion) -> Response:
    if completion.request.stream:
        return Response(b"".join(completion.events()), headers=_EVENTS, media_type="text/event-stream")
    return _json(completion.to_json())


def _fail(error: Exception) -> Response:
    print_warning(str(error) if isinstance(error, ChatbotError) else describe(error))
    return error_response(ApiError(500, "the server cannot answer this", code="internal_error", kind=SERVER_ERROR))


def _json(value: object) -> Response:
    return Response(to_bytes(value), headers=_PRIVATE, media_type="application/json")


async def _refuse(_: Request, error: Exception) -> Response:
    """The response to a request for what there is not, in the form of the API."""
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code)
        error = ApiError(error.status_code, str(error.detail), code=code, headers=error.headers)
    assert isinstance(error, ApiError)
    return error_response(error)
