"""Texts of a corpus that lie readable in the files of a bundle."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bundle import (
    CORRECTIONS,
    INDEX,
    MANIFEST,
    PROMPTS,
    REPLIES,
    TOKENIZER,
    Bundle,
    Corrections,
    read_known_replies,
)
from chatbot.corpus import Pair
from chatbot.corpus.rare_strings import RareString
from chatbot.text import fold


@dataclass(frozen=True)
class ReadableFile:
    """A file of a bundle in which texts of a corpus can be read.

    Attributes:
        file: Its name.
        prompts: Distinct prompts of the corpus that it has word for word, case aside.
        replies: Distinct replies of the corpus that it has word for word.
        strings: Rare strings that it has.
        guessable: Whether it has hashes of the prompts, so that a guess can be confirmed.
    """

    file: str
    prompts: int
    replies: int
    strings: tuple[str, ...]
    guessable: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the file as a JSON object."""
        return asdict(self) | {"strings": list(self.strings)}


def find_readable(source: Bundle, pairs: Sequence[Pair], strings: Sequence[RareString]) -> list[ReadableFile]:
    """Look for texts of a corpus in the files of a bundle; weights are numbers, and are not looked at.

    Args:
        source: The bundle.
        pairs: The pairs of the corpus.
        strings: Its rare strings.

    Returns:
        What each file with text has.

    Raises:
        BundleError: A file is damaged.
    """
    prompts, replies = {fold(pair.prompt) for pair in pairs}, {pair.reply for pair in pairs}
    found = []
    for name, read in _READERS.items():
        if name in source.files or name == MANIFEST:
            texts = {*read(source)}
            whole = "\n".join(texts).casefold()
            known = tuple(one.text for one in strings if one.text.casefold() in whole)
            found.append(
                ReadableFile(
                    name, len(prompts & {*map(fold, texts)}), len(replies & texts), known, guessable=name == PROMPTS
                )
            )
    return found


def _read_replies(source: Bundle) -> Iterable[str]:
    return (reply.text for reply in read_known_replies(source.files[REPLIES], source.model.known_replies))


def _read_index(source: Bundle) -> Iterable[str]:
    return (text for pair in NearestNeighbour.load(source.files[INDEX]).pairs() for text in pair)


def _read_corrections(source: Bundle) -> Iterable[str]:
    corrections = Corrections.of(source)
    for one in corrections.learned:
        yield from (one.prompt, one.reply, one.instead_of, one.file, one.topic or "")
    yield from corrections.forgotten


def _read_tokenizer(source: Bundle) -> Iterable[str]:
    return [source.files[TOKENIZER].read_bytes().decode("utf-8", "ignore").replace("\u2581", " ")]


def _read_manifest(source: Bundle) -> Iterable[str]:
    return (*source.fallbacks, json.dumps(source.manifest, ensure_ascii=False))


def _read_nothing(_: Bundle) -> Iterable[str]:
    return ()


#: The files that have something of the texts, each with what can be read in it.
_READERS: dict[str, Callable[[Bundle], Iterable[str]]] = {
    INDEX: _read_index,
    REPLIES: _read_replies,
    CORRECTIONS: _read_corrections,
    PROMPTS: _read_nothing,  # hashes
    TOKENIZER: _read_tokenizer,
    MANIFEST: _read_manifest,
}
