"""The bundle that answers where none is named, as the file `latest` in a folder of bundles says."""

from pathlib import Path

from chatbot.bundle.folder_scan import bundles_in, is_bundle
from chatbot.bundle.locations import absolute_path, folders, say_folders
from chatbot.bundle.names import LATEST, check_name, printable
from chatbot.errors import BundleError
from chatbot.files import PUBLIC_FILE, replacing


def point_latest(path: Path) -> None:
    """Let a bundle answer by default; one that is in none of the folders is for --checkpoint.

    Args:
        path: The bundle.

    Raises:
        OSError: The file that says so cannot be written.
    """
    place = absolute_path(path)
    if any(place.parent == absolute_path(folder) for folder in folders()):
        set_latest(place.parent, place.name)


def set_latest(folder: Path, name: str) -> None:
    """Write which bundle of a folder answers by default; safe while another process does the same.

    Args:
        folder: The folder of bundles.
        name: The name of the bundle.

    Raises:
        OSError: It cannot be written.
    """
    with replacing(absolute_path(folder) / LATEST, PUBLIC_FILE) as file:
        file.write(f"{name}\n".encode())


def read_latest(folder: Path) -> str | None:
    """The name of the bundle that answers by default, as a folder says; None where it says nothing.

    Raises:
        BundleError: What it says cannot be read, or is no name.
    """
    file = folder / LATEST
    try:
        name = file.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or error
        raise BundleError(f"{file} cannot be read ({reason})") from None
    try:
        check_name(name)
    except BundleError:
        raise BundleError(f"{file} holds {printable(name)!r}, which is not the name of a bundle") from None
    return name


def default_in(folder: Path) -> Path | None:
    """The bundle that a folder lets answer by default; it may be in one of the folders behind.

    Raises:
        BundleError: The folder says nothing of use, and the message why; it is gone, or cannot be read.
    """
    name = read_latest(folder)
    if name is None:
        return None
    behind = folders()[folders().index(folder) :] if folder in folders() else [folder]
    found = next((place / name for place in behind if is_bundle(place / name)), None)
    if found is None:
        raise BundleError(f"{folder / name}, which answered by default, is gone")
    return found


def set_default(place: Path) -> None:
    """Let a bundle answer by default: here, if there are bundles under `checkpoints/`, else wherever there are none.

    Args:
        place: The bundle.

    Raises:
        BundleError: It is in none of the folders, another one has its name in a folder before, or the file that says so
            cannot be written.
    """
    place, known = absolute_path(place), folders()
    check_name(place.name)
    where = next((number for number, folder in enumerate(known) if absolute_path(folder) == place.parent), None)
    if where is None:
        raise BundleError(
            f"{printable(place)}: only a bundle in {say_folders(known)} can answer by default; move it to one of them"
            " with `chatbot rename`, or name it with --checkpoint"
        )
    before = next((folder for folder in known[:where] if is_bundle(folder / place.name)), None)
    if before is not None:
        raise BundleError(f"{before / place.name}: has the same name and comes first; rename one of the two")
    here = next((folder for folder in known[:where] if bundles_in(folder)), known[where])
    try:
        set_latest(here, place.name)
    except OSError as error:
        raise BundleError(f"{here / LATEST}: cannot be written ({error.strerror or error})") from None
