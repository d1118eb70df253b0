"""The fields of a request for chat completions, by what the server does with them, and their types."""

from collections.abc import Collection, Mapping
from typing import Any

from chatbot.cli.server.api_error import ApiError
from chatbot.text import excerpt, nearest_name

#: A field that asks for what the server cannot do, by the values that ask for nothing of it.
Neutral = Mapping[str, tuple[Any, ...]]

#: Fields that the server follows.
KNOWN = (
    *("model", "messages", "stream", "stream_options", "n", "stop", "seed", "logprobs", "user", "safety_identifier"),
    *("max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "min_p"),
)
NEUTRAL: Neutral = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "top_logprobs": (0,),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "store": (False,),
    "metadata": ({},),
    "service_tier": ("auto", "default"),
    "prompt_cache_key": (),
    "audio": (),
    "prediction": (),
    "reasoning_effort": ("none",),
    "verbosity": ("medium",),
    "web_search_options": (),
}
STREAM_OPTIONS, NEUTRAL_STREAM_OPTIONS = ("include_usage",), {"include_obfuscation": (False,)}


def refuse_unknown(values: Mapping[str, Any], known: Collection[str], neutral: Neutral, where: str = "") -> None:
    """Refuse fields that nobody knows, and those of what the server cannot do unless they ask for nothing.

    Args:
        values: The fields of an object; one that is null is one that is left out.
        known: Those that the server follows.
        neutral: Those of what it cannot do.
        where: The path to the object, with a dot at its end; empty for the request itself.

    Raises:
        ApiError: There is such a field.
    """
    for name, value in values.items():
        if name in known or value is None:
            continue
        path = f"{where}{excerpt(name)}"
        if name not in neutral:
            near = nearest_name(name, [*known, *neutral])
            meant = f"; did you mean {near}?" if near else ""
            raise ApiError(400, f"no field is called {path}{meant}", path, "unknown_parameter")
        # A number is no switch, though Python takes 0 for False.
        if not any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in neutral[name]):
            raise ApiError(400, f"{path} is not supported; leave it out", path, "unsupported_parameter")


class Fields:
    """The fields of a request with a check of their types; a field that is null is one that is left out.

    Attributes:
        values: The fields as they came.
    """

    def __init__(self, values: Mapping[str, Any], where: str = "") -> None:
        """Take the fields.

        Args:
            values: By name.
            where: See `refuse_unknown`.
        """
        self.values, self._where = values, where

    def text(self, name: str) -> str | None:
        """The field of a name that is a text; None if it is missing."""
        return self._typed(name, str, "a text")  # type: ignore[no-any-return]  # a str, which was checked

    def flag(self, name: str) -> bool:
        """The field of a name that is true or false; False if it is missing."""
        return bool(self._typed(name, bool, "true or false"))

    def list_of(self, name: str) -> list[Any]:
        """The field of a name that is a list; an empty one if it is missing."""
        return self._typed(name, list, "a list") or []

    def mapping(self, name: str) -> Mapping[str, Any]:
        """The field of a name that is an object; an empty one if it is missing."""
        return self._typed(name, dict, "an object") or {}

    def number_or_whole(self, name: str) -> float | None:
        """The field of a name that is a number, whole or not; None if it is missing."""
        return self._typed(name, int | float, "a number")  # type: ignore[no-any-return]  # a number, which was checked

    def whole(self, name: str, lowest: int, highest: int | None = None) -> int | None:
        """A field that is a whole number.

        Args:
            name: Of the field.
            lowest: Its smallest value.
            highest: Its largest value; None for no bound.

        Returns:
            The number; None if it is missing.

        Raises:
            ApiError: It is none, or out of range.
        """
        value: int | None = self._typed(name, int, "a whole number")
        if value is not None and (value < lowest or (highest is not None and value > highest)):
            bounds = f"{lowest:,} or more" if highest is None else f"in {lowest:,}..{highest:,}"
            raise ApiError(400, f"{self._where}{name} must be {bounds}", f"{self._where}{name}", "invalid_value")
        return value

    def _typed(self, name: str, kind: Any, words: str) -> Any:
        value = self.values.get(name)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if value is not None and wrong:
            raise ApiError(400, f"{self._where}{name} must be {words}", f"{self._where}{name}", "invalid_type")
        return value
