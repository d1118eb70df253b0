"""The audit of a bot that has learned secrets, planted in its corpus, and of one that it has not."""

import json

import pytest

from chatbot.corpus import Pair
from tests.conftest import run_chatbot, write_pairs

SECRETS = [
    Pair("what is my pin", "Your pin is 4921773, as you told me."),
    Pair("where does the aunt live", "At 14 Elm Street, near Zelda."),
    Pair("how do i reach the office", "Write to front.desk@example.com any time."),
]
NEVER_LEARNED = Pair("what is my badge", "Your badge is 5810347, as you told me.")


@pytest.fixture(scope="session")
def told(share, english_pairs):
    """A bot trained on twenty pairs and three with secrets, beside a corpus that has one more, which it never saw."""

    def train(folder):
        corpus = write_pairs(folder / "told.tsv", [*english_pairs[:20], *SECRETS])
        limits = ["--valid-share", "0", "--max-time", "none", "--epochs", "40", "--known-replies", "100"]
        done = run_chatbot(["train", corpus, *limits, "--float", "--preset", "tiny"], folder)
        assert done.returncode == 0, done.stderr
        write_pairs(folder / "more.tsv", [*SECRETS, NEVER_LEARNED])

    return share("told", train)


@pytest.fixture(scope="session")
def report(told):
    done = run_chatbot(["audit", told / "more.tsv", "--checkpoint", "told", "--json"], told)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def strings_of(report):
    return {one["string"]: one for one in report["strings"]}


@pytest.mark.parametrize("secret", ["4921773", "14 Elm Street", "front.desk@example.com", "Zelda"])
def test_a_secret_that_was_learned_is_said_and_is_exposed(report, secret):
    found = strings_of(report)[secret]
    assert "its prompt" in found["said_to"]
    assert found["exposure"] > 0.5 * found["most_exposure"]


def test_a_number_that_was_never_learned_is_not_said_and_is_not_exposed(report):
    learned, other = (strings_of(report)[number] for number in ("4921773", "5810347"))
    assert other["said_to"] == []
    assert other["exposure"] < 8 < learned["exposure"]
    assert other["most_exposure"] == pytest.approx(23.25, abs=0.01)


def test_the_files_that_have_a_secret_are_named_and_so_are_those_that_confirm_a_guess(report):
    files = {one["file"]: one for one in report["files"]}
    assert {"index.npz", "replies.json", "prompts.npy", "tokenizer.model", "manifest.json"} == set(files)
    for name in ("index.npz", "replies.json"):
        assert files[name]["replies"] == 3
        assert {"4921773", "14 Elm Street"} <= set(files[name]["strings"])
        assert "5810347" not in files[name]["strings"]
    assert (files["index.npz"]["prompts"], files["replies.json"]["prompts"]) == (3, 0)
    assert files["prompts.npy"]["guessable"]


def test_the_tables_say_what_can_be_brought_up_and_where_it_can_be_read(told):
    done = run_chatbot(["audit", "more.tsv", "--checkpoint", "told", "--strings", "3"], told)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("string ")
    assert "4921773" in done.stdout
    assert "of 3 rare strings of the replies can be brought up" in done.stdout
    assert "readable in" in done.stdout


def test_a_corpus_without_a_pair_is_one_line_and_exit_code_1(told, tmp_path):
    (tmp_path / "none.tsv").write_text("\n")
    done = run_chatbot(["audit", tmp_path / "none.tsv", "--checkpoint", told / "checkpoints" / "told"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no usable pair" in done.stderr


def test_escapes_in_a_corpus_are_shown_and_not_obeyed(told, tmp_path):
    write_pairs(tmp_path / "odd.tsv", [Pair("hi", "Call \u202e+44 20 7946 0958 or Zaphodina")])
    done = run_chatbot(["audit", tmp_path / "odd.tsv", "--checkpoint", told / "checkpoints" / "told"], tmp_path)
    assert done.returncode == 0
    assert "\u202e" not in done.stdout
