"""A terminal to run programs in and to look at, by tmux."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from rich.ansi import AnsiDecoder
from rich.text import Text

#: Rows, more than any screen of a page has.
_ROWS = 200
_LOOKS_A_SECOND = 10
#: Seconds that the slowest command may take, a short training run, and the answer to a key.
_LONGEST_RUN, _LONGEST_ANSWER = 300, 60


class ScreenError(Exception):
    """A program in the terminal failed, or did not do what was waited for."""


class Terminal:
    """A program in a terminal of its own, with an environment of its own."""

    def __init__(self, command: str, folder: Path, columns: int) -> None:
        """Start a command.

        Args:
            command: A line for the shell; `chatbot` is the one beside the Python that runs this.
            folder: Where it runs, which is its home too.
            columns: Of the terminal.
        """
        self._command, self._folder = command, folder
        self._exit_code = folder / ".exit-code"
        self._tmux = ["tmux", "-S", str(folder / ".tmux"), "-f", "/dev/null"]
        self._environment = {
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        # The shell stays when the command is over, so that its screen can still be looked at.
        script = f"{command}\necho $? > {self._exit_code}; exec sleep {2 * _LONGEST_RUN}"
        # tmux says a terminal of its own to what it runs.
        run = f"TERM=xterm-256color exec sh -c {shlex.quote(script)}"
        self._ask("new-session", "-d", "-x", str(columns), "-y", str(_ROWS), run)

    def __enter__(self) -> Self:
        """The program runs already."""
        return self

    def __exit__(self, *error: object) -> None:
        """End it, if it still runs."""
        self._ask("kill-server")

    def type(self, keys: str) -> None:
        """Press keys."""
        self._ask("send-keys", "-l", keys)

    def wait_for_end(self) -> list[Text]:
        """Wait until the program is over, and return what is shown.

        Raises:
            ScreenError: It takes too long, or has failed.
        """
        return self._look_until(lambda _: self._code() != "", _LONGEST_RUN)

    def wait_for_prompt(self, prompt: str, answered: int) -> list[Text]:
        """Wait until the program asks for the next line, and return what is shown above that.

        Args:
            prompt: How it asks, at the beginning of a line.
            answered: How many lines it has asked for before.

        Raises:
            ScreenError: It does not ask, or has failed.
        """

        def asks(lines: list[Text]) -> bool:
            asked = sum(line.plain.startswith(prompt) for line in lines)
            return asked > answered and lines[-1].plain.strip() == prompt

        return self._look_until(asks, _LONGEST_ANSWER)[:-1]

    def wait_below_prompt(self, prompt: str) -> list[Text]:
        """Wait until something stands below the last line that was asked for, and return all that is shown.

        Raises:
            ScreenError: Nothing does, or the program has failed.
        """
        return self._look_until(lambda lines: bool(lines) and not lines[-1].plain.startswith(prompt), _LONGEST_ANSWER)

    def _look_until(self, ready: Callable[[list[Text]], bool], seconds: int) -> list[Text]:
        """The screen as soon as it is ready and does not change any more, without empty lines at its end."""
        before: list[Text] = []
        for _ in range(seconds * _LOOKS_A_SECOND):
            lines = list(AnsiDecoder().decode(self._ask("capture-pane", "-e", "-p", "-S", "-").rstrip()))
            if lines == before and self._code() not in {"", "0"}:
                raise self._error("failed", lines)
            if lines == before and ready(lines):
                return lines
            before = lines
            time.sleep(1 / _LOOKS_A_SECOND)
        raise self._error("did not come to what was waited for", before)

    def _code(self) -> str:
        """The exit code of the program; nothing while it runs."""
        return self._exit_code.read_text().strip() if self._exit_code.exists() else ""

    def _error(self, what: str, lines: list[Text]) -> ScreenError:
        shown = "\n".join(line.plain for line in lines)
        return ScreenError(f"{self._command}: {what}; the screen is\n{shown}")

    def _ask(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._tmux, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=self._folder,
            env=self._environment,
        ).stdout
