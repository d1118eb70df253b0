"""A terminal in Python to run a program in, to type to it and to look at its screen."""

import os
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Self

import pexpect
import pyte
from pyte import graphics
from rich.color import Color
from rich.style import Style
from rich.text import Text

#: Rows, more than any screen of a page has.
_ROWS = 200
#: Seconds without output after which a screen is taken as drawn.
_QUIET = 0.3
#: Seconds that the slowest command may take, a short training run, and the answer to a key.
_LONGEST_RUN, _LONGEST_ANSWER = 300, 60
_FAINT, _BLINK, _NOT_BLINK, _NEITHER_BOLD_NOR_FAINT = 2, 5, 25, 22


class ScreenError(Exception):
    """A program in the terminal failed, or did not do what was waited for."""


class _Screen(pyte.Screen):
    """A screen that answers the program's questions, and that knows faint text, which it keeps as blinking."""

    def __init__(self, columns: int, answer: Callable[[str], object]) -> None:
        self._answer = answer
        super().__init__(columns, _ROWS)

    def write_process_input(self, data: str) -> None:
        self._answer(data)

    def select_graphic_rendition(self, *attrs: int, **kwargs: bool) -> None:
        known = {_FAINT: (_BLINK,), _NEITHER_BOLD_NOR_FAINT: (_NEITHER_BOLD_NOR_FAINT, _NOT_BLINK)}
        if graphics.FG_256 not in attrs and graphics.BG_256 not in attrs:  # whose numbers are no attributes
            attrs = tuple(code for attr in attrs for code in known.get(attr, (attr,)))
        super().select_graphic_rendition(*attrs, **kwargs)

    def read_lines(self) -> list[Text]:
        """What is shown, without empty lines at its end."""
        lines = [self._read_line(row) for row in range(_ROWS)]
        last = max((row for row, line in enumerate(lines) if line.plain), default=-1)
        return lines[: last + 1]

    def _read_line(self, row: int) -> Text:
        chars = (self.buffer[row][column] for column in range(self.columns))
        line = Text()
        for style, run in groupby(chars, _style):
            line.append("".join(char.data for char in run), style)
        line.rstrip()
        return line


def _style(char: pyte.screens.Char) -> Style:
    return Style(
        color=_color(char.fg),
        bgcolor=_color(char.bg),
        bold=char.bold,
        dim=char.blink,
        italic=char.italics,
        reverse=char.reverse,
    )


def _color(name: str) -> Color | None:
    """A colour of the sixteen by its number, and any other by its parts."""
    if name == "default":
        return None
    tables = ((graphics.FG_ANSI, 30), (graphics.BG_ANSI, 40), (graphics.FG_AIXTERM, 82), (graphics.BG_AIXTERM, 92))
    numbers = {one: code - first for table, first in tables for code, one in table.items()}
    return Color.from_ansi(numbers[name]) if name in numbers else Color.parse(f"#{name}")


class Terminal:
    """A program in a terminal of its own, with an environment of its own."""

    def __init__(self, command: str, folder: Path, columns: int) -> None:
        """Start a command.

        Args:
            command: A line for the shell; `chatbot` is the one beside the Python that runs this.
            folder: Where it runs, which is its home too.
            columns: Of the terminal.
        """
        self._command = command
        environment = {
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        size = (_ROWS, columns)
        self._child = pexpect.spawn("sh", ["-c", command], cwd=str(folder), env=environment, dimensions=size)
        self._screen = _Screen(columns, self._child.send)
        self._stream = pyte.ByteStream(self._screen)
        self._over = False

    def __enter__(self) -> Self:
        """The program runs already."""
        return self

    def __exit__(self, *error: object) -> None:
        """End it, if it still runs."""
        self._child.close(force=True)

    def type(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def wait_for_end(self) -> list[Text]:
        """Wait until the program is over, and return what is shown.

        Raises:
            ScreenError: It takes too long, or has failed.
        """
        return self._look_until(lambda _: self._over, _LONGEST_RUN)

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
        """Wait until something is shown below the last line that was asked for, and return all that is shown.

        Raises:
            ScreenError: Nothing is, or the program has failed.
        """
        return self._look_until(lambda lines: bool(lines) and not lines[-1].plain.startswith(prompt), _LONGEST_ANSWER)

    def _look_until(self, ready: Callable[[list[Text]], bool], seconds: int) -> list[Text]:
        """The screen as soon as it is ready and nothing more is written to it."""
        lines: list[Text] = []
        for _ in range(round(seconds / _QUIET)):
            self._read()
            lines = self._screen.read_lines()
            if self._over and self._child.exitstatus != 0:
                raise self._error("failed", lines)
            if ready(lines):
                return lines
        raise self._error("did not come to what was waited for", lines)

    def _read(self) -> None:
        """Show what the program writes until it is quiet, or over."""
        while not self._over:
            try:
                self._stream.feed(self._child.read_nonblocking(1 << 16, timeout=_QUIET))
            except pexpect.TIMEOUT:
                return
            except pexpect.EOF:
                self._child.close()
                self._over = True

    def _error(self, what: str, lines: list[Text]) -> ScreenError:
        shown = "\n".join(line.plain for line in lines)
        return ScreenError(f"{self._command}: {what}; the screen is\n{shown}")
