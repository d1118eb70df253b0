"""A nameless file on disk for what does not fit in memory."""

import contextlib
import os
import tempfile
from pathlib import Path

from chatbot.files import unwritable


class ScratchFile:
    """A file without a name for what does not fit in memory; even a process that is killed leaves no trace of it."""

    def __init__(self, folder: Path) -> None:
        """Open an empty one.

        Args:
            folder: On the disk to use; where there is none, the nearest one above it is used and none is made.

        Raises:
            OutputError: No file can be made there.
        """
        self._folder = folder
        there = next((place for place in (folder, *folder.parents) if os.path.exists(place)), folder)
        try:
            self._file = tempfile.TemporaryFile(dir=there)  # noqa: SIM115  # `close` closes it
        except OSError as error:
            raise unwritable(folder, error) from None

    def append(self, content: bytes) -> int:
        """Write at the end.

        Args:
            content: Any bytes.

        Returns:
            Their place in the file, for `read`.

        Raises:
            OutputError: The disk is full.
        """
        try:
            place = self._file.seek(0, os.SEEK_END)
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            raise unwritable(self._folder, error) from None
        return place

    def read(self, place: int, size: int) -> bytes:
        """The bytes that `append` wrote at a place; call it from one thread at a time.

        Args:
            place: As `append` returned it.
            size: Number of bytes.
        """
        self._file.seek(place)
        return self._file.read(size)

    def close(self) -> None:
        """Give the space on the disk back."""
        with contextlib.suppress(OSError):  # what is left in the buffer is of no use to anybody
            self._file.close()
