"""Writing a file so that it appears whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chatbot.errors import OutputError


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse early what `open_whole` would refuse after the work.

    Raises:
        OutputError: A file stands there and `overwrite` is false, or something else stands there,
            or the folder is missing.
    """
    if path.is_dir():
        raise OutputError(f"{path}: a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: not a regular file; name another")
    if path.exists() and not overwrite:
        raise OutputError(f"{path}: there already; replace it with --overwrite, or choose another name")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: no such folder")


@contextmanager
def open_whole(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """Open a file to write; it takes its name when the block ends well, else it leaves no trace.

    Raises:
        OutputError: See `check_free`; or the disk is full.
    """
    check_free(path, overwrite)
    place = Path(os.path.realpath(path))  # behind a link, which stays
    draft = place.with_name(f".{place.name}.new-{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            yield file
        check_free(path, overwrite)
        draft.replace(place)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> OutputError:
    """The error to raise where a file cannot be written."""
    return OutputError(f"{path}: cannot be written ({error.strerror or error}); nothing was left there")
