"""Reading a bundle, with a check that each file is the one that its manifest describes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from chatbot.bundle.checked_file import CheckedFile
from chatbot.bundle.layout import (
    CONTEXT_TURNS,
    FALLBACKS,
    FORMAT_VERSION,
    INDEX,
    MANIFEST,
    TRAIN_AGAIN,
    files_to_answer,
    optional_files,
    required_files,
    step_names,
)
from chatbot.bundle.manifest_fields import check_fields
from chatbot.bundle.newest_folder import newest_folders
from chatbot.bundle.open_folder import OpenFolder
from chatbot.config import ModelConfig
from chatbot.config.base import show
from chatbot.errors import BundleError, ConfigError

#: Bytes of a manifest; training writes a few thousand.
_LARGEST_MANIFEST = 1 << 24
_T = TypeVar("_T")


@dataclass(frozen=True)
class Bundle:
    """A checked bundle on disk.

    Attributes:
        path: The folder.
        model: Shape of the model.
        manifest: The whole manifest as read.
        files: The files that it describes, by name.
        size: Bytes of these files and of the manifest.
    """

    path: Path
    model: ModelConfig
    manifest: Mapping[str, Any]
    files: Mapping[str, CheckedFile]
    size: int

    @property
    def index(self) -> CheckedFile | None:
        """The file of the nearest-neighbour index, if there is one."""
        return self.files.get(INDEX)

    @property
    def step_files(self) -> dict[str, CheckedFile]:
        """The step models, by the names by which `LiteRTSteps` takes them."""
        return {Path(name).stem: self.files[name] for name in step_names(self.model)}

    @property
    def context_turns(self) -> int:
        """Turns before the prompt that a prompt carries; 0 for a bot that answers single turns."""
        turns = self.manifest.get(CONTEXT_TURNS, 0)
        return turns if isinstance(turns, int) and turns > 0 else 0

    @property
    def corpus_names(self) -> tuple[str, ...]:
        """Names of the files that the bot was trained on; none where an old bundle does not say."""
        return tuple(self.manifest.get("corpus", ()))

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Texts that the bot says by itself in place of a reply that it is not sure of."""
        return tuple(self.manifest.get(FALLBACKS, ()))

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """Check a bundle and its files: the contents of those that answer, the sizes of all.

        Args:
            path: The folder of the bundle.

        Returns:
            The bundle.

        Raises:
            BundleError: The folder, the manifest or a file is missing, damaged, not the one that was written, or of
                another format; the message names it.
        """
        return _read_newest(path, lambda folder: cls._read(path, folder))

    def verify(self) -> None:
        """Compare the files that do not answer with their checksums too, as opening has done for the others.

        Raises:
            BundleError: One is damaged; the message names it.
        """
        for name, file in self.files.items():
            if name not in files_to_answer():
                file.check_content()

    @classmethod
    def _read(cls, path: Path, folder: OpenFolder) -> "Bundle":
        """Open and check the files of one folder, whatever takes its place meanwhile; see `open`."""
        manifest, bytes_of_manifest = read_manifest(path, folder)
        try:
            model = ModelConfig.from_json(manifest.get("model"))
        except ConfigError as error:
            raise BundleError(f"{path / MANIFEST}: {error}; {TRAIN_AGAIN}") from None
        files = _open_files(path, folder, required_files(model), manifest)
        for name, file in files.items():
            file.check_size()
            if name in files_to_answer():
                file.keep_content()
        size = bytes_of_manifest + sum(entry["bytes"] for entry in manifest["files"].values())
        return cls(path, model, manifest, files, size)


def read_manifest(path: Path, folder: OpenFolder) -> tuple[Mapping[str, Any], int]:
    """Read the manifest of a bundle without a look at its other files.

    Args:
        path: The place of the bundle, for messages.
        folder: Its folder.

    Returns:
        The manifest, and its size in bytes.

    Raises:
        BundleError: It is missing, cannot be read, or is of another format version; or a field is not of its type.
    """
    file = path / MANIFEST
    try:
        opened = folder.open(MANIFEST)
        content = opened.read(min(opened.size, _LARGEST_MANIFEST + 1))
    except FileNotFoundError:
        raise BundleError(f"{file}: missing, so {path} is not a bundle; name another with --checkpoint DIR") from None
    except OSError as error:
        raise BundleError(f"{file}: cannot be read ({error.strerror or error})") from None
    if len(content) > _LARGEST_MANIFEST:
        raise BundleError(f"{file}: too large for a manifest; {TRAIN_AGAIN}")
    try:
        manifest = json.loads(content)
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
    return manifest, len(content)


def _read_newest(path: Path, read: Callable[[OpenFolder], _T]) -> _T:
    """Read the newest complete bundle of a place.

    Args:
        path: The place.
        read: Reads a folder; a BundleError counts where no other folder has taken its place.

    Raises:
        BundleError: There is none, or it cannot be opened or read.
    """
    failed = BundleError(f"{path}: replaced faster than it can be read")
    for folder in _folders(path):
        try:
            return read(folder)
        except BundleError as error:
            failed = error
    raise failed


def _folders(path: Path) -> Iterator[OpenFolder]:
    try:
        yield from newest_folders(path)
    except FileNotFoundError:
        raise BundleError(f"{path}: no such bundle; train one with: chatbot train CORPUS --checkpoint {path}") from None
    except OSError as error:
        raise BundleError(f"{path / MANIFEST}: cannot be read ({error.strerror or error})") from None


def _open_files(
    path: Path, folder: OpenFolder, names: Sequence[str], manifest: Mapping[str, Any]
) -> Mapping[str, CheckedFile]:
    described = manifest.get("files")
    if not isinstance(described, dict) or set(described) - set(optional_files()) != set(names):
        raise BundleError(f"{path / MANIFEST}: does not list the files of a bundle; {TRAIN_AGAIN}")
    files = {}
    for name, entry in described.items():
        if not entry.keys() >= {"bytes", "sha256"}:
            raise BundleError(f"{path / MANIFEST}: does not describe {name}; {TRAIN_AGAIN}")
        try:
            files[name] = CheckedFile(path / name, folder, entry)
        except FileNotFoundError:
            raise BundleError(f"{path / name}: missing; {TRAIN_AGAIN}") from None
        except OSError as error:
            raise BundleError(f"{path / name}: cannot be read ({error.strerror or error})") from None
    return files
