"""The messages of a request: the prompt, and the turns before it."""

from collections.abc import Sequence
from typing import Any

from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.request_fields import Neutral, refuse_unknown
from chatbot.text import excerpt

#: Roles whose messages are no turns: this bot follows no instructions.
_INSTRUCTIONS = ("system", "developer")
_TURNS = ("user", "assistant")
#: The fields of a message, and those of what this bot cannot do, of which its own answers have some, empty.
_KNOWN = ("role", "content")
_NEUTRAL: Neutral = {
    "name": (),
    "refusal": (),
    "tool_calls": ([],),
    "function_call": (),
    "annotations": ([],),
    "audio": (),
}


def read_messages(messages: Sequence[Any], max_turns: int) -> tuple[str, tuple[str, ...]]:
    """Read the prompt and the turns before it.

    Args:
        messages: As they came, the oldest first.
        max_turns: How many there may be.

    Returns:
        The last message, which is the user's, and the texts of those before it.

    Raises:
        ApiError: A message is of another form, there are too many, or the last one is not the user's.
    """
    if not messages:
        raise ApiError(
            400, "messages must be a list with at least one message", "messages", "missing_required_parameter"
        )
    if len(messages) > max_turns:
        raise ApiError(
            400, f"messages has {len(messages):,}, and {max_turns:,} are allowed", "messages", "too_many_messages"
        )
    turns = [turn for place, message in enumerate(messages) if (turn := _read(message, f"messages[{place}]"))]
    if not turns or turns[-1][0] != "user":
        raise ApiError(400, "the last message must be one of the role user", "messages", "invalid_value")
    return turns[-1][1], tuple(text for _, text in turns[:-1])


def _read(message: Any, where: str) -> tuple[str, str] | None:
    """The role and the text of a message; None of an instruction.

    Raises:
        ApiError: It is no message, or of a role that this bot knows nothing of.
    """
    if not isinstance(message, dict):
        raise ApiError(400, f"{where} must be an object", where, "invalid_type")
    role = message.get("role")
    if role not in (*_INSTRUCTIONS, *_TURNS):
        named = excerpt(role) if isinstance(role, str) else "missing"
        raise ApiError(
            400, f"{where}.role must be system, user or assistant; it is {named}", f"{where}.role", "invalid_value"
        )
    refuse_unknown(message, _KNOWN, _NEUTRAL, f"{where}.")
    text = _read_content(message.get("content"), f"{where}.content")
    return None if role in _INSTRUCTIONS else (role, text)


def _read_content(content: Any, where: str) -> str:
    """The text of a message, which is one text or a list of parts.

    Raises:
        ApiError: It is neither, or a part is no text.
    """
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        raise ApiError(400, f"{where} must be a text, or a list of parts with one", where, "invalid_type")
    for place, part in enumerate(content):
        if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
            raise ApiError(400, "only parts of the type text are supported", f"{where}[{place}]", "unsupported_value")
        refuse_unknown(part, ("type", "text"), {}, f"{where}[{place}].")
    return " ".join(part["text"] for part in content)
