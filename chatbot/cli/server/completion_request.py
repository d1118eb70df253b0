"""A request for chat completions: its JSON read strictly, and the search that it asks for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.request_fields import (
    KNOWN,
    NEUTRAL,
    NEUTRAL_STREAM_OPTIONS,
    STREAM_OPTIONS,
    Fields,
    refuse_unknown,
)
from chatbot.cli.server.request_messages import read_messages
from chatbot.config import DecodingConfig
from chatbot.config.options import respell
from chatbot.errors import ConfigError
from chatbot.text import excerpt

#: Choices of one request, and stop texts, at most.
MOST_CHOICES, MOST_STOPS = 16, 4
#: Tokens of a reply that a client can ask for where the server names no limit.
MOST_TOKENS = 1024
_CHANCE = ("temperature", "top_p", "top_k", "min_p")
_LARGEST_SEED = 2**63 - 1
#: What searches by beam or varies replies, in its neutral form: a client that asks for chance asks for neither.
_NO_BEAM = {"beam": 1, "n_best": 1, "length_penalty": None, "diversity": 0.0, "length_bonus": 0.0, "vary": False}


@dataclass(frozen=True)
class CompletionRequest:
    """A request for chat completions.

    Attributes:
        model: Name of the bot; None for the first.
        prompt: The last message.
        context: The messages before it, of both sides, the oldest first.
        decoding: The choice of the reply.
        choices: How many replies are asked for.
        stop: Texts before which a reply ends.
        stream: Whether the reply comes as events.
        include_usage: Whether the last event has the numbers of tokens.
        logprobs: Whether the log-probabilities of the tokens are asked for.
        user: Who asks, for the transcript.
    """

    model: str | None
    prompt: str
    context: tuple[str, ...]
    decoding: DecodingConfig
    choices: int
    stop: tuple[str, ...]
    stream: bool
    include_usage: bool
    logprobs: bool
    user: str | None

    def searches(self) -> list[DecodingConfig]:
        """The settings of the searches that give the choices.

        Where chance has a part there is one search for each, with seeds that follow each other; else a beam search
        finds the best different replies.
        """
        decoding = self.decoding
        if self.choices == 1:
            return [decoding]
        if not (decoding.samples or decoding.vary):
            return [decoding.for_alternatives(self.choices)]
        if decoding.seed is None:
            return [decoding] * self.choices
        return [replace(decoding, seed=(decoding.seed + place) % _LARGEST_SEED) for place in range(self.choices)]


def parse_completion(body: bytes, decoding: DecodingConfig, max_turns: int) -> CompletionRequest:
    """Read a request.

    Args:
        body: Its JSON.
        decoding: The server's settings, where the request has none.
        max_turns: Messages at most.

    Returns:
        The request.

    Raises:
        ApiError: It is no such request, or asks for what the server cannot do.
    """
    fields = Fields(_parse_json(body))
    refuse_unknown(fields.values, KNOWN, NEUTRAL)
    prompt, context = read_messages(fields.list_of("messages"), max_turns)
    stream = fields.flag("stream")
    include_usage = _read_stream_options(fields.mapping("stream_options"))
    if include_usage and not stream:
        raise ApiError(400, "stream_options needs stream: true", "stream_options", "invalid_value")
    logprobs = fields.flag("logprobs")
    if logprobs and stream:
        raise ApiError(400, "logprobs are given without stream only", "logprobs", "unsupported_value")
    return CompletionRequest(
        model=fields.text("model"),
        prompt=prompt,
        context=context,
        decoding=_choose_decoding(decoding, fields),
        choices=fields.whole("n", 1, MOST_CHOICES) or 1,
        stop=_read_stop(fields.values.get("stop")),
        stream=stream,
        include_usage=include_usage,
        logprobs=logprobs,
        user=fields.text("user") or fields.text("safety_identifier"),
    )


def _parse_json(body: bytes) -> Mapping[str, Any]:
    try:
        values = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ApiError(400, f"the body is not JSON: {excerpt(str(error), 100)}", code="invalid_json") from None
    if not isinstance(values, dict):
        raise ApiError(400, "the body must be a JSON object", code="invalid_json")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)  # `json.loads` would make one for each request


def _choose_decoding(decoding: DecodingConfig, fields: Fields) -> DecodingConfig:
    """The settings of the server with those of the request.

    Raises:
        ApiError: They are out of range, or contradict each other.
    """
    chance = {name: value for name in _CHANCE if (value := fields.number_or_whole(name)) is not None}
    if chance.get("top_p") == 1:  # which leaves every token in, as clients send it without a thought
        del chance["top_p"]
    if chance.get("temperature", 0) > 2:
        raise ApiError(400, "temperature must be in 0..2", "temperature", "invalid_value")
    changes: dict[str, Any] = _NO_BEAM | chance if chance else {}
    ceiling = decoding.max_tokens or MOST_TOKENS
    most = [asked for name in ("max_tokens", "max_completion_tokens") if (asked := fields.whole(name, 1))]
    if len(most) > 1:
        message = "max_tokens and max_completion_tokens are two names of one field; leave one out"
        raise ApiError(400, message, "max_tokens", "invalid_value")
    if most:
        changes["max_tokens"] = min(*most, ceiling)
    seed = fields.whole("seed", -_LARGEST_SEED - 1, _LARGEST_SEED)
    try:
        chosen = decoding.with_options(changes)
        if seed is not None and (chosen.samples or chosen.vary):  # without chance there is one reply anyway
            chosen = replace(chosen, seed=seed % _LARGEST_SEED)
        return chosen
    except ConfigError as error:
        message = respell(str(error), DecodingConfig, str)
        raise ApiError(400, message, next((name for name in chance if name in message), None)) from None


def _read_stream_options(options: Mapping[str, Any]) -> bool:
    """Whether the last event has the numbers of tokens.

    Raises:
        ApiError: Something else is asked for.
    """
    refuse_unknown(options, STREAM_OPTIONS, NEUTRAL_STREAM_OPTIONS, "stream_options.")
    return Fields(options, "stream_options.").flag("include_usage")


def _read_stop(value: Any) -> tuple[str, ...]:
    """The texts of `stop`, which is one text or a list of them.

    Raises:
        ApiError: It is neither.
    """
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or not all(isinstance(one, str) and one for one in stops):
        raise ApiError(400, "stop must be a text or a list of texts, none empty", "stop", "invalid_type")
    if len(stops) > MOST_STOPS:
        raise ApiError(400, f"stop takes {MOST_STOPS} texts at most", "stop", "invalid_value")
    return tuple(stops)
