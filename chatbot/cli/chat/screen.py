"""The interface of a conversation's screen, and its options."""

from dataclasses import dataclass
from typing import Protocol

from chatbot.config.base import Config
from chatbot.config.options import option

#: Begins and ends a block of several lines.
QUOTES = '"""'
_PANEL = "The screen"


def in_block(text: str) -> bool:
    """Whether a text begins a block of several lines and has not ended it."""
    block = text.strip()
    return block.startswith(QUOTES) and (len(block) < 2 * len(QUOTES) or not block.endswith(QUOTES))


class LineDropped(Exception):  # noqa: N818  # no error: a person changed their mind
    """The person dropped what they were typing."""


class Screen(Protocol):
    """The place where a conversation is typed and shown."""

    def read(self, in_block: bool = False) -> str | None:
        """Return the line that the person typed, None at the end.

        Args:
            in_block: Whether this line continues an open block.

        Raises:
            LineDropped: The person dropped the line.
        """

    def ask(self, question: str, draft: str) -> str | None:
        """The person's answer to a question; None at the end.

        Args:
            question: The question.
            draft: The beginning of an answer, which the person can change.

        Raises:
            LineDropped: The person dropped the answer.
        """

    def piece(self, text: str) -> None:
        """Show a piece of the reply, as soon as it is known.

        Args:
            text: The piece.
        """

    def end_reply(self, stopped: bool) -> None:
        """The reply is over, or was stopped by the person; so may be the work of a command."""

    def notice(self, text: str) -> None:
        """Show a note of the program.

        Args:
            text: One or more lines.
        """

    def copyable(self, line: str) -> None:
        """A line that the person may copy: it is never broken, however narrow the screen."""

    def error(self, text: str) -> None:
        """Show an error.

        Args:
            text: The message.
        """

    def clear(self) -> None:
        """Wipe what is shown."""


@dataclass(frozen=True)
class ScreenOptions(Config):
    """Options of a screen.

    Attributes:
        plain: For screen readers: nothing is redrawn, and there is neither colour nor any box.
        no_color: Whether there are no colours; the terminal and `NO_COLOR` have a say too.
        no_history: Whether what is typed is not kept in a file.
    """

    plain: bool = option(False, "For screen readers: no colours, no boxes, nothing is redrawn.", panel=_PANEL)
    no_color: bool = option(False, "Use no colours, as if NO_COLOR were set.", panel=_PANEL)
    no_history: bool = option(False, "Don't read or save the input history.", panel=_PANEL)
