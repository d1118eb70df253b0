"""The bundle that a command line means, and the command line that names a bundle."""

import shlex
from pathlib import Path

from chatbot import bundle
from chatbot.cli.output.exits import print_note
from chatbot.errors import BundleError


def find_bundle(checkpoint: Path | None) -> Path:
    """See `chatbot.bundle.find`; why another than the default answers is said on standard error.

    Raises:
        BundleError: There is none.
    """
    return bundle.find(checkpoint, print_note)


def name_of(place: Path) -> str:
    """The shortest that a person can type for a bundle: its bare name where that means it, else its path."""
    try:
        found = bundle.locate(Path(place.name), bundle.is_bundle)
    except BundleError:
        return str(place)
    return place.name if bundle.named(found) == bundle.named(place) else str(place)


def call(command: str, place: Path) -> str:
    """A command line for a bundle, which is named only if another one answers by default."""
    default = bundle.default()
    if default is not None and bundle.named(default) == bundle.named(place):
        return f"chatbot {command}"
    return f"chatbot {command} --checkpoint {shlex.quote(name_of(place))}"
