"""Conversations kept as JSON Lines: one object for each turn, as `ChatTurn.to_json` makes it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self, TextIO

from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.errors import ConversationError
from chatbot.files import open_private, replacing


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
            self._file: TextIO = open(  # noqa: SIM115  # `__exit__` closes it
                path, "a", encoding="utf-8", errors="replace", opener=open_private
            )
        except OSError as error:
            raise _unwritable(path, error) from None

    def add(self, turn: ChatTurn) -> None:
        """Write one turn.

        Raises:
            ConversationError: It cannot be written.
        """
        try:
            self._file.write(_line(turn))
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._path, error) from None

    def __enter__(self) -> Self:
        """The file is open already."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._file.close()


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
            file.writelines(_line(turn).encode(errors="replace") for turn in turns)
    except OSError as error:
        raise _unwritable(path, error) from None


def _line(turn: ChatTurn) -> str:
    return json.dumps(turn.to_json(), ensure_ascii=False) + "\n"


def _unwritable(path: Path, error: OSError) -> ConversationError:
    return ConversationError(f"{path}: cannot be written: {error.strerror or error}")
