"""A file of a bundle, opened once: what is read later is what was checked, whatever stands at its path by then."""

import errno
import hashlib
import os
import stat
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import TRAIN_AGAIN
from chatbot.errors import BundleError

_BLOCK = 1 << 20


class CheckedFile:
    """A file of an open bundle that is known to be the one its manifest describes."""

    def __init__(self, path: Path, folder: int, described: Mapping[str, Any]) -> None:
        """Open the file; `check_size` and `check_content` compare it.

        Args:
            path: Its path, for messages.
            folder: The descriptor of the bundle's folder.
            described: Its size in bytes and its checksum, as the manifest has them.

        Raises:
            OSError: It is missing, cannot be opened, or is not a regular file of the folder.
        """
        self._path = path
        self._described = described
        self._content: bytes | None = None
        self._file = open_regular(path.name, folder)
        weakref.finalize(self, os.close, self._file)

    def __str__(self) -> str:
        """The path, for messages."""
        return str(self._path)

    @property
    def size(self) -> int:
        """Its bytes, as the manifest has them."""
        return int(self._described["bytes"])

    def check_size(self) -> None:
        """Compare its size with the description: first, for one that was made up may be such that no reading would end.

        Raises:
            BundleError: It is another file.
        """
        if os.fstat(self._file).st_size != self.size:
            raise self._damaged()

    def check_content(self, keep: bool = False) -> None:
        """Compare its checksum with the description.

        Args:
            keep: Whether the content is kept for `read_bytes`, which then need not read it again.

        Raises:
            BundleError: It is another file.
        """
        if keep:
            self._content = self.read_bytes()
        elif _describe(self._file) != self._described:
            raise self._damaged()

    def read_bytes(self) -> bytes:
        """The content, checked at this reading or kept from one before.

        Raises:
            BundleError: The file has been changed since the bundle was opened, or cannot be read.
        """
        if self._content is not None:
            return self._content
        try:
            content = _read(self._file, self.size)
        except OSError as error:
            raise BundleError(f"{self._path}: cannot be read ({error.strerror or error})") from None
        if hashlib.sha256(content).hexdigest() != self._described["sha256"]:
            raise self._damaged()
        return content

    def _damaged(self) -> BundleError:
        return BundleError(f"{self._path} is damaged (checksum mismatch); {TRAIN_AGAIN}")


def open_regular(name: str, folder: int) -> int:
    """Open a regular file of a folder to read; a pipe is not waited for, and a link is not followed.

    Args:
        name: The file's name.
        folder: The descriptor of the folder.

    Returns:
        The descriptor of the file.

    Raises:
        OSError: It is missing, cannot be opened, or is something else.
    """
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EMLINK}:
            raise OSError(error.errno, "a link, and the files of a bundle are its own") from None
        raise
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def describe(file: Path) -> dict[str, Any]:
    """The entry of a file in the manifest: its size in bytes and its checksum.

    Args:
        file: The file.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as stream:
        return _describe(stream.fileno())


def _describe(file: int) -> dict[str, Any]:
    size, digest = os.fstat(file).st_size, hashlib.sha256()
    for block in _blocks(file, size):
        digest.update(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _blocks(file: int, size: int) -> Iterator[bytes]:
    """The first bytes of a file, as many as there are; threads may read one descriptor at once."""
    for start in range(0, size, _BLOCK):
        yield _read(file, min(_BLOCK, size - start), start)


def _read(file: int, size: int, start: int = 0) -> bytes:
    """The bytes of a file from a place on, as many as there are: in one piece, for a copy takes as long as reading."""
    content = os.pread(file, size, start)
    while 0 < len(content) < size and (more := os.pread(file, size - len(content), start + len(content))):
        content += more
    return content
