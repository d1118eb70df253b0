"""The folder of the newest bundle of a place, held open: it stays the same one, whatever takes its place meanwhile."""

from collections.abc import Iterator
from pathlib import Path

from chatbot.bundle.locations import previous
from chatbot.bundle.open_folder import OpenFolder

#: Looks at the paths of a place, for a swap may end between the look at the one and that at the other.
_LOOKS = 5
#: Openings of a place where bundles take each other's place faster than one can be read.
_TRIES = 100


def newest_folders(place: Path) -> Iterator[OpenFolder]:
    """Open the folder of a place, for a reader who takes the next one where this one turns out not to be whole.

    There is a next one only where another folder has taken the place of this one, of which a part may be removed by
    now. A folder that is held open keeps its number, so that no other can be mistaken for it.

    Args:
        place: The place of a bundle.

    Yields:
        The folder, open until the next one is asked for.

    Raises:
        FileNotFoundError: No folder is there.
        OSError: It cannot be opened.
    """
    for _ in range(_TRIES):
        folder = _open(place)
        try:
            yield folder
            if _is_newest(place, folder):
                return
        finally:
            folder.close()


def _paths(place: Path) -> tuple[Path, Path]:
    """The paths of the newest bundle of a place: the place, and the one beside it between the two renames of a swap."""
    return place, previous(place)


def _open(place: Path) -> OpenFolder:
    for _ in range(_LOOKS):
        for path in _paths(place):
            try:
                return OpenFolder(path)
            except FileNotFoundError:
                continue
    raise FileNotFoundError(place)


def _is_newest(place: Path, folder: OpenFolder) -> bool:
    for path in _paths(place):
        try:
            return folder.is_at(path)
        except OSError:
            continue
    return False
