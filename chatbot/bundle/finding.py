"""Finding a bundle by its name, by its folder, or as the default."""

import difflib
import os
from collections.abc import Callable
from pathlib import Path

from chatbot.bundle.default_bundle import default_in
from chatbot.bundle.folder_scan import ScannedBundle, bundles_in, is_bundle
from chatbot.bundle.layout import MANIFEST
from chatbot.bundle.locations import absolute_path, folders, say_folders
from chatbot.bundle.names import LATEST, printable
from chatbot.errors import BundleError

#: The corpus to begin with, where it is there.
_SHIPPED = Path("corpora") / "dialogs.tsv"


def find(checkpoint: Path | None, warn: Callable[[str], None]) -> Path:
    """Return the bundle to use: the one asked for, else the one that answers by default.

    A bundle may be asked for by its bare name, which is looked for here, in `checkpoints/` and in the home. By
    default the one trained or chosen last in `checkpoints/` answers, else the one in the home; where that is
    gone, the newest whole one.

    Args:
        checkpoint: What was asked for; None for the default.
        warn: Receives the reason why another than the default answers.

    Raises:
        BundleError: There is none; the message has the folders that were looked in.
    """
    return _find_default(warn) if checkpoint is None else locate(checkpoint, is_bundle)


def default_bundle() -> Path | None:
    """The bundle that answers where none is named; None where there is none."""
    try:
        return _find_default(lambda _: None)
    except BundleError:
        return None


def locate(asked: Path, exists: Callable[[Path], bool]) -> Path:
    """Return the place that a person means by a folder or a bare name.

    Args:
        asked: What was typed.
        exists: Whether what is meant is at a place.

    Raises:
        BundleError: It is at none.
    """
    places = [asked]
    if asked.name == str(asked):
        places += [folder / asked for folder in folders()]
    found = next(filter(exists, places), None)
    if found is None:
        raise BundleError(_say_missing(asked, places))
    return found


def newest_whole(folder: Path) -> Path | None:
    """The newest bundle of a folder that nothing is wrong with, as far as a scan sees."""
    return next((seen.path for seen in _seen(folder) if seen.problem is None), None)


def suggest_corpus() -> str:
    """The corpus to begin with: the shipped one where it is there, else a word for one's own."""
    return str(_SHIPPED) if _SHIPPED.is_file() else "CORPUS"


def _find_default(warn: Callable[[str], None]) -> Path:
    reasons: list[str] = []
    for folder in folders():
        try:
            found = default_in(folder)
        except BundleError as error:
            found = None
            reasons.append(str(error))
        else:
            if found is None and newest_whole(folder) is not None:
                reasons.append(f"{folder / LATEST} is missing")
        found = found or newest_whole(folder)
        if found is not None:
            if reasons:
                warn(f"{'; '.join(reasons)}; {found} answers instead (`chatbot use NAME` chooses another)")
            return found
    raise BundleError(_say_none(reasons))


def _say_none(reasons: list[str]) -> str:
    """The message where there is no bundle at all, or none that is whole."""
    damaged = [seen.problem for folder in folders() for seen in _seen(folder) if seen.problem is not None]
    why = "; ".join([*reasons, *damaged])
    head = f"no bot {'can answer' if why else 'has been trained yet'}; looked in {say_folders(folders())}"
    head += f" ({why})" if why else ""
    corpus = suggest_corpus()
    what = "" if corpus == str(_SHIPPED) else "where CORPUS is a file of pairs, a prompt, a tab and its reply a line; "
    return f"{head}. Train one first:\n    chatbot train {corpus}\n{what}or name a bundle with --checkpoint DIR"


def _say_missing(asked: Path, places: list[Path]) -> str:
    """The message where nothing is at the places that a person may mean: the places, and what to do next."""
    looked_in = [place.parent for place in places]
    head = f"{printable(asked)}: no such bundle; looked in {say_folders(looked_in)}"
    if len(places) == 1 and os.path.isdir(asked):
        head = f"{printable(asked)}: not a bundle, for {printable(absolute_path(asked / MANIFEST))} is missing"
    known = folders()
    names = {seen.path.name: str(seen.path) for folder in looked_in for seen in _seen(folder)}
    bare = {seen.path.name for folder in known for seen in _seen(folder)}
    near = difflib.get_close_matches(asked.name, names, 1)
    if near:
        return f"{head}; did you mean {printable(near[0] if near[0] in bare else names[near[0]])}?"
    if names or bare:
        return f"{head}; `chatbot list` shows the bundles there are"
    return f"{head}; train one with: chatbot train CORPUS"


def _seen(folder: Path) -> list[ScannedBundle]:
    try:
        return bundles_in(folder)
    except BundleError:
        return []
