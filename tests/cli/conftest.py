"""A pseudo-terminal, a terminal for input and a full disk for the real program."""

import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PATIENCE, running
from tests.terminal_program import spawn_on_terminal


@pytest.fixture
def terminal(tmp_path):
    """Start the program in a pseudo-terminal; the state folder is the test's."""
    children = []

    def start(*arguments, size=(40, 120), **environment):
        child = spawn_on_terminal(arguments, tmp_path, {"PROMPT_TOOLKIT_NO_CPR": "1"} | environment, size)
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


def run_on_terminal(
    arguments: Sequence[str | Path], folder: Path, typed: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run the real program with a terminal for standard input, on which some bytes have been typed."""
    controller, terminal = pty.openpty()
    os.write(controller, typed)
    try:
        return run_streams(arguments, folder, stdin=terminal, stdout=subprocess.PIPE)
    finally:
        os.close(terminal)
        os.close(controller)


def run_to_full_disk(arguments: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the real program with a full disk behind its standard output."""
    with open("/dev/full", "w") as full:
        return run_streams(arguments, folder, stdout=full)


def run_streams(arguments: Sequence[str | Path], folder: Path, **streams: Any) -> subprocess.CompletedProcess[str]:
    """Run the real program with these streams, and with a pipe for standard error."""
    with running(arguments, folder, stderr=subprocess.PIPE, text=True, **streams) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
