"""The real program on a pseudo-terminal, to be talked to with pexpect."""

import pty
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect
import ptyprocess

from tests.conftest import program_environment
from tests.warm_program import WarmPopen, can_run_warm


def spawn_on_terminal(
    arguments: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    size: tuple[int, int] = (40, 120),
    timeout: float = 60,
) -> pexpect.spawn:
    """Start the program on a terminal of its own: in a fork of one that is loaded, where that will do.

    Args:
        arguments: Of the program.
        folder: Where it runs.
        environment: Variables besides those of `program_environment`.
        size: Rows and columns of the terminal; no variable says another one.
        timeout: Seconds for what is expected to come.
    """
    words, variables = [*map(str, arguments)], program_environment(folder) | {"TERM": "xterm-256color"} | environment
    del variables["COLUMNS"]
    if can_run_warm(words, environment):
        return _Forked(words, folder, variables, size, timeout)
    return pexpect.spawn(
        sys.executable,
        ["-m", "chatbot", *words],
        cwd=str(folder),
        env=variables,
        encoding="utf-8",
        timeout=timeout,
        dimensions=size,
    )


class _Forked(pexpect.spawn):
    """As pexpect has a program that it has started itself."""

    def __init__(
        self, words: Sequence[str], folder: Path, variables: Mapping[str, str], size: tuple[int, int], timeout: float
    ) -> None:
        super().__init__(None, encoding="utf-8", timeout=timeout)
        controller, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, size)
        with open(terminal, "r+b", buffering=0) as its:
            streams = {"stdin": its, "stdout": its, "stderr": its}
            process = WarmPopen(words, terminal=True, cwd=folder, env=variables, **streams)
        self.ptyproc = _ForkedPty(process, controller)
        self.name, self.pid, self.child_fd = f"<chatbot {' '.join(words)}>", process.pid, controller
        self.terminated = self.closed = False


class _ForkedPty(ptyprocess.PtyProcess):
    """A process on a terminal which is no child of this one."""

    def __init__(self, process: WarmPopen, controller: int) -> None:
        super().__init__(process.pid, controller)
        self._process = process

    def isalive(self) -> bool:
        """Whether it has not ended; after the end of what it writes, its own is waited for."""
        code = self._process.wait() if self.flag_eof else self._process.poll()
        if code is None:
            return True
        self.terminated = True
        self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)
        return False

    def wait(self) -> int | None:
        self._process.wait()
        self.isalive()
        return self.exitstatus
