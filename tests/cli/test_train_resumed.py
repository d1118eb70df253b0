"""Runs that are interrupted, and what becomes of them: the real program, killed for real."""

import resource
import shutil
import subprocess
import sys

import pytest

from chatbot import Chatbot
from chatbot.bundle import Bundle
from chatbot.cli.resuming import say_again
from chatbot.corpus import Pair
from tests.conftest import program_environment, run_chatbot, write_pairs

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
PAIRS = [Pair(f"what is {word}", f"{word} is a word") for word in WORDS]
#: Several batches a pass, and an end that no clock decides.
OPTIONS = [
    *("--preset", "tiny", "--batch-tokens", "40", "--precision", "float32", "--valid-share", "0.2"),
    *("--epochs", "30", "--max-time", "none", "--patience", "1000", "--seed", "3"),
]


@pytest.fixture
def corpus(tmp_path):
    return write_pairs(tmp_path / "words.tsv", PAIRS)


def kill_when(said, folder, *arguments):
    """Run the program and kill it with SIGKILL as soon as it has said something; returns all that it said."""
    command = [sys.executable, "-m", "chatbot", *map(str, arguments), "--log-interval", "0.001s"]
    lines = []
    with subprocess.Popen(
        command, cwd=folder, env=program_environment(folder), stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            lines.append(line)
            if said in line:
                process.kill()
                break
    assert process.returncode == -9, lines
    return "".join(lines)


def last_validation_loss(place):
    head, *_, last = (place / "history.csv").read_text().splitlines()
    return float(dict(zip(head.split(","), last.split(","), strict=True))["valid_loss"])


def test_a_run_that_is_killed_again_and_again_ends_as_one_left_alone_and_refuses_what_would_change_it(tmp_path, corpus):
    cut = ["train", corpus, "--checkpoint", "cut"]
    assert run_chatbot(["train", corpus, "--checkpoint", "alone", *OPTIONS], tmp_path).returncode == 0
    kill_when(" epoch=3 ", tmp_path, *cut, *OPTIONS)

    for options, message in [
        (["--resume", "--units", "8"], "--units 8: the interrupted run began without --units; leave that out"),
        (["--resume", "--seed", "4"], "--seed 4: the interrupted run began with --seed 3; leave that out to go on"),
        (["--resume", "--epochs", "2"], "--epochs: the interrupted run began with 30, which can only be raised"),
        (["--resume", "--max-time", "1h"], "--max-time: the interrupted run began without this limit; leave that out"),
        (["--resume", "--no-bidirectional"], "--no-bidirectional: the interrupted run began without --bidirectional"),
        ([], "cut: an interrupted run is there; go on with it with --resume, or start anew with --overwrite"),
    ]:
        refused = run_chatbot([*cut, *options], tmp_path)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert message in refused.stderr
    other = write_pairs(tmp_path / "other.tsv", PAIRS[1:])
    refused = run_chatbot(["train", other, "--checkpoint", "cut", "--resume"], tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "began with other pairs in its CORPUS or --valid files" in refused.stderr

    # What is left out now is as it was then.
    said = kill_when("exporting", tmp_path, *cut, "--resume")
    assert " event=resumed epoch=" in said
    done = run_chatbot([*cut, "--resume"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert " event=resumed epoch=30 " in done.stdout
    assert " event=step " not in done.stdout
    assert last_validation_loss(tmp_path / "cut") == pytest.approx(last_validation_loss(tmp_path / "alone"), abs=1e-5)
    assert Chatbot.load(tmp_path / "cut").reply("what is one").tokens is not None
    assert Bundle.open(tmp_path / "cut").manifest["training"] == Bundle.open(tmp_path / "alone").manifest["training"]
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith((".cut", "cut."))]


def test_with_no_run_to_go_on_with_it_says_so_before_anything_slow(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--resume"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "checkpoints/words: no interrupted run to go on with; train without --resume" in done.stderr
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_to_go_on_and_to_start_anew_at_once_is_wrong_usage(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--resume", "--overwrite"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--overwrite: starts anew where --resume would go on with the interrupted run" in done.stderr
    # Where every training may overwrite, a run can go on all the same.
    done = run_chatbot(["train", corpus, "--resume"], tmp_path, CHATBOT_TRAIN_OVERWRITE="1")
    assert done.returncode == 1
    assert "no interrupted run to go on with" in done.stderr


def test_what_goes_on_with_a_run_can_be_typed_as_it_is_said():
    assert say_again(overwrite=False) == "the same command with --resume"
    assert say_again(overwrite=True) == "the same command with --resume in place of --overwrite"


def test_a_disk_that_is_full_is_an_error_and_the_old_bundle_stays_whole(tmp_path, corpus, bare_bundle):
    old = shutil.copytree(bare_bundle, tmp_path / "bot")
    before = Bundle.open(old).manifest
    limit = 5_000  # bytes of a file; what is beyond is refused as on a full disk
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "chatbot",
            "train",
            corpus,
            *OPTIONS,
            "--epochs",
            "2",
            "--checkpoint",
            "bot",
            "--overwrite",
        ],
        cwd=tmp_path,
        env=program_environment(tmp_path),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "chatbot: bot: cannot be written (File too large); the bundle that was there is whole;"
        " free some space and train again\n"
    )
    assert done.stdout.count("event=warning") == 1
    assert 'warning="bot.run/state.npz: cannot be written (File too large); training goes on' in done.stdout
    assert Bundle.open(old).manifest == before
    assert {path.name for path in tmp_path.iterdir()} <= {"words.tsv", "bot", "state", "config"}
