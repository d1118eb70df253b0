"""The bundle that a command line means, and the command line that names a bundle."""

import shlex
from pathlib import Path

from chatbot import bundle
from chatbot.cli.output.exit_codes_and_messages import print_note
from chatbot.errors import BundleError


def find_bundle(checkpoint: Path | None) -> Path:
    """The bundle of `--checkpoint`, or the default one; standard error has the reason where another is taken.

    Args:
        checkpoint: As typed or set; None for the default bundle.

    Raises:
        BundleError: There is none.
    """
    return bundle.find(checkpoint, print_note)


def typed_name(place: Path) -> str:
    """The shortest text that names a bundle on a command line: its bare name where that is enough, else its path.

    Args:
        place: The path of the bundle.
    """
    try:
        found = bundle.locate(Path(place.name), bundle.is_bundle)
    except BundleError:
        return str(place)
    return place.name if bundle.absolute_path(found) == bundle.absolute_path(place) else str(place)


def command_line(command: str, place: Path) -> str:
    """A command line for a bundle, which is named only if another one answers by default.

    Args:
        command: Its name and further words, such as `chat`.
        place: Folder of the bundle.
    """
    default = bundle.default_bundle()
    if default is not None and bundle.absolute_path(default) == bundle.absolute_path(place):
        return f"chatbot {command}"
    return f"chatbot {command} --checkpoint {shlex.quote(typed_name(place))}"
