"""History of typed lines, in a file that only its owner can read."""

import contextlib
import os
import stat
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from prompt_toolkit.history import FileHistory

from chatbot.cli.chat.transcript import append_whole, open_to_append
from chatbot.errors import OutputError
from chatbot.files import AT_ONCE, MODES, PRIVATE_FILE, make_folder, user_folder
from chatbot.text import from_home

#: Bytes that are read of a long history, from its end.
_READ = 1 << 20


class InputHistory(FileHistory):
    """A history file of any length and content, to which lines are added as long as that can be done."""

    def load_history_strings(self) -> Iterable[str]:
        """The lines that were typed, the latest first; bytes that are not UTF-8 are replaced."""
        typed: list[list[bytes]] = [[]]
        for line in self._read_end().split(b"\n"):
            if line.startswith(b"+"):
                typed[-1].append(line[1:])
            elif typed[-1]:
                typed.append([])
        return [b"\n".join(lines).decode(errors="replace") for lines in reversed(typed) if lines]

    def store_string(self, string: str) -> None:
        """Add a line to the file; on a full disk the conversation continues without it.

        Args:
            string: The line, as typed.
        """
        with contextlib.suppress(OSError):
            typed = "".join(f"+{line}\n" for line in string.split("\n"))
            file = open_to_append(os.fsdecode(self.filename))
            try:
                append_whole(file, f"\n# {datetime.now()}\n{typed}".encode(errors="replace"))
            finally:
                os.close(file)

    def _read_end(self) -> bytes:
        try:
            with open(self.filename, "rb") as file:
                start = max(os.fstat(file.fileno()).st_size - _READ, 0)
                file.seek(start)
                content = file.read(_READ)
        except OSError:
            return b""
        # An entry begins with its time, so what was cut is no entry.
        return content.partition(b"\n#")[2] if start else content


def open_history() -> InputHistory:
    """The history that all conversations share, made if it is not there.

    Raises:
        OutputError: There is no place for it, or something else is there.
    """
    folder = user_folder("state")
    if folder is None:
        raise OutputError("what you type is not kept for the next time: your home folder is not known")
    path = folder / "history"
    try:
        _prepare(path)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"what you type is not kept for the next time: {from_home(path)}: {reason}") from None
    return InputHistory(str(path))


def _prepare(path: Path) -> None:
    """Make the file if it is not there, and see that it is one.

    Raises:
        OSError: It cannot be read and written, or it is not a regular file; a pipe is not waited for.
    """
    make_folder(path.parent)
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR | AT_ONCE, PRIVATE_FILE)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is not a file")
        if MODES:
            os.fchmod(handle, PRIVATE_FILE)
    finally:
        os.close(handle)
