"""The life of a server: bundles read anew while it answers, its end in order, and what it needs."""

import concurrent.futures
import re
import shutil
import signal
import time

import httpx
import pytest

from tests.cli.server.conftest import serving
from tests.conftest import ROOT, run_chatbot


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def content(done):
    assert done.status_code == 200
    return done.json()["choices"][0]["message"]["content"]


def test_a_bundle_that_was_trained_anew_answers_without_a_request_lost(tmp_path, english_bundle, contextual_bundle):
    place, before = tmp_path / "checkpoints" / "bot", tmp_path / "before"
    shutil.copytree(english_bundle, place)
    shutil.copytree(contextual_bundle, tmp_path / "new")
    with serving([place], tmp_path) as server, concurrent.futures.ThreadPoolExecutor(4) as threads:
        assert content(server.ask("why?")) != "Why what?"
        asked = [threads.submit(server.ask, "why?") for _ in range(200)]
        place.rename(before)
        (tmp_path / "new").rename(place)
        wait_until(lambda: any("bot was trained anew" in line for line in server.lines))
        assert {one.result().status_code for one in asked} == {200}
        assert content(server.ask("why?")) == "Why what?"


def test_a_bundle_that_is_damaged_meanwhile_leaves_the_old_one_at_work(tmp_path, english_bundle):
    place = tmp_path / "checkpoints" / "bot"
    shutil.copytree(english_bundle, place)
    with serving([place], tmp_path) as server:
        said = content(server.ask("hello"))
        (place / "tokenizer.model").write_bytes(b"damaged")
        wait_until(lambda: any("goes on answering" in line for line in server.lines))
        assert content(server.ask("hello")) == said
        shutil.copy(english_bundle / "tokenizer.model", place)
        wait_until(lambda: any("trained anew" in line for line in server.lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_replies_finish_and_is_no_failure(tmp_path, english_bundle, number):
    with serving([english_bundle], tmp_path) as server, concurrent.futures.ThreadPoolExecutor(8) as threads:
        slow = {"n": 16, "temperature": 1.0, "max_tokens": 100}
        asked = [threads.submit(server.ask, "tell me all that you know", **slow) for _ in range(8)]
        wait_until(lambda: arrived(server) == len(asked))
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert [one.result().status_code for one in asked] == [200] * len(asked)


def arrived(server):
    """Requests that were answered or are under way."""
    counts = re.findall(
        r"^chatbot_requests_(?:total.*|under_way) (\d+)$", httpx.get(f"{server.url}/metrics").text, re.M
    )
    return sum(map(int, counts))


def test_without_the_extra_it_says_what_to_install(tmp_path, english_bundle):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'uvicorn' else find(name, *rest)\n"
    )
    done = run_chatbot(["serve", english_bundle], tmp_path, PYTHONPATH=f"{hidden}:{ROOT}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatbot: chatbot serve needs uvicorn; install it with: pip install '.[serve]'\n"


def test_two_bundles_of_one_name_are_refused(tmp_path, english_bundle):
    shutil.copytree(english_bundle, tmp_path / "other" / "english")
    done = run_chatbot(["serve", english_bundle, tmp_path / "other" / "english"], tmp_path)
    assert done.returncode == 1
    assert "are both called english; rename one of them" in done.stderr


def test_a_bundle_that_is_not_there_is_refused(tmp_path):
    done = run_chatbot(["serve", "nobody"], tmp_path)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
