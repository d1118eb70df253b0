"""Scan of a folder for bundles: their files are looked for but not read."""

import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import MANIFEST
from chatbot.bundle.locations import replaced_by
from chatbot.bundle.names import LOGS, RUN
from chatbot.bundle.newest_folder import newest_folders
from chatbot.bundle.open_folder import OpenFolder
from chatbot.bundle.reading import read_manifest
from chatbot.errors import BundleError


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
        return any(map(_has_manifest, newest_folders(path)))
    except (OSError, ValueError):
        return False


def _has_manifest(folder: OpenFolder) -> bool:
    try:
        return stat.S_ISREG(folder.stat(MANIFEST).st_mode)
    except FileNotFoundError:
        return False


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
    seen = None
    try:
        for folder in newest_folders(place):
            seen = _look(folder, place)
            if seen is not None and seen.problem is None:
                break
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return ScannedBundle(place, 0, None, f"{place}: cannot be read ({error.strerror or error})")
    return seen


def _look(folder: OpenFolder, place: Path) -> ScannedBundle | None:
    """Look at the bundle in a folder.

    Args:
        folder: The folder.
        place: What it is known by.

    Raises:
        OSError: It cannot be read.
    """
    if not _has_manifest(folder):
        return None
    sizes = {}
    for name in folder.names():
        with contextlib.suppress(FileNotFoundError):  # of a folder that is being removed
            found = folder.stat(name)
            sizes.update({name: found.st_size} if stat.S_ISREG(found.st_mode) else {})
    size = sum(sizes.values())
    try:
        manifest, _ = read_manifest(place, folder)
    except BundleError as error:
        return ScannedBundle(place, size, None, str(error))
    described = manifest.get("files")
    files = described if isinstance(described, dict) else {}
    changed = [name for name, one in files.items() if not isinstance(one, dict) or sizes.get(name) != one.get("bytes")]
    problem = f"{place / changed[0]} is missing or damaged" if changed else None
    return ScannedBundle(place, size, manifest, problem)
