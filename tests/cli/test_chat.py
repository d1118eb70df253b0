import stat
import sys

import pexpect
import pytest

from tests.conftest import program_environment, run_chatbot


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
        "/help   show this list\n"
        "/reset  start a new conversation on a clean screen\n"
        "/exit   leave, as /quit and Ctrl-D do\n"
        "/quit   leave\n"
        "Ctrl-C stops a reply or drops the line; Ctrl-D leaves.\n"
    )


def test_in_a_conversation_a_fallback_is_said_to_what_is_strange(tmp_path, english_bundle, english_pairs):
    prompt, reply = english_pairs[0]
    options = ["--checkpoint", english_bundle, "--fallback", "Pardon?"]
    done = run_chatbot(["chat", *options], tmp_path, f"{prompt}\nqzx vbnm 88 wwq jjj kxq\n")
    assert (done.returncode, done.stdout) == (0, f"{reply}\nPardon?\n")


def test_without_a_bot_the_train_command_is_named(tmp_path):
    done = run_chatbot(["chat"], tmp_path, "hello\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "chatbot train" in done.stderr


@pytest.fixture
def terminal(tmp_path):
    """Start a chat in a pseudo-terminal; the state folder is the test's."""
    children = []

    def start(bundle, *options):
        environment = program_environment(tmp_path) | {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        arguments = ["-m", "chatbot", "chat", "--checkpoint", str(bundle), *options]
        child = pexpect.spawn(
            sys.executable,
            arguments,
            cwd=str(tmp_path),
            env=environment,
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 120),
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def test_a_conversation_on_a_terminal(terminal, english_bundle, learned_pairs):
    (first, said), (second, answered) = learned_pairs[0], learned_pairs[5]
    child = terminal(english_bundle)
    child.expect("trained on english.tsv")
    child.expect("you>")
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
    child.expect("you>")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_ctrl_c_stops_a_reply_that_would_not_end(terminal, babbling_bundle):
    child = terminal(babbling_bundle, "--max-tokens", "100000000")
    child.expect("you>")
    child.send("say a\r")
    child.expect("la la la la la la la la")
    child.sendintr()
    child.expect_exact("[stopped]")
    child.expect("you>")
    child.send("/exit\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_what_was_typed_is_there_the_next_time_and_for_its_owner_only(
    terminal, english_bundle, learned_pairs, tmp_path
):
    prompt, reply = learned_pairs[2]
    for keys in (prompt, "\x1b[A"):  # the second time, the arrow up
        child = terminal(english_bundle)
        child.expect("you>")
        child.send(f"{keys}\r")
        child.expect_exact(reply)
        child.expect("you>")
        child.send("/quit\r" if keys == prompt else "\x04")
        child.expect(pexpect.EOF)
        if keys == prompt:  # so that the arrow finds the prompt, not the command
            history = tmp_path / "state" / "chatbot" / "history"
            assert stat.S_IMODE(history.stat().st_mode) == 0o600
            history.write_text(history.read_text().replace("+/quit\n", ""))


def test_without_a_place_for_the_history_the_chat_works(terminal, english_bundle, learned_pairs, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    prompt, reply = learned_pairs[2]
    child = terminal(english_bundle)
    child.expect("you>")
    child.send(f"{prompt}\r")
    child.expect_exact(reply)


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
