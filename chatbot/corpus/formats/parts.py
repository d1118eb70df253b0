"""The texts of messages that consist of parts, as in the APIs and exports of language models."""

#: Parts that hold a text which nobody said.
_SILENT = frozenset({"thinking", "reasoning", "tool_use", "tool_result"})
#: Who a message is from: people, models, and others that do not talk.
PEOPLE = frozenset({"human", "user"})
MODELS = frozenset({"assistant", "gpt", "chatgpt", "model", "bot", "ai", "bing", "bard"})
OTHERS = frozenset({"system", "developer", "tool", "function", "function_call", "observation", "ipython"})


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
