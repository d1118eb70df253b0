"""Errors of the API, in the form that clients of OpenAI's API know."""

from collections.abc import Mapping
from typing import Any

#: Kinds of errors, as the API names them.
INVALID_REQUEST, SERVER_ERROR, RATE_LIMIT = "invalid_request_error", "server_error", "rate_limit_error"


class ApiError(Exception):
    """A request that gets an error for its answer.

    Attributes:
        status: The HTTP status.
        message: A sentence for the person who wrote the client.
        param: The field that is at fault, if one is.
        code: A word for programs.
        kind: One of `INVALID_REQUEST`, `SERVER_ERROR` and `RATE_LIMIT`.
        headers: Of the response.
    """

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        kind: str = INVALID_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take what the client is told; see the attributes.

        Args:
            status: The HTTP status.
            message: What is wrong and what to do.
            param: The field.
            code: A word for programs.
            kind: Of the error.
            headers: Of the response.
        """
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code
        self.kind, self.headers = kind, headers or {}

    def to_json(self) -> dict[str, Any]:
        """The body of the response."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def overloaded(message: str, seconds: int = 1) -> ApiError:
    """The error of a server that has too much to do.

    Args:
        message: What there is too much of.
        seconds: After which the client may try again.
    """
    return ApiError(503, message, code="overloaded", kind=SERVER_ERROR, headers={"Retry-After": str(seconds)})
