"""Where bundles are: by name, by default, and while one takes another's place."""

import os
from pathlib import Path

from chatbot.bundle.layout import MANIFEST
from chatbot.errors import BundleError

CHECKPOINTS = Path("checkpoints")
#: The file there that names the newest.
LATEST = "latest"


def find(checkpoint: Path | None) -> Path:
    """Return the bundle to use: the one asked for, else the newest under `checkpoints/`.

    A bundle under `checkpoints/` may be asked for by its bare name, unless something else has it.

    Raises:
        BundleError: None was asked for and none has been trained here.
    """
    if checkpoint is not None:
        place = CHECKPOINTS / checkpoint
        bare = checkpoint.name == str(checkpoint) and not checkpoint.exists()
        return place if bare and (standing(place) / MANIFEST).is_file() else checkpoint
    latest = CHECKPOINTS / LATEST
    try:
        name = latest.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise BundleError(
            f"no bot has been trained here yet ({latest} is missing). Train one first:\n"
            "    chatbot train corpora/dialogs.tsv\n"
            "or name a bundle with --checkpoint DIR"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{latest}: cannot be read ({error}); name a bundle with --checkpoint DIR") from None
    if not name or name != Path(name).name or name in {".", ".."}:
        raise BundleError(f"{latest}: holds {name!r}, not the name of a bundle; name one with --checkpoint DIR")
    return CHECKPOINTS / name


def default_path(corpus: Path) -> Path:
    """Where a bot trained on `corpus` goes: `checkpoints/<file name without its endings>`."""
    return CHECKPOINTS / (corpus.name.removesuffix(".gz").rsplit(".", 1)[0] or corpus.name)


def named(path: Path) -> Path:
    """The same place with a name at its end, which `.` and `..` lack."""
    return Path(os.path.abspath(path))


def previous(path: Path) -> Path:
    """Where the old bundle of a place waits while the new one moves in."""
    place = named(path)
    return place.with_name(f".{place.name}.previous")


def standing(path: Path) -> Path:
    """Where the newest complete bundle of a place stands.

    It is the place itself but for the moment between two renames, in which a writer may have died.
    """
    return previous(path) if not path.exists() and previous(path).is_dir() else path


def point_latest(path: Path) -> None:
    """Name a bundle under `checkpoints/` as the newest; one elsewhere is for --checkpoint."""
    if path.parent != named(CHECKPOINTS):
        return
    latest = path.parent / LATEST
    draft = path.parent / f".{LATEST}.new"
    draft.write_text(f"{path.name}\n", encoding="utf-8")
    draft.replace(latest)
