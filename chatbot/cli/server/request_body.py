"""The body of a request, read within bounds of size and of time."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from chatbot.cli.server.api_error import ApiError

#: Bytes up to which the rest of a body that is refused is read and dropped, so that its sender sees why.
_DROPPED = 1 << 26


async def read_body(request: Request, largest: int, seconds: float) -> bytes:
    """Read the body of a request that carries JSON.

    Args:
        request: The request.
        largest: Bytes of the body at most.
        seconds: For the body to arrive.

    Returns:
        The body.

    Raises:
        ApiError: It is of another type, too large or too slow, or broke off.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "the header Content-Type must be application/json", code="unsupported_media_type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError(415, "a body that is compressed is not supported", code="unsupported_media_type")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > largest:
        raise _too_large(largest, int(announced) > _DROPPED)
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > largest:
                    raise _too_large(largest, True)
                parts.append(part)
    except TimeoutError:
        close = {"Connection": "close"}
        raise ApiError(408, "the request did not arrive in time", code="timeout", headers=close) from None
    except ClientDisconnect:
        raise ApiError(400, "the request broke off", code="incomplete_body") from None
    return b"".join(parts)


def _too_large(largest: int, close: bool) -> ApiError:
    headers = {"Connection": "close"} if close else {}
    return ApiError(413, f"a request has {largest:,} bytes at most", code="request_too_large", headers=headers)
