"""Answers as one JSON object of the API, and what the events of a stream share with it."""

import json
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.server.answering.reply_stream import Answered
from chatbot.cli.server.completion_request import CompletionRequest

#: A piece of a vocabulary that is one byte, and the mark for a space in the others.
_BYTE, _SPACE = re.compile(r"<0x([0-9A-F]{2})>"), "▁"


@dataclass(frozen=True)
class Completion:
    """The answer to a request.

    Attributes:
        request: The request.
        model: Name of the bot that answered.
        replies: The choices.
        prompt_tokens: Tokens of the prompt.
    """

    request: CompletionRequest
    model: str
    replies: Sequence[Reply]
    prompt_tokens: int

    def to_json(self) -> dict[str, Any]:
        """The whole answer as one object."""
        return {
            **head("chat.completion", self.model),
            "choices": list(self._choices()),
            "usage": usage(self.replies, self.prompt_tokens),
        }

    def _choices(self) -> Iterator[dict[str, Any]]:
        for index, reply in enumerate(self.replies):
            text = cut_before(reply.text, self.request.stop)
            message = {"role": "assistant", "content": text, "refusal": None}
            entries = _token_entries(reply, text) if self.request.logprobs else None
            logprobs = None if entries is None else {"content": entries, "refusal": None}
            yield {"index": index, "message": message, "logprobs": logprobs, **ending(reply, text)}


def head(kind: str, model: str) -> dict[str, Any]:
    """The fields that an answer begins with, with a new name for it.

    Args:
        kind: Of the object, as the API calls it.
        model: Name of the bot.
    """
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def ending(reply: Reply, text: str) -> dict[str, Any]:
    """The reason why a choice ended, and how sure the bot is of it.

    Args:
        reply: The reply.
        text: What is told of it, which may end before a stop text.
    """
    cut = reply.truncated and text == reply.text
    offered = [suggestion.to_json() for suggestion in reply.suggestions]
    suggestions = {"suggestions": offered} if offered else {}
    return {
        "finish_reason": "length" if cut else "stop",
        "confidence": reply.confidence,
        "fallback": reply.fallback,
        "prompt_truncated": reply.prompt_truncated,
        **suggestions,
    }


def usage(replies: Sequence[Reply], prompt_tokens: int) -> dict[str, int]:
    """The numbers of tokens of an answer.

    Args:
        replies: The choices.
        prompt_tokens: Tokens of the prompt.
    """
    said = sum(len(reply.tokens) for reply in replies)
    return {"prompt_tokens": prompt_tokens, "completion_tokens": said, "total_tokens": prompt_tokens + said}


def complete(request: CompletionRequest, model: str, answers: Sequence[Answered]) -> Completion:
    """The answer to a request.

    Args:
        request: The request.
        model: Name of the bot.
        answers: Of each search of the request.

    Returns:
        The answer. A beam that has found fewer replies than were asked for gives fewer choices.
    """
    replies = [answer.reply for answer in answers]
    if len(replies) < request.choices:
        replies = [replies[0], *replies[0].alternatives]
    return Completion(request, model, replies, answers[0].prompt_tokens)


def to_bytes(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def cut_before(text: str, stops: Sequence[str]) -> str:
    """The part of a text before the first of some others.

    Args:
        text: The text.
        stops: The others; none of them is empty.
    """
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def _token_entries(reply: Reply, text: str) -> list[dict[str, Any]]:
    """The tokens of a reply with their log-probabilities, as the API has them; a fallback has none.

    Args:
        reply: The reply.
        text: What is told of it; tokens behind it are left out.
    """
    entries: list[dict[str, Any]] = []
    said = b""
    for piece, log_probability in zip(reply.tokens, reply.log_probabilities, strict=False):
        if text != reply.text and len(said.decode(errors="ignore").lstrip()) >= len(text):
            break
        byte = _BYTE.fullmatch(piece)
        token = piece.replace(_SPACE, " ")
        content = bytes([int(byte[1], 16)]) if byte else token.encode()
        said += content
        entries.append({"token": token, "logprob": float(log_probability), "bytes": [*content], "top_logprobs": []})
    return entries
