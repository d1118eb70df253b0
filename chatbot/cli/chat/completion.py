"""What Tab offers for the arguments of a conversation's commands."""

from collections.abc import Iterator
from typing import NamedTuple

from chatbot.bundle import card
from chatbot.cli.chat.conversation import Conversation
from chatbot.config import decoding_text
from chatbot.config.options import spell
from chatbot.errors import PathError
from chatbot.files import parse_path


class Candidate(NamedTuple):
    """Something that Tab offers.

    Attributes:
        text: What is put in.
        replaced: How many characters before the cursor it takes the place of.
        meaning: A word about it.
    """

    text: str
    replaced: int
    meaning: str = ""


def setting_and_value(talk: Conversation, typed: str) -> Iterator[Candidate]:
    """Names of settings, and values that are worth a try."""
    key, space, value = typed.partition(" ")
    if space:
        name = key.lower().replace("-", "_")
        if decoding_text.takes_file(name):
            yield from paths(talk, value.lstrip())
        values = decoding_text.examples(name)
        yield from (Candidate(text, len(value)) for text in values if text.startswith(value))
        return
    for candidate in setting_names(talk, key):
        yield candidate._replace(text=f"{candidate.text} ")


def setting_names(talk: Conversation, typed: str) -> Iterator[Candidate]:
    """Names of settings, with the values they have."""
    for name in decoding_text.NAMES:
        if spell(name).startswith(typed.lower().replace("_", "-")):
            yield Candidate(spell(name), len(typed), decoding_text.show(talk.decoding, name))


def beams(_: Conversation, typed: str) -> Iterator[Candidate]:
    """Widths of a beam that are worth a try."""
    return (Candidate(text, len(typed)) for text in decoding_text.examples("beam") if text.startswith(typed))


def paths(_: Conversation, typed: str) -> Iterator[Candidate]:
    """Files and folders that go on from what is typed; hidden ones only where a dot is typed."""
    folder, _slash, begun = typed.rpartition("/")
    try:
        found = sorted(parse_path(f"{folder}/" if _slash else ".").iterdir())
    except (OSError, PathError):
        return
    for path in found:
        if path.name.startswith(begun) and (begun or not path.name.startswith(".")):
            yield Candidate(f"{path.name}/" if path.is_dir() else path.name, len(begun))


def bundles(talk: Conversation, typed: str) -> Iterator[Candidate]:
    """The bundles under `checkpoints/`; where none is meant, files and folders on the way to another."""
    found = [Candidate(name, len(typed)) for name in card.complete(typed)]
    yield from found or paths(talk, typed)
