"""Scan of a folder for bundles: their files are looked for but not read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import MANIFEST
from chatbot.bundle.locations import replaced_by, resolve_swap
from chatbot.bundle.names import LOGS, RUN
from chatbot.bundle.reading import read_manifest
from chatbot.errors import BundleError

#: Looks at a place where bundles take each other's place faster than one can be looked at.
_TRIES = 20


@dataclass(frozen=True)
class ScannedBundle:
    """A bundle as a scan sees it.

    Attributes:
        path: Its place.
        bytes: The size of all its files.
        manifest: As read; None where it cannot be read.
        problem: The reason why it cannot be used; None without one.
    """

    path: Path
    bytes: int
    manifest: Mapping[str, Any] | None
    problem: str | None

    @property
    def created(self) -> str:
        """The time of its training, ISO 8601; empty where the manifest has none."""
        created = (self.manifest or {}).get("created")
        return created if isinstance(created, str) else ""


def is_bundle(path: Path) -> bool:
    """Whether a bundle is at a place; a place that cannot be looked at, or is no path at all, has none."""
    try:
        for _ in range(_TRIES):
            folder = resolve_swap(path)
            before = _identity(folder)
            if (folder / MANIFEST).is_file():
                return True
            # Where another folder is found by now, or the same elsewhere, it was being moved or removed at that look.
            after = resolve_swap(path)
            if before is not None and after == folder and before == _identity(after):
                return False
        return False
    except (OSError, ValueError):
        return False


def _identity(folder: Path) -> tuple[int, int, int] | None:
    """The device, number and time of change of a folder, for numbers are used again; None without a folder."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns


def bundles_in(folder: Path) -> list[ScannedBundle]:
    """The bundles in a folder, the newest first; those that say no date come last.

    One that is replaced or removed meanwhile hides none of the others, and neither does one that cannot be
    looked at: it is there with its problem.

    Raises:
        BundleError: The folder itself cannot be read.
    """
    try:
        names = set(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise BundleError(f"{folder}: cannot be read ({error.strerror or error})") from None
    known = {replaced_by(name) or name for name in names}
    places = sorted(folder / name for name in known if not name.startswith(".") and not name.endswith((RUN, LOGS)))
    found = [seen for place in places if (seen := scan(place)) is not None]
    return sorted(found, key=lambda seen: seen.created, reverse=True)


def runs_in(folder: Path) -> list[Path]:
    """The places in a folder for which there is a run that was interrupted, or is under way, and no bundle."""
    try:
        names = sorted(name.removesuffix(RUN) for name in os.listdir(folder) if name.endswith(RUN))
    except OSError:  # which `bundles_in` says
        return []
    return [folder / name for name in names if name and not is_bundle(folder / name)]


def scan(place: Path) -> ScannedBundle | None:
    """Look at a place.

    Args:
        place: Where a bundle may be.

    Returns:
        The bundle; None where none is, or none is left.
    """
    for _ in range(_TRIES):
        try:
            path = resolve_swap(place)
            before = path.stat().st_ino
            seen = _look(path, place)
            if path.stat().st_ino == before:  # else another bundle has taken the place, of which half was seen
                return seen
        except FileNotFoundError:
            continue
        except OSError as error:
            return ScannedBundle(place, 0, None, f"{place}: cannot be read ({error.strerror or error})")
    return None


def _look(path: Path, place: Path) -> ScannedBundle | None:
    """Look at the bundle of a place.

    Args:
        path: Where it is at the moment.
        place: What it is known by.

    Raises:
        OSError: It cannot be read, or has just gone.
    """
    if not (path / MANIFEST).is_file():
        return None
    with os.scandir(path) as files_there:
        sizes = {entry.name: entry.stat().st_size for entry in files_there if entry.is_file()}
    size = sum(sizes.values())
    try:
        manifest = read_manifest(path)
    except BundleError as error:
        return ScannedBundle(place, size, None, str(error))
    described = manifest.get("files")
    files = described if isinstance(described, dict) else {}
    changed = [name for name, one in files.items() if not isinstance(one, dict) or sizes.get(name) != one.get("bytes")]
    problem = f"{place / changed[0]} is missing or damaged" if changed else None
    return ScannedBundle(place, size, manifest, problem)
