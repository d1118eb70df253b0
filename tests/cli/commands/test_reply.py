import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from chatbot.bundle import MANIFEST
from tests.cli.conftest import run_on_terminal, run_to_full_disk
from tests.conftest import ROOT, program_environment, run_chatbot, running


@pytest.fixture
def at(english_bundle):
    return ["--checkpoint", english_bundle]


def start(arguments, folder):
    """Start the program with pipes for its three streams."""
    return running(arguments, folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ask(process, line):
    """Send a line and wait for its reply."""
    process.stdin.write(f"{line}\n".encode())
    process.stdin.flush()
    return process.stdout.readline().decode()


def test_stdout_carries_the_reply_and_nothing_else(tmp_path, at, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["reply", prompt, *at], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{reply}\n", "")


def test_each_line_of_a_pipe_gets_one_line_and_an_empty_one_an_empty_one(tmp_path, at, learned_pairs):
    (first, said), (second, answered) = learned_pairs[:2]
    done = run_chatbot(["reply", *at], tmp_path, f"{first}\n\n   \n{second}")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{said}\n\n\n{answered}\n", "")


def test_each_reply_is_written_before_the_next_line_is_asked_for(tmp_path, at, learned_pairs):
    with start(["reply", *at], tmp_path) as process:
        for prompt, reply in learned_pairs[:3]:
            assert ask(process, prompt) == f"{reply}\n"
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_long_pipe_is_answered_in_order(tmp_path, at, learned_pairs):
    pairs = learned_pairs[:40] * 60
    done = run_chatbot(["reply", *at], tmp_path, "".join(f"{prompt}\n" for prompt, _ in pairs))
    expected = run_chatbot(["reply", *at], tmp_path, "".join(f"{prompt}\n" for prompt, _ in learned_pairs[:40]))
    assert done.returncode == 0
    assert done.stdout == expected.stdout * 60
    assert expected.stdout.splitlines() == [reply for _, reply in learned_pairs[:40]]


def test_lines_that_come_slowly_are_answered_at_once_among_many(tmp_path, at, learned_pairs):
    (first, said), (second, answered) = learned_pairs[:2]
    with start(["reply", "--beam", "2", *at], tmp_path) as process:
        assert ask(process, first) == f"{said}\n"
        process.stdin.write(f"{second}\n".encode() * 200 + first[:3].encode())
        process.stdin.flush()
        assert [process.stdout.readline().decode() for _ in range(200)] == [f"{answered}\n"] * 200
        assert ask(process, first[3:]) == f"{said}\n"
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_prompt_of_a_megabyte_is_cut_and_said_so(tmp_path, at):
    done = run_chatbot(["reply", *at], tmp_path, "tell me more " * 80_000 + "\nhello\n" + "x" * 1_000_000)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == "".join(
        f"chatbot: stdin:{number}: prompt too long: only its end was read\n" for number in (1, 3)
    )


def test_ctrl_c_stops_many_replies_that_would_not_end(tmp_path, babbling_bundle):
    with start(["reply", "--max-tokens", "10000", "--checkpoint", babbling_bundle], tmp_path) as process:
        assert ask(process, "")  # it has started
        process.stdin.write(b"say a\nsay b\n" * 100)
        process.stdin.flush()
        time.sleep(1)  # into the batches; whenever it comes, the answer is the same
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""
        process.stdin.close()


def test_bytes_that_are_not_utf8_are_reported_and_the_lines_stay_aligned(tmp_path, at, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["reply", *at], tmp_path, b"caf\xe9\n" + prompt.encode() + b"\n")
    assert done.stdout.splitlines()[1:] == [reply]
    assert done.stderr == "chatbot: stdin:1: not UTF-8; the bytes that are not were replaced\n"


def test_a_cut_reply_is_said_on_stderr(tmp_path, babbling_bundle):
    done = run_chatbot(["reply", "say a", "--max-tokens", "5", "--checkpoint", babbling_bundle], tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("la la")
    assert "cut at 5 tokens" in done.stderr


def test_the_checkpoint_can_come_from_the_environment(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    done = run_chatbot(["reply", prompt], tmp_path, CHATBOT_CHECKPOINT=str(english_bundle))
    assert done.stdout == f"{reply}\n"


def test_the_latest_bot_answers_where_it_was_trained(english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    assert run_chatbot(["reply", prompt], english_bundle.parent.parent).stdout == f"{reply}\n"


def test_without_a_bot_the_train_command_is_named_and_the_exit_code_is_1(tmp_path):
    done = run_chatbot(["reply", "hello"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "chatbot train CORPUS\n" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--max-tokens", "0"], ["--frobnicate"], ["two", "prompts"]])
def test_wrong_usage_is_exit_code_2(tmp_path, at, arguments):
    done = run_chatbot(["reply", *arguments, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_no_prompt_on_a_terminal_is_the_help_on_stderr(tmp_path):
    done = run_on_terminal(["reply"], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
    assert "--max-tokens" in done.stderr


def test_a_reader_that_leaves_early_ends_it_quietly(tmp_path, at):
    with start(["reply", *at], tmp_path) as process:
        ask(process, "hello")
        process.stdout.close()
        process.stdin.write(b"hello\n" * 100)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


def test_a_fallback_is_said_to_what_is_strange(tmp_path, at, english_pairs):
    prompt, reply = english_pairs[0]
    done = run_chatbot(["reply", *at, "--fallback", "Pardon?"], tmp_path, f"{prompt}\nqzx vbnm 88 wwq jjj kxq\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{reply}\nPardon?\n", "")
    done = run_chatbot(["reply", prompt, *at, "--fallback", "Pardon?", "--min-confidence", "1"], tmp_path)
    assert done.stdout == "Pardon?\n"


@pytest.fixture
def with_fallbacks(tmp_path, english_bundle):
    """A copy of the English bundle that has fallbacks of its own."""
    copy = shutil.copytree(english_bundle, tmp_path / "copy")
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(manifest | {"fallbacks": ["I was not\x1b taught that."]}))
    return ["--checkpoint", str(copy)]


def test_a_bot_says_its_own_fallback_without_being_told_to(tmp_path, with_fallbacks, english_pairs):
    lines = f"{english_pairs[0].prompt}\nqzx vbnm 88 wwq jjj kxq\n"
    own = run_chatbot(["reply", *with_fallbacks], tmp_path, lines)
    assert (own.returncode, own.stdout) == (0, f"{english_pairs[0].reply}\nI was not taught that.\n")
    other = run_chatbot(["reply", *with_fallbacks, "--fallback", "Pardon?"], tmp_path, lines)
    assert other.stdout.splitlines()[1] == "Pardon?"
    none = run_chatbot(["reply", *with_fallbacks, "--no-fallback", "--json"], tmp_path, lines)
    assert [json.loads(line)["fallback"] for line in none.stdout.splitlines()] == [False, False]
    least = run_chatbot(["reply", *with_fallbacks, "--min-confidence", "1", "--json"], tmp_path, lines)
    assert [json.loads(line)["fallback"] for line in least.stdout.splitlines()] == [True, True]


@pytest.mark.parametrize("options", [["--min-confidence", "0.5"], ["--min-confidence", "2", "--fallback", "?"]])
def test_a_threshold_alone_or_out_of_range_is_wrong_usage_that_names_the_option(tmp_path, at, options):
    done = run_chatbot(["reply", "hello", *options, *at], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--min-confidence" in done.stderr


def test_a_full_disk_behind_stdout_is_an_error_without_a_traceback(tmp_path, at):
    done = run_to_full_disk(["reply", "hello", *at], tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "chatbot: the output cannot be written: No space left on device\n",
    )


@pytest.mark.parametrize(
    ("command", "closed", "code"),
    [
        ("reply hello", ">&-", 0),
        ("reply hello", "<&-", 0),
        ("reply", "<&-", 2),
        ("chat", "<&-", 0),
        ("chat", ">&-", 0),
        ("reply hello", "2>&-", 0),
    ],
)
def test_closed_streams_are_no_crash(tmp_path, english_bundle, command, closed, code):
    line = f"{sys.executable} -m chatbot {command} --checkpoint {english_bundle} {closed}"
    done = subprocess.run(
        ["sh", "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=tmp_path,
        env=program_environment(tmp_path),
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_bundle_can_be_named_from_inside(english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    assert run_chatbot(["reply", prompt, "--checkpoint", "."], english_bundle).stdout == f"{reply}\n"


def test_ctrl_c_is_exit_code_130_without_a_traceback(tmp_path, at):
    with start(["reply", *at], tmp_path) as process:
        ask(process, "hello")
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read() == b""
        process.stdin.close()


def test_the_program_runs_as_a_module_and_as_a_command_and_says_its_version(tmp_path):
    done = run_chatbot(["--version"], tmp_path)
    assert done.stdout.startswith("chatbot 0.")
    command = os.path.join(os.path.dirname(sys.executable), "chatbot")
    assert subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout == done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_completion_for_each_shell(tmp_path, shell):
    done = run_chatbot(["--show-completion", shell], tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0
    assert "chatbot" in done.stdout.lower()


@pytest.mark.parametrize("command", ["reply", "chat"])
def test_what_editors_of_other_systems_leave_in_a_file_is_no_part_of_a_prompt(tmp_path, at, learned_pairs, command):
    (first, said), (second, answered) = learned_pairs[:2]
    given = b"\xef\xbb\xbf" + f"{first}\r\n{second}\r\n".encode()
    done = run_chatbot([command, *at], tmp_path, given)
    assert (done.returncode, done.stdout) == (0, f"{said}\n{answered}\n")
    if command == "reply":
        done = run_chatbot([command, "--json", *at], tmp_path, given)
        assert [json.loads(line)["prompt"] for line in done.stdout.splitlines()] == [first, second]


def test_a_chat_through_a_pipe_says_which_bytes_were_replaced(tmp_path, at):
    done = run_chatbot(
        ["chat", "--transcript", "talk", "--fallback", "Pardon?", *at], tmp_path, b"hello\ncaf\xe9\n\xed\xa0\xbd\n"
    )
    assert done.returncode == 0
    assert done.stderr.splitlines()[1:] == [
        f"chatbot: stdin:{number}: not UTF-8; the bytes that are not were replaced" for number in (2, 3)
    ]
    assert [json.loads(line)["prompt"] for line in (tmp_path / "talk").read_text().splitlines()][:2] == [
        "hello",
        "caf\ufffd",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-5 degrees?"], "a prompt that begins with a dash goes behind --: chatbot reply -- '-5 degrees?'"),
        (["- what?"], "a prompt that begins with a dash goes behind --: chatbot reply -- '- what?'"),
        (["how", "are", "you"], "put the prompt in quotes: chatbot reply 'how are you'"),
    ],
)
def test_words_that_are_taken_for_something_else_get_a_hint(tmp_path, arguments, said):
    done = run_chatbot(["reply", *arguments], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; {said}\n")


def test_a_prompt_behind_two_dashes_or_from_a_pipe_may_begin_with_a_dash(tmp_path, at):
    said = run_chatbot(["reply", *at], tmp_path, "-5 degrees?\n")
    assert said.returncode == 0
    assert run_chatbot(["reply", *at, "--", "-5 degrees?"], tmp_path).stdout == said.stdout


def test_a_number_of_thousands_of_digits_is_wrong_usage_in_few_words(tmp_path):
    for options in (["--beam", "9" * 5000], ["--top-k", "9" * 4000], ["--temperature", "9" * 5000]):
        done = run_chatbot(["reply", "hi", *options], tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert options[0] in done.stderr
        assert len(done.stderr) < 500


def test_litert_that_cannot_be_loaded_is_said_in_one_sentence(tmp_path, at):
    broken = tmp_path / "broken" / "ai_edge_litert"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    (broken / "interpreter.py").write_text("raise ImportError('libstdc++.so.6: version GLIBCXX_3.4.30 not found')\n")
    done = run_chatbot(["reply", "hi", *at], tmp_path, PYTHONPATH=f"{broken.parent}:{ROOT}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "chatbot: LiteRT, which answers, cannot be loaded on this computer: "
        "libstdc++.so.6: version GLIBCXX_3.4.30 not found\n"
    )


@pytest.mark.parametrize("width", ["0", "1", "10", "1000", "abc", "9" * 5000])
def test_no_width_makes_anything_disappear(tmp_path, width):
    corpus = tmp_path / "faq.tsv"
    corpus.write_text("when do you open?\tWe open at nine.\nwhere are you?\tAt the mill.\n")
    usual, odd = (run_chatbot(["corpus", "check", corpus], tmp_path, COLUMNS=columns) for columns in ("80", width))
    assert odd.returncode == 0
    said, meant = ({word for word in done.stdout.split() if word.isalpha()} for done in (odd, usual))
    assert said ^ meant <= {"s", "min", "h"}, "the forecast is as fast as the machine is just now"


def test_json_is_the_same_for_any_width(tmp_path, at):
    said = {
        run_chatbot(["reply", "hi", "--json", *at], tmp_path, COLUMNS=width).stdout for width in ("0", "10", "1000")
    }
    assert len(said) == 1
