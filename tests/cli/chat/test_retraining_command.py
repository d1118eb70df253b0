import math
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.cli.chat.corrections import FILE
from chatbot.cli.chat.retraining_command import learn

PLACE = Path("checkpoints/my shop")
AGAIN = "--init-from 'checkpoints/my shop' --checkpoint 'checkpoints/my shop' --overwrite"


def said(**manifest):
    return shlex.join(learn(FILE, PLACE, manifest).command)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    (tmp_path / "corpora").mkdir()
    for name in ("here.tsv", "corpora/there.tsv", "corpora/corrections.tsv", "-dash.tsv"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)


def test_the_corpora_are_named_as_they_are_found_and_the_corrections_once():
    corpus = ["here.tsv", "there.tsv", "corrections.tsv", "-dash.tsv"]
    assert said(corpus=corpus) == (
        f"chatbot train here.tsv corpora/there.tsv ./-dash.tsv corpora/corrections.tsv {AGAIN}"
    )
    assert learn(FILE, PLACE, {"corpus": corpus}).missing == []
    assert said() == f"chatbot train CORPUS corpora/corrections.tsv {AGAIN}"


def test_a_bot_with_known_replies_learns_without_a_training():
    learned = "chatbot learn corpora/corrections.tsv --checkpoint 'checkpoints/my shop'"
    assert said(corpus=["gone.tsv"], model={"known_replies": 30}) == learned
    assert learn(FILE, PLACE, {"corpus": ["gone.tsv"], "model": {"known_replies": 30}}).missing == []
    assert said(model={"known_replies": 0}) == said()


def test_a_corpus_that_is_not_here_keeps_its_name_and_is_said_to_be_missing():
    learning = learn(FILE, PLACE, {"corpus": ["gone away.tsv", "here.tsv"]})
    assert learning.missing == ["gone away.tsv"]
    assert shlex.join(learning.command).startswith("chatbot train 'gone away.tsv' here.tsv corpora/corrections.tsv")


def test_the_options_are_those_that_it_was_trained_with():
    training = {"valid_share": 0.0, "seed": 12345678, "patience": 20, "learning_rate": 0.003, "max_seconds": 1200.0}
    assert said(training=training, weights={"kind": "float32", "int8_same_replies": None}, files={"a": {}}) == (
        "chatbot train CORPUS corpora/corrections.tsv --valid-share 0 --seed 12345678 --learning-rate 0.003"
        f" --max-time 1200s --float --no-index {AGAIN}"
    )
    assert "--max-time none" in said(training={"max_seconds": None})
    defaults = {"valid_share": None, "seed": 0, "max_seconds": 240.0, "epochs": 63, "dropout": 0.2}
    chosen = {"kind": "float32", "int8_same_replies": 3}
    assert said(training=defaults, weights=chosen, files={"index.npz": {}}) == said()


JSON = st.none() | st.booleans() | st.integers() | st.sampled_from([math.nan, math.inf, 0.5]) | st.text("-a\n")


@given(st.dictionaries(st.sampled_from(["corpus", "training", "weights", "files", "model"]), st.lists(JSON) | JSON))
def test_whatever_a_manifest_says_there_is_one_line_for_a_shell(manifest):
    words = learn(FILE, PLACE, manifest).command
    assert shlex.split(shlex.join(words)) == list(words)
    assert "\n" not in shlex.join(words)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["valid_share", "seed", "learning_rate", "max_seconds"], JSON)))
def test_a_number_that_is_none_is_left_out(training):
    assert not {"nan", "inf", "True", "nans", "infs"} & set(learn(FILE, PLACE, {"training": training}).command)
