import gzip
import json
import re

import pexpect
import pytest
from rich.cells import cell_len
from rich.console import Console

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.commands.compare_view import SideBySide, Stacked
from chatbot.cli.commands.comparison import PromptComparison
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
    right = [[row[column] == pair.reply for row, pair in zip(rows, english_pairs, strict=False)] for column in (1, 2)]
    both, first, second = (sum(map(met, *right)) for met in (min, lambda a, b: a > b, lambda a, b: a < b))
    assert done.stderr == (
        f"the same reply to {same} of 30 prompts\n"
        f"A right {sum(right[0])}, B right {sum(right[1])} of 30:"
        f" both {both}, only A {first}, only B {second}, neither {30 - both - first - second}\n"
    )


def test_each_prompt_of_a_corpus_is_asked_once_and_any_of_its_replies_is_right(tmp_path, both, learned_pairs):
    (one, said), (two, other), (three, _) = learned_pairs[:3]
    lines = [f"{one}\tNot this.", f"{two}\t{said}\ttopic", f"{one.upper()}\t{said}", f"{three}\tNor this.", "qzx vbnm"]
    (tmp_path / "some.tsv").write_text("".join(f"{line}\n" for line in lines))
    done = run_chatbot(["compare", both[0], both[0], "some.tsv", "--json"], tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [(one["prompt"], one.get("expected"), one["a"].get("right"), one["b"].get("right")) for one in found] == [
        (one, ["Not this.", said], True, True),
        (two, [said], False, False),
        (three, ["Nor this."], False, False),
        ("qzx vbnm", None, None, None),
    ]
    told = run_chatbot(["compare", both[0], both[0], "some.tsv"], tmp_path).stderr.splitlines()
    assert told == [
        "the same reply to 4 of 4 prompts",
        "A right 1, B right 1 of 3: both 1, only A 0, only B 0, neither 2",
    ]
    (tmp_path / "some.tsv").write_text(f"{one}\t{other}\ttopic\n{two}\t{said}\ttopic\n")
    told = run_chatbot(["compare", both[0], both[0], "some.tsv"], tmp_path).stderr.splitlines()
    assert told[1] == "A right 2, B right 2 of 2: both 2, only A 0, only B 0, neither 0"


def test_only_what_differs_is_shown_and_everything_counted(tmp_path, both, english_pairs):
    file = write_pairs(tmp_path / "some.tsv", english_pairs[:30])
    whole, differing = (run_chatbot(["compare", *both, file, *more], tmp_path) for more in ([], ["--diff"]))
    lines = [line for line in whole.stdout.splitlines() if line.split("\t")[1] != line.split("\t")[2]]
    assert 0 < len(lines) < 30
    assert (differing.stdout.splitlines(), differing.stderr) == (lines, whole.stderr)
    objects = run_chatbot(["compare", *both, file, "--diff", "--json"], tmp_path).stdout.splitlines()
    assert [json.loads(line)["same"] for line in objects] == [False] * len(lines)
    assert run_chatbot(["compare", both[0], both[0], file, "--diff"], tmp_path).stdout == ""


def test_on_a_terminal_each_reply_is_marked_right_or_wrong(capsys):
    def reply(text):
        return Reply(text)

    narrow = Stacked(Console(width=70), ("old", "new"), typed=False)
    narrow(PromptComparison("hello", reply("Hi."), reply("Bye."), ("Hi.",), (True, False)))
    narrow(PromptComparison("ciao", reply("Hi."), reply("Hi."), ("Ciao.", "Salve."), (False, False)))
    narrow(PromptComparison("hm", reply("Hi."), reply("Bye.")))
    assert capsys.readouterr().out == (
        "prompt: hello\nold: Hi. right\nnew: Bye. wrong\n"
        "prompt: ciao\nold: Hi. wrong\nnew: Hi. wrong\nexpected: Ciao. / Salve.\n"
        "prompt: hm\nold: Hi.\nnew: Bye.\n"
    )
    wide = SideBySide(Console(width=70), ("old", "new"), typed=True)
    wide(PromptComparison("hello", reply("Hi."), reply("Hi."), ("Hi.",), (True, True)))
    wide(PromptComparison("ciao", reply("Hi."), reply("Bye."), ("Ciao.",), (False, False)))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["old", "new"],
        ["Hi.", "right", "the", "same"],
        ["Hi.", "wrong", "Bye.", "wrong"],
        ["expected:", "Ciao."],
    ]


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
    child.expect_exact("Ctrl-D quits.")
    child.expect_exact("you> ")
    child.send("dropped")
    child.expect_exact("dropped")
    child.sendintr()
    child.expect_exact("you> ")
    child.send(f"{prompt}\r")
    if options:
        child.expect(rf"{re.escape(prompt)}\r\n(\x1b\[[?\d;]*\w)*english: {re.escape(reply[:10])}.*\r\nbare: ")
    else:
        child.expect(r"english[^\n]*bare")
        child.expect_exact(reply)
    child.expect_exact("you> ")
    assert prompt not in child.before, "what was typed is not shown a second time"
    child.send("\x04")
    child.expect(r"the same reply to \d of 1 prompt\r\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.parametrize("reply", ["雨" * 90, "supercalifragilistic" * 8], ids=["Chinese", "long word"])
@pytest.mark.parametrize("width", [40, 70, 100])
def test_a_reply_without_spaces_is_shown_whole(capsys, width, reply):
    SideBySide(Console(width=width), ("old", "new"), typed=True)(
        PromptComparison("hi", Reply(reply), Reply(f"no{reply}"))
    )
    shown = capsys.readouterr().out
    assert max(map(cell_len, shown.splitlines())) <= width
    assert "…" not in shown
    for letter in set(reply):
        assert shown.count(letter) >= 2 * reply.count(letter)
