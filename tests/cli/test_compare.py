import gzip
import json
import re

import pexpect
import pytest

from tests.conftest import run_chatbot, write_pairs


@pytest.fixture
def both(english_bundle, bare_bundle):
    """Two bots, of which the second has learned the first twenty pairs of the first."""
    return english_bundle, bare_bundle


def test_the_prompts_of_a_corpus_are_answered_by_both_in_columns(tmp_path, both, english_pairs):
    file = write_pairs(tmp_path / "some.tsv", english_pairs[:30])
    done = run_chatbot(["compare", *both, file], tmp_path)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert (done.returncode, [row[0] for row in rows]) == (0, [pair.prompt for pair in english_pairs[:30]])
    prompts = "".join(f"{pair.prompt}\n" for pair in english_pairs[:30])
    for column, bundle in enumerate(both, 1):
        alone = run_chatbot(["reply", "--checkpoint", bundle], tmp_path, prompts)
        assert [row[column] for row in rows] == alone.stdout.splitlines()
    same = sum(first == second for _, first, second in rows)
    assert 0 < same < 30
    assert done.stderr == f"the same reply to {same} of 30 prompts\n"


def test_a_pipe_and_a_compressed_file_give_the_same_and_empty_lines_nothing(tmp_path, both, english_pairs):
    lines = f"{english_pairs[0].prompt}\n\n \n\tno prompt\n{english_pairs[1].prompt}\n"
    (tmp_path / "lines.gz").write_bytes(gzip.compress(lines.encode()))
    piped = run_chatbot(["compare", *both], tmp_path, lines)
    assert piped.stdout == run_chatbot(["compare", *both, "lines.gz"], tmp_path).stdout
    assert [line.split("\t")[0] for line in piped.stdout.splitlines()] == [pair.prompt for pair in english_pairs[:2]]


def test_json_has_an_object_a_prompt(tmp_path, both, english_pairs):
    prompt = english_pairs[0].prompt
    done = run_chatbot(["compare", *both, "--json", "--beam", "3"], tmp_path, f"{prompt}\nqzx vbnm\n")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert set(first) == {"prompt", "same", "a", "b"}
    assert set(first["a"]) == set(second["b"]) == {"reply", "score", "confidence", "truncated"}
    assert first["prompt"] == prompt
    assert first["same"] == (first["a"]["reply"] == first["b"]["reply"])
    assert second["a"]["confidence"] < first["a"]["confidence"] <= 1
    assert second["a"]["score"] < 0


def test_bots_are_named_by_their_names_under_checkpoints_too(both, learned_pairs):
    folder, (prompt, reply) = both[0].parent.parent, learned_pairs[0]
    done = run_chatbot(["compare", "english", "checkpoints/english"], folder, f"{prompt}\n")
    assert (done.returncode, done.stdout) == (0, f"{prompt}\t{reply}\t{reply}\n")


def test_what_is_missing_is_named(tmp_path, both):
    done = run_chatbot(["compare", both[0], "nowhere"], tmp_path, "hello\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere: no such bundle" in done.stderr
    done = run_chatbot(["compare", *both, "nowhere.tsv"], tmp_path)
    assert (done.returncode, done.stderr) == (1, "chatbot: nowhere.tsv: no such file\n")
    assert run_chatbot(["compare", both[0]], tmp_path).returncode == 2


@pytest.mark.parametrize("options", [[], ["--plain"]])
def test_prompts_are_typed_at_a_terminal(terminal, both, learned_pairs, options):
    prompt, reply = learned_pairs[0]
    child = terminal("compare", *both, *options, size=(40, 200))
    child.expect_exact("Ctrl-D ends.")
    child.expect_exact("you> ")
    child.send("dropped")
    child.expect_exact("dropped")
    child.sendintr()
    child.expect_exact("you> ")
    child.send(f"{prompt}\r")
    if options:
        child.expect(rf"prompt: {re.escape(prompt)}\r\nenglish: {re.escape(reply[:10])}.*\r\nbare: ")
    else:
        child.expect(r"english[^\n]*bare")
        child.expect_exact(reply)
    child.expect_exact("you> ")
    child.send("\x04")
    child.expect(r"the same reply to \d of 1 prompts")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
