import json
import shutil
import subprocess

import pytest

from tests.cli.conftest import run_streams
from tests.conftest import run_chatbot

HELP = """\
/help              show this list
/why               explain the last reply, token by token
/set [NAME VALUE]  show all settings, or change one
/unset [NAME]      reset a setting, or all of them
/beam [N]          search with a beam of N; 1 is greedy
/alternatives [N]  show the best N other replies
/again             give another reply to the same prompt
/undo              forget the last turn
/reset             start a new conversation on a clean screen
/context           show what the bot reads before the next prompt
/save FILE         write the conversation to a file, as JSON Lines
/load BUNDLE       switch to another bot
/teach [REPLY]     save what it should have said to corpora/corrections.tsv
/exit              leave, as /quit and Ctrl-D do
Tab completes commands, settings and values. Ctrl-C stops a reply or drops the line; Ctrl-D leaves.
Alt-Enter begins a new line, as Enter does between \"""; Ctrl-X Ctrl-E opens an editor.
Ctrl-R searches what was typed before; Right arrow accepts a suggestion.
"""


def test_a_whole_conversation_through_a_pipe(tmp_path, english_bundle, learned_pairs):
    (first, said), (second, answered) = learned_pairs[0], learned_pairs[5]
    lines = [first, "", "/dance", second, "/reset", "/help", "/exit", "never read"]
    done = run_chatbot(["chat", "--checkpoint", english_bundle], tmp_path, "".join(f"{line}\n" for line in lines))
    assert done.returncode == 0
    assert done.stdout == f"{said}\n{answered}\n"
    today = done.stderr.split(" on ")[2][:10]
    assert done.stderr == (
        f"english, trained on english.tsv on {today}. /help for commands, Ctrl-D to leave.\n"
        "chatbot: unknown command /dance; /help lists the commands\n"
        "new conversation; 2 turns forgotten\n"
        f"{HELP}"
    )


def test_the_last_reply_is_explained_where_nothing_else_stands_on_stdout(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    lines = f"/why\n{prompt}\n/why\n/beam 3\n/again\n/why\n"
    done = run_chatbot(["chat", "--checkpoint", english_bundle, "--plain"], tmp_path, lines)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == reply
    before, first, second = done.stderr.split("Step by step")
    assert "chatbot: nothing has been said yet" in before
    assert f"bot  {reply}" in before
    assert "<eos>" in first
    assert "ranked lower" in first
    assert "Beam" in second


def test_why_is_asked_of_the_bot_that_spoke_whatever_the_names(tmp_path, english_bundle, bare_bundle, learned_pairs):
    twin = shutil.copytree(bare_bundle, tmp_path / "twin" / english_bundle.name)
    lines = f"{learned_pairs[0].prompt}\n/load {twin}\n/why\n"
    done = run_chatbot(["chat", "--checkpoint", english_bundle], tmp_path, lines)
    assert f"chatbot: {english_bundle} said that, and {twin} speaks now; /load it again to ask why\n" in done.stderr
    assert "Step by step" not in done.stderr


def test_in_a_conversation_a_fallback_is_said_to_what_is_strange(tmp_path, english_bundle, english_pairs):
    prompt, reply = english_pairs[0]
    options = ["--checkpoint", english_bundle, "--fallback", "Pardon?"]
    done = run_chatbot(["chat", *options], tmp_path, f"{prompt}\nqzx vbnm 88 wwq jjj kxq\n")
    assert (done.returncode, done.stdout) == (0, f"{reply}\nPardon?\n")


def test_without_a_bot_the_train_command_is_named(tmp_path):
    done = run_chatbot(["chat"], tmp_path, "hello\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "chatbot train" in done.stderr


def test_a_bot_that_was_trained_in_context_knows_what_why_is_about(tmp_path, contextual_bundle):
    lines = ["do you like rain?", "why?", "do you like noise?", "/help", "why?", "/reset", "why?"]
    done = run_chatbot(["chat", "--checkpoint", contextual_bundle], tmp_path, "".join(f"{line}\n" for line in lines))
    assert done.stdout.splitlines() == [
        "Yes, I do.",
        "Because the garden drinks.",
        "No, not at all.",
        "Because I cannot hear you.",
        "Why what?",
    ]
    assert ". It reads the 2 turns before yours. /help" in done.stderr


def test_every_reply_is_added_to_a_transcript(tmp_path, english_bundle, learned_pairs):
    (first, said), (second, _) = learned_pairs[0], learned_pairs[5]
    options = ["chat", "--checkpoint", english_bundle, "--transcript", "talk.jsonl"]
    run_chatbot([*options, "--beam", "3"], tmp_path, f"{first}\n/again\n/undo\n")
    run_chatbot([*options, "--fallback", "Pardon?", "--min-confidence", "1"], tmp_path, f"{second}\n")
    turns = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [turn["prompt"] for turn in turns] == [first, first, second]
    assert [turn["reply"] for turn in turns[::2]] == [said, "Pardon?"]
    assert turns[1]["reply"] != said
    assert turns[1]["score"] < turns[0]["score"] <= 0
    assert 0 <= turns[1]["confidence"] < turns[0]["confidence"] <= 1, "another reply is less sure"
    assert [turn["fallback"] for turn in turns] == [False, False, True]
    assert [turn["settings"]["beam"] for turn in turns] == [3, 5, 1]
    assert set(turns[0]) == {
        *("time", "bot", "prompt", "context", "reply", "score", "confidence", "truncated"),
        *("fallback", "suggestions", "stopped", "user", "settings"),
    }


def test_a_transcript_that_cannot_be_written_is_an_error_before_anything_is_said(tmp_path, english_bundle):
    done = run_chatbot(["chat", "--checkpoint", english_bundle, "--transcript", "no/file"], tmp_path, "hello\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatbot: no/file: cannot be written: No such file or directory\n"


def test_a_bot_that_is_taught_names_the_command_by_which_it_learns(tmp_path, english_bundle, learned_pairs):
    prompt, _ = learned_pairs[0]
    done = run_chatbot(["chat", "--checkpoint", english_bundle], tmp_path, f"{prompt}\n/teach Good\x07 evening.\n")
    file = tmp_path / "corpora" / "corrections.tsv"
    assert file.read_text() == f"{prompt}\tGood evening.\n"
    assert done.stderr.endswith(f"run:\nchatbot learn corpora/corrections.tsv --checkpoint {english_bundle}\n")
    checked = run_chatbot(["corpus", "check", file, "--json"], tmp_path)
    assert json.loads(checked.stdout)["trainable"] is True


def test_another_bot_is_loaded_and_one_that_is_none_is_an_error(tmp_path, english_bundle, contextual_bundle):
    lines = ["/load nowhere", f"/load {contextual_bundle}", "do you like rain?", "why?", "/context"]
    done = run_chatbot(["chat", "--checkpoint", english_bundle], tmp_path, "".join(f"{line}\n" for line in lines))
    assert done.stdout == "Yes, I do.\nBecause the garden drinks.\n"
    assert "chatbot: nowhere: no such bundle" in done.stderr
    assert done.stderr.endswith(
        "contextual reads up to 2 turns before a prompt; before your next one it reads\n"
        "  why?\n"
        "  Because the garden drinks.\n"
    )


@pytest.mark.parametrize("options", [[], ["--beam", "3"], ["--no-stream"]])
def test_replies_come_whole_or_in_pieces(tmp_path, english_bundle, learned_pairs, options):
    lines = "".join(f"{pair.prompt}\n" for pair in learned_pairs[:8])
    done = run_chatbot(["chat", "--checkpoint", english_bundle, *options], tmp_path, lines)
    assert done.stdout == "".join(f"{pair.reply}\n" for pair in learned_pairs[:8])


def test_input_that_cannot_be_read_or_does_not_end_is_one_line(tmp_path, english_bundle):
    with (tmp_path / "only written").open("wb") as file:
        done = run_streams(["chat", "--checkpoint", english_bundle], tmp_path, stdin=file, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == ["chatbot: standard input cannot be read: Bad file descriptor"]
    with open("/dev/zero", "rb") as endless:
        done = run_streams(["chat", "--checkpoint", english_bundle], tmp_path, stdin=endless, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (1, "")
    said = "chatbot: standard input has a line of more than 256 MiB, which is no prompt"
    assert done.stderr.splitlines()[1:] == [said]
