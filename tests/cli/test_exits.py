"""How the program ends, whatever happens to it."""

import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pexpect
import pytest
import typer

from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.errors import MachineError
from tests.cli.chat.test_terminal_screen import prompts_of
from tests.conftest import program_environment, run_chatbot, running

#: The real program in which loading a bot fails as nobody expected.
_FAULTY = """
import sys
import chatbot.bot.chatbot
import chatbot.bundle

def load(*_):
    raise {error}

chatbot.bot.chatbot.Chatbot.load = chatbot.bundle.find = load
from chatbot.cli import main
sys.argv[1:] = {arguments!r}
main()
"""
#: The real program in which loading a bot meets a signal within a finalizer, and goes on for a while.
_FINALIZING = """
import os, sys, time
import chatbot.bot.chatbot
import chatbot.bundle

reading, writing = os.pipe()

class Thing:
    def __del__(self):
        os.kill(os.getpid(), {number})
        time.sleep(0.05)

def spin():
    until = time.monotonic() + 20
    while time.monotonic() < until:
        pass

def load(*_):
    try:
        Thing()
        {wait}
        print("went on", flush=True)
    finally:
        print("cleaned up", flush=True)

chatbot.bot.chatbot.Chatbot.load = chatbot.bundle.find = load
from chatbot.cli import main
sys.argv[1:] = ["reply", "hi"]
main()
"""
_SIGNALS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def run_faulty(error, folder, *options, **environment):
    code = _FAULTY.format(error=error, arguments=["reply", "hi", *options])
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=program_environment(folder) | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_fault_of_the_program_is_one_line_that_says_so_and_where_the_details_are(tmp_path):
    kept = tmp_path / "state" / "chatbot" / "fault.txt"
    done = run_faulty("RecursionError('too deep')", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"chatbot: this is a fault of chatbot itself (RecursionError: too deep); the details are in {kept}\n"
    )
    assert kept.read_text().endswith("RecursionError: too deep\n")
    assert "Traceback" in kept.read_text()
    assert " hi" not in kept.read_text().splitlines()[0], "what was asked is nobody's business"
    done = run_faulty("RecursionError('too deep')", tmp_path, "--json")
    assert done.stderr.startswith('{"error": "this is a fault of chatbot itself (RecursionError: too deep); ')


def test_the_details_of_a_fault_go_to_the_temporary_folder_or_are_said_to_be_lost(tmp_path):
    (tmp_path / "file").write_text("")
    nowhere, other = {"XDG_STATE_HOME": str(tmp_path / "file")}, tmp_path / "temporary"
    other.mkdir()
    done = run_faulty("ValueError('what?')", tmp_path, **nowhere, TMPDIR=str(other))
    (kept,) = other.iterdir()
    assert done.stderr == f"chatbot: this is a fault of chatbot itself (ValueError: what?); the details are in {kept}\n"
    assert "ValueError: what?" in kept.read_text()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("PermissionError(13, 'Permission denied', '/some/file')", "/some/file: Permission denied"),
        ("OSError(28, 'No space left on device')", "this computer cannot continue: No space left on device"),
        ("MemoryError", "there is not enough memory for this"),
    ],
)
def test_an_error_of_the_machine_or_of_a_file_is_neither_the_outputs_nor_the_programs(tmp_path, error, said):
    done = run_faulty(error, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"chatbot: {said}\n")


def test_a_folder_that_is_gone_is_named_and_no_fault(tmp_path):
    inside = tmp_path / "gone"
    inside.mkdir()
    code = (
        "import os, sys; os.rmdir(os.getcwd()); sys.argv = ['chatbot', 'list']; import chatbot.cli; chatbot.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=inside,
        env=program_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatbot: the folder that you are in is not there any more; change to another one\n"


@pytest.mark.parametrize(("signal_raised", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_a_signal_that_breaks_an_import_is_no_error(capfd, signal_raised, code):
    """As the modules compiled with pybind11 have it, and as the program says that LiteRT cannot be loaded."""
    broken = ImportError("initialization failed")
    broken.__cause__ = signal_raised
    error = MachineError("cannot be loaded")
    error.__context__ = broken
    with pytest.raises(typer.Exit) as end, exit_codes():
        raise error
    assert end.value.exit_code == code
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("arguments", [["--help"], ["config"], ["reply", "--help"]])
def test_only_the_outputs_errors_are_called_so_and_a_reader_that_leaves_is_none(tmp_path, arguments):
    with open("/dev/full", "w") as full, running(arguments, tmp_path, stdout=full, stderr=subprocess.PIPE) as process:
        assert process.wait(60) == 1
        assert process.stderr.read() == b"chatbot: the output cannot be written: No space left on device\n"
    reading, writing = os.pipe()
    os.close(reading)
    with running(arguments, tmp_path, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize(("number", "code"), _SIGNALS)
@pytest.mark.parametrize("command", [["reply"], ["chat"]])
def test_a_signal_ends_a_pipe_with_its_code_and_without_a_word(
    tmp_path, english_bundle, learned_pairs, command, number, code
):
    prompt, reply = learned_pairs[0]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with running([*command, "--checkpoint", english_bundle], tmp_path, **streams) as process:
        process.stdin.write(f"{prompt}\n".encode())
        process.stdin.flush()
        assert process.stdout.readline().decode() == f"{reply}\n"
        os.kill(process.pid, number)
        assert process.wait(60) == code
        assert b"\n" not in process.stderr.read().removeprefix(b"english, trained on").partition(b"\n")[2]


@pytest.mark.parametrize(("number", "code"), _SIGNALS)
@pytest.mark.parametrize("options", [[], ["--plain"]])
def test_a_signal_ends_a_conversation_with_all_of_it_kept_and_the_terminal_as_it_was(
    terminal, english_bundle, learned_pairs, tmp_path, options, number, code
):
    child = terminal("chat", "--checkpoint", english_bundle, "--transcript", "talk", *options)
    before = termios.tcgetattr(child.child_fd)
    child.expect_exact("you> ")
    prompt, reply = learned_pairs[0]
    child.send(f"{prompt}\r")
    child.expect_exact(reply)
    child.expect_exact("you> ")
    child.send("half a line")
    child.expect_exact("line")
    child.kill(number)
    child.expect(pexpect.EOF)
    after = termios.tcgetattr(child.child_fd)
    child.close()
    assert child.exitstatus == code
    assert after == before
    assert prompts_of(tmp_path / "talk") == [prompt]
    assert f"+{prompt}\n" in (tmp_path / "state" / "chatbot" / "history").read_text()


@pytest.mark.parametrize(
    ("number", "code", "wait"),
    [(signal.SIGTERM, 143, "os.read(reading, 1)"), (signal.SIGHUP, 129, "spin()"), (signal.SIGINT, 130, "spin()")],
)
def test_a_signal_that_comes_within_a_finalizer_ends_the_program(tmp_path, number, code, wait):
    """Python prints and drops an exception that is raised there."""
    program = _FINALIZING.format(number=int(number), wait=wait)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=program_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "cleaned up\n", "")


def test_a_signal_ends_a_reply_that_would_go_on(terminal, babbling_bundle):
    child = terminal("chat", "--checkpoint", babbling_bundle, "--transcript", "talk", "--max-tokens", "10000")
    before = termios.tcgetattr(child.child_fd)
    child.expect_exact("you> ")
    child.send("say a\r")
    child.expect("la la la la")
    child.kill(signal.SIGTERM)
    child.expect(pexpect.EOF)
    assert termios.tcgetattr(child.child_fd) == before
    child.close()
    assert child.exitstatus == 143


def test_ctrl_z_suspends_a_conversation_and_fg_brings_it_back(english_bundle, learned_pairs, tmp_path):
    prompt, reply = learned_pairs[0]
    environment = program_environment(tmp_path) | {"PS1": "$ ", "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
    shell = pexpect.spawn("bash", ["--norc", "-i"], env=environment, cwd=str(tmp_path), encoding="utf-8", timeout=60)
    try:
        shell.expect_exact("$ ")
        shell.sendline(f"{sys.executable} -m chatbot chat --checkpoint {english_bundle}")
        shell.expect_exact("you> ")
        shell.send(prompt[:3])
        shell.expect_exact(prompt[:3])
        shell.send("\x1a")
        shell.expect("Stopped")
        shell.sendline("stty -a | grep -c -- ' echo ' | sed s/^/echoes:/")
        shell.expect_exact("echoes:1")
        shell.sendline("fg")
        shell.expect_exact("you> ")
        shell.send(f"{prompt[3:]}\r")
        shell.expect_exact(reply)
        shell.send("\x04")
        shell.expect_exact("$ ")
    finally:
        shell.close(force=True)


def test_nohup_outlives_the_terminal(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    line = f"trap '' HUP; exec {sys.executable} -m chatbot reply --checkpoint {english_bundle}"
    process = subprocess.Popen(
        ["sh", "-c", line],
        cwd=tmp_path,
        env=program_environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdin.write(f"{prompt}\n".encode())
        process.stdin.flush()
        assert process.stdout.readline().decode() == f"{reply}\n"
        os.kill(process.pid, signal.SIGHUP)
        time.sleep(0.2)
        assert process.communicate(f"{prompt}\n".encode(), timeout=60)[0].decode() == f"{reply}\n"
        assert process.returncode == 0


def test_programs_of_the_tests_have_signals_of_their_own_and_die_with_the_tests(tmp_path):
    code = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from tests.conftest import program_environment\n"
        f"told = program_environment(Path({str(tmp_path)!r}))\n"
        "sleeping = 'import signal, time; print(signal.getsignal(signal.SIGINT), flush=True); time.sleep(600)'\n"
        "child = subprocess.Popen([sys.executable, '-c', sleeping], env=told)\n"
        "sys.stdin.read()\n"
    )
    background = ["sh", "-c", f'trap "" INT; exec {sys.executable} -c "$0"', code]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(background, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert "default_int_handler" in parent.stdout.readline()
        parent.kill()
        assert parent.stdout.read() == "", "the end of what the child would hold open for ten minutes"


def test_without_a_home_and_without_a_name_everything_works(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    nameless = (
        "import os, pwd, sys\n"
        "def getpwuid(_): raise KeyError\n"
        "pwd.getpwuid = getpwuid\n"
        "for name in ('HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_DATA_HOME'): os.environ.pop(name, None)\n"
        "from chatbot.cli import main\n"
        "main()\n"
    )
    for arguments, given, shown in (
        (["reply", prompt, "--checkpoint", str(english_bundle)], "", f"{reply}\n"),
        (["chat", "--checkpoint", str(english_bundle)], f"{prompt}\n", f"{reply}\n"),
        (["config", "--path"], "", "\n"),
        (["config"], "", None),
        (["list"], "", None),
        (["info", str(english_bundle)], "", None),
    ):
        done = subprocess.run(
            [sys.executable, "-c", nameless, *arguments],
            input=given,
            cwd=tmp_path,
            env=program_environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert shown is None or done.stdout == shown


def test_every_command_runs_where_the_users_folders_are_none(tmp_path):
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        assert run_chatbot(["config"], tmp_path, **{name: "/dev/null"}).returncode == 0
