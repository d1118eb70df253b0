"""The bundle that a command line means, and the command line that names a bundle."""

import contextlib
import gc
import importlib
import shlex
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot import bundle
from chatbot.cli.output.exit_codes_and_messages import print_note
from chatbot.errors import BundleError

if TYPE_CHECKING:
    from chatbot.bot.chatbot import Chatbot


def find_bundle(checkpoint: Path | None) -> Path:
    """The bundle of `--checkpoint`, or the default one; standard error has the reason where another is taken.

    Args:
        checkpoint: As typed or set; None for the default bundle.

    Raises:
        BundleError: There is none.
    """
    return bundle.find(checkpoint, print_note)


def load_bot(checkpoint: Path | None) -> "Chatbot":
    """Load the bot of `--checkpoint`, or the default one, while nobody waits for what another core can do.

    Its files are read and checked while a thread imports what answers. None of both is ever garbage, so that none is
    looked for meanwhile, nor among it later.

    Args:
        checkpoint: As typed or set; None for the default bundle.

    Returns:
        The bot.

    Raises:
        BundleError: There is none, or it is damaged.
        MachineError: This computer lacks what answers.
    """
    importing = threading.Thread(target=_import_bot)
    gc.disable()
    try:
        with contextlib.suppress(RuntimeError):  # there are no more threads: it is imported below
            importing.start()
        source = bundle.Bundle.open(find_bundle(checkpoint))
        if importing.is_alive():
            importing.join()
        from chatbot.bot.chatbot import Chatbot  # or what the thread met

        return Chatbot.open(source)
    finally:
        gc.freeze()
        gc.enable()


def _import_bot() -> None:
    with contextlib.suppress(Exception):  # which `load_bot` meets again
        importlib.import_module("chatbot.bot.chatbot")


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
