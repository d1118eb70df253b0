"""The base of the two screens on a terminal, the redrawn and the plain one."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleDimensions
from rich.text import Text

from chatbot.cli.chat.argument_completion import TabCompletion
from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.output.waiting import Waiting
from chatbot.errors import OutputError
from chatbot.line_wrap import LineWrapper
from chatbot.text import visible

if TYPE_CHECKING:
    from prompt_toolkit.history import FileHistory

#: Given the line up to the cursor, what Tab offers.
Complete = Callable[[str], Iterable[TabCompletion]]
YOU, BOT, MORE = "you> ", "bot> ", "...> "
_STOPPED = "[stopped]"


class BaseTerminalScreen(ABC):
    """The output of a screen on a terminal.

    Attributes:
        console: What it is shown on.
        waiting: Shows that work continues after a line was read.
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
        self._reply: LineWrapper | None = None

    @abstractmethod
    def read(self, in_block: bool = False) -> str | None:
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
            self._reply = LineWrapper(lambda: self.console.width, len(BOT), self._isolates)
        self._write(self._reply.push(visible(text)))

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
        self.console.print(Text(visible(text), style="dim"))

    def copyable(self, line: str) -> None:
        """See `Screen.copyable`; the terminal itself breaks it where it must."""
        self.waiting.end()
        self.console.print(Text(visible(line)), soft_wrap=True)

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        self.waiting.end()
        self._fit()
        self.console.print(Text(visible(text), style="red"))

    def clear(self) -> None:
        """See `Screen.clear`."""
        self.waiting.end()
        self.console.clear()

    def _open_history(self, options: ScreenOptions) -> "FileHistory | None":
        """The history that lasts; None if none is wanted, or if there is no place for it, with a note."""
        if options.no_history:
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
