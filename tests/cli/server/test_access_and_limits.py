"""Who may ask, and how much: the rules that keep a server safe by default."""

import concurrent.futures
import contextlib
import json
import os
import socket
import stat
import time

import httpx
import openai
import pytest

from benchmarks.broken_requests import BROKEN, WHOLE, ask
from chatbot.cli.server.access_rules import RateLimit
from tests.cli.server.conftest import serving
from tests.conftest import run_chatbot

PUBLIC = ["--host", "0.0.0.0"]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, english_bundle):
    """A server with a token, a site that may ask, and narrow limits."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token.txt").write_text("s3cret\nnot this\n")
    (folder / "token.txt").chmod(0o600)
    limits = ["--max-body", "2000", "--max-turns", "3", "--read-timeout", "0.5"]
    access = ["--token-file", "token.txt", "--allow-origin", "https://shop.example"]
    with serving([english_bundle, *access, *limits], folder) as server:
        yield server


def raw(server, *parts, wait=0.0):
    """Send bytes with pauses, and return all that comes back."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(OSError):  # the server need not listen to the end
            for part in parts:
                connection.sendall(part)
                time.sleep(wait)
            connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def test_a_token_is_needed_for_everything_that_tells_something(guarded):
    with guarded.client("s3cret") as client:
        assert [model.id for model in client.models.list()] == ["english"]
    with guarded.client("wrong") as client, pytest.raises(openai.AuthenticationError, match="wrong token"):
        client.models.list()
    for path in ("/v1/models", "/metrics", "/v1/chat/completions"):
        done = httpx.get(guarded.url + path)
        assert (done.status_code, done.json()["error"]["code"]) == (401, "invalid_api_key")
    assert httpx.get(f"{guarded.url}/health").status_code == 200


def test_other_computers_need_a_token_or_the_word_open(tmp_path, english_bundle):
    done = run_chatbot(["serve", english_bundle, *PUBLIC, "--port", "0"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "can be reached from other computers; give --token-file FILE, or --open" in done.stderr
    with serving([english_bundle, *PUBLIC, "--open"], tmp_path) as server:
        assert server.ask("hello").status_code == 200


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: No such file"), ("\n", "has no token in its first line")]
)
def test_a_token_file_that_is_none_is_refused(tmp_path, english_bundle, content, message):
    if content is not None:
        (tmp_path / "token").write_text(content)
    done = run_chatbot(["serve", english_bundle, "--token-file", "token"], tmp_path)
    assert done.returncode == 1
    assert f"chatbot: token: {message}" in done.stderr


def test_a_site_that_was_not_named_can_neither_ask_nor_pass_for_this_computer(served):
    foreign = served.post(b"{}", Origin="https://evil.example")
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in foreign.headers
    renamed = served.post(b"{}", Host="evil.example:8000", Origin="http://evil.example:8000")
    assert (renamed.status_code, renamed.json()["error"]["code"]) == (403, "host_not_allowed")
    form = served.post(b"{}", Content_Type="text/plain")  # which a page may send without asking
    assert form.status_code == 415


def test_a_site_that_was_named_can_ask(guarded):
    origin = {"Origin": "https://shop.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = httpx.options(f"{guarded.url}/v1/chat/completions", headers=origin | asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
    other = httpx.options(f"{guarded.url}/v1/models", headers={"Origin": "https://evil.example"} | asked)
    assert "access-control-allow-origin" not in other.headers
    refused = httpx.get(f"{guarded.url}/v1/models", headers=origin)  # whose reason the page can read
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://shop.example")


def test_what_is_too_large_too_long_or_of_another_type_is_refused(guarded):
    key = {"Authorization": "Bearer s3cret"}
    turns = b'{"messages": [' + b",".join([b'{"role": "user", "content": "a"}'] * 4) + b"]}"
    assert guarded.post(b" " * 10_000_000, **key).status_code == 413
    assert guarded.post(turns, **key).json()["error"]["code"] == "too_many_messages"
    assert guarded.post(b"\x1f\x8b", **key, Content_Encoding="gzip").status_code == 415


HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s3cret\r\n"
JSON = b"Content-Type: application/json\r\n"


def test_a_body_that_stops_half_way_or_comes_too_slowly_holds_up_nobody(guarded):
    half = HEAD + JSON + b'Content-Length: 100\r\n\r\n{"messages": ['
    assert raw(guarded, half) == b""  # nobody is there to be told
    slow = raw(guarded, half, *[b" "] * 4, wait=0.3)
    assert slow.startswith(b"HTTP/1.1 408 ")
    endless = HEAD + JSON + b"Transfer-Encoding: chunked\r\n\r\n" + b"7d0\r\n" + b" " * 2000 + b"\r\n1\r\n \r\n"
    assert raw(guarded, endless, wait=0.3).startswith(b"HTTP/1.1 413 ")
    assert raw(guarded, b"no HTTP at all\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert guarded.post(b"{}", Authorization="Bearer s3cret").status_code == 400


def test_requests_beyond_those_under_way_are_told_to_come_back(tmp_path, english_bundle):
    with serving([english_bundle, "--max-requests", "1"], tmp_path) as server:

        def ask(_):
            return server.ask("hello", temperature=1.0, n=16)

        with concurrent.futures.ThreadPoolExecutor(16) as threads:
            done = list(threads.map(ask, range(64)))
        assert {one.status_code for one in done} == {200, 503}
        refused = next(one for one in done if one.status_code == 503)
        assert (refused.headers["retry-after"], refused.json()["error"]["code"]) == ("1", "overloaded")
        assert server.ask("hello").status_code == 200


def test_an_address_that_asks_too_often_waits(tmp_path, english_bundle):
    with serving([english_bundle, "--rate", "3"], tmp_path) as server:
        done = [server.ask("hello") for _ in range(4)]
        assert [one.status_code for one in done] == [200, 200, 200, 429]
        assert int(done[-1].headers["retry-after"]) > 0
        with server.client() as client, pytest.raises(openai.RateLimitError):
            client.models.list()


def test_the_rate_of_an_address_is_its_own():
    rates = RateLimit(2)
    assert [rates.take("a"), rates.take("a"), rates.take("b")] == [0, 0, 0]
    assert 0 < rates.take("a") <= 30


def test_nothing_is_kept_of_what_people_type_unless_asked_for(tmp_path, english_bundle):
    with serving([english_bundle], tmp_path) as server:
        assert server.ask("my secret").status_code == 200
    assert "secret" not in "".join(server.lines)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with serving([english_bundle, "--transcript", "said.jsonl"], tmp_path) as server:
        assert server.ask("my secret").status_code == 200
        assert server.ask("hello", user="me").status_code == 200
    kept = tmp_path / "said.jsonl"
    unnamed, named = map(json.loads, kept.read_text().splitlines())
    assert (unnamed["prompt"], named["prompt"]) == ("my secret", "hello")
    assert (unnamed["user"], named["user"]) == (None, "me")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_client_that_sends_no_request_or_endless_headers_is_let_go_of(guarded):
    late = b"HTTP/1.1 408 Refused\r\ncontent-type: application/json\r\nconnection: close\r\n"
    assert unfinished(guarded, b"").startswith(late)
    assert unfinished(guarded, b"GET / HTTP/1.1\r\nHost: loc").startswith(late)
    assert unfinished(guarded, HEAD, *[b"X-Slow: 1\r\n"] * 4, wait=0.3).startswith(late)
    assert b" 431 " in unfinished(guarded, HEAD, *[b"X-Long: " + b"a" * 9000 + b"\r\n"] * 16, wait=0.01)[:15]
    assert httpx.get(f"{guarded.url}/health").status_code == 200


def test_a_connection_that_is_kept_may_be_idle_longer_than_a_request_may_take(guarded):
    with httpx.Client() as client:
        for _ in range(2):
            assert client.get(f"{guarded.url}/health").status_code == 200
            time.sleep(0.8)  # the server waits 0.5 s for the rest of a request
        assert client._transport._pool.connections[0].info().endswith("Request Count: 2")


def unfinished(server, *parts, wait=0.0):
    """Send bytes with pauses, and return what comes back to a client that still has something to say."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(OSError):
            for part in parts:
                connection.sendall(part)
                time.sleep(wait)
        return connection.recv(1000)


def test_broken_requests_get_the_right_answer_and_disturb_nobody(served):
    def send(place):
        sent, status = BROKEN[place % len(BROKEN)]
        return ask(served.url, sent, status is not None) == status and (
            place % 10 != 0 or ask(served.url, WHOLE) == 200
        )

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(send, range(10 * len(BROKEN))))
    page = httpx.get(f"{served.url}/metrics").text
    assert "chatbot_requests_under_way 0\n" in page
    assert 'code="500"' not in page


def test_a_port_that_is_taken_is_one_line(tmp_path, english_bundle, served):
    port = served.url.rpartition(":")[2]
    done = run_chatbot(["serve", english_bundle, "--port", port], tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"cannot listen on 127.0.0.1, port {port}: {os.strerror(98)}" in done.stderr
