"""Two processes that train together on this machine, each the real program; the corpus does not fit in memory."""

import contextlib
import json
import random
import signal
import socket
import subprocess
import time

import pytest

from chatbot import Chatbot
from chatbot.bundle import Bundle
from tests.cli.commands.streamed import OPTIONS, PATIENCE, last, parse_log, start
from tests.conftest import run_chatbot, running


def free_addresses(count):
    """On ports below those that a system gives to whoever connects, so that nobody gets one of them meanwhile."""
    addresses = set()
    while len(addresses) < count:
        port = random.SystemRandom().randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            addresses.add(f"127.0.0.1:{port}")
    return list(addresses)


@contextlib.contextmanager
def workers(folder, corpus, *options):
    """The chief in `folder`, the other in a folder of its own beside it."""
    addresses = free_addresses(2)
    running = []
    try:
        for index in (0, 1):
            place = folder if index == 0 else folder / "other"
            place.mkdir(exist_ok=True)
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            told = {"TF_CONFIG": json.dumps(task)}
            with (place / "log").open("w") as log, (place / "errors").open("w") as errors:
                running.append(start(place, corpus, *options, environment=told, stdout=log, stderr=errors))
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def events(place):
    return parse_log((place / "log").read_text())


def wait_for_step(process, place, step):
    while not any(event["event"] == "step" and event["step"] >= step for event in events(place)):
        assert process.poll() is None, (place / "errors").read_text()
        time.sleep(0.05)


@pytest.fixture(scope="session")
def cluster(request, share, streamed_corpus):
    """A folder with two runs of a chief, and of the other in `other`.

    In the first the other is killed in the midst of it: `code` and `message` are how the chief ends, and `left`
    is what lies there then. The second resumes that run to its end.
    """

    def train(folder):
        with workers(folder, streamed_corpus) as (chief, other):
            wait_for_step(chief, folder, 30)  # past the first epoch, at whose end the run is saved
            other.send_signal(signal.SIGKILL)
            request.getfixturevalue("left_alone")  # while there is silence, for which it takes that long to count
            (folder / "code").write_text(str(chief.wait(240)))  # a minute of silence, on a machine with much to do
        (folder / "message").write_text((folder / "errors").read_text())
        left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
        (folder / "left").write_text("\n".join(left))
        with workers(folder, streamed_corpus, "--resume") as running:
            codes = [process.wait(PATIENCE) for process in running]
        assert codes == [0, 0], (folder / "errors").read_text() + (folder / "other" / "errors").read_text()

    return share("cluster", train)


@pytest.fixture
def logs(cluster):
    """The events of the chief and of the other in the resumed run."""
    return events(cluster), events(cluster / "other")


def test_a_worker_that_dies_ends_the_other_and_says_how_to_resume(cluster):
    message = (cluster / "message").read_text()
    assert (cluster / "code").read_text() == "1"
    assert message.startswith("chatbot: ")
    assert "does not answer any more" in message
    assert "--resume" in message
    assert "Traceback" not in message


def test_only_the_chief_keeps_what_is_needed_to_resume(cluster):
    left = (cluster / "left").read_text().splitlines()
    assert "checkpoints/words.run/state.npz" in left
    assert "other/checkpoints" not in left


def test_the_run_is_resumed_from_what_was_saved(logs, left_alone):
    chief, _ = logs
    assert next(event for event in chief if event["event"] == "resumed")["step"] >= 1
    assert last(chief, "finished")["steps"] == last(left_alone, "finished")["steps"]


def test_both_end_with_the_same_weights_and_the_chief_alone_writes_them(cluster, logs):
    chief, other = logs
    assert chief[-1]["event"] == other[-1]["event"] == "finished"
    assert chief[-1]["weights_digest"] == other[-1]["weights_digest"]
    bundle = Bundle.open(cluster / "checkpoints" / "words")
    assert bundle.manifest["metrics"]["weights_digest"] == chief[-1]["weights_digest"]
    assert bundle.manifest["sizes"]["devices"].startswith("2 machines")
    assert Chatbot.load(bundle.path).reply("one one 0").tokens is not None
    assert {path.name for path in (cluster / "other").iterdir()} <= {"log", "errors", "state", "config"}


def test_the_other_worker_leaves_the_report_to_the_chief(logs):
    chief, other = logs
    assert {event["event"] for event in other} == {"stage", "started", "resumed", "finished"}
    assert {"step", "measured"} <= {event["event"] for event in chief}


def test_two_workers_come_to_the_loss_of_one_over_the_same_shards(logs, left_alone):
    chief, _ = logs
    assert last(chief, "measured")["valid_loss"] == pytest.approx(last(left_alone, "measured")["valid_loss"], rel=1e-3)
    assert last(chief, "step")["loss"] == pytest.approx(last(left_alone, "step")["loss"], rel=1e-3)


def test_a_cluster_that_is_none_is_wrong_usage_and_says_what_one_looks_like(streamed_corpus, tmp_path):
    done = run_chatbot(["train", streamed_corpus], tmp_path, TF_CONFIG='{"cluster": {"worker": ["one", "two"]}}')
    assert done.returncode == 2
    assert "TF_CONFIG" in done.stderr
    assert "host:port" in done.stderr


def test_ctrl_c_ends_the_waiting_for_a_worker_that_does_not_come(streamed_corpus, tmp_path):
    addresses = free_addresses(2)
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 0}}
    told, streams = {"TF_CONFIG": json.dumps(task)}, {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running(["train", streamed_corpus, *OPTIONS], tmp_path, told, text=True, **streams) as waiting:
        for line in waiting.stdout:
            if "waiting for" in line:
                break
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(PATIENCE) == 130
        assert addresses[1] in line
        assert waiting.stderr.read() == ""
