import json
import re
import subprocess
import sys

import pytest

from tests.cli.conftest import run_on_terminal
from tests.conftest import ROOT, program_environment, run_chatbot


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


def documented_keys() -> list[str]:
    """The keys in the table of the reference, in its order."""
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    table = page.partition("<!-- reply --json -->")[2].partition("<!-- end -->")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def answers(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_object_has_the_keys_of_the_reference_and_the_reply_that_text_has(tmp_path, at, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["reply", prompt, "--json", *at], tmp_path)
    (answer,) = answers(done)
    assert done.stderr == ""
    assert list(answer) == documented_keys()
    assert (answer["prompt"], answer["reply"]) == (prompt, reply)
    assert answer["score"] == pytest.approx(sum(token["log_probability"] for token in answer["tokens"]))
    assert "".join(token["token"] for token in answer["tokens"]).replace("▁", " ").strip() == f"{reply}<eos>"
    assert 0 <= answer["confidence"] <= 1
    assert (answer["truncated"], answer["prompt_truncated"], answer["fallback"]) == (False, False, False)
    assert answer["alternatives"] == []


def test_each_line_of_a_pipe_is_a_line_with_its_alternatives_however_many_there_are(tmp_path, at, learned_pairs):
    (first, said), (second, answered) = learned_pairs[:2]
    done = run_chatbot(["reply", "--json", "--beam", "4", "--n-best", "3", *at], tmp_path, f"{first}\n\n {second}\n")
    one, empty, two = answers(done)
    assert [one["prompt"], empty["prompt"], two["prompt"]] == [first, "", f" {second}"]
    assert [one["reply"], empty["reply"], two["reply"]] == [said, "", answered]
    assert (empty["tokens"], empty["alternatives"], empty["score"], empty["confidence"]) == ([], [], 0, 0)
    for answer in (one, two):
        others = answer["alternatives"]
        assert len({answer["reply"], *(other["reply"] for other in others)}) == 3
        assert all(list(other) == [key for key in documented_keys() if key in other] for other in others)
        assert all({"reply", "score", "confidence", "truncated", "tokens"} == other.keys() for other in others)


def test_what_was_cut_is_in_the_object_and_not_on_stderr(tmp_path, at):
    options = ["--json", "--max-tokens", "2", "--min-tokens", "2", *at]
    done = run_chatbot(["reply", *options], tmp_path, f"hello\n{'tell me more ' * 400}\n")
    short, long = answers(done)
    assert done.stderr == ""
    assert (short["truncated"], short["prompt_truncated"], len(short["tokens"])) == (True, False, 2)
    assert all(token["token"] != "<eos>" for token in short["tokens"])
    assert long["prompt_truncated"] is True


def test_a_fallback_says_so_and_keeps_the_scores_of_the_reply_whose_place_it_took(tmp_path, at, learned_pairs):
    prompt, _ = learned_pairs[0]
    (sure,) = answers(run_chatbot(["reply", prompt, "--json", *at], tmp_path))
    options = ["--json", "--fallback", "Pardon?", "--min-confidence", "1", *at]
    (unsure,) = answers(run_chatbot(["reply", prompt, *options], tmp_path))
    assert (unsure["reply"], unsure["fallback"], unsure["tokens"]) == ("Pardon?", True, [])
    assert unsure["score"] == pytest.approx(sure["score"])
    assert unsure["confidence"] == pytest.approx(sure["confidence"])


def test_text_of_every_script_survives_whatever_the_encoding_of_stdout(tmp_path, at):
    for encoding in ("utf-8", "ascii"):
        done = run_chatbot(["reply", "--json", *at], tmp_path, "안녕 🙂\n", PYTHONIOENCODING=encoding)
        (answer,) = answers(done)
        assert answer["prompt"] == "안녕 🙂"
        assert any("▁" in token["token"] for token in answer["tokens"])


def test_a_warning_is_an_object_too_and_quiet_leaves_it_out(tmp_path, at):
    done = run_chatbot(["reply", "--json", *at], tmp_path, b"caf\xe9\n")
    assert json.loads(done.stderr) == {"warning": "stdin:1: not UTF-8; the bytes that are not were replaced"}
    assert answers(done)[0]["prompt"] == "caf\ufffd"
    assert run_chatbot(["reply", "--json", "--quiet", *at], tmp_path, b"caf\xe9\n").stderr == ""


def test_quiet_says_nothing_of_what_was_cut_and_still_why_it_failed(tmp_path, at):
    options = ["--max-tokens", "2", "--min-tokens", "2", *at]
    pipe = f"hello\n{'tell me more ' * 400}\n".encode() + b"\xe9\n"
    loud, quiet = (run_chatbot(["reply", *options, *more], tmp_path, pipe) for more in ([], ["-q"]))
    assert loud.stderr.count("\n") == 5
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, loud.stdout, "")
    assert "none: no such bundle" in run_chatbot(["reply", "-q", "hi", "--checkpoint", "none"], tmp_path).stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["reply", "hi", "--checkpoint", "none"], 1, "none: no such bundle"),
        (["reply", "hi", "--beam", "0"], 2, "--beam"),
        (["reply", "hi", "--frobnicate"], 2, "--frobnicate"),
        (["reply", "hi", "--max-tokens", "few"], 2, "--max-tokens"),
        (["reply", "two", "prompts"], 2, "prompts"),
        (["evaluate", "missing.tsv", "--checkpoint", "none"], 1, "none: no such bundle"),
        (["corpus", "check", "missing.tsv"], 1, "missing.tsv"),
        (["info"], 1, "no bot has been trained yet; looked in "),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_with_json_an_error_is_one_object_with_its_exit_code(tmp_path, arguments, code, said):
    done = run_chatbot([*arguments, "--json"], tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    told = json.loads(done.stderr)
    assert (list(told), told["exit_code"]) == (["error", "exit_code"], code)
    assert said in told["error"]


def test_behind_two_dashes_json_is_no_option(tmp_path):
    done = run_chatbot(["reply", "--beam", "0", "--", "--json"], tmp_path)
    assert done.returncode == 2
    assert "Error: " in done.stderr


def test_no_prompt_on_a_terminal_is_an_object_where_json_is_asked_for(tmp_path):
    done = run_on_terminal(["reply", "--json"], tmp_path)
    assert (done.returncode, done.stdout, json.loads(done.stderr)["exit_code"]) == (2, "", 2)


def test_with_a_prompt_the_lines_of_stdin_are_left_to_the_loop_around_it(tmp_path, english_bundle, learned_pairs):
    prompts = [pair.prompt for pair in learned_pairs[:2]]
    loop = f'while read -r line; do {sys.executable} -m chatbot reply "$line" --checkpoint {english_bundle}; done'
    done = subprocess.run(
        ["bash", "-c", loop],
        input="".join(f"{prompt}\n" for prompt in prompts),
        capture_output=True,
        cwd=tmp_path,
        env=program_environment(tmp_path),
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [pair.reply for pair in learned_pairs[:2]]


def test_a_dash_is_standard_input_from_a_terminal_too(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_on_terminal(["reply", "-", "--checkpoint", english_bundle], tmp_path, f"{prompt}\n\x04".encode())
    assert (done.returncode, done.stdout) == (0, f"{reply}\n")
