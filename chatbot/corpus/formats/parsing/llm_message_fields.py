"""Fields of messages to and from language models: lists, senders, texts and branches, by all their names."""

from collections.abc import Mapping
from typing import Any

#: Parts that hold a text which nobody said.
_SILENT = frozenset({"thinking", "reasoning", "tool_use", "tool_result"})
#: Who a message is from: people, models, and others that do not talk.
PEOPLE = frozenset({"human", "user"})
MODELS = frozenset({"assistant", "gpt", "chatgpt", "model", "bot", "ai", "bing", "bard"})
OTHERS = frozenset({"system", "developer", "tool", "function", "function_call", "observation", "ipython"})

#: What data sets call the list of the messages of a conversation, and the text of a message.
LISTS = ("messages", "conversations", "conversation", "contents", "items")
_TEXTS = ("content", "value", "text", "parts")


def said(message: dict[str, Any]) -> str:
    """The text of a message, under any of its names; empty where there is none."""
    return next((text for name in _TEXTS if (text := text_of(message.get(name))).strip()), "")


def text_of(content: object) -> str:
    """The text of a content that is a string, a part, or a list of both; nothing where there is none."""
    if isinstance(content, list):
        return " ".join(filter(None, map(_text_of_part, content)))
    return _text_of_part(content)


def _text_of_part(part: object) -> str:
    """Of `"hi"`, `{"type": "text", "text": "hi"}` and `{"text": {"value": "hi"}}` the text."""
    if isinstance(part, dict):
        part = "" if part.get("type") in _SILENT else part.get("text")
        part = part.get("value") if isinstance(part, dict) else part
    return part if isinstance(part, str) else ""


def branch(last: Any, parents: Mapping[str, Any]) -> list[str]:
    """The way from the root of a tree to one of its nodes.

    Args:
        last: The node where the branch ends; another value than a node is no way.
        parents: The node above each; the root's is none of the nodes. A circle ends the way.
    """
    way: dict[str, None] = {}
    while isinstance(last, str) and last in parents and last not in way:
        way[last] = None
        last = parents[last]
    return list(reversed(way))
