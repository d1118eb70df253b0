"""The places where a conversation can happen: a terminal, redrawn or plain, and a pipe."""

import shutil
import sys
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleDimensions
from rich.text import Text

from chatbot.bundle import Bundle
from chatbot.cli.chat.completion import Candidate
from chatbot.cli.output.stdin_lines import LONGEST, decode_line, unreadable
from chatbot.cli.output.waiting import Waiting
from chatbot.errors import OutputError
from chatbot.line_wrap import Lines
from chatbot.text import count, normalize

if TYPE_CHECKING:
    from prompt_toolkit.history import FileHistory

#: Given the line up to the cursor, what Tab offers.
Complete = Callable[[str], Iterable[Candidate]]
YOU, BOT, MORE = "you> ", "bot> ", "...> "
_STOPPED = "[stopped]"


@dataclass(frozen=True)
class Looks:
    """How a conversation looks, and what is kept of it.

    Attributes:
        plain: For screen readers: nothing is redrawn, and there is neither colour nor any box.
        color: Whether there may be colours; the terminal and `NO_COLOR` have a say too.
        history: Whether what is typed is kept in a file.
    """

    plain: bool = False
    color: bool = True
    history: bool = True


def introduce(bundle: Bundle) -> str:
    """One line that says which bot this is, when and on what it was trained."""
    names = bundle.manifest.get("corpus")
    corpus = ", ".join(normalize(str(name)) for name in names) if isinstance(names, list) else "unknown pairs"
    day = normalize(str(bundle.manifest.get("created", "")))[:10]
    turns = bundle.context_turns
    memory = f" It reads the {'turn' if turns == 1 else count(turns, 'turn')} before yours." if turns else ""
    return f"{bundle.path.resolve().name}, trained on {corpus} on {day}.{memory} /help for commands, Ctrl-D to leave."


def on_terminal() -> bool:
    """Whether a person types and looks on."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def make_console(looks: Looks) -> Console:
    """The screen of standard output, with as much colour as it may have."""
    if looks.plain:
        return Console(highlight=False, color_system=None)
    return Console(highlight=False, no_color=None if looks.color else True)


@contextmanager
def open_screen(looks: Looks, complete: Complete) -> "Iterator[ConsoleScreen | PipeScreen]":
    """The screen for where the program runs, for as long as a conversation."""
    console = make_console(looks)
    if not on_terminal():
        yield PipeScreen()
    elif looks.plain or console.is_dumb_terminal:
        from chatbot.cli.chat.plain_screen import PlainScreen

        yield PlainScreen(console, looks, complete)
    else:
        from chatbot.cli.chat.terminal_screen import TerminalScreen

        with TerminalScreen(console, looks, complete) as screen:
            yield screen


class ConsoleScreen(ABC):
    """What is shown on a terminal, however it is typed.

    Attributes:
        console: What it is shown on.
        waiting: Shows that work goes on after a line was read.
    """

    def __init__(self, console: Console, isolates: bool) -> None:
        """Begin with nothing said.

        Args:
            console: What it is shown on.
            isolates: Whether right-to-left lines are marked for the terminal.
        """
        self.console = console
        self.waiting = Waiting(console, moves=isolates)
        self._isolates = isolates
        self._reply: Lines | None = None

    @abstractmethod
    def read(self, within: str = "") -> str | None:
        """See `Screen.read`."""

    @abstractmethod
    def ask(self, question: str, draft: str) -> str | None:
        """See `Screen.ask`."""

    def piece(self, text: str) -> None:
        """See `Screen.piece`; a word is shown when it is whole."""
        self.waiting.end()
        self._fit()
        if self._reply is None:
            self.console.print(Text(BOT, style="bold cyan"), end="")
            self._reply = Lines(lambda: self.console.width, len(BOT), self._isolates)
        self._write(self._reply.push(_visible(text)))

    def end_reply(self, stopped: bool) -> None:
        """See `Screen.end_reply`."""
        self.waiting.end()
        said = self._reply is not None
        if self._reply is not None:
            self._write(self._reply.finish())
        mark = f"{' ' if said else ''}{_STOPPED}" if stopped else ""
        self.console.print(Text(mark, style="dim"), soft_wrap=True)
        self._reply = None

    def notice(self, text: str) -> None:
        """See `Screen.notice`."""
        self.waiting.end()
        self._fit()
        self.console.print(Text(_visible(text), style="dim"))

    def copyable(self, line: str) -> None:
        """See `Screen.copyable`; the terminal itself breaks it where it must."""
        self.waiting.end()
        self.console.print(Text(_visible(line)), soft_wrap=True)

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        self.waiting.end()
        self._fit()
        self.console.print(Text(_visible(text), style="red"))

    def clear(self) -> None:
        """See `Screen.clear`."""
        self.waiting.end()
        self.console.clear()

    def _open_history(self, looks: Looks) -> "FileHistory | None":
        """The history that lasts; None where none is wanted, or there is no place for it, which is said."""
        if not looks.history:
            return None
        from chatbot.cli.chat.input_history import open_history

        try:
            return open_history()
        except OutputError as error:
            self.notice(str(error))
            return None

    def _fit(self) -> None:
        """Ask a dumb terminal for its size, which Rich takes to be 80 columns."""
        if self.console.is_dumb_terminal:
            self.console.size = ConsoleDimensions(*shutil.get_terminal_size())

    def _write(self, text: str) -> None:
        self.console.print(Text(text), end="", soft_wrap=True)
        self.console.file.flush()


class PipeScreen:
    """A conversation fed through a pipe: replies on stdout, everything else on stderr.

    Attributes:
        console: For what a command draws.
    """

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.console = Console(stderr=True, highlight=False)
        self._number = 0  # of the line that was read last

    def read(self, within: str = "") -> str | None:  # noqa: ARG002  # a pipe shows no prompt
        """See `Screen.read`; bytes that are not UTF-8 are replaced."""
        try:
            line = sys.stdin.buffer.readline(LONGEST) if sys.stdin is not None else b""
        except OSError as error:
            raise unreadable(error) from None
        self._number += 1
        return decode_line(line, self._number, self.error) if line else None

    def ask(self, question: str, draft: str) -> str | None:  # noqa: ARG002  # nobody is there to be asked
        """See `Screen.ask`; the next line is the answer."""
        return self.read()

    def piece(self, text: str) -> None:
        """See `Screen.piece`."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def end_reply(self, stopped: bool) -> None:
        """See `Screen.end_reply`; Ctrl-C ends the whole run, for nobody is here to type on."""
        self.piece("\n")
        if stopped:
            raise KeyboardInterrupt

    def notice(self, text: str) -> None:
        """See `Screen.notice`."""
        print(text, file=sys.stderr, flush=True)

    def copyable(self, line: str) -> None:
        """See `Screen.copyable`."""
        self.notice(line)

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        print(f"chatbot: {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """See `Screen.clear`; a pipe shows nothing to wipe."""


def _visible(text: str) -> str:
    """The text with what would steer a terminal replaced, but for its line ends."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if c != "\n" and unicodedata.category(c) == "Cc" else c for c in text)
