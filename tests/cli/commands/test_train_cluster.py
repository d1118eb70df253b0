"""Two processes that train together on this machine, each the real program."""

import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import time

import pytest

from chatbot import Chatbot
from chatbot.bundle import Bundle
from chatbot.corpus import Pair
from tests.conftest import program_environment, run_chatbot, running, write_pairs

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
PAIRS = [Pair(f"what is {word}", f"{word} is a word") for word in WORDS]
STEPS = 60
#: What the last step comes to must not depend on the clock, nor on what each replica drops.
OPTIONS = [
    "--precision",
    "float32",
    "--max-time",
    "none",
    "--epochs",
    str(STEPS),
    "--patience",
    "1000",
    "--dropout",
    "0",
]
SIZES = ["--valid-share", "0.2", "--units", "16"]
#: Seconds for a process to end, on a machine that has much else to do.
PATIENCE = 600
LOG = ["--json-logs", "--log-interval", "0.001s"]


def free_addresses(count):
    """On ports below those that a system gives to whoever connects, so that nobody gets one of them meanwhile."""
    addresses = set()
    while len(addresses) < count:
        port = random.SystemRandom().randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            addresses.add(f"127.0.0.1:{port}")
    return list(addresses)


@contextlib.contextmanager
def workers(folder, corpus, *options, program=("-m", "chatbot")):
    """The chief in `folder`, the other in a folder of its own beside it."""
    addresses = free_addresses(2)
    running = []
    try:
        for index in (0, 1):
            place = folder if index == 0 else folder / "other"
            place.mkdir(exist_ok=True)
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            command = [sys.executable, *program, "train", corpus, *OPTIONS, *SIZES, *LOG, *options]
            environment = program_environment(place) | {"TF_CONFIG": json.dumps(task)}
            with (place / "log").open("w") as log, (place / "errors").open("w") as errors:
                running.append(subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=errors))
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def events(place):
    """The events of a log that are written whole."""
    lines = (place / "log").read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def wait_for_step(process, place, step):
    while not any(event["event"] == "step" and event["step"] >= step for event in events(place)):
        assert process.poll() is None, (place / "errors").read_text()
        time.sleep(0.05)


def last_losses(log):
    """Of the last step, and on the held-out pairs after it."""
    by_step = {(event["event"], event["step"]): event for event in log if "step" in event}
    return by_step["step", STEPS]["loss"], by_step["measured", STEPS]["valid_loss"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("words") / "words.tsv", PAIRS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def deserted(folder, corpus):
    """How the chief ends when the other worker is killed in the midst of the run: code and message."""
    with workers(folder, corpus) as (chief, other):
        wait_for_step(chief, folder, 2)
        other.send_signal(signal.SIGKILL)
        code = chief.wait(240)  # a minute of silence, on a machine that has much else to do
    return code, (folder / "errors").read_text()


@pytest.fixture(scope="module")
def resumed(folder, corpus, deserted):
    """The last events of the chief and of the other, of that run gone on with by both to its end."""
    assert deserted
    with workers(folder, corpus, "--resume") as running:
        codes = [process.wait(PATIENCE) for process in running]
    assert codes == [0, 0], (folder / "errors").read_text() + (folder / "other" / "errors").read_text()
    return events(folder), events(folder / "other")


def test_a_worker_that_dies_ends_the_other_with_the_way_on(deserted):
    code, message = deserted
    assert code == 1
    assert message.startswith("chatbot: ")
    assert "does not answer any more" in message
    assert "--resume" in message
    assert "Traceback" not in message


def test_only_the_chief_keeps_what_is_needed_to_go_on(deserted, folder):
    assert deserted
    assert (folder / "checkpoints" / "words.run" / "state.npz").exists()
    assert not (folder / "other" / "checkpoints").exists()


def test_the_run_goes_on_from_what_was_saved(resumed):
    chief, _ = resumed
    assert next(event for event in chief if event["event"] == "resumed")["step"] >= 1
    assert chief[-1]["steps"] == STEPS


def test_both_end_with_the_same_weights_and_the_chief_alone_writes_them(resumed, folder):
    chief, other = resumed
    assert chief[-1]["event"] == other[-1]["event"] == "finished"
    assert chief[-1]["weights_digest"] == other[-1]["weights_digest"]
    bundle = Bundle.open(folder / "checkpoints" / "words")
    assert bundle.manifest["metrics"]["weights_digest"] == chief[-1]["weights_digest"]
    assert bundle.manifest["sizes"]["devices"].startswith("2 machines")
    assert Chatbot.load(bundle.path).reply("what is one").text
    assert not (folder / "other" / "checkpoints").exists()


def test_the_other_worker_leaves_the_telling_to_the_chief(resumed):
    chief, other = resumed
    assert {event["event"] for event in other} == {"stage", "started", "resumed", "finished"}
    assert {"step", "measured"} <= {event["event"] for event in chief}


def test_two_workers_come_to_the_loss_of_one_on_the_same_batches(resumed, corpus, tmp_path):
    done = run_chatbot(["train", corpus, *OPTIONS, *SIZES, *LOG], tmp_path)
    assert done.returncode == 0, done.stderr
    alone, chief = last_losses(map(json.loads, done.stdout.splitlines())), last_losses(resumed[0])
    assert chief == pytest.approx(alone, rel=1e-3)


def test_a_cluster_that_is_none_is_wrong_usage_and_says_what_one_looks_like(corpus, tmp_path):
    done = run_chatbot(["train", corpus], tmp_path, TF_CONFIG='{"cluster": {"worker": ["one", "two"]}}')
    assert done.returncode == 2
    assert "TF_CONFIG" in done.stderr
    assert "host:port" in done.stderr


def test_ctrl_c_ends_the_waiting_for_a_worker_that_does_not_come(corpus, tmp_path):
    addresses = free_addresses(2)
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 0}}
    told, streams = {"TF_CONFIG": json.dumps(task)}, {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(["train", corpus, *OPTIONS], tmp_path, told, text=True, **streams) as waiting:
        for line in waiting.stdout:
            if "waiting for" in line:
                break
        time.sleep(1)
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(PATIENCE) == 130
        assert addresses[1] in line
        assert waiting.stderr.read() == ""
