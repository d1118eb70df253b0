"""The report of an error that no part of the program expected."""

import contextlib
import errno
import os
import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime

from chatbot import __version__
from chatbot.files import make_folder, replacing, user_folder

#: Errors that are neither the program's nor those of one file.
_OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EIO}
_SHOWN = 200


def describe(error: Exception) -> str:
    """The description of an error in one line.

    The details of an error of the program itself are kept in a file, which is named.

    Args:
        error: Anything but a `ChatbotError`, as it came to the top of the program.
    """
    if isinstance(error, MemoryError):
        return "there is not enough memory for this"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror or error}"
    if isinstance(error, FileNotFoundError) and not _is_somewhere():
        return "the folder that you are in is not there any more; change to another one"
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return f"this computer cannot continue: {error.strerror}"
    said = " ".join(f"{type(error).__name__}: {error}".split())
    shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
    return f"this is a fault of chatbot itself ({shown}); {_keep(error)}"


def _is_somewhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _keep(error: Exception) -> str:
    """Keep the details of a fault in a file, and say where."""
    details = "".join(traceback.format_exception(error))
    system = f"Python {platform.python_version()}, {platform.platform()}"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    # The command alone: what is behind it may be nobody's business.
    content = f"chatbot {__version__} {' '.join(sys.argv[1:2])}, {system}, {now}\n\n{details}".encode(errors="replace")
    folder = user_folder("state")
    if folder is not None:
        with contextlib.suppress(OSError):
            make_folder(folder)
            place = folder / "fault.txt"  # one, so that they do not pile up
            with replacing(place) as file:
                file.write(content)
            return f"the details are in {place}"
    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile(prefix="chatbot-fault-", suffix=".txt", delete=False) as file,
    ):
        file.write(content)
        return f"the details are in {file.name}"
    return "there is no place to keep the details (neither the state folder nor the temporary one can be written)"
