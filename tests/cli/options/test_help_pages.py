import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import pexpect
import pytest
import typer.main

from chatbot.cli.app import app
from chatbot.cli.options.command import ProgramCommand
from chatbot.cli.options.command_introspection import commands, settable_options
from tests.conftest import program_environment, run_chatbot

PROGRAM = typer.main.get_command(app)
COMMANDS = dict(commands(PROGRAM))
GROUPS = {(): PROGRAM, ("corpus",): PROGRAM.commands["corpus"]}


def examples():
    """The command lines of all pages, each once."""
    epilogs = [command.epilog for command in (*COMMANDS.values(), *GROUPS.values())]
    lines = {line for epilog in epilogs for line in epilog.splitlines() if line and not line.startswith("#")}
    return sorted(lines)


def calls(line):
    """What is typed for our program in a shell's line: the words behind each `chatbot`."""
    lexer = shlex.shlex(line.replace('"$(', "( ").replace(')"', " )"), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    calls, current = [], None
    for word in lexer:
        if word == "chatbot" and current is None:
            current = []
            calls.append(current)
        elif word in {"|", "&&", "<", ">", "(", ")"}:
            current = None
        elif current is not None:
            current.append(word)
    return calls


@pytest.mark.parametrize("path", [*GROUPS, *COMMANDS], ids=" ".join)
def test_every_page_has_examples_exit_codes_and_where_options_are_set(tmp_path, path):
    done = run_chatbot([*path, "--help"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: {' '.join(('chatbot', *path))} " in done.stdout
    assert "\nExamples:\n  #" in done.stdout
    if path in COMMANDS:
        assert "Exit codes: 0 " in " ".join(done.stdout.split())
        said = f"CHATBOT_{'_'.join(path).upper()}_SOME_NAME" in done.stdout
        assert said == bool(settable_options(COMMANDS[path]))
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_the_line_of_a_command_in_the_list_is_the_first_sentence_of_its_page(path):
    group = GROUPS[path]
    assert {row.name: row.summary for row in group.ROWS} == {
        name: command.get_short_help_str(200) for name, command in group.commands.items()
    }


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("re", {"reply", "rename"}),
        ("corpus ", {"check", "import"}),
        ("corpus import --red", {"--redact"}),
        ("train --preset ti", {"tiny"}),
    ],
)
def test_the_shell_completes_commands_options_and_values(tmp_path, typed, offered):
    line = f"chatbot {typed}"
    asked = {"_CHATBOT_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    assert set(run_chatbot([], tmp_path, **asked).stdout.split()) == offered


@pytest.mark.parametrize("path", [*GROUPS, *COMMANDS], ids=" ".join)
def test_values_are_words_and_ranges_are_sentences_on_every_page(tmp_path, path):
    page = run_chatbot([*path, "--help"], tmp_path).stdout
    signs = re.findall(
        r"<(?:int|float|text|path|boolean)[a-z ]*>|\{\w+\}|x[<>]=|<=x|default: \(", page.partition("\nExamples:")[0]
    )
    assert signs == []


def test_the_usage_line_shows_what_is_needed_and_in_brackets_what_may_be_left_out(tmp_path):
    usage = {
        path: run_chatbot([*path.split(), "--help"], tmp_path).stdout.partition("\n")[0]
        for path in ("train", "compare", "config", "reply")
    }
    assert usage == {
        "train": "Usage: chatbot train [OPTIONS] CORPUS...",
        "compare": "Usage: chatbot compare [OPTIONS] A B [FILE]",
        "config": "Usage: chatbot config [OPTIONS] [COMMAND...]",
        "reply": "Usage: chatbot reply [OPTIONS] [PROMPT]",
    }


def test_a_default_of_words_stands_in_brackets_as_the_others_do():
    program = typer.Typer(rich_markup_mode=None)

    @program.command(cls=ProgramCommand)
    def _learn(
        epochs: Annotated[int | None, typer.Option(min=1, show_default="by the corpus", help="How many.")] = None,
    ) -> None:
        pass

    command = typer.main.get_command(program)
    page = command.get_help(typer.Context(command, info_name="learn", max_content_width=100))
    assert "--epochs N How many. [default: by the corpus; 1 or more]" in " ".join(page.split())


@pytest.mark.parametrize("line", examples())
def test_every_example_is_a_command_line_that_the_program_takes(line):
    found = calls(line)
    assert found
    for words in found:
        program = PROGRAM.make_context("chatbot", list(words))
        rest = [word for word in words if word != "--no-config"]
        path = next(tuple(rest[:length]) for length in (2, 1) if tuple(rest[:length]) in COMMANDS)
        options = [word for word in rest[len(path) :] if word != "--path"]  # which would print and leave
        assert COMMANDS[path].make_context(path[-1], options, parent=program)


def test_each_option_stands_in_its_group_and_every_command_in_the_list(tmp_path):
    shown = run_chatbot(["train", "--help"], tmp_path).stdout
    order = [shown.index(f"\n{title}:\n") for title in ("Arguments", "Options", "Data", "How long", "Model", "Fitting")]
    assert order == sorted(order)
    assert shown.index("\nModel:\n") < shown.index("--units") < shown.index("\nFitting:\n")
    listed = run_chatbot(["--help"], tmp_path).stdout.partition("\nCommands:\n")[2].partition("\n\n")[0]
    assert {line.split()[0] for line in listed.splitlines() if line[2] != " "} == set(PROGRAM.commands)


def test_the_defaults_on_a_page_are_the_built_in_ones(tmp_path):
    assert "[default: 1; 1 to 1000]" in run_chatbot(["reply", "--help"], tmp_path, CHATBOT_BEAM="7").stdout


def test_a_page_fits_a_narrow_terminal_and_has_no_colour_where_none_is_wanted(tmp_path):
    shown = {}
    for name, more in {"plain": {}, "NO_COLOR": {"NO_COLOR": "1"}, "dumb": {"TERM": "dumb"}}.items():
        environment = program_environment(tmp_path) | {"TERM": "xterm", "COLUMNS": "60"} | more
        command = [sys.executable, "-m", "chatbot", "chat", "--help"]
        shown[name] = pexpect.run(shlex.join(command), env=environment, cwd=str(tmp_path)).decode()
    assert "\x1b[1mExamples\x1b[0m:" in shown["plain"]
    assert "\x1b" not in shown["NO_COLOR"] + shown["dumb"]
    wide = [line for line in shown["dumb"].partition("Examples:")[0].splitlines() if len(line) > 60]
    assert wide == []


KILL_LINE = "\x15"


def test_completion_is_installed_and_completes_in_a_real_shell(tmp_path, english_bundle):
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    program = programs / "chatbot"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m chatbot "$@"\n')
    program.chmod(0o755)
    environment = program_environment(tmp_path) | {
        "HOME": str(home),
        "PATH": f"{programs}:/usr/bin:/bin",
        "TERM": "dumb",
        "PS1": "$ ",
    }
    (home / ".inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n")
    folder = str(Path(english_bundle).parent.parent)
    shell = pexpect.spawn(
        "bash", ["--norc", "-i"], cwd=folder, env=environment, encoding="utf-8", timeout=60, dimensions=(24, 200)
    )
    try:
        shell.expect_exact("$ ")
        shell.sendline("chatbot --install-completion")
        shell.expect_exact("completion installed")
        shell.expect_exact("$ ")
        shell.sendline("source ~/.bashrc; echo $((6*7))")
        shell.expect_exact("42\r\n$ ")
        for typed, completed in (
            ("eval", "evaluate "),
            ("reply --n-b", "--n-best "),
            ("train --preset sm", "--preset small "),
            ("info ch", "info checkpoints/english"),
            ("compare en", "compare english"),
            ("compare english en", "compare english english"),
            ("train --init-from en", "train --init-from english"),
        ):
            shell.send(f"chatbot {typed}\t")
            shell.expect_exact(completed)
            shell.send(KILL_LINE)  # Ctrl-C would be lost while the shell still completes
    finally:
        shell.close(force=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train a.tsv --epochs two", "Invalid value for '--epochs': 'two' is not a whole number."),
        ("train a.tsv --epochs 0", "Invalid value for '--epochs': 0 is too small; it must be 1 or more."),
        ("train a.tsv --dropout 3", "Invalid value for '--dropout': 3.0 is not in the range 0 to 0.9."),
        ("train a.tsv --dropout x", "Invalid value for '--dropout': 'x' is not a number."),
        ("train a.tsv --units 5 --bidirectional", "--units must be even to read both ways"),
        ("reply hi --beam 1.5", "Invalid value for '--beam': '1.5' is not a whole number."),
        ("reply hi --top-p much", "Invalid value for '--top-p': 'much' is not a number."),
        ("reply hi --n-best 2", "--n-best must be at most as large as --beam"),
        ("reply hi --min-confidence 2", "Invalid value for '--min-confidence': 2.0 is not in the range 0 to 1."),
        ("rename old", "NEW is missing: give the new name, or --to-home"),
        ("corpus import a b -o c", "Got unexpected extra argument(s) (b)"),
    ],
)
def test_what_is_typed_wrong_is_said_in_one_plain_sentence(tmp_path, words, said):
    done = run_chatbot(shlex.split(words), tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Error: {said}"
