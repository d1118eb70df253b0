"""Names of bundles: the rules for them, and their form in messages."""

import unicodedata
from pathlib import Path

from chatbot.errors import BundleError

#: The file in a folder of bundles that names the one that answers by default.
LATEST = "latest"
#: Bytes of the longest name. File systems take 255, of which drafts and the folders beside a bundle need some.
LONGEST = 240
#: What the names of the folders that training makes beside a bundle add to its own.
RUN, LOGS = ".run", ".tensorboard"
#: The file in the folder of a run that is locked as long as somebody works at its place.
LOCK_FILE = "lock"
#: Characters of a name that a message shows.
_SHOWN = 60
#: Control characters, line separators and halves of characters, none of which fits in a line of text.
_UNWRITABLE = {"Cc", "Zl", "Zp", "Cs"}


def check_name(name: str, how: str = "") -> None:
    """Refuse what no bundle can be called.

    Args:
        name: The last component of a bundle's path.
        how: What chooses another, for the message, such as ` with --checkpoint DIR`.

    Raises:
        BundleError: The name would not work, on the disk, in the file `latest` or on a command line.
    """
    reason = _refuse(name)
    if reason is not None:
        raise BundleError(f"{printable(name)!r} cannot be the name of a bundle: {reason}; choose another name{how}")


def _refuse(name: str) -> str | None:
    size = len(name.encode("utf-8", "surrogatepass"))
    reasons = (
        (not name.strip(".") and not name[2:], "it names no folder"),
        ("/" in name, "it has a slash in it"),
        (any(unicodedata.category(c) in _UNWRITABLE for c in name), "it is not a line of UTF-8 text"),
        (name.startswith((".", "-", "~")), f"it begins with {name[:1]!r}"),
        (name != name.strip(), "it begins or ends with a space"),
        (name == LATEST, "that file says which bundle answers by default"),
        (name.endswith((RUN, LOGS)), f"{RUN} and {LOGS} end the names of folders that training makes"),
        (size > LONGEST, f"it is {size:,} bytes long, and {LONGEST} are the most"),
    )
    return next((reason for wrong, reason in reasons if wrong), None)


def name_after(corpus: Path) -> str:
    """The name of a bot that is trained on a corpus: the file's name without its endings."""
    return corpus.name.removesuffix(".gz").rsplit(".", 1)[0] or corpus.name


def printable(text: str | Path) -> str:
    """A name or a path as a message may have it: one line, and not longer than a person reads.

    Args:
        text: The name or the path.
    """
    visible = "".join("\ufffd" if unicodedata.category(c) in _UNWRITABLE else c for c in str(text))
    return visible if len(visible) <= 4 * _SHOWN else f"{visible[:_SHOWN]}…"
