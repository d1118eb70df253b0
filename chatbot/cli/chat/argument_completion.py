"""Tab completion of the arguments of /commands."""

from collections.abc import Iterator
from typing import NamedTuple

from chatbot.bundle import listing
from chatbot.cli.chat.conversation import Conversation
from chatbot.config import settings_by_name
from chatbot.config.options import spell
from chatbot.errors import PathError
from chatbot.files import parse_path


class TabCompletion(NamedTuple):
    """A completion that Tab offers.

    Attributes:
        text: The text that is inserted.
        replaced: The number of characters before the cursor that it replaces.
        meaning: A few words about it.
    """

    text: str
    replaced: int
    meaning: str = ""


def setting_and_value(talk: Conversation, typed: str) -> Iterator[TabCompletion]:
    """Yield the names of settings, then example values of the named one.

    Args:
        talk: The conversation, for the values that its settings have.
        typed: The argument so far.
    """
    key, space, value = typed.partition(" ")
    if space:
        name = key.lower().replace("-", "_")
        if settings_by_name.takes_file(name):
            yield from paths(talk, value.lstrip())
        values = settings_by_name.examples(name)
        yield from (TabCompletion(text, len(value)) for text in values if text.startswith(value))
        return
    for candidate in setting_names(talk, key):
        yield candidate._replace(text=f"{candidate.text} ")


def setting_names(talk: Conversation, typed: str) -> Iterator[TabCompletion]:
    """Yield the names of settings, with the values that they have.

    Args:
        talk: The conversation, for the values.
        typed: The name so far, in any case.
    """
    for name in settings_by_name.NAMES:
        if spell(name).startswith(typed.lower().replace("_", "-")):
            yield TabCompletion(spell(name), len(typed), settings_by_name.show(talk.settings_with(name), name))


def beams(_: Conversation, typed: str) -> Iterator[TabCompletion]:
    """Yield example widths of a beam.

    Args:
        _: The conversation.
        typed: The width so far.
    """
    return (TabCompletion(text, len(typed)) for text in settings_by_name.examples("beam") if text.startswith(typed))


def paths(_: Conversation, typed: str) -> Iterator[TabCompletion]:
    """Yield files and folders that begin as typed; hidden ones only where a dot is typed.

    Args:
        _: The conversation.
        typed: The path so far.
    """
    folder, _slash, begun = typed.rpartition("/")
    try:
        found = sorted(parse_path(f"{folder}/" if _slash else ".").iterdir())
    except (OSError, PathError):
        return
    for path in found:
        if path.name.startswith(begun) and (begun or not path.name.startswith(".")):
            yield TabCompletion(f"{path.name}/" if path.is_dir() else path.name, len(begun))


def bundles(talk: Conversation, typed: str) -> Iterator[TabCompletion]:
    """The bundles under `checkpoints/`; if none begins as typed, files and folders.

    Args:
        talk: The conversation.
        typed: The name or the path so far.
    """
    found = [TabCompletion(name, len(typed)) for name in listing.complete_name(typed)]
    yield from found or paths(talk, typed)
