import json
import os
import sys

import pexpect
import pytest

from tests.conftest import program_environment, run_chatbot, write_pairs

KEYS = [
    "pairs",
    "prompts",
    "perplexity",
    "bits_per_byte",
    "exact_match",
    "bleu",
    "chrf",
    "distinct_1",
    "distinct_2",
    "top_reply_share",
    "confidence",
    "calibration_error",
    "replies_per_second",
    "nearest_neighbour",
]


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


@pytest.fixture
def corpus(tmp_path, english_pairs):
    return write_pairs(tmp_path / "some.tsv", english_pairs[:10])


def test_json_is_one_object_with_all_the_figures_and_nothing_else_on_stdout(tmp_path, at, corpus):
    done = run_chatbot(["evaluate", corpus, "--json", *at], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == KEYS
    assert list(found["nearest_neighbour"]) == ["exact_match", "bleu", "chrf"]
    assert (found["pairs"], found["prompts"]) == (10, 10)
    assert found["exact_match"] >= 0.9
    assert found["nearest_neighbour"]["exact_match"] == 1
    assert all(0 <= found[key] <= 1 for key in ("confidence", "calibration_error", "distinct_1", "top_reply_share"))


def test_people_get_a_table_with_the_baseline_beside_the_bot(tmp_path, at, corpus):
    done = run_chatbot(["evaluate", corpus, *at], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split("  ") for line in done.stdout.splitlines()]
    cells = {line[0].strip(): [cell.strip() for cell in line[1:] if cell.strip()] for line in lines}
    assert cells[""] == ["bot", "nearest neighbour"]
    assert cells["pairs"] == cells["prompts"] == ["10"]
    assert cells["exact match"][1] == "100.0%"
    for name in ("perplexity", "bits per byte", "BLEU", "chrF", "distinct-1", "distinct-2", "most frequent reply"):
        assert cells[name]
    for name in ("confidence", "calibration error", "replies per second"):
        assert len(cells[name]) == 1
    assert "\x1b" not in done.stdout


def test_without_an_index_the_baseline_is_null_and_a_dash(tmp_path, bare_bundle, corpus):
    at = ["--checkpoint", bare_bundle]
    assert json.loads(run_chatbot(["evaluate", corpus, "--json", *at], tmp_path).stdout)["nearest_neighbour"] is None
    row = next(line for line in run_chatbot(["evaluate", corpus, *at], tmp_path).stdout.splitlines() if "BLEU" in line)
    assert row.split()[-1] == "—"


def test_further_columns_are_no_part_of_the_pairs(tmp_path, at, english_pairs):
    wide = tmp_path / "wide.tsv"
    wide.write_text("".join(f"{prompt}\t{reply}\ttopic\tmore\n" for prompt, reply in english_pairs[:5]))
    found = json.loads(run_chatbot(["evaluate", wide, "--json", *at], tmp_path).stdout)
    assert (found["pairs"], found["nearest_neighbour"]["exact_match"]) == (5, 1)


def test_lines_that_cannot_be_used_are_reported_and_skipped(tmp_path, at, corpus):
    with corpus.open("a") as file:
        file.write("no tab here\n")
    done = run_chatbot(["evaluate", corpus, "--json", *at], tmp_path)
    assert json.loads(done.stdout)["pairs"] == 10
    told = [f"{corpus}:11: no tab between prompt and reply", f"{corpus}: 1 line skipped"]
    assert [json.loads(line) for line in done.stderr.splitlines()] == [{"warning": line} for line in told]
    assert run_chatbot(["evaluate", corpus, *at], tmp_path).stderr.splitlines() == told


def test_the_replies_are_chosen_as_the_options_say(tmp_path, at, corpus):
    cut = json.loads(run_chatbot(["evaluate", corpus, "--json", "--max-tokens", "1", *at], tmp_path).stdout)
    assert cut["exact_match"] == 0
    beam = json.loads(run_chatbot(["evaluate", corpus, "--json", "--beam", "3", *at], tmp_path).stdout)
    assert beam["exact_match"] >= 0.8
    assert cut["perplexity"] == pytest.approx(beam["perplexity"])


@pytest.mark.parametrize("options", [["--beam", "0"], ["--top-p", "2"], ["--beam", "2", "--temperature", "1"]])
def test_options_out_of_range_are_usage_errors_that_name_them(tmp_path, at, corpus, options):
    done = run_chatbot(["evaluate", corpus, *options, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such file"), ("", "no usable pair"), ("hello\n", "no usable pair")]
)
def test_a_corpus_that_holds_nothing_is_an_error(tmp_path, at, content, said):
    corpus = tmp_path / "none.tsv"
    if content is not None:
        corpus.write_text(content)
    done = run_chatbot(["evaluate", corpus, *at], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_on_a_terminal_bars_show_how_far_it_is_and_leave_the_table(tmp_path, at, corpus):
    child = pexpect.spawn(
        sys.executable,
        ["-m", "chatbot", "evaluate", str(corpus), *map(os.fspath, at)],
        cwd=str(tmp_path),
        env=program_environment(tmp_path) | {"TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 100),
    )
    child.expect("scoring the recorded replies")
    child.expect("answering")
    child.expect("exact match")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
