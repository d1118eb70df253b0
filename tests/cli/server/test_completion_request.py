"""Requests as they are read: what is taken, and which error the rest is."""

import json

import pytest

from chatbot.cli.server.api_error import ApiError
from chatbot.cli.server.completion_request import MOST_TOKENS, parse_completion
from chatbot.config import DecodingConfig

HELLO = [{"role": "user", "content": "hello"}]


def parse(decoding=None, **fields):
    body = {"messages": HELLO, **fields}
    return parse_completion(json.dumps(body).encode(), decoding or DecodingConfig(), max_turns=5)


def error_of(body):
    with pytest.raises(ApiError) as caught:
        parse_completion(body if isinstance(body, bytes) else json.dumps(body).encode(), DecodingConfig(), 5)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"n": NaN}', b"[" * 100_000, b'{"n": ' + b"9" * 5000 + b"}"],
    ids=["empty", "half", "list", "null", "not UTF-8", "NaN", "deep", "long number"],
)
def test_what_is_no_json_object_is_refused(body):
    assert error_of(body) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (None, "missing_required_parameter"),
        ([], "missing_required_parameter"),
        ("hello", "invalid_type"),
        (["hello"], "invalid_type"),
        ([{"role": "user"}], "invalid_type"),
        ([{"role": "user", "content": 3}], "invalid_type"),
        ([{"role": "user", "content": []}], "invalid_type"),
        ([{"role": "tool", "content": "x"}], "invalid_value"),
        ([{"content": "x"}], "invalid_value"),
        ([{"role": ["user"], "content": "x"}], "invalid_value"),
        ([*HELLO, {"role": "assistant", "content": "hi"}], "invalid_value"),
        ([{"role": "system", "content": "x"}], "invalid_value"),
        (HELLO * 6, "too_many_messages"),
    ],
)
def test_messages_of_another_form_are_refused(messages, code):
    assert error_of({"messages": messages}) == (400, code)


@pytest.mark.parametrize(
    "name", ["stream", "n", "seed", "temperature", "top_p", "max_tokens", "stop", "stream_options"]
)
def test_a_field_of_another_type_is_refused_and_null_is_none(name):
    assert error_of({"messages": HELLO, name: {"stream_options": 1}.get(name, {"a": 1})}) == (400, "invalid_type")
    assert parse(**{name: None}).decoding == DecodingConfig()


def test_a_switch_is_no_number():
    assert error_of({"messages": HELLO, "n": True}) == (400, "invalid_type")
    assert error_of({"messages": HELLO, "temperature": False}) == (400, "invalid_type")


def test_fields_that_ask_for_nothing_are_taken():
    nothing = {"frequency_penalty": 0.0, "tools": [], "response_format": {"type": "text"}, "logit_bias": {}}
    assert parse(**nothing, store=False, metadata={}, service_tier="auto", reasoning_effort="none") == parse()
    answer = {"role": "assistant", "content": "hi", "refusal": None, "tool_calls": [], "annotations": []}
    assert parse(messages=[*HELLO, answer, *HELLO]).context == ("hello", "hi")


@pytest.mark.parametrize(
    "fields",
    [
        {"store": True},
        {"metadata": {"a": "b"}},
        {"service_tier": "flex"},
        {"prompt_cache_key": "a"},
        {"frequency_penalty": False},
        {"stream": True, "stream_options": {"include_obfuscation": True}},
        {"messages": [HELLO[0] | {"name": "Ann"}]},
        {"messages": [HELLO[0] | {"tool_calls": [{}]}]},
    ],
    ids=str,
)
def test_a_field_that_would_do_nothing_is_refused(fields):
    assert error_of({"messages": HELLO, **fields}) == (400, "unsupported_parameter")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"temprature": 1}, "temprature"),
        ({"stream": True, "stream_options": {"include_usgae": True}}, "stream_options.include_usgae"),
        ({"messages": [HELLO[0] | {"contnet": "x"}]}, "messages[0].contnet"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "cache": 1}]}]},
            "messages[0].content[0].cache",
        ),
    ],
    ids=["request", "stream_options", "message", "part"],
)
def test_a_field_that_nobody_knows_is_refused_wherever_it_is(fields, param):
    with pytest.raises(ApiError) as caught:
        parse(**fields)
    assert (caught.value.code, caught.value.param) == ("unknown_parameter", param)


def test_a_switch_of_the_stream_is_true_or_false():
    assert error_of({"messages": HELLO, "stream": True, "stream_options": {"include_usage": "yes"}}) == (
        400,
        "invalid_type",
    )
    assert parse(stream=True, stream_options={"include_usage": True}).include_usage


def test_a_limit_has_one_name_in_a_request():
    assert error_of({"messages": HELLO, "max_tokens": 5, "max_completion_tokens": 5}) == (400, "invalid_value")


def test_who_asks_is_known():
    assert parse(user="me").user == parse(safety_identifier="me").user == "me"
    assert error_of({"messages": HELLO, "user": 3}) == (400, "invalid_type")


def test_a_request_outranks_the_settings_of_the_server_and_not_its_limit():
    served = DecodingConfig(beam=5, length_penalty=1.0, max_tokens=20)
    assert parse(served).decoding == served
    assert parse(served, temperature=0.5).decoding == DecodingConfig(temperature=0.5, max_tokens=20)
    assert parse(served, max_tokens=10).decoding.max_tokens == 10
    assert parse(served, max_completion_tokens=500).decoding.max_tokens == 20
    assert parse(max_tokens=10**9).decoding.max_tokens == MOST_TOKENS


def test_seeds_of_several_choices_follow_each_other():
    assert [one.seed for one in parse(n=3, temperature=1, seed=7).searches()] == [7, 8, 9]
    assert [one.seed for one in parse(n=2, temperature=1).searches()] == [None, None]
    (beam,) = parse(n=4, seed=7).searches()
    assert (beam.beam, beam.n_best, beam.seed) == (4, 4, None)


def test_a_negative_seed_is_a_seed():
    assert parse(temperature=1, seed=-1).decoding.seed >= 0
