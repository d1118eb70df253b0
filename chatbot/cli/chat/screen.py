"""What a conversation asks of the place where it is typed and shown."""

from dataclasses import dataclass
from typing import Protocol

#: Begins and ends a block of several lines.
QUOTES = '"""'


def in_block(text: str) -> bool:
    """Whether a text begins a block of several lines and has not ended it."""
    block = text.strip()
    return block.startswith(QUOTES) and (len(block) < 2 * len(QUOTES) or not block.endswith(QUOTES))


class Dropped(Exception):  # noqa: N818  # no error: a person changed their mind
    """The person dropped what they were typing."""


class Screen(Protocol):
    """Where a conversation is typed and shown."""

    def read(self, within: str = "") -> str | None:
        """What the person typed, None at the end.

        Args:
            within: The lines of an open block that this line goes on with.

        Raises:
            Dropped: The person dropped it.
        """

    def ask(self, question: str, draft: str) -> str | None:
        """The person's answer to a question, which may begin as a draft; None and `Dropped` as for `read`."""

    def piece(self, text: str) -> None:
        """A piece of the reply, as soon as it is known."""

    def end_reply(self, stopped: bool) -> None:
        """The reply is over, or was stopped by the person; so may be the work of a command."""

    def notice(self, text: str) -> None:
        """The program, not the bot, says something."""

    def copyable(self, line: str) -> None:
        """A line that the person may copy: one line for whoever pastes it, however narrow the screen."""

    def error(self, text: str) -> None:
        """The person asked for something that cannot be."""

    def clear(self) -> None:
        """Wipe what is shown."""


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
