"""Files and folders: paths as people type them, files that appear whole or not at all, and who may read them.

A file that is made of people's words is for its owner alone, and so is a folder that is made. A file that is there
keeps its mode, so that a person who shares one shares what takes its place. Windows' Python lacks some of what this
needs: what stands in for it is here and in `chatbot.bundle.open_folder`.
"""

import contextlib
import errno
import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from chatbot.errors import OutputError, PathError
from chatbot.text import excerpt

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]  # the name of a module has no other type

#: Modes for the owner alone, and that of files for everybody, which the umask narrows.
PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FILE = 0o600, 0o700, 0o666
#: Flags to open a file without following a link, without waiting for a pipe, and with its bytes as they are.
NO_LINK, AT_ONCE, BINARY = (int(getattr(os, name, 0)) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
#: Whether open files have modes that can be changed.
MODES = hasattr(os, "fchmod")
#: Whether a folder can be opened, and a file that is open moved and removed; Windows can do neither.
FOLDERS_OPEN = hasattr(os, "O_DIRECTORY")


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse early what `open_whole` would refuse after the work.

    Args:
        path: The file to be written.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        OutputError: A file is there and `overwrite` is false, or something else is there, or the folder is missing.
    """
    there = os.path.exists(path)  # what cannot be looked at is no reason to fail here; opening it will tell
    if os.path.isdir(path):
        raise OutputError(f"{path}: a folder; name a file in it")
    if there and not os.path.isfile(path):
        raise OutputError(f"{path}: not a regular file; name another")
    if there and not overwrite:
        raise OutputError(f"{path}: there already; replace it with --overwrite, or choose another name")
    if not os.path.isdir(path.parent):
        raise OutputError(f"{path.parent}: no such folder")


@contextmanager
def open_whole(path: Path, overwrite: bool, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """Open a file to write; it gets its name when the block ends well, else nothing of it is left.

    Args:
        path: The file to be written.
        overwrite: Whether a file that is there may be replaced.
        mode: See `replacing`.

    Yields:
        The file, open to write bytes.

    Raises:
        OutputError: See `check_free`; or the disk is full.
    """
    check_free(path, overwrite)
    place = Path(os.path.realpath(path))  # behind a link, which stays
    try:
        with replacing(place, mode) as file:
            yield file
            check_free(path, overwrite)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def replacing(place: Path, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """Open a file to write, which takes its place once the block has ended well and all is on the disk.

    Else it is removed, and so is what processes that were killed left for the place.

    Args:
        place: The path that the file takes.
        mode: Of a new file, before the umask; one that is there keeps its own.

    Yields:
        The file, open to write bytes.

    Raises:
        OSError: The disk is full, or the folder cannot be written; the file that was at the place is still whole.
    """
    _remove_abandoned(place)
    draft, handle = _begin_draft(place, mode)
    opened = contextlib.ExitStack()
    opened.callback(os.close, handle)  # and with it the lock, which the writer's descriptor shares
    try:
        with open(os.dup(handle), "wb") as file:
            if MODES:
                with contextlib.suppress(FileNotFoundError):
                    os.fchmod(handle, stat.S_IMODE(place.stat().st_mode))
            yield file
        os.fsync(handle)
        if not FOLDERS_OPEN:
            opened.close()
        draft.replace(place)
        sync(place.parent)
    finally:
        opened.close()
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _begin_draft(place: Path, mode: int) -> tuple[Path, int]:
    """Make a draft for a place, locked as long as its descriptor is open where the file system has locks."""
    while True:
        draft = place.with_name(f"{draft_prefix(place)}{os.urandom(4).hex()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, mode)
        if fcntl is not None:
            with contextlib.suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:  # else another process has just taken it for an abandoned one
            return draft, handle
        os.close(handle)


def _remove_abandoned(place: Path) -> None:
    """Remove the drafts for a place that no process has locked; one that is killed loses its lock."""
    for draft in place.parent.glob(f"{glob.escape(draft_prefix(place))}*"):
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            if fcntl is not None:  # Windows removes no file that a process has open
                handle = os.open(draft, os.O_RDONLY | NO_LINK | AT_ONCE)
                opened.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, those that are missing for their owner alone.

    Args:
        folder: The folder, which may be there.

    Raises:
        OSError: One cannot be made.
    """
    for missing in reversed([parent for parent in (folder, *folder.parents) if not parent.is_dir()]):
        missing.mkdir(PRIVATE_FOLDER, exist_ok=True)


def draft_prefix(place: Path) -> str:
    """The start of the names of files that are written for a place; a process that is killed leaves its own behind."""
    return f".{place.name}.new-"


def sync(path: Path) -> None:
    """Wait until a file, or the list of files in a folder, is on the disk.

    Args:
        path: The file or the folder.

    Raises:
        OSError: It cannot be written there.
    """
    if not FOLDERS_OPEN and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if FOLDERS_OPEN else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(path: Path, error: OSError) -> OutputError:
    """The error to raise where a file cannot be written.

    Args:
        path: The file.
        error: The error of the system.
    """
    return OutputError(f"{path}: cannot be written ({error.strerror or error}); nothing was left there")


class Readable(Protocol):
    """A file whose content can be had whole, and whose path is its text: a path, or an open file of a bundle."""

    def read_bytes(self) -> bytes:
        """The content.

        Raises:
            OSError: It cannot be read.
        """


#: The variable that names the folder where a person keeps bots, in place of the one for their data.
HOME_VARIABLE = "CHATBOT_HOME"


def parse_path(typed: str | Path) -> Path:
    """The path that a person typed, in an option, a conversation or a settings file.

    Args:
        typed: A text, in which `~` stands for their home folder and `~name` for another person's; or a
            path, which is only checked.

    Raises:
        PathError: No file can have that path: it is empty, has a NUL character or a name that is too
            long, or begins with a home folder that is not known.
    """
    text = str(typed)
    if not text:
        raise PathError("an empty text is no path")
    try:
        expanded = os.path.expanduser(typed) if isinstance(typed, str) else text
        os.lstat(expanded)
    except ValueError:  # also of characters that no file name can hold, such as half a surrogate pair
        raise PathError(f"{excerpt(text)}: no path; it has a character that no file name can have") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise PathError(f"{excerpt(text)}: no path; it is longer than a file name can be") from None
        # Whatever else is wrong shows when it is opened.
    if isinstance(typed, str) and expanded.startswith("~"):
        name = text.partition("/")[0]
        raise PathError(f"{excerpt(text)}: the home folder {excerpt(name)} is not known; write out the path")
    return Path(expanded)


def user_folder(kind: str) -> Path | None:
    """The folder of the program's files for the person who runs it.

    Args:
        kind: `config`, `data` or `state`, the kinds of the XDG Base Directory Specification.

    Returns:
        The folder, which may not be there yet; None for a user without a home folder.
    """
    import platformdirs  # noqa: PLC0415  # few runs ask

    try:
        return Path(getattr(platformdirs, f"user_{kind}_path")("chatbot"))
    except (RuntimeError, KeyError, OSError):  # neither HOME nor an entry in the list of users
        return None
