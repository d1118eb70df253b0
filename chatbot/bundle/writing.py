"""Writing a bundle: it appears whole, or the old one stays."""

import glob
import json
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chatbot.bundle.checked_file import describe
from chatbot.bundle.default_bundle import point_latest
from chatbot.bundle.folder_scan import is_bundle
from chatbot.bundle.layout import CORRECTIONS, FORMAT_VERSION, MANIFEST, optional_files, required_files
from chatbot.bundle.learned_corrections import Corrections
from chatbot.bundle.locations import absolute_path, previous, temporary_parents
from chatbot.bundle.names import LATEST, check_name
from chatbot.bundle.reading import Bundle
from chatbot.config import ModelConfig
from chatbot.errors import BundleError
from chatbot.files import PRIVATE_FOLDER, PUBLIC_FILE, draft_prefix, sync


def check_place(path: Path) -> None:
    """Refuse a place early where `write` would fail after hours of training.

    Args:
        path: Where the bundle is to go.

    Raises:
        BundleError: No bundle can have this name, something else than a bundle is at `path`, or the place cannot be
            written.
    """
    check_name(absolute_path(path).name, " with --checkpoint DIR")
    if Path.cwd().is_relative_to(absolute_path(path)):
        raise BundleError(f"{path}: the folder you are in; choose another place with --checkpoint DIR")
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise BundleError(f"{path}: not a folder; choose another place with --checkpoint DIR")
    if path.is_dir() and any(path.iterdir()) and not (path / MANIFEST).is_file():
        raise BundleError(f"{path}: a folder with other things in it; choose another with --checkpoint DIR")
    parent = absolute_path(path).parent
    try:
        with temporary_parents(parent), tempfile.TemporaryFile(dir=parent):
            pass
    except OSError as error:
        raise BundleError(f"{parent}: cannot be written to ({error.strerror or error})") from None


def require_free(path: Path) -> None:
    """Refuse to replace a bundle.

    Args:
        path: Where the bundle is to go.

    Raises:
        BundleError: There is one at `path`.
    """
    if is_bundle(path):
        raise BundleError(
            f"{path}: a bundle is there already; replace it with --overwrite,"
            " or write to another folder with --checkpoint DIR"
        )


def write(
    path: Path,
    model: ModelConfig,
    manifest: Mapping[str, Any],
    fill: Callable[[Path], Mapping[str, Any]],
    warn: Callable[[str], None] = warnings.warn,
    by_default: bool = True,
) -> Bundle:
    """Write a bundle so that at every moment `path` holds the old one whole or the new one whole.

    Its model can repeat what it was trained on, so a new one is for its owner alone; one that replaces another is for
    those who may read that one.

    Args:
        path: Where the bundle goes; what `check_place` refuses must not be there.
        model: Shape of the model, which decides what files there are.
        manifest: What the manifest says apart from the format version, the model and the files.
        fill: Writes the files named by `required_files`, and those of `optional_files` that are wanted, into the folder
            it is given, and returns what was learned while doing so, to be added to the manifest.
        warn: Told what failed once the bundle was in its place.
        by_default: Whether it answers by default from then on.

    Returns:
        The new bundle.

    Raises:
        BundleError: The disk is full or the place cannot be written; its cause is the OSError.
    """
    staging: Path | None = None
    asked, path = path, absolute_path(path)
    try:
        staging = Path(tempfile.mkdtemp(prefix=draft_prefix(path), dir=path.parent))
        learned = fill(staging)
        written = (*required_files(model), *(name for name in optional_files() if (staging / name).exists()))
        described = {name: describe(staging / name) for name in written}
        head = {"format_version": FORMAT_VERSION, "model": model.to_json()}
        content = {**head, **manifest, **learned, "files": described}
        (staging / MANIFEST).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _set_modes(staging, path)
        for file in staging.iterdir():
            sync(file)
        _swap(staging, path)
    except OSError as error:
        kept = "; the bundle that was there is whole" if is_bundle(path) else ""
        raise BundleError(f"{asked}: cannot be written ({error.strerror or error}){kept}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    _settle(asked, warn, by_default)
    return Bundle.open(asked)


def correct(source: Bundle, corrections: Corrections, warn: Callable[[str], None] = warnings.warn) -> Bundle:
    """Write a bundle anew with other corrections, and with all else as it is.

    Args:
        source: The bundle; the caller must have claimed its place.
        corrections: All that it is to have.
        warn: See `write`.

    Returns:
        The new bundle, in the place of the old one.

    Raises:
        BundleError: The disk is full, the place cannot be written, or a file of the bundle is damaged.
    """

    def fill(folder: Path) -> Mapping[str, Any]:
        for name, file in source.files.items():
            if name != CORRECTIONS:
                (folder / name).write_bytes(file.read_bytes())
        corrections.write(folder)
        return {}

    kept = {key: value for key, value in source.manifest.items() if key not in {"format_version", "model", "files"}}
    return write(source.path, source.model, kept, fill, warn, by_default=False)


def _set_modes(staging: Path, path: Path) -> None:
    """Give a folder the mode of the bundle at a place, and its files that of the folder, as far as files have one."""
    mode = stat.S_IMODE(path.stat().st_mode) if is_bundle(path) and path.is_dir() else PRIVATE_FOLDER
    for file in staging.iterdir():
        file.chmod(mode & PUBLIC_FILE)
    staging.chmod(mode)


def clean_up(path: Path) -> None:
    """Clean up what a writer that died has left at a place; only the owner of the claim on the place may call this.

    Args:
        path: The place of the bundle.

    Raises:
        BundleError: A bundle that waits beside its place cannot be moved back.
    """
    place, old = absolute_path(path), previous(path)
    try:
        if not place.exists() and old.is_dir():
            old.rename(place)
    except OSError as error:
        raise BundleError(f"{old}: cannot be moved to {path.name} ({error.strerror or error})") from None
    for leftover in (old, *place.parent.glob(f"{glob.escape(draft_prefix(place))}*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _swap(staging: Path, path: Path) -> None:
    """Move `staging` to `path`; a reader finds the old bundle by `newest_folders` between the two renames."""
    old = previous(path)
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    try:
        staging.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise


def _settle(asked: Path, warn: Callable[[str], None], by_default: bool) -> None:
    """See to what is left once a bundle is in its place, whose failure is no reason to call it unwritten."""
    path = absolute_path(asked)
    try:
        sync(path.parent)
    except OSError as error:
        warn(f"{asked}: written, but its folder cannot be synchronized ({error.strerror or error})")
    shutil.rmtree(previous(path), ignore_errors=True)
    if not by_default:
        return
    try:
        point_latest(path)
    except OSError as error:
        warn(
            f"{asked}: written, but {asked.parent / LATEST} cannot be pointed at it ({error.strerror or error});"
            f" name it with --checkpoint {asked}"
        )
