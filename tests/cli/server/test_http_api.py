"""The API as the official client of OpenAI's API, and `llm`, see it."""

import json
import os
import subprocess
import sys

import httpx
import openai
import pytest

from chatbot import Chatbot
from tests.conftest import CONTEXTUAL


@pytest.fixture(scope="module")
def client(served):
    with served.client() as client:
        yield client


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


def user(*texts):
    """Messages of both sides in turn, the last one the user's."""
    roles = ["user", "assistant"]
    return [{"role": roles[(len(texts) - 1 - place) % 2], "content": text} for place, text in enumerate(texts)]


def test_the_official_client_gets_the_reply_of_the_program(client, bot, english_pairs):
    for prompt, _ in english_pairs[:8]:
        done = client.chat.completions.create(model="english", messages=user(prompt))
        expected = bot.reply(prompt)
        (choice,) = done.choices
        assert (choice.message.role, choice.message.content) == ("assistant", expected.text)
        assert (choice.finish_reason, done.model, done.object) == ("stop", "english", "chat.completion")
        assert done.usage.completion_tokens == len(expected.tokens)
        assert done.usage.prompt_tokens == len(bot.read(prompt).ids)
        assert choice.confidence == pytest.approx(expected.confidence)


def test_a_stream_joins_to_the_reply_and_ends_with_the_reason_and_the_tokens(client, bot, english_pairs):
    prompt = english_pairs[3].prompt
    options = {"include_usage": True}
    with client.chat.completions.create(
        model="english", messages=user(prompt), stream=True, stream_options=options
    ) as stream:
        *events, last = stream
    said = [event.choices[0].delta.content or "" for event in events]
    assert "".join(said) == bot.reply(prompt).text
    assert sum(map(bool, said)) > 1
    assert [event.choices[0].finish_reason for event in events] == [*[None] * (len(events) - 1), "stop"]
    assert last.choices == []
    assert last.usage.completion_tokens == len(bot.reply(prompt).tokens)


def test_every_bundle_is_a_model(client):
    assert [model.id for model in client.models.list()] == ["english", "contextual"]
    assert client.models.retrieve("contextual").context_turns == 2
    assert client.models.retrieve("contextual").created > 1_500_000_000
    with pytest.raises(openai.NotFoundError, match="there is no model gpt-4; there is english, contextual"):
        client.chat.completions.create(model="gpt-4", messages=user("hello"))


def test_the_turns_before_a_prompt_are_its_context(client, contextual_bundle):
    bot = Chatbot.load(contextual_bundle)
    for pair in CONTEXTUAL:
        *before, prompt = pair.prompt.split(" ␞ ")
        told = [{"role": "system", "content": "Be brief."}, *user(*before, prompt)]
        done = client.chat.completions.create(model="contextual", messages=told)
        assert done.choices[0].message.content == bot.reply(prompt, context=before).text
    assert bot.reply("why?", context=["do you like rain?", "Yes, I do."]).text == "Because the garden drinks."


def test_the_same_seed_gives_the_same_choices(client):
    def drawn(seed):
        asked = {"n": 6, "temperature": 2.0, "top_p": 0.99, "seed": seed}
        done = client.chat.completions.create(model="english", messages=user("x"), **asked)
        return [choice.message.content for choice in done.choices]

    assert len(drawn(1)) == 6
    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(4)}) > 1


def test_without_chance_the_choices_are_the_best_different_replies(client, bot):
    done = client.chat.completions.create(model="english", messages=user("hello there"), n=3)
    best = bot.reply("hello there", beam=3, n_best=3)
    assert [one.message.content for one in done.choices] == [reply.text for reply in (best, *best.alternatives)]
    assert [one.index for one in done.choices] == [0, 1, 2]


@pytest.mark.parametrize("temperature", [None, 0])
def test_a_seed_and_a_top_p_of_one_change_nothing_without_a_temperature(client, bot, temperature):
    given = {} if temperature is None else {"temperature": temperature}
    done = client.chat.completions.create(model="english", messages=user("hello"), seed=3, top_p=1, **given)
    assert done.choices[0].message.content == bot.reply("hello").text


def test_a_reply_ends_before_a_stop_text_and_at_the_last_token(client, bot, english_pairs):
    prompt = english_pairs[0].prompt
    words = bot.reply(prompt).text.split(" ")
    done = client.chat.completions.create(model="english", messages=user(prompt), stop=["zzz", f" {words[2]}"])
    assert (done.choices[0].message.content, done.choices[0].finish_reason) == (" ".join(words[:2]), "stop")
    done = client.chat.completions.create(model="english", messages=user(prompt), max_tokens=2)
    assert (done.choices[0].finish_reason, done.usage.completion_tokens) == ("length", 2)


def test_log_probabilities_are_those_of_the_tokens(client, bot):
    done = client.chat.completions.create(model="english", messages=user("hello"), logprobs=True)
    tokens = done.choices[0].logprobs.content
    expected = bot.reply("hello")
    assert "".join(token.token for token in tokens).strip() == expected.text
    assert [token.logprob for token in tokens] == pytest.approx(expected.log_probabilities[: len(tokens)], abs=1e-4)


def test_log_probabilities_end_where_the_reply_is_cut(client, bot):
    whole = bot.reply("hello").text
    stop = whole.split()[-1]
    done = client.chat.completions.create(model="english", messages=user("hello"), logprobs=True, stop=stop)
    text, tokens = done.choices[0].message.content, done.choices[0].logprobs.content
    assert text == whole[: whole.find(stop)]
    assert len("".join(token.token for token in tokens[:-1]).lstrip()) < len(text) < len(whole)


def test_text_parts_count_and_others_are_refused(client, bot):
    parts = [{"type": "text", "text": "hello"}]
    done = client.chat.completions.create(model="english", messages=[{"role": "user", "content": parts}])
    assert done.choices[0].message.content == bot.reply("hello").text
    picture = [*parts, {"type": "image_url", "image_url": {"url": "data:"}}]
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="english", messages=[{"role": "user", "content": picture}])
    assert (caught.value.code, caught.value.param) == ("unsupported_value", "messages[0].content[1]")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"temperature": 3}, "temperature"),
        ({"n": 0}, "n"),
        ({"n": 17}, "n"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"top_p": 0}, "top_p"),
        ({"extra_body": {"temprature": 1}}, "temprature"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_supported_is_refused_by_its_name(client, fields, param):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="english", messages=user("hello"), **fields)
    assert caught.value.param == param
    assert param in caught.value.message


def test_any_unicode_comes_back_as_an_answer(served):
    for prompt in ("", "   ", "\ud800", "🙂" * 500, "\u241e", "<script>alert(1)</script>", "\x00\x1b[2J", "é" * 5000):
        done = served.ask(prompt)
        assert done.status_code == 200, prompt
        assert isinstance(done.json()["choices"][0]["message"]["content"], str)


@pytest.mark.parametrize("stream", [[], ["--no-stream"]], ids=["stream", "whole"])
def test_llm_talks_to_it(tmp_path, served, bot, stream):
    known = [{"model_id": "mine", "model_name": "english", "api_base": f"{served.url}/v1"}]
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps(known))
    command = [sys.executable, "-m", "llm", "-m", "mine", "--no-log", *stream, "hello"]
    environment = os.environ | {"LLM_USER_PATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.strip(), done.returncode) == (bot.reply("hello").text, 0), done.stderr


def test_health_and_metrics_tell_of_what_happened(served):
    assert httpx.get(f"{served.url}/health").json()["models"] == ["english", "contextual"]
    served.ask("hello")
    served.ask("hello", model="nobody")
    page = httpx.get(f"{served.url}/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = dict(line.rsplit(" ", 1) for line in page.text.splitlines() if not line.startswith("#"))
    assert int(lines['chatbot_requests_total{model="english",code="200"}']) >= 1
    assert int(lines['chatbot_requests_total{model="",code="404"}']) >= 1
    replies = int(lines['chatbot_replies_total{model="english"}'])
    assert replies == int(lines['chatbot_reply_confidence_count{model="english"}']) >= 1
    assert lines["chatbot_requests_under_way"] == "0"


def test_errors_have_the_form_of_the_api_whatever_is_asked_for(served):
    for method, path, status in (("GET", "/v1/chat/completions", 405), ("GET", "/v2", 404), ("DELETE", "/health", 405)):
        done = httpx.request(method, served.url + path)
        assert done.status_code == status
        assert set(done.json()["error"]) == {"message", "type", "param", "code"}
