"""Zip archives, read where they lie: nothing is unpacked to the disk.

A file inside is named by a path that leads through the archive, `chat.zip/_chat.txt`, so whatever
reads a file reads one inside an archive too, and says where something is wrong in the same words.
"""

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from chatbot.errors import CorpusError

#: With what a zip file begins; the second is an empty one.
MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
#: How many times its packed size text may take, and from how many bytes on that is asked.
_MOST_RATIO, _RATIO_FROM = 200, 64 << 20
_SHOWN_FILES = 5
_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
#: Whatever Python's zip reader answers damage with.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    ValueError,
    OSError,
)


class Archive:
    """A zip file and the names of the files in it.

    Attributes:
        path: Where it lies.
        files: The entries by their names; names are relative, with `/`, and hold nothing that
            leads out of the archive or cannot be printed.
    """

    def __init__(self, path: Path) -> None:
        """Read the directory of the archive.

        Args:
            path: The zip file.

        Raises:
            CorpusError: It is damaged, or no zip file.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise _damaged(path, error) from None
        self.files: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            if info.filename and not info.is_dir() and (name := _name(info)):
                self.files.setdefault(name, info)

    def open(self, name: str, watch: Callable[[int], None]) -> io.RawIOBase:
        """A file inside, as a stream of its unpacked bytes.

        Args:
            name: One of `files`.
            watch: Told of each number of bytes that was read.

        Raises:
            CorpusError: It is encrypted, damaged (also while it is read), or unpacks to what no text does.
        """
        info = self.files[name]
        self.check([info])
        try:
            return _Member(self.path / name, self._zip.open(info), watch)  # type: ignore[arg-type]  # IO[bytes] in name
        except _DAMAGE as error:
            raise _damaged(self.path / name, error) from None

    def check(self, files: list[zipfile.ZipInfo]) -> None:
        """Refuse to read files that are encrypted, or that many times larger than their packed form.

        Raises:
            CorpusError: See above.
        """
        if any(info.flag_bits & _ENCRYPTED for info in files):
            raise CorpusError(f"{self.path}: an encrypted zip archive; unpack it with its password first")
        packed = min(self.path.stat().st_size, sum(info.compress_size for info in files))
        unpacked = sum(info.file_size for info in files)
        bombs = [info for info in files if _is_bomb(info.file_size, info.compress_size)]
        if bombs or _is_bomb(unpacked, packed):
            size = (sum(info.file_size for info in bombs) or unpacked) >> 20
            raise CorpusError(
                f"{self.path}: unpacks to {size:,} MiB, which no text does from so few bytes (a zip bomb?)"
            )

    def contents(self) -> str:
        """The names of its first files and their number, for a message."""
        names = list(self.files)
        shown = ", ".join(names[:_SHOWN_FILES]) + (", …" if len(names) > _SHOWN_FILES else "")
        return f"{len(names):,} files: {shown}" if len(names) > 1 else shown or "no file"


class _Member(io.RawIOBase):
    """The bytes of a file inside, with errors that a person can act on."""

    def __init__(self, path: Path, stream: io.BufferedIOBase, watch: Callable[[int], None]) -> None:
        self._path = path
        self._stream = stream
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer will do
        try:
            data = self._stream.read(len(buffer))
        except _DAMAGE as error:
            raise _damaged(self._path, error) from None
        buffer[: len(data)] = data
        self._watch(len(data))
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def locate(path: Path) -> tuple[Archive, str] | None:
    """The archive that a path leads to or through, and what is left of the path behind it.

    None where the path leads through none. The archive that was asked for last stays open, so that
    its directory is not read once more for each of its thousand files.

    Raises:
        CorpusError: See `Archive`.
    """
    for place in (path, *path.parents):
        try:
            status = place.stat()
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(status.st_mode) or not _is_archive(place):
            return None
        return _archive(place, status.st_size, status.st_mtime_ns), path.relative_to(place).as_posix()
    return None


@lru_cache(maxsize=1)
def _archive(path: Path, _size: int, _time: int) -> Archive:
    return Archive(path)


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in MAGICS
    except (OSError, ValueError):
        return False


def _name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & _NAME_IS_UTF8:  # macOS and iOS write UTF-8 and do not say so
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "".join(character if character.isprintable() else "?" for character in "/".join(parts))


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > _RATIO_FROM and unpacked > _MOST_RATIO * packed


def _damaged(path: Path, error: Exception) -> CorpusError:
    what = str(error).strip().split("\n", 1)[0] or type(error).__name__
    return CorpusError(f"{path}: damaged zip archive ({what}); fetch it or make it again")
