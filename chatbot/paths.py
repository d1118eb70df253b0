"""Paths as people type them, and the folders that the system keeps for a person."""

import errno
import os
from pathlib import Path

from chatbot.errors import PathError
from chatbot.text import excerpt

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
        # Whatever else is wrong, whoever opens it will say so.
    if isinstance(typed, str) and expanded.startswith("~"):
        name = text.partition("/")[0]
        raise PathError(f"{excerpt(text)}: the home folder {excerpt(name)} is not known; write out the path")
    return Path(expanded)


def user_folder(kind: str) -> Path | None:
    """Where files of the program stand for the person who runs it.

    Args:
        kind: `config`, `data` or `state`, as the XDG Base Directory Specification tells them apart.

    Returns:
        The folder, which may not be there yet; None for a user without a home folder.
    """
    import platformdirs  # noqa: PLC0415  # few runs ask

    try:
        return Path(getattr(platformdirs, f"user_{kind}_path")("chatbot"))
    except (RuntimeError, KeyError, OSError):  # neither HOME nor an entry in the list of users
        return None


def from_home(path: str | Path) -> str:
    """A path as short as people write it: `~` stands for their home folder."""
    home, text = os.path.expanduser("~"), str(path)
    return f"~{text[len(home) :]}" if text.startswith(f"{home}{os.sep}") else text
