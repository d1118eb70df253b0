"""Requests that are broken in many ways, as bytes, with the status that each gets; for `serve.py` and for a test."""

import contextlib
import socket

_CHAT = b'{"messages": [{"role": "user", "content": "hello"}]}'
_HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
_JSON = b"Content-Type: application/json\r\n"


def _request(body: bytes) -> bytes:
    return _HEAD + _JSON + b"Content-Length: %d\r\n\r\n" % len(body) + body


#: A request that is not broken.
WHOLE = _request(_CHAT)
#: Requests, and the status of each; None where nobody is there to be told.
BROKEN: list[tuple[bytes, int | None]] = [
    (_request(b"{"), 400),
    (_request(b"[]"), 400),
    (_request(b"\xff\xfe"), 400),
    (_request(b'{"messages": 3}'), 400),
    (_request(b'{"messages": [{"role": "user", "content": {}}]}'), 400),
    (_request(_CHAT[:-1] + b', "n": "x"}'), 400),
    (_request(_CHAT[:-1] + b', "stream": "yes"}'), 400),
    (_request(_CHAT[:-1] + b', "model": "x"}'), 404),
    (_request(b"[" * 100_000), 400),
    (_request(b" " * 10_000_000), 413),
    (_HEAD + _JSON + b'Content-Length: 100\r\n\r\n{"messages": [', None),
    (_HEAD + _JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (_HEAD + b"Content-Length: 2\r\n\r\n{}", 415),
    (_HEAD.replace(b"POST", b"PUT") + b"\r\n", 405),
    (_HEAD.replace(b"completions", b"nothing") + b"\r\n", 404),
    (b"\x16\x03\x01 no HTTP at all\r\n\r\n", 400),
]
#: Beginnings of requests whose clients then send nothing more; each gets 408.
SLOW = [b"POST", _HEAD, _HEAD + _JSON + b'Content-Length: 100\r\n\r\n{"messages": [']


def ask(url: str, request: bytes, whole: bool = True) -> int | None:
    """Send bytes.

    Args:
        url: Of the server.
        request: The bytes.
        whole: Whether the request has an end; else the client says that no more comes.

    Returns:
        The status of the answer; None where there is none.
    """
    with begin(url, request) as connection:
        if not whole:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        return status_of(connection)


def begin(url: str, request: bytes) -> socket.socket:
    """Send bytes, and leave the connection open.

    Args:
        url: Of the server.
        request: The bytes.

    Returns:
        The connection.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    with contextlib.suppress(OSError):  # the server need not listen to the end
        connection.sendall(request)
    return connection


def status_of(connection: socket.socket) -> int | None:
    """The status of the answer on a connection; None where there is none.

    Args:
        connection: From `begin`.
    """
    answer = connection.recv(1000)
    return int(answer.split(b" ", 2)[1]) if answer else None
