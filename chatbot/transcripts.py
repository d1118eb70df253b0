"""Conversations kept as JSON Lines: one object for each turn, as `Turn.to_json` makes it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Self, TextIO

from chatbot.conversation import Turn
from chatbot.errors import ConversationError


class Transcript:
    """A file to which every reply is added as soon as it is over."""

    def __init__(self, path: Path) -> None:
        """Open the file, or go on with the one that is there.

        Raises:
            ConversationError: It cannot be written.
        """
        self._path = path
        try:
            self._file: TextIO = path.open("a", encoding="utf-8", errors="replace")
        except OSError as error:
            raise _unwritable(path, error) from None

    def add(self, turn: Turn) -> None:
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
        """Nothing to open any more."""
        return self

    def __exit__(self, *error: object) -> None:
        """No more turns."""
        self._file.close()


def save(path: Path, turns: Iterable[Turn], overwrite: bool) -> None:
    """Write turns to a file of their own.

    Args:
        path: The file.
        turns: What to write, the oldest first.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConversationError: A file is there, or it cannot be written.
    """
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8", errors="replace") as file:
            file.writelines(map(_line, turns))
    except FileExistsError:
        raise ConversationError(f"{path}: a file is there already; save under another name") from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _line(turn: Turn) -> str:
    return json.dumps(turn.to_json(), ensure_ascii=False) + "\n"


def _unwritable(path: Path, error: OSError) -> ConversationError:
    return ConversationError(f"{path}: cannot be written: {error.strerror or error}")
