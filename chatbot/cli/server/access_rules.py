"""Rules for who may ask: the token, the sites, the names of this computer, and a rate for each address."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from chatbot.cli.server.api_error import RATE_LIMIT, ApiError
from chatbot.cli.server.error_response import error_response

#: Paths that anyone may read: they tell nothing of what people say.
_PUBLIC = {"/", "/widget.js", "/health"}
#: Names of this computer that no other site can have.
_OWN_NAMES = {"localhost", "127.0.0.1", "::1"}
#: Addresses of which the rate is remembered.
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True)
class Access:
    """The rules.

    Attributes:
        token: What a client has to send; None for nothing.
        origins: Other sites whose pages may ask.
        own_names_only: Whether the name that a client asks for must be one of this computer, so that no site can
            pass its own name off as that of 127.0.0.1 (DNS rebinding).
        rate: Requests a minute of one address; None for no limit.
    """

    token: str | None
    origins: Collection[str]
    own_names_only: bool
    rate: int | None


class AccessRules:
    """Lets those requests through to an application that the rules allow."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        """Take the rules.

        Args:
            app: Answers the requests that are allowed.
            access: The rules.
        """
        self._app, self._access = app, access
        self._rates = None if access.rate is None else RateLimit(access.rate)
        self._hosts = {*_OWN_NAMES, *(urlsplit(origin).hostname for origin in access.origins)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it; see the specification of ASGI."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except ApiError as error:
                await error_response(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Check one request.

        Raises:
            ApiError: The rules forbid it.
        """
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._access.own_names_only and _name_of(host) not in self._hosts:
            raise ApiError(403, "this server answers to localhost and 127.0.0.1 only", code="host_not_allowed")
        origin = headers.get("origin")
        if origin is not None and origin not in self._access.origins and urlsplit(origin).netloc != host:
            raise ApiError(
                403, "this site is not allowed; start the server with --allow-origin", code="origin_not_allowed"
            )
        if scope["path"] in _PUBLIC:
            return
        client = scope.get("client")
        if self._rates is not None and (wait := self._rates.take(client[0] if client else "")) > 0:
            seconds = {"Retry-After": str(int(wait) + 1)}
            raise ApiError(429, "too many requests", code="rate_limit_exceeded", kind=RATE_LIMIT, headers=seconds)
        if self._access.token is not None:
            self._check_token(headers.get("authorization", ""), self._access.token)

    def _check_token(self, sent: str, token: str) -> None:
        kind, _, value = sent.partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(value.strip().encode(), token.encode()):
            message = "wrong token" if sent else "a token is needed: send the header Authorization: Bearer TOKEN"
            raise ApiError(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})


class RateLimit:
    """A token bucket for each address: a minute's requests at once, and their rate from then on."""

    def __init__(self, rate: int) -> None:
        """Remember no address yet.

        Args:
            rate: Requests a minute.
        """
        self._rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """Count a request.

        Args:
            address: Of the client.

        Returns:
            Seconds until the next one is allowed; 0 where this one is.
        """
        now = time.monotonic()
        left, then = self._buckets.pop(address, (float(self._rate), now))
        left = min(self._rate, left + (now - then) * self._rate / 60)
        allowed = left >= 1
        self._buckets[address] = (left - allowed, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) * 60 / self._rate


def _name_of(host: str) -> str | None:
    """The name in a `Host` header, without the port; None of one that is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
