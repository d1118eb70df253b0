"""The screen of a conversation without a terminal: lines in, lines out."""

import sys

from chatbot.cli.output.console import TextConsole
from chatbot.cli.output.stdin_lines import LONGEST, decode_line, endless, unreadable
from chatbot.text import visible


class PipeScreen:
    """A conversation fed through a pipe: replies on stdout, everything else on stderr.

    Attributes:
        console: For what a command draws.
    """

    def __init__(self) -> None:
        """Begin with nothing said."""
        self.console = TextConsole(stderr=True)
        self._number = 0  # of the line that was read last

    def read(self, in_block: bool = False) -> str | None:  # noqa: ARG002  # a pipe shows no prompt
        """See `Screen.read`; bytes that are not UTF-8 are replaced."""
        try:
            line = sys.stdin.buffer.readline(LONGEST) if sys.stdin is not None else b""
        except OSError as error:
            raise unreadable(error) from None
        if len(line) == LONGEST:
            raise endless("a line")
        self._number += 1
        return decode_line(line, self._number, self.error) if line else None

    def ask(self, question: str, draft: str) -> str | None:  # noqa: ARG002  # a pipe shows no question
        """See `Screen.ask`; the next line is the answer."""
        return self.read()

    def piece(self, text: str) -> None:
        """See `Screen.piece`."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def end_reply(self, stopped: bool) -> None:
        """See `Screen.end_reply`; Ctrl-C ends the whole run."""
        self.piece("\n")
        if stopped:
            raise KeyboardInterrupt

    def notice(self, text: str) -> None:
        """See `Screen.notice`."""
        print(visible(text), file=sys.stderr, flush=True)

    def copyable(self, line: str) -> None:
        """See `Screen.copyable`."""
        self.notice(line)

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        print(f"chatbot: {visible(text)}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """See `Screen.clear`; a pipe shows nothing to wipe."""
