"""A pseudo-terminal for the real program."""

import sys

import pexpect
import pytest

from tests.conftest import program_environment


@pytest.fixture
def terminal(tmp_path):
    """Start the program in a pseudo-terminal; the state folder is the test's."""
    children = []

    def start(*arguments, size=(40, 120), **environment):
        whole = program_environment(tmp_path) | {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"} | environment
        del whole["COLUMNS"]  # the size of the terminal counts
        child = pexpect.spawn(
            sys.executable,
            ["-m", "chatbot", *map(str, arguments)],
            cwd=str(tmp_path),
            env=whole,
            encoding="utf-8",
            timeout=60,
            dimensions=size,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


@pytest.fixture
def chat(terminal):
    """Start a conversation in a pseudo-terminal, up to the first prompt."""

    def start(bundle, *options, **given):
        child = terminal("chat", "--checkpoint", bundle, *options, **given)
        child.expect_exact("you> ")
        return child

    return start
