"""Answers in the forms of the API: one JSON object, or a stream of events."""

import json
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chatbot.bot.reply_object import Reply
from chatbot.cli.server.batch_queue import Answered
from chatbot.cli.server.completion_request import CompletionRequest

#: What a streamed reply is sent in: a word with the space before it; a long run without spaces in parts.
_PIECE = re.compile(r"\s*\S{1,16}|\s+")
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
        id: A name for the answer.
        created: Seconds since 1970.
    """

    request: CompletionRequest
    model: str
    replies: Sequence[Reply]
    prompt_tokens: int
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def to_json(self) -> dict[str, Any]:
        """The whole answer as one object."""
        return {**self._head("chat.completion"), "choices": list(self._choices()), "usage": self._usage()}

    def events(self) -> Iterator[bytes]:
        """The events of a stream, the one that ends it last."""
        for index, reply in enumerate(self.replies):
            yield self._event(index, {"role": "assistant", "content": ""})
            for piece in _PIECE.findall(self._text(reply)):
                yield self._event(index, {"content": piece})
            yield self._event(index, {}, self._end(reply))
        if self.request.include_usage:
            yield event({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()})
        yield b"data: [DONE]\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _choices(self) -> Iterator[dict[str, Any]]:
        for index, reply in enumerate(self.replies):
            message = {"role": "assistant", "content": self._text(reply), "refusal": None}
            logprobs = {"content": _token_entries(reply), "refusal": None} if self.request.logprobs else None
            yield {"index": index, "message": message, "logprobs": logprobs, **self._end(reply)}

    def _event(self, index: int, delta: dict[str, Any], end: dict[str, Any] | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, **(end or {"finish_reason": None})}
        usage = {"usage": None} if self.request.include_usage else {}
        return event({**self._head("chat.completion.chunk"), "choices": [choice], **usage})

    def _text(self, reply: Reply) -> str:
        return cut_before(reply.text, self.request.stop)

    def _end(self, reply: Reply) -> dict[str, Any]:
        """The reason why a choice ended, and how sure the bot is of it."""
        cut = reply.truncated and self._text(reply) == reply.text
        offered = [suggestion.to_json() for suggestion in reply.suggestions]
        suggestions = {"suggestions": offered} if offered else {}
        return {
            "finish_reason": "length" if cut else "stop",
            "confidence": reply.confidence,
            "fallback": reply.fallback,
            "prompt_truncated": reply.prompt_truncated,
            **suggestions,
        }

    def _usage(self) -> dict[str, int]:
        said = sum(len(reply.tokens) for reply in self.replies)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": said,
            "total_tokens": self.prompt_tokens + said,
        }


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


def event(value: Any) -> bytes:
    """A value as one event of a stream."""
    return b"data: " + to_bytes(value) + b"\n\n"


def cut_before(text: str, stops: Sequence[str]) -> str:
    """The part of a text before the first of some others.

    Args:
        text: The text.
        stops: The others; none of them is empty.
    """
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def _token_entries(reply: Reply) -> list[dict[str, Any]]:
    """The tokens of a reply with their log-probabilities, as the API has them; a fallback has none."""
    entries = []
    for piece, log_probability in zip(reply.tokens, reply.log_probabilities, strict=False):
        byte = _BYTE.fullmatch(piece)
        text = piece.replace(_SPACE, " ")
        content = [int(byte[1], 16)] if byte else list(text.encode())
        entries.append({"token": text, "logprob": float(log_probability), "bytes": content, "top_logprobs": []})
    return entries
