"""Streams as a client sees them: pieces before the reply is whole, stop texts, and clients that go away."""

import contextlib
import json
import threading
import time
import types

import httpx
import pytest
import uvicorn

from chatbot import Chatbot
from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.server.answering.batch_queue import BatchQueue
from chatbot.cli.server.answering.reply_stream import Answered
from chatbot.cli.server.completion_events import StopTexts
from chatbot.cli.server.http_api import HttpApi
from chatbot.cli.server.server_metrics import ServerMetrics
from chatbot.cli.server.server_options import ServerOptions
from chatbot.config import DecodingConfig
from chatbot.errors import ConfigError
from tests.cli.server.conftest import serving

BODY = {"messages": [{"role": "user", "content": "hello"}], "stream": True}


@contextlib.contextmanager
def toy_server(stream, **options):
    """The interface on a real socket, with a bot whose replies come from a function."""

    def answer(questions):
        return [Answered(Reply("whole"), 1) for _ in questions]

    metrics = ServerMetrics()
    queue = BatchQueue(answer, stream, metrics.count_batch)
    bot = types.SimpleNamespace(name="toy", queue=queue, grows=lambda _: True)
    api = HttpApi({"toy": bot}, ServerOptions(**options), DecodingConfig(), metrics)
    server = uvicorn.Server(uvicorn.Config(api.app(), port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        queue.close()


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def contents(lines):
    """The texts of the events of a stream as they come."""
    for line in lines:
        if line.startswith("data: {"):
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                if choice["delta"].get("content"):
                    yield choice["delta"]["content"]


def test_a_piece_is_sent_before_the_reply_is_whole():
    may = threading.Event()

    def stream(_):
        yield [(0, "first ")]
        assert may.wait(60)
        yield [(0, "second")]
        yield [(0, Answered(Reply("first second"), 1))]

    with (
        toy_server(stream) as url,
        httpx.stream("POST", f"{url}/v1/chat/completions", json=BODY, timeout=60) as response,
    ):
        said = contents(response.iter_lines())
        assert next(said) == "first "
        assert not may.is_set()
        may.set()
        assert list(said) == ["second"]


def test_a_client_that_goes_away_ends_its_search():
    given_up = threading.Event()

    def stream(_):
        try:
            while True:
                yield [(0, "la ")]
                time.sleep(0.001)
        finally:
            given_up.set()

    with toy_server(stream) as url:
        with httpx.stream("POST", f"{url}/v1/chat/completions", json=BODY, timeout=60) as response:
            said = contents(response.iter_lines())
            assert [next(said) for _ in range(3)] == ["la "] * 3
        assert given_up.wait(60)

        def counted():
            page = httpx.get(f"{url}/metrics").text
            return 'chatbot_requests_total{model="toy",code="499"} 1' in page and "chatbot_requests_under_way 0" in page

        wait_until(counted)
        assert httpx.post(f"{url}/v1/chat/completions", json=BODY | {"stream": False}).status_code == 200


def test_a_client_that_takes_nothing_is_let_go_of():
    given_up = threading.Event()

    def stream(_):
        try:
            while True:
                yield [(0, "la " * 10_000)]
                time.sleep(0.001)
        finally:
            given_up.set()

    with (
        toy_server(stream, read_timeout=0.2) as url,
        httpx.stream("POST", f"{url}/v1/chat/completions", json=BODY, timeout=60),
    ):
        assert given_up.wait(60)


def test_an_error_in_the_middle_is_told_in_the_form_of_the_api(capsys):
    def stream(_):
        yield [(0, "first ")]
        raise ValueError("torn")

    with toy_server(stream) as url:
        text = httpx.post(f"{url}/v1/chat/completions", json=BODY, timeout=60).text
    last = json.loads(text.strip().splitlines()[-1].removeprefix("data: "))
    assert last["error"]["code"] == "internal_error"
    assert "torn" in capsys.readouterr().err


def test_the_pieces_are_those_of_the_program(served, english_bundle, english_pairs):
    bot = Chatbot.load(english_bundle)
    for prompt, _ in english_pairs[:5]:
        for options in ({}, {"max_tokens": 2}, {"temperature": 1.0, "seed": 4}):
            with served.client() as client:
                events = client.chat.completions.create(
                    model="english", messages=[{"role": "user", "content": prompt}], stream=True, **options
                )
                said = [event.choices[0].delta.content for event in events if event.choices[0].delta.content]
            assert said == list(bot.stream(prompt, **options))


def test_several_choices_come_one_behind_the_other(served):
    asked = BODY | {"n": 3, "temperature": 2.0, "seed": 1}
    whole = served.post(json.dumps(asked | {"stream": False}).encode()).json()["choices"]
    lines = served.post(json.dumps(asked).encode()).text.splitlines()
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]
    said = ["", "", ""]
    for event in events:
        choice = event["choices"][0]
        said[choice["index"]] += choice["delta"].get("content", "")
    assert said == [choice["message"]["content"] for choice in whole]


@pytest.mark.parametrize("stop", ["garden", ["zzz", "e"], ["nothing like this"]], ids=str)
def test_a_stream_ends_before_a_stop_text_as_the_whole_reply_does(served, english_pairs, stop):
    for prompt, _ in english_pairs[:5]:
        asked = {"messages": [{"role": "user", "content": prompt}], "stop": stop}
        whole = served.post(json.dumps(asked).encode()).json()["choices"][0]["message"]["content"]
        lines = served.post(json.dumps(asked | {"stream": True}).encode()).text.splitlines()
        assert "".join(contents(lines)) == whole


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        (["a S", "TO", "P b"], ["a ", "", ""]),
        (["a S", "TO", "L b"], ["a ", "", "STOL b"]),
        (["SSTOP"], ["S"]),
        (["a ST"], ["a "]),
    ],
)
def test_what_may_begin_a_stop_text_is_held_back(pieces, told):
    said = StopTexts(["STOP"])
    assert [said.add(piece) for piece in pieces] == told
    rest = said.finish()
    assert said.text == "".join(told) + rest
    assert said.text == "".join(pieces).partition("STOP")[0]


def test_settings_that_the_bot_refuses_are_an_error_before_anything_is_sent():
    def stream(_):
        raise ConfigError("ban-words refuses every reply")

    with toy_server(stream) as url:
        refused = httpx.post(f"{url}/v1/chat/completions", json=BODY, timeout=60)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_value")


def test_a_signal_lets_a_stream_finish(tmp_path, babbling_bundle):
    with serving([babbling_bundle, "--max-tokens", "1000"], tmp_path) as server:
        asked = BODY | {"max_tokens": 1000}
        with httpx.stream("POST", f"{server.url}/v1/chat/completions", json=asked, timeout=60) as response:
            lines = response.iter_lines()
            assert next(contents(lines))
            server.process.terminate()
            assert [line for line in lines if line][-1] == "data: [DONE]"
        assert server.process.wait(60) == 0
    assert "Traceback" not in "".join(server.lines)
