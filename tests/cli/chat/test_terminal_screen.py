"""Conversations in a pseudo-terminal, typed key by key."""

import json
import re
import stat
import textwrap
import types
from itertools import pairwise

import pexpect
import pyte
import pytest
import wcwidth

from chatbot import Chatbot

ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]")
COLOR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9]+)*m")
UP, RIGHT, ALT_ENTER, CTRL_R, EDIT = "\x1b[A", "\x1b[C", "\x1b\r", "\x12", "\x18\x05"


def leave(child) -> str:
    """End a conversation at its next prompt and return what was shown since the last look."""
    child.expect_exact("you> ")
    shown = child.before
    child.send("\x04")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return shown + child.before


def spelled(text: str) -> str:
    """A pattern of a text that may have been drawn a few characters at a time."""
    return rf"(?:{ESCAPE.pattern})*".join(map(re.escape, text))


def prompts_of(path) -> list[str]:
    return [json.loads(line)["prompt"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_conversation_on_a_terminal(chat, english_bundle, learned_pairs):
    (first, said), (second, answered) = learned_pairs[0], learned_pairs[5]
    child = chat(english_bundle)
    assert "english, trained on english.tsv on 20" in child.before
    child.send(f"{first}\r")
    child.expect_exact(said)
    child.expect("you>")
    child.send("\r")
    child.expect("you>")
    child.send("/nonsense\r")
    child.expect("unknown command /nonsense")
    child.expect("you>")
    child.send("half a line")
    child.expect("half a line")
    child.sendintr()
    child.expect("you>")
    child.send(f"{second}\r")
    child.expect_exact(answered)
    leave(child)


@pytest.mark.parametrize("options", [[], ["--plain"]])
def test_ctrl_c_stops_a_reply_that_would_not_end(chat, babbling_bundle, options):
    child = chat(babbling_bundle, "--max-tokens", "10000", *options)
    child.send("say a\r")
    child.expect("la la la la la la la la")
    child.sendintr()
    child.expect_exact("[stopped]")
    child.expect("you>")
    child.send("/exit\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_what_was_typed_is_there_the_next_time_and_for_its_owner_only(chat, english_bundle, learned_pairs, tmp_path):
    prompt, reply = learned_pairs[2]
    history = tmp_path / "state" / "chatbot" / "history"
    for keys, *options in (
        (f"{prompt}\r",),
        (f"{UP}\r",),
        (f"{UP}\r", "--plain"),
        (f"{CTRL_R}{prompt[:6]}\r\r",),
        (f"{prompt[:6]}",),
    ):
        child = chat(english_bundle, *options)
        child.send(keys)
        if not keys.endswith("\r"):
            child.expect_exact(prompt[6:])  # suggested
            child.send(f"{RIGHT}\r")
        child.expect_exact(f"bot> {reply}" if options else reply)
        leave(child)
        assert stat.S_IMODE(history.stat().st_mode) == 0o600
        assert history.read_text().count(f"+{prompt}\n") == 1  # what repeats is kept once


def test_without_history_nothing_is_kept(chat, english_bundle, learned_pairs, tmp_path):
    for options in (["--no-history"], ["--no-history", "--plain"]):
        child = chat(english_bundle, *options)
        child.send(f"{learned_pairs[2].prompt}\r")
        child.expect_exact(learned_pairs[2].reply[:10])
        leave(child)
    assert not (tmp_path / "state").exists()


def test_without_a_place_for_the_history_the_chat_works(chat, english_bundle, learned_pairs, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    child = chat(english_bundle)
    child.send(f"{learned_pairs[2].prompt}\r")
    child.expect_exact(learned_pairs[2].reply)


@pytest.mark.parametrize("options", [[], ["--plain"]])
def test_tab_completes_names_keys_and_values(chat, english_bundle, options):
    child = chat(english_bundle, *options)
    for keys, completed in (
        ("/se\t", "/set"),
        ("temp\t", "erature"),
        ("0.7\t", "0.7"),
        ("\r", "temperature 0.7"),
    ):
        child.send(keys)
        child.expect(spelled(completed))
    child.send("/set\r")
    child.expect_exact("* temperature         0.7")
    leave(child)


def test_a_prompt_of_several_lines_is_typed_pasted_or_edited(chat, english_bundle, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "from\\nthe editor\\n" >> "$1"\n')
    editor.chmod(0o755)
    child = chat(english_bundle, "--transcript", "talk", EDITOR=str(editor), VISUAL=str(editor))
    for keys, shown in (
        (f"with{ALT_ENTER}alt\r", "bot> "),
        ('"""quo\rted"""\r', "bot> "),
        ("\x1b[200~past\ned\x1b[201~\r", "bot> "),
        (EDIT, "the editor"),
        ("\r", "bot> "),
    ):
        child.send(keys)
        child.expect_exact(shown)
    leave(child)
    assert prompts_of(tmp_path / "talk") == ["with\nalt", "quo\nted", "past\ned", "from\nthe editor"]


@pytest.mark.parametrize("character", ["é", "e\u0301", "가", "👍🏽", "🇰🇷", "👨‍👩‍👧‍👦"])
def test_backspace_takes_off_what_a_person_sees_as_one_character(chat, bare_bundle, character):
    child = chat(bare_bundle)
    child.send(f"/x{character}{character}\x7f\x7fy\r")
    child.expect_exact("unknown command /xy;")


def test_lines_break_at_words_for_the_terminal_as_it_is(chat, english_bundle, learned_pairs):
    prompt, reply = max(learned_pairs, key=lambda pair: len(pair.reply))
    child = chat(english_bundle)
    for columns in (200, 24, 40):
        child.setwinsize(30, columns)
        child.send(f"{prompt}\r")
        child.expect("(?s)bot> (.*?)\r\n(?=\x1b)")
        lines = f"bot> {ESCAPE.sub('', child.match[1])}".split("\r\n")
        assert " ".join(lines) == f"bot> {reply}"
        assert all(len(line) <= columns for line in lines)
        assert all(len(f"{line} {after.split()[0]}") > columns for line, after in pairwise(lines))


def test_wide_characters_fill_a_narrow_terminal_without_being_cut(chat, korean_bundle, korean_pairs):
    prompt = max(korean_pairs, key=lambda pair: len(pair.reply)).prompt
    reply = Chatbot.load(korean_bundle).reply(prompt).text
    assert len(reply) > 20
    child = chat(korean_bundle, "--plain", size=(40, 20))
    child.send(f"{prompt}\r")
    child.expect("(?s)bot> (.*?)\r\nyou> ")
    lines = child.match[1].split("\r\n")
    assert " ".join(lines) == reply
    assert all(wcwidth.width(line) <= 20 for line in lines)


@pytest.mark.parametrize(
    ("options", "environment"), [([], {}), (["--no-color"], {}), ([], {"NO_COLOR": "1"})], ids=["on", "off", "NO_COLOR"]
)
def test_colours_are_there_unless_they_are_not_wanted(chat, english_bundle, options, environment):
    child = chat(english_bundle, *options, **environment)
    seen = child.before
    child.send("hello\r")
    child.expect_exact("bot> ")
    seen += child.before
    child.send("/nonsense\r")
    child.expect_exact("/help lists")
    seen += child.before + leave(child)
    assert "\x1b" in seen
    assert (COLOR.search(seen) is None) == (options != [] or environment != {})


@pytest.mark.parametrize(("options", "terminal_type"), [(["--plain"], "xterm-256color"), ([], "dumb")])
def test_a_plain_conversation_as_a_whole(chat, english_bundle, learned_pairs, tmp_path, options, terminal_type):
    (first, said), (second, answered) = learned_pairs[0], learned_pairs[5]
    child = chat(english_bundle, *options, size=(40, 300), TERM=terminal_type)
    today = child.before.split(" on ")[2][:10]
    shown = child.before + child.after
    for keys, until in (
        (f"{first}\r", "you> "),
        ('"""\r', "...> "),
        (f'{second}"""\r', "you> "),
        ("/hlep\r", "you> "),
        ("half", "half"),
        ("\x03", "you> "),
        ("/undo\r", "you> "),
        ("/teach\r", said),
        (" Yes.\r", "you> "),
        ("/quit\r", pexpect.EOF),
    ):
        child.send(keys)
        child.expect(until) if until is pexpect.EOF else child.expect_exact(until)
        shown += child.before + (child.after if until is not pexpect.EOF else "")
    assert shown.replace("\r", "").replace("^C", "") == (
        f"english, trained on english.tsv on {today}. /help for commands, Ctrl-D to leave.\n"
        f"you> {first}\n"
        f"bot> {said}\n"
        'you> """\n'
        f'...> {second}"""\n'
        f"bot> {answered}\n"
        "you> /hlep\n"
        "unknown command /hlep; did you mean /help? /help lists the commands\n"
        "you> half\n"
        "you> /undo\n"
        f"forgotten: {second}\n"
        "you> /teach\n"
        f"it should have said> {said} Yes.\n"
        "saved to corpora/corrections.tsv; so that the bot learns it, run:\n"
        f"chatbot learn corpora/corrections.tsv --checkpoint {english_bundle}\n"
        "you> /quit\n"
    )
    assert (tmp_path / "corpora" / "corrections.tsv").read_text() == f"{first}\t{said} Yes.\n"


def test_a_screen_as_a_whole(terminal, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    screen = pyte.Screen(90, 30)
    child = terminal("chat", "--no-history", "--checkpoint", english_bundle, size=(30, 90))
    child.logfile_read = types.SimpleNamespace(write=pyte.Stream(screen).feed, flush=lambda: None)

    def wait(text: str) -> list[str]:
        for _ in range(600):
            shown = "\n".join(line.rstrip() for line in screen.display).rstrip("\n")
            if text in " ".join(shown.split()):
                return shown.split("\n")
            child.expect(pexpect.TIMEOUT, timeout=0.1)
        raise AssertionError(f"{text!r} did not come:\n{shown}")

    wait("you>")
    for columns, keys, until in (
        (90, f"{prompt}\r", reply),
        (40, "/reset\r", "1 turn forgotten"),
        (40, f"{prompt}\r", reply),
        (40, "\x1b[200~/set colour\x1b[201~ red\r", "no-fallback"),
        (40, "/un\t", "/undo forget"),
    ):
        screen.resize(30, columns)
        child.setwinsize(30, columns)
        child.send(keys)
        shown = wait(until)
    assert shown == [
        "new conversation; 1 turn forgotten",
        f"you> {prompt}",
        *textwrap.wrap(f"bot> {reply}", 40),
        "you> /set colour red",
        "no setting is called colour; they are",
        "max-tokens, min-tokens, beam,",
        "length-penalty, temperature, top-k,",
        "top-p, min-p, seed, vary,",
        "repetition-penalty, no-repeat-ngram,",
        "ban-words, free, diversity,",
        "length-bonus, suggest, fallback,",
        "min-confidence, no-fallback",
        "you> /un",
        " /unset   reset a setting, or all o...",
        " /undo    forget the last turn",
    ]
