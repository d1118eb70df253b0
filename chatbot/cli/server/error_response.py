"""The response to a request that is refused."""

from starlette.responses import Response

from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.completion_response import to_bytes


def error_response(error: ApiError) -> Response:
    """The response with an error.

    Args:
        error: The error.
    """
    return Response(to_bytes(error.to_json()), error.status, error.headers, "application/json")
