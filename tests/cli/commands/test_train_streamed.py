"""A corpus that does not fit in the memory it is given: a run that is interrupted, and one by two processes."""

import functools
import json
import runpy
import signal
import subprocess
import sys

import pytest

import chatbot.corpus
from chatbot.bundle import Bundle
from chatbot.corpus import Pair
from tests.cli.commands.test_train_cluster import LOG, PATIENCE, events, workers
from tests.conftest import program_environment, write_pairs

WORDS = ("one", "two", "three", "four", "five", "six", "seven")
PAIRS = [Pair(f"{WORDS[n % 7]} {WORDS[n // 7 % 7]} {n}", " ".join(WORDS[: 1 + n % 5])) for n in range(400)]
#: Of 320 pairs to learn from, 80 are in memory at a time: eight shards.
PROGRAM = ("-c", "from tests.cli.commands.test_train_streamed import small_memory; small_memory()")
#: An end that no clock decides, and nothing that each replica drops for itself.
OPTIONS = [
    *("--units", "16", "--batch-tokens", "100", "--precision", "float32", "--dropout", "0", "--valid-share", "0.2"),
    *("--epochs", "4", "--max-time", "none", "--patience", "1000", "--seed", "3", *LOG),
]


def small_memory():
    """The real program, that holds fewer pairs in memory."""
    chatbot.corpus.Sources = functools.partial(chatbot.corpus.Sources, block=80)
    runpy.run_module("chatbot", run_name="__main__", alter_sys=True)


def start(folder, corpus, *options):
    return subprocess.Popen(
        [sys.executable, *PROGRAM, "train", str(corpus), *OPTIONS, *options],
        cwd=folder,
        env=program_environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """The events of a process that ends well."""
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out
    return [json.loads(line) for line in out.splitlines()]


def last(log, event):
    return [one for one in log if one["event"] == event][-1]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("words") / "words.tsv", PAIRS)


@pytest.fixture(scope="module")
def alone(corpus, tmp_path_factory):
    """What a run that is left alone says."""
    log = finish(start(tmp_path_factory.mktemp("alone"), corpus))
    assert any("of 320 pairs" in event.get("stage", "") for event in log), "all of it was in memory"
    return log


def test_a_run_that_ctrl_c_ends_goes_on_over_the_same_shards_to_the_same_weights(tmp_path, corpus, alone):
    with start(tmp_path, corpus) as process:
        for line in process.stdout:
            if json.loads(line).get("step", 0) >= 20:
                process.send_signal(signal.SIGINT)
                break
        assert last(finish(process), "finished")["stopped"] == "interrupted"

    log = finish(start(tmp_path, corpus, "--resume"))
    assert 20 <= last(log, "resumed")["step"] < last(log, "finished")["steps"] == last(alone, "finished")["steps"]
    assert last(log, "measured")["valid_loss"] == pytest.approx(last(alone, "measured")["valid_loss"], abs=1e-5)
    assert last(log, "finished")["weights_digest"] == last(alone, "finished")["weights_digest"]


def test_two_workers_come_to_the_loss_of_one_over_the_same_shards_and_the_other_leaves_nothing(tmp_path, corpus, alone):
    with workers(tmp_path, corpus, *OPTIONS, program=PROGRAM) as running:
        codes = [process.wait(PATIENCE) for process in running]
    assert codes == [0, 0], (tmp_path / "errors").read_text() + (tmp_path / "other" / "errors").read_text()
    chief, other = events(tmp_path), events(tmp_path / "other")
    assert last(chief, "finished")["steps"] == last(alone, "finished")["steps"]
    assert last(chief, "measured")["valid_loss"] == pytest.approx(last(alone, "measured")["valid_loss"], rel=1e-3)
    assert last(chief, "finished")["weights_digest"] == last(other, "finished")["weights_digest"]
    bundle = Bundle.open(tmp_path / "checkpoints" / "words")
    assert bundle.manifest["sizes"]["devices"].startswith("2 machines")
    assert {path.name for path in (tmp_path / "other").iterdir()} <= {"log", "errors", "state", "config"}
