"""Removing a bundle and giving it another place; a reader finds it whole or not at all."""

import contextlib
import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from chatbot.bundle.default_bundle import default_in, set_latest
from chatbot.bundle.finding import newest_whole
from chatbot.bundle.folder_scan import is_bundle
from chatbot.bundle.layout import MANIFEST, file_names
from chatbot.bundle.locations import absolute_path, folders, logs_folder, previous, run_folder
from chatbot.bundle.names import LATEST, LOCK_FILE, check_name
from chatbot.errors import BundleError
from chatbot.files import FOLDERS_OPEN, PRIVATE_FOLDER, draft_prefix, make_folder


def is_bot(path: Path) -> bool:
    """Whether a path is that of a bundle, or of a training run that will write one."""
    return is_bundle(path) or _is_folder(run_folder(path))


def bot_folders(place: Path) -> list[Path]:
    """The folders at a place that training has made: the bundle's, those of an interrupted run and of its logs.

    Raises:
        BundleError: The bundle's folder holds something that no bundle has, or is the one that the caller is in.
    """
    bundles = [path for path in (absolute_path(place), previous(place)) if is_bundle(path)]
    for path in bundles:
        _check_ours(path, place)
    return [*bundles, *filter(_is_folder, (run_folder(absolute_path(place)), logs_folder(absolute_path(place))))]


def remove(place: Path, parts: Iterable[Path]) -> None:
    """Remove a bot; where it answered by default the newest whole bundle of the folder does from now on.

    The caller must have claimed the place.

    Args:
        place: Where it is.
        parts: From `bot_folders`.

    Raises:
        BundleError: Something cannot be removed.
    """
    with _telling(place, "removed"):
        heirs = _defaults_to(place)
        for path in parts:
            if _holds_claim(path, place):
                _each_file(path, os.unlink)
            else:
                _discard(path)
        for folder in heirs:
            _hand_over(folder)


def move(place: Path, target: Path, parts: Iterable[Path]) -> None:
    """Give a bot another place, also on another disk; if it answered by default it still does.

    The caller must have claimed the place.

    Args:
        place: Where it is.
        target: Where it goes, with the name that it gets.
        parts: From `bot_folders`, before the place was claimed.

    Raises:
        BundleError: The name is none, something is there already, or it cannot be moved.
    """
    target = absolute_path(target)
    check_name(target.name)
    taken = next(filter(os.path.lexists, (target, run_folder(target), logs_folder(target))), None)
    if taken is not None:
        raise BundleError(f"{taken}: already exists; choose another name, or remove it first with: chatbot rm")
    with _telling(place, f"moved to {target}"):
        heirs = _defaults_to(place)
        make_folder(target.parent)
        for path in parts:
            goal = _counterpart(path, place, target)
            if _holds_claim(path, place):
                goal.mkdir(PRIVATE_FOLDER)
                _each_file(path, partial(shutil.move, dst=goal))
            else:
                _move(path, goal)
        known = next((folder for folder in folders() if absolute_path(folder) == target.parent), None)
        for folder in heirs:
            if known is None:
                _hand_over(folder)
            else:
                set_latest(folder, target.name)
        if known is not None and not os.path.lexists(known / LATEST):
            set_latest(known, target.name)


def _check_ours(path: Path, place: Path) -> None:
    if Path.cwd().is_relative_to(path):
        raise BundleError(f"{place}: the folder you are in; leave it first")
    names = {name for name in os.listdir(path) if not name.startswith(".")}
    if strangers := sorted(names - file_names()):
        more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
        raise BundleError(
            f"{place}: holds files that no bundle has ({', '.join(strangers[:3])}{more}); move them away first"
        )
    if names == {MANIFEST}:  # which programs of many kinds have
        raise BundleError(f"{place}: holds a {MANIFEST} and nothing else of a bundle; remove it by hand")


def _defaults_to(place: Path) -> list[Path]:
    """The folders that let the bundle of a place answer by default."""
    found = []
    for folder in folders():
        with contextlib.suppress(BundleError):
            default = default_in(folder)
            if default is not None and absolute_path(default) == absolute_path(place):
                found.append(folder)
    return found


def _hand_over(folder: Path) -> None:
    """Let the newest whole bundle of a folder answer by default."""
    newest = newest_whole(folder)
    if newest is None:
        (folder / LATEST).unlink(missing_ok=True)
    else:
        set_latest(folder, newest.name)


def _counterpart(path: Path, place: Path, target: Path) -> Path:
    """The place of a part after the move of `place` to `target`."""
    others = {
        run_folder(absolute_path(place)): run_folder(target),
        logs_folder(absolute_path(place)): logs_folder(target),
    }
    return others.get(path, target)


def _holds_claim(path: Path, place: Path) -> bool:
    """Whether a part cannot be moved: Windows moves no folder with an open file, as the lock of the claim is."""
    return not FOLDERS_OPEN and path == run_folder(absolute_path(place))


def _each_file(folder: Path, use: Callable[[Path], object]) -> None:
    """Move or remove the files of a run; its folder and the lock go with the claim."""
    for file in [file for file in folder.iterdir() if file.name != LOCK_FILE]:
        use(file)


def _move(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = _draft(target)
        try:
            draft.mkdir(PRIVATE_FOLDER)  # until it gets the mode of the one that it copies
            shutil.copytree(path, draft, symlinks=True, dirs_exist_ok=True)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _discard(path)


def _discard(path: Path) -> None:
    """Remove a folder, or a link to one; nobody sees a part of it under its name."""
    if path.is_symlink():
        path.unlink()
        return
    draft = _draft(path)
    path.rename(draft)
    shutil.rmtree(draft)


def _draft(place: Path) -> Path:
    return place.with_name(f"{draft_prefix(place)}{os.urandom(4).hex()}")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


@contextmanager
def _telling(place: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BundleError(f"{place}: cannot be {what} ({reason or error})") from None
