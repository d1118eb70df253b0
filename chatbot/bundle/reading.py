"""Reading a bundle, with a check that each file is the one that its manifest describes."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import (
    CONTEXT_TURNS,
    FORMAT_VERSION,
    INDEX,
    MANIFEST,
    TRAIN_AGAIN,
    optional_files,
    required_files,
)
from chatbot.bundle.locations import resolve_swap
from chatbot.bundle.manifest_fields import check_fields
from chatbot.config import ModelConfig
from chatbot.config.base import show
from chatbot.errors import BundleError, ConfigError


@dataclass(frozen=True)
class Bundle:
    """A checked bundle on disk.

    Attributes:
        path: The folder.
        model: Shape of the model.
        manifest: The whole manifest as read.
    """

    path: Path
    model: ModelConfig
    manifest: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum((self.path / name).stat().st_size for name in (MANIFEST, *self.manifest["files"]))

    @property
    def index(self) -> Path | None:
        """The file of the nearest-neighbour index, if there is one."""
        return self.path / INDEX if INDEX in self.manifest["files"] else None

    @property
    def context_turns(self) -> int:
        """Turns before the prompt that a prompt carries; 0 for a bot that answers single turns."""
        turns = self.manifest.get(CONTEXT_TURNS, 0)
        return turns if isinstance(turns, int) and turns > 0 else 0

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """Check a bundle and its files.

        Args:
            path: The folder of the bundle.

        Returns:
            The bundle.

        Raises:
            BundleError: The folder, the manifest or a file is missing, damaged, not the one that was written, or of
                another format; the message names it.
        """
        path = resolve_swap(path)
        manifest = read_manifest(path)
        try:
            model = ModelConfig.from_json(manifest.get("model"))
        except ConfigError as error:
            raise BundleError(f"{path / MANIFEST}: {error}; {TRAIN_AGAIN}") from None
        _check_files(path, required_files(model), manifest)
        return cls(path, model, manifest)


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the manifest of a bundle without a look at its other files.

    Args:
        path: The folder of the bundle.

    Raises:
        BundleError: It is missing, cannot be read, or is of another format version; or a field is not of its type.
    """
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
    except FileNotFoundError:
        if os.path.isdir(path):
            raise BundleError(
                f"{file}: missing, so {path} is not a bundle; name another with --checkpoint DIR"
            ) from None
        raise BundleError(f"{path}: no such bundle; train one with: chatbot train CORPUS --checkpoint {path}") from None
    except OSError as error:
        raise BundleError(f"{file}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file}: not JSON ({error}); {TRAIN_AGAIN}") from None
    if not isinstance(manifest, dict):
        raise BundleError(f"{file}: not a manifest; {TRAIN_AGAIN}")
    version = manifest.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{file}: format version {show(version)}, and this chatbot reads version {FORMAT_VERSION};"
            " use the chatbot that wrote it, or train again with --overwrite"
        )
    check_fields(file, manifest)
    return manifest


def _check_files(path: Path, names: Sequence[str], manifest: Mapping[str, Any]) -> None:
    described = manifest.get("files")
    if not isinstance(described, dict) or set(described) - set(optional_files()) != set(names):
        raise BundleError(f"{path / MANIFEST}: does not list the files of a bundle; {TRAIN_AGAIN}")
    for name in described:
        file = path / name
        try:
            found = describe(file)
        except FileNotFoundError:
            raise BundleError(f"{file}: missing; {TRAIN_AGAIN}") from None
        except OSError as error:
            raise BundleError(f"{file}: cannot be read ({error.strerror or error})") from None
        if found != described[name]:
            raise BundleError(f"{file} is damaged (checksum mismatch); {TRAIN_AGAIN}")


def describe(file: Path) -> dict[str, Any]:
    """The entry of a file in the manifest: its size in bytes and its checksum."""
    with file.open("rb") as stream:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
