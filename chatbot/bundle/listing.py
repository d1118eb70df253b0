"""Listing of the bundles in a folder, for `chatbot list` and for the completion of names."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot import bundle
from chatbot.bundle import ScannedBundle
from chatbot.bundle.metadata import BundleMetadata
from chatbot.errors import BundleError


@dataclass(frozen=True)
class ListedBundle:
    """A bundle in a folder of bundles.

    Attributes:
        scanned: What the scan of its folder found.
        default: Whether it answers where no bundle is named.
        newest: Whether it was trained last of the bundles in its folder.
        metadata: From its manifest; None where that cannot be read.
    """

    scanned: ScannedBundle
    default: bool
    newest: bool
    metadata: BundleMetadata | None

    @property
    def path(self) -> Path:
        """Of the bundle."""
        return self.scanned.path

    @property
    def problem(self) -> str | None:
        """The reason why it cannot be used, as far as a scan sees; None for nothing."""
        return self.scanned.problem

    def to_json(self) -> dict[str, Any]:
        """Return the bundle as a JSON object, with its place, its size and its metadata."""
        metadata = (
            dict.fromkeys(BundleMetadata.__dataclass_fields__) if self.metadata is None else self.metadata.to_json()
        )
        place = {"name": self.path.name, "path": str(self.path), "default": self.default, "newest": self.newest}
        return {**place, "bytes": self.scanned.bytes, **metadata, "problem": self.problem}


def list_bundles(folder: Path, default: Path | None) -> list[ListedBundle]:
    """The bundles in a folder, the newest first; those that say no date come last.

    Files are looked for but not read, so that a folder of many is listed at once.

    Args:
        folder: A folder of bundles.
        default: The bundle that answers where none is named.

    Returns:
        The bundles with their metadata.

    Raises:
        BundleError: The folder cannot be read.
    """
    answers = None if default is None else bundle.absolute_path(default)
    found = []
    for number, seen in enumerate(bundle.bundles_in(folder)):
        metadata = None if seen.manifest is None else BundleMetadata.of(seen.manifest)
        found.append(ListedBundle(seen, bundle.absolute_path(seen.path) == answers, number == 0, metadata))
    return found


def complete_name(typed: str) -> list[str]:
    """The names of bundles that begin with a text: bare names and paths.

    A bare name is left out where it means another bundle.

    Args:
        typed: The beginning of a name; with an empty one, only bare names are returned.

    Returns:
        The names, each once.
    """
    places = []
    for folder in bundle.folders():
        with contextlib.suppress(BundleError):
            places += sorted(seen.path for seen in bundle.bundles_in(folder))
    paths = [str(place) for place in places]
    names = [str(place) if bundle.is_bundle(Path(place.name)) else place.name for place in places]
    return list(dict.fromkeys(name for name in (names + paths if typed else names) if name.startswith(typed)))
