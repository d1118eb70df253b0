"""The sample of a file, folder or archive by which its format is recognized."""

import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from chatbot.corpus.reading import encodings
from chatbot.corpus.reading.folders import files_in
from chatbot.corpus.reading.open_file import open_bytes
from chatbot.errors import CorpusError

_SAMPLE = 256 << 10


@dataclass(frozen=True)
class FileSample:
    """The beginning of a file, by which it is recognized.

    Attributes:
        path: The file, folder or zip archive.
        is_folder: Whether it is a folder or an archive, whose text is empty.
        head: Its first bytes, decompressed, in UTF-8.
        columns: Names of the columns that a table is to have, or None for the usual ones.
        encoding: As which the file is read, see `open_bytes`.
        files: Of a folder or an archive, the files in it that may hold text; they are opened like others.
    """

    path: Path
    is_folder: bool
    head: bytes = b""
    columns: tuple[str, str] | None = None
    encoding: str | None = None
    files: tuple[Path, ...] = ()

    @classmethod
    def of(cls, path: Path, columns: tuple[str, str] | None = None, encoding: str | None = None) -> Self:
        """Take a sample.

        Args:
            path: A file, folder or zip archive.
            columns: See above.
            encoding: See `open_bytes`; None also takes `encodings.default`.

        Returns:
            The sample: the first bytes of a file, or the names in a folder or an archive.

        Raises:
            CorpusError: The file cannot be read, or could be read only once.
        """
        _require_readable(path)
        files = files_in(path)
        if files is not None:
            return cls(path, True, b"", columns, encoding, tuple(files))
        with open_bytes(path, encoding=encoding) as stream:
            head = stream.read(_SAMPLE)
        if encoding is None and (encoding := encodings.default(head)) is not None:
            head = head.decode(encoding, errors="replace").encode()
        return cls(path, False, head, columns, encoding)

    @cached_property
    def text(self) -> str:
        """The sample as text; what is not UTF-8 is replaced."""
        return self.head.decode("utf-8", errors="replace")

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are not blank; the last one may be cut."""
        return [line for line in self.text.replace("\r", "\n").split("\n") if line.strip()]


def _require_readable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except NotADirectoryError:  # perhaps inside an archive
        return
    except OSError as error:
        what = "no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise CorpusError(f"{path}: {what}") from None
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise CorpusError(f"{path}: not a regular file; save what it gives in a file first")
