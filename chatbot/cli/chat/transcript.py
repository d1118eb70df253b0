"""Conversations kept as JSON Lines: one object for each turn, as `ChatTurn.to_json` makes it."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.cli.output.json_output import to_shown_json
from chatbot.errors import ConversationError
from chatbot.files import BINARY, PRIVATE_FILE, replacing


class Transcript:
    """A file to which every reply is added as soon as it is over."""

    def __init__(self, path: Path) -> None:
        """Open the file, to append to it if it is there.

        Args:
            path: The file.

        Raises:
            ConversationError: It cannot be written.
        """
        self._path = path
        try:
            self._file = open_to_append(path)
        except OSError as error:
            raise _unwritable(path, error) from None

    def add(self, turn: ChatTurn) -> None:
        """Write one turn.

        Raises:
            ConversationError: It cannot be written.
        """
        try:
            append_whole(self._file, _line(turn))
        except OSError as error:
            raise _unwritable(self._path, error) from None

    def __enter__(self) -> Self:
        """The file is open already."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        os.close(self._file)


def save(path: Path, turns: Iterable[ChatTurn], overwrite: bool) -> None:
    """Write turns to a file of their own, which appears whole or not at all.

    Args:
        path: The file.
        turns: What to write, the oldest first.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConversationError: A file is there, or it cannot be written.
    """
    if not overwrite and os.path.lexists(path):
        raise ConversationError(f"{path}: a file is there already; save under another name")
    try:
        with replacing(Path(os.path.realpath(path))) as file:  # behind a link, which stays
            file.writelines(map(_line, turns))
    except OSError as error:
        raise _unwritable(path, error) from None


def open_to_append(path: str | Path) -> int:
    """Open a file to read and to append to, which is made for its owner alone where it is not there.

    Args:
        path: The file.

    Returns:
        Its descriptor.

    Raises:
        OSError: It cannot be opened.
    """
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | BINARY, PRIVATE_FILE)


def append_whole(file: int, content: bytes) -> None:
    """Append to an open file: all of the content, or nothing.

    Args:
        file: The descriptor, as of `open_to_append`.
        content: What is appended.

    Raises:
        OSError: It cannot be written; a regular file ends as it did.
    """
    written = 0
    try:
        while written < len(content):
            written += os.write(file, content[written:])
    except OSError:
        with contextlib.suppress(OSError):  # of what is no regular file
            os.ftruncate(file, os.fstat(file).st_size - written)
        raise


def _line(turn: ChatTurn) -> bytes:
    return to_shown_json(turn.to_json()).encode() + b"\n"


def _unwritable(path: Path, error: OSError) -> ConversationError:
    return ConversationError(f"{path}: cannot be written: {error.strerror or error}")
