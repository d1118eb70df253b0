"""A file of a bundle, opened once: what is read later is what was checked, whatever stands at its path by then."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import TRAIN_AGAIN
from chatbot.bundle.open_folder import OpenFolder
from chatbot.errors import BundleError


class CheckedFile:
    """A file of an open bundle that is known to be the one its manifest describes."""

    def __init__(self, path: Path, folder: OpenFolder, described: Mapping[str, Any]) -> None:
        """Open the file; `check_size` and `check_content` compare it.

        Args:
            path: Its path, for messages.
            folder: The bundle's folder.
            described: Its size in bytes and its checksum, as the manifest has them.

        Raises:
            OSError: It is missing, cannot be opened, or is not a regular file of the folder.
        """
        self._path = path
        self._described = described
        self._content: bytes | None = None
        self._file = folder.open(path.name)

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
        if self._file.size != self.size:
            raise self._damaged()

    def check_content(self) -> None:
        """Compare its checksum with the description, a piece at a time.

        Raises:
            BundleError: It is another file.
        """
        digest = hashlib.sha256()
        for block in self._file.blocks(self.size):
            digest.update(block)
        if digest.hexdigest() != self._described["sha256"]:
            raise self._damaged()

    def keep_content(self) -> None:
        """Read and check the content, and keep it until it is asked for, so that it is read and checked once.

        Raises:
            BundleError: It is another file, or cannot be read.
        """
        self._content = self.read_bytes()

    def read_bytes(self) -> bytes:
        """The content, checked at this reading or kept from one before.

        Raises:
            BundleError: The file has been changed since the bundle was opened, or cannot be read.
        """
        content, self._content = self._content, None  # which whoever asked for it keeps as long as it is needed
        if content is not None:
            return content
        try:
            content = self._file.read(self.size)
        except OSError as error:
            raise BundleError(f"{self._path}: cannot be read ({error.strerror or error})") from None
        if hashlib.sha256(content).hexdigest() != self._described["sha256"]:
            raise self._damaged()
        return content

    def _damaged(self) -> BundleError:
        return BundleError(f"{self._path} is damaged (checksum mismatch); {TRAIN_AGAIN}")


def describe(file: Path) -> dict[str, Any]:
    """The entry of a file in the manifest: its size in bytes and its checksum.

    Args:
        file: The file.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return {"bytes": stream.tell(), "sha256": digest.hexdigest()}
