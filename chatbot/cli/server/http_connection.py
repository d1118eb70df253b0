"""A connection of a client, with bounds on the time and the size of what comes before the body of a request."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.completion_response import to_bytes

#: Bytes of the request line and the headers, in parts that arrive apart.
_MOST_HEAD = 1 << 16


class BoundedConnection(HttpToolsProtocol):
    """Uvicorn's own, which would wait for ever.

    Attributes:
        seconds: For the request line and the headers to arrive, from the start of the connection or from their
            first byte on.
    """

    seconds: float

    _timer: asyncio.TimerHandle | None = None
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._timer is not None:
            self._size += len(data)
        super().data_received(data)
        if self._timer is not None and self._size > _MOST_HEAD:
            self._refuse(ApiError(431, "the headers are too large", code="headers_too_large"))

    def on_message_begin(self) -> None:
        """See `httptools`: the first byte of a request is there."""
        self._expect()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """See `httptools`."""
        self._stop()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form of the API.

        Args:
            msg: What is wrong with it.
        """
        self._refuse(ApiError(400, msg, code="invalid_http"))

    def _expect(self) -> None:
        if self._timer is None:
            self._size = 0
            late = ApiError(408, "the request did not arrive in time", code="timeout")
            self._timer = self.loop.call_later(self.seconds, self._refuse, late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, error: ApiError) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        body = to_bytes(error.to_json())
        head = f"HTTP/1.1 {error.status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


def bounded_connection(seconds: float) -> type[BoundedConnection]:
    """The class of connections with a bound.

    Args:
        seconds: See `BoundedConnection`.
    """
    return type("BoundedConnectionOfServer", (BoundedConnection,), {"seconds": seconds})
