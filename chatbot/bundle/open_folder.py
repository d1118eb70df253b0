"""A folder and its files, held open by their numbers; on Windows, whose Python has none of that, known by their paths.

What is read in a folder that is held open is of one folder, whatever takes its place meanwhile. On Windows a file that
was replaced shows when it is read again, by its checksum.
"""

import errno
import os
import stat
import weakref
from collections.abc import Iterator
from pathlib import Path

from chatbot.files import AT_ONCE, FOLDERS_OPEN, NO_LINK

_BLOCK = 1 << 20


class OpenFolder:
    """A folder that stays the same one, whatever takes its place; on Windows, whatever is at its path."""

    def __init__(self, path: Path) -> None:
        """Open the folder at a path.

        Raises:
            OSError: It is missing, cannot be opened, or is no folder.
        """
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY) if FOLDERS_OPEN else None
        self._found = os.stat(path if self._descriptor is None else self._descriptor)
        if not stat.S_ISDIR(self._found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))

    def close(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)

    def is_at(self, path: Path) -> bool:
        """Whether it is the folder at a path.

        Raises:
            OSError: Nothing is there, or it cannot be looked at.
        """
        return os.path.samestat(path.stat(), self._found)

    def names(self) -> list[str]:
        """The names in it.

        Raises:
            OSError: It cannot be read.
        """
        return os.listdir(self._path if self._descriptor is None else self._descriptor)

    def stat(self, name: str) -> os.stat_result:
        """Look at what has a name in it.

        Args:
            name: The name.

        Returns:
            What it is.

        Raises:
            OSError: Nothing has.
        """
        if self._descriptor is None:
            return os.stat(self._path / name)
        return os.stat(name, dir_fd=self._descriptor)

    def open(self, name: str) -> "OpenFile":
        """Open a regular file of it to read; a pipe is not waited for, and a link is not followed.

        Args:
            name: Its name.

        Returns:
            The file.

        Raises:
            OSError: It is missing, cannot be opened, or is something else.
        """
        return OpenFile(self._path / name, self._descriptor)


class OpenFile:
    """A regular file, open as long as somebody has this object; on Windows, opened for each reading."""

    def __init__(self, path: Path, folder: int | None) -> None:
        """Open the file; see `OpenFolder.open`.

        Args:
            path: Its path.
            folder: The descriptor of its folder; None where there is none.

        Raises:
            OSError: See there.
        """
        self._path, self._descriptor = path, None
        found = os.lstat(path) if folder is None else None
        if found is None:
            self._descriptor = _open_regular(path.name, folder)
            weakref.finalize(self, os.close, self._descriptor)
        elif not stat.S_ISREG(found.st_mode):
            raise _odd_file(stat.S_ISLNK(found.st_mode))

    @property
    def size(self) -> int:
        """Its bytes.

        Raises:
            OSError: It is not there any more.
        """
        return os.stat(self._path if self._descriptor is None else self._descriptor).st_size

    def read(self, size: int, start: int = 0) -> bytes:
        """The bytes from a place on, as many as there are, in one piece; threads may read one file at once.

        Args:
            size: The most bytes.
            start: The place.

        Raises:
            OSError: It cannot be read.
        """
        if self._descriptor is None:
            with open(self._path, "rb") as file:
                file.seek(start)
                return file.read(size)
        content = os.pread(self._descriptor, size, start)
        while 0 < len(content) < size and (
            more := os.pread(self._descriptor, size - len(content), start + len(content))
        ):
            content += more
        return content

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the first bytes, as many as there are, a piece at a time.

        Args:
            size: The most bytes.

        Raises:
            OSError: It cannot be read.
        """
        for start in range(0, size, _BLOCK):
            yield self.read(min(_BLOCK, size - start), start)


def _open_regular(name: str, folder: int | None) -> int:
    try:
        file = os.open(name, os.O_RDONLY | NO_LINK | AT_ONCE, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EMLINK}:
            raise _odd_file(link=True) from None
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _odd_file(link=False)
    return file


def _odd_file(link: bool) -> OSError:
    if link:
        return OSError(errno.ELOOP, "a link, and the files of a bundle are its own")
    return OSError(errno.EINVAL, "not a regular file")
