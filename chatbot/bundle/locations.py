"""Locations of bundles: the folders that they are in, the place of a new one, and the folders beside one.

Bundles are looked for in `checkpoints/` here, then in the home, a folder of the user's own. While a new bundle takes
the place of an old one, the old one waits beside it.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatbot.bundle.names import LOGS, RUN, name_after, printable
from chatbot.files import HOME_VARIABLE, make_folder, parse_path, user_folder

CHECKPOINTS = Path("checkpoints")
_PREVIOUS = ".previous"


def home() -> Path | None:
    """The folder where a user keeps bots: that of `CHATBOT_HOME`, else the user's data folder; None without one.

    Raises:
        PathError: What `CHATBOT_HOME` says is no path.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    return parse_path(chosen) if chosen else user_folder("data")


def folders() -> list[Path]:
    """The folders in which bundles are looked for, in this order."""
    mine = home()
    return [CHECKPOINTS] if mine is None or absolute_path(mine) == absolute_path(CHECKPOINTS) else [CHECKPOINTS, mine]


def new_place(corpus: Path) -> Path:
    """The place of a bot trained on `corpus`: in the home if `CHATBOT_HOME` names one, else in `checkpoints/`."""
    mine = home() if os.environ.get(HOME_VARIABLE) else None
    return (CHECKPOINTS if mine is None else mine) / name_after(corpus)


def absolute_path(path: Path) -> Path:
    """Return the absolute path of a place, which ends with a name, as `.` and `..` do not."""
    return Path(os.path.abspath(path))


def previous(path: Path) -> Path:
    """The path at which the old bundle of a place waits while the new one moves in."""
    place = absolute_path(path)
    return place.with_name(f".{place.name}{_PREVIOUS}")


def replaced_by(name: str) -> str | None:
    """The name of the place where a bundle was that now has the name given by `previous`; None for another name."""
    return name[1:].removesuffix(_PREVIOUS) if name.startswith(".") and name.endswith(_PREVIOUS) else None


def run_folder(path: Path) -> Path:
    """The folder of a training run, from the path of its bundle."""
    place = path if path.name not in {"", ".."} else absolute_path(path)
    return place.with_name(f"{place.name}{RUN}")


def logs_folder(path: Path) -> Path:
    """The folder of the TensorBoard logs of a training run, from the path of its bundle."""
    return path.with_name(f"{path.name}{LOGS}")


@contextmanager
def temporary_parents(folder: Path) -> Iterator[None]:
    """Make a folder and its parents; those that were made and are still empty after the block are removed.

    Raises:
        OSError: One cannot be made.
    """
    missing = [parent for parent in (folder, *folder.parents) if not parent.is_dir()]
    try:
        make_folder(folder)
        yield
    finally:
        for parent in missing:
            with contextlib.suppress(OSError):  # something is in it by now, or it was never made
                parent.rmdir()


def say_folders(places: list[Path]) -> str:
    """The names of folders as a message has them: absolute, so that nobody has to guess from where.

    Args:
        places: One at least.
    """
    *others, last = (printable(absolute_path(place)) for place in places)
    return f"{', '.join(others)} and {last}" if others else last
