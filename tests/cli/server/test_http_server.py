"""The life of a server: bundles read anew while it answers, its end in order, and what it needs."""

import re
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    with serving([place], tmp_path) as server, ThreadPoolExecutor(4) as threads:
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
    with serving([english_bundle], tmp_path) as server, ThreadPoolExecutor(8) as threads:
        slow = {"n": 16, "temperature": 1.0, "max_tokens": 100}
        asked = [threads.submit(server.ask, "tell me all that you know", **slow) for _ in range(8)]
        wait_until(lambda: arrived(server) == len(asked))
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert [one.result().status_code for one in asked] == [200] * len(asked)


def children_of(process):
    return [int(child) for one in Path(f"/proc/{process}/task").glob("*/children") for child in one.read_text().split()]


def is_running(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux lists the children of a process there")
def test_where_many_ask_workers_answer_and_they_end_with_the_server(tmp_path, english_bundle):
    prompts = ["hello", "how are you?", "tell me a joke", "good night"] * 4

    def ask(prompt):
        return content(server.ask(prompt))

    with serving([english_bundle, "--workers", "2"], tmp_path) as server, ThreadPoolExecutor(16) as threads:
        alone = [*map(ask, prompts[:4])]
        assert children_of(server.process.pid) == []
        wait_until(lambda: [*threads.map(ask, prompts)] == alone * 4 and len(children_of(server.process.pid)) >= 2)
        assert [*threads.map(ask, prompts)] == alone * 4
        children = children_of(server.process.pid)
        server.process.terminate()
        assert server.process.wait(60) == 0
        wait_until(lambda: not any(map(is_running, children)))


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
