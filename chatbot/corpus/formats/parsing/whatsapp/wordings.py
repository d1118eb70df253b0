"""WhatsApp's own words, from `wordings.toml`, where they are by language; here by what they are for.

A file does not say in which language the phone spoke, so the words of all are looked for.
"""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from chatbot.corpus.reading.speaker_names import as_seen

#: What may be at the end of a sentence.
_ENDS = " .。।۔…"
_NAME = "{}"


@dataclass(frozen=True)
class Wordings:
    """The words of all languages, each as `plain` returns it; see `wordings.toml` for their places.

    Attributes:
        notices: Whole messages.
        named: Ends by beginnings of the notices with a name between.
        named_begins: Those beginnings.
        begins: First words of longer notices.
        calls: Before how long a call took or what came of it.
        outcomes: What may come of a call.
        omitted: Instead of what was not exported.
        media: The same, in angle brackets.
        attached: Beside the name of a file.
        edited: Behind a message that was changed.
        location: Before a link to a map.
    """

    notices: frozenset[str]
    named: dict[str, str]
    named_begins: tuple[str, ...]
    begins: tuple[str, ...]
    calls: frozenset[str]
    outcomes: frozenset[str]
    omitted: frozenset[str]
    media: frozenset[str]
    attached: frozenset[str]
    edited: frozenset[str]
    location: frozenset[str]


def plain(text: str) -> str:
    """A short text without what makes no difference: capitals, marks, kinds of spaces, the full stop."""
    return as_seen(text).strip(_ENDS)


@lru_cache(maxsize=1)
def wordings() -> Wordings:
    """The table, read once."""
    notices = _words("notices")
    named = {begin: end for begin, name, end in (notice.partition(_NAME) for notice in notices) if name}
    return Wordings(
        notices=frozenset(notice for notice in notices if _NAME not in notice),
        named=named,
        named_begins=tuple(named),
        begins=_words("begins"),
        calls=frozenset(_words("calls")) | frozenset(notices),
        outcomes=frozenset(_words("outcomes")),
        omitted=frozenset(_words("omitted")),
        media=frozenset(_words("media")) | frozenset(_words("omitted")),
        attached=frozenset(_words("attached")),
        edited=frozenset(_words("edited")),
        location=frozenset(_words("location")),
    )


def words_of_time(kind: str) -> tuple[str, ...]:
    """The words of a kind (`morning`, `afternoon`, `at`) in lower case without spaces, the longest first."""
    words = {"".join(as_seen(word).split()) for language in _table() for word in language.get(kind, ())}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _words(kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(word) for words in _table() for word in words.get(kind, ())))


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, list[str]], ...]:
    text = resources.files(__package__).joinpath("wordings.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text).values())
