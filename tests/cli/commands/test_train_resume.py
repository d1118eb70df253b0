"""Runs that are interrupted, and what becomes of them: the real program, killed for real."""

import dataclasses
import shutil
import subprocess

import numpy as np
import pytest
from typer.testing import CliRunner

from chatbot import Chatbot
from chatbot.bundle import Bundle
from chatbot.cli.app import app
from chatbot.cli.commands.train_resume import resume_hint
from chatbot.config import TrainingConfig
from chatbot.corpus import Pair
from chatbot.runs.run_folder import RunFolder
from chatbot.runs.run_identity import Identity
from chatbot.runs.saved_state_file import SavedState
from tests.conftest import file_size_limit, run_chatbot, running, write_pairs

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
PAIRS = [Pair(f"what is {word}", f"{word} is a word") for word in WORDS]
#: Several batches an epoch, and an end that no clock decides.
OPTIONS = [
    *("--preset", "tiny", "--batch-tokens", "40", "--precision", "float32", "--valid-share", "0.2"),
    *("--epochs", "12", "--max-time", "none", "--patience", "1000", "--seed", "3", "--float", "--no-index"),
]


@pytest.fixture
def corpus(tmp_path):
    return write_pairs(tmp_path / "words.tsv", PAIRS)


def kill_when(said, folder, *arguments):
    """Run the program and kill it with SIGKILL as soon as it has said something; returns all that it said."""
    lines = []
    command = [*arguments, "--json-logs", "--log-interval", "0.001s"]
    with running(command, folder, stdout=subprocess.PIPE, text=True) as process:
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


def test_a_run_that_is_killed_again_and_again_ends_as_one_left_alone_and_refuses_what_would_change_it(
    tmp_path, corpus, monkeypatch
):
    cut = ["train", corpus, "--checkpoint", "cut"]
    assert run_chatbot(["train", corpus, "--checkpoint", "alone", *OPTIONS], tmp_path).returncode == 0
    kill_when('"epoch": 3,', tmp_path, *cut, *OPTIONS)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for options, message in [
        (["--resume", "--units", "8"], "--units 8: the interrupted run began without --units; leave that out"),
        (["--resume", "--seed", "4"], "--seed 4: the interrupted run began with --seed 3; leave that out to resume it"),
        (["--resume", "--epochs", "2"], "--epochs: the interrupted run began with 12, which can only be raised"),
        (["--resume", "--max-time", "1h"], "--max-time: the interrupted run began without this limit; leave that out"),
        (["--resume", "--no-bidirectional"], "--no-bidirectional: the interrupted run began without --bidirectional"),
        ([], "cut: found an interrupted run; continue it with --resume or discard it with --overwrite"),
    ]:
        refused = CliRunner().invoke(app, [*map(str, cut), *options])
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert message in refused.stderr
    other = write_pairs(tmp_path / "other.tsv", PAIRS[1:])
    refused = CliRunner().invoke(app, ["train", str(other), "--checkpoint", "cut", "--resume"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "began with other pairs in its CORPUS or --valid files" in refused.stderr

    # What is left out now is as it was then.
    said = kill_when("exporting", tmp_path, *cut, "--resume")
    assert '"event": "resumed", "epoch": ' in said
    done = run_chatbot([*cut, "--resume", "--json-logs"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"event": "resumed", "epoch": 12,' in done.stdout
    assert '"event": "step"' not in done.stdout
    assert last_validation_loss(tmp_path / "cut") == pytest.approx(last_validation_loss(tmp_path / "alone"), abs=1e-5)
    assert Chatbot.load(tmp_path / "cut").reply("what is one").tokens is not None
    assert Bundle.open(tmp_path / "cut").manifest["training"] == Bundle.open(tmp_path / "alone").manifest["training"]
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith((".cut", "cut."))]


def interrupt(place, options=None, step=None, without=()):
    """Leave a run behind as one that was killed; with a step, it had been saved, without some keys of its recipe."""
    folder = RunFolder(place.with_name(f"{place.name}.run"))
    place.with_name(f"{place.name}.run").mkdir(exist_ok=True)
    folder.begin(Identity(options or {}, "the digest", {}))
    if step is not None:
        recipe = dataclasses.replace(TrainingConfig(), epochs=3).to_json()
        kept = {name: value for name, value in recipe.items() if name not in without}
        folder.save(SavedState({"recipe": kept, "run": {"step": step}}, {}))


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Ask for a training that ends before TensorFlow is loaded: its corpus has nothing to learn from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "empty.tsv").write_text("no tab\n")

    def ask(*options):
        done = CliRunner().invoke(app, ["train", "empty.tsv", "--checkpoint", "bot", *options])
        assert done.exit_code == 1, done.output
        return done.stderr

    return ask


NOTHING_TO_LEARN = "chatbot: empty.tsv: no usable pair"


def test_resume_with_nothing_to_resume_begins_anew_and_says_so(train):
    said = train("--resume")
    assert said.startswith("bot: no interrupted run to resume; starting a new one\n")
    assert NOTHING_TO_LEARN in said


def test_a_run_killed_before_its_first_save_is_begun_anew_by_resume_with_any_options(train, tmp_path):
    interrupt(tmp_path / "bot", {"units": 8, "max_time": "1h"})
    said = train("--resume", "--units", "16")
    assert said.startswith("bot: the run was interrupted before anything was saved; starting it anew\n")
    assert NOTHING_TO_LEARN in said


def test_a_finished_training_has_nothing_to_resume(train, tmp_path, bare_bundle):
    shutil.copytree(bare_bundle, tmp_path / "bot")
    said = train("--resume")
    assert said.startswith("chatbot: bot: nothing to resume, the training has finished and its bundle is there;")
    assert "--overwrite" in said
    # Unless a new one that may replace it was begun and killed.
    interrupt(tmp_path / "bot", {})
    assert NOTHING_TO_LEARN in train("--resume")


def test_what_was_learned_is_not_discarded_unasked_and_a_run_without_a_step_has_learned_nothing(train, tmp_path):
    interrupt(tmp_path / "bot", step=0)
    assert NOTHING_TO_LEARN in train()
    interrupt(tmp_path / "bot", step=1)
    said = train()
    assert said == (
        "chatbot: bot: found an interrupted run; continue it with --resume or discard it with --overwrite\n"
    )
    assert NOTHING_TO_LEARN in train("--overwrite")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"max_time": 5}, "max_time"),
        ({"max_time": "soon"}, "max_time"),
        ({"units": "many"}, "units"),
        ({"units": -4}, "units"),
        ({"epochs": 2.5}, "epochs"),
        ({"preset": "huge"}, "preset"),
        ({"architecture": "perceptron"}, "architecture"),
        ({"attention": ["dot"]}, "attention"),
        ({"valid": 7}, "valid"),
        ({"init_from": {}}, "init_from"),
        ({"index": None}, "index"),
        ({"seed": True}, "seed"),
        ({"learning_rate": "fast"}, "learning_rate"),
    ],
)
@pytest.mark.parametrize("step", [None, 7], ids=["unsaved", "saved"])
def test_options_of_a_run_that_are_none_are_refused_by_file_and_name(train, tmp_path, options, named, step):
    interrupt(tmp_path / "bot", options, step)
    said = train("--resume").splitlines()[-1]
    assert said.startswith("chatbot: bot.run/run.json: damaged (")
    assert named in said
    assert "--overwrite" in said


def test_a_run_that_was_saved_before_there_was_an_option_is_resumed_with_its_default(train, tmp_path):
    interrupt(tmp_path / "bot", {"seed": 3}, step=7, without=["learning_rate", "precision", "max_seconds"])
    assert NOTHING_TO_LEARN in train("--resume")
    assert train("--resume", "--max-time", "1m").startswith(
        "chatbot: --max-time: the interrupted run began with 240 s, which can only be raised"
    )


@pytest.mark.parametrize("values", [b"5", b"[]", b"{}", b'{"recipe": 3}', b'{"recipe": {"epochs": "x"}}', b"[" * 9999])
def test_a_saved_state_that_is_none_is_refused_by_name(train, tmp_path, values):
    interrupt(tmp_path / "bot", {}, step=7)
    np.savez(tmp_path / "bot.run" / "state.npz", values=np.frombuffer(values, np.uint8))
    said = train("--resume")
    assert "bot.run/state.npz: " in said
    assert "--overwrite" in said


def test_to_go_on_and_to_start_anew_at_once_is_wrong_usage(tmp_path, corpus):
    done = run_chatbot(["train", corpus, "--resume", "--overwrite"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: --overwrite starts anew where --resume continues the interrupted run" in done.stderr


def test_where_every_training_may_overwrite_a_run_can_be_resumed_all_the_same(train, monkeypatch):
    monkeypatch.setenv("CHATBOT_TRAIN_OVERWRITE", "1")
    assert train("--resume").startswith("bot: no interrupted run to resume")


def test_the_hint_how_to_resume_can_be_typed_as_it_is_said():
    assert resume_hint(overwrite=False) == "the same command with --resume"
    assert resume_hint(overwrite=True) == "the same command with --resume in place of --overwrite"


def test_a_disk_that_is_full_is_an_error_and_the_old_bundle_stays_whole(tmp_path, corpus, bare_bundle):
    old = shutil.copytree(bare_bundle, tmp_path / "bot")
    before = Bundle.open(old).manifest
    with file_size_limit(5_000):  # bytes; what is beyond is refused as on a full disk
        done = run_chatbot(["train", corpus, *OPTIONS, "--epochs", "2", "--checkpoint", "bot", "--overwrite"], tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "chatbot: bot: cannot be written (File too large); the bundle that was there is whole;"
        " raise the limit on the size of files, then train again\n"
    )
    assert done.stdout.count("warning: ") == 1
    assert "warning: bot.run/state.npz: cannot be written (File too large); training continues" in done.stdout
    assert Bundle.open(old).manifest == before
    assert {path.name for path in tmp_path.iterdir()} <= {"words.tsv", "bot", "state", "config"}
