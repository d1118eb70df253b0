"""Normal forms of text, context of a prompt, and short texts for messages."""

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

#: Separator of the turns in a prompt; SYMBOL FOR RECORD SEPARATOR, which people do not type.
SEPARATOR = "\u241e"

# Patterns are compiled when a text first needs them: few do, and answering would wait for it.
_SURROGATE, _REPLACEMENT = "[\ud800-\udfff]", "\ufffd"
#: Category Cc, to which Unicode adds nothing.
_CONTROLS = "[\x00-\x1f\x7f-\x9f]+"
#: A byte-order mark, which no text needs.
_NEVER_SHOWN = "\ufeff"
#: Besides, soft hyphens, spaces without width, marks of direction, and what formats text for programs.
_INVISIBLE = "\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_JOINERS = "\u200c\u200d"
_DROPPED, _SHOWN = f"[{_INVISIBLE}]+", f"[^{_INVISIBLE}{_JOINERS} ]"
#: Scripts before Hebrew in Unicode's order, Latin and Greek among them, join no letters.
_JOINED = "\u0590-\U0010ffff"
#: Joiners without something that they join on both sides, and of several in a row all but the first.
_IDLE_JOINERS = (
    f"(?<![{_JOINED}])[{_JOINERS}]++|(?<![{_JOINERS}])[{_JOINERS}]++(?![{_JOINED}])|(?<=[{_JOINERS}])[{_JOINERS}]++"
)
#: What could move the cursor of a terminal, name its window or turn the order of letters.
UNSAFE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_MOST_MARKS, _LONG = 30, 1000
#: Of names that are taken for each other: how long they are at most, and how alike at least, of 1.
_LONGEST_NAME, _ALIKE = 80, 0.65


def normalize(text: str) -> str:
    """Return `text` in the form that the model reads and writes.

    Unicode NFC, every run of white space folded to one space, none at the ends. Control
    characters (category Cc) that are not white space are dropped: they are no part of a
    sentence, and one that reaches a terminal could move the cursor; so are byte-order marks,
    which show nothing. Unpaired surrogates, which no UTF-8 file can hold but a
    command line can, become U+FFFD. A text of which nothing would show is empty.
    """
    if not text.isascii():
        text = re.sub(_SURROGATE, _REPLACEMENT, _composed(text.replace(_NEVER_SHOWN, "")))
    folded = " ".join(text.split())
    if folded.isprintable():
        return folded
    kept = " ".join(_composed(re.sub(_CONTROLS, "", folded)).split())
    return kept if re.search(_SHOWN, kept) else ""


def fold(prompt: str) -> str:
    """Return a normalized prompt in lower case and without what shows nothing, as the encoder reads it.

    So every word is learned once however people capitalize it, and shouting changes nothing.
    Replies keep their capitals.
    """
    return drop_invisible(prompt).lower()


def drop_invisible(text: str) -> str:
    """Return a normalized text without characters that show nothing: no two texts differ by them alone.

    Marks of direction, spaces and joiners of no width are dropped, but for a joiner between two
    characters that it may join: those of emoji, and of scripts that join their letters, such as
    Arabic, Persian and those of India, where a word is another one without it.
    """
    if text.isascii():
        return text
    plain = re.sub(_DROPPED, "", text)
    if any(joiner in plain for joiner in _JOINERS):
        plain = re.sub(_IDLE_JOINERS, "", plain)
    return text if plain == text else " ".join(_composed(plain).split())


def _composed(text: str) -> str:
    """A text in NFC, with few marks on each character."""
    return unicodedata.normalize("NFC", with_few_marks(text))


def with_few_marks(text: str) -> str:
    """A text in which no character has more accents than `_MOST_MARKS`, the others dropped.

    Putting them in order takes time that grows with the square of their number. Reference: Unicode
    Standard Annex 15, "Stream-Safe Text Format", which has the same bound.
    """
    if len(text) < _LONG:  # in which that does not matter
        return text
    marks = "".join(sorted(filter(_begins_with_mark, set(text))))
    return re.sub(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+", r"\1", text) if marks else text


@lru_cache(maxsize=1 << 16)
def _begins_with_mark(character: str) -> bool:
    """Whether a character is an accent when it is taken apart, as some vowel signs of Tibetan are then alone."""
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) != 0


def in_context(turns: Iterable[str], prompt: str) -> str:
    """Return a prompt in the form that carries the turns before it.

    `how are you? ␞ Fine, thanks. ␞ why?`: the turns from the oldest on, normalized, and the
    prompt, with `SEPARATOR` between them. Turns that say nothing are left out, and a prompt that
    says nothing stays empty. Where the text itself holds the separator a space takes its place.

    Args:
        turns: The earlier turns of both sides, oldest first.
        prompt: The turn to answer.

    Returns:
        The prompt with its context.
    """
    said = [normalize(text.replace(SEPARATOR, " ")) for text in (*turns, prompt)]
    return f" {SEPARATOR} ".join(filter(None, said)) if said[-1] else ""


def count_turns(prompt: str) -> int:
    """Return the number of turns before the last one of a prompt."""
    return prompt.count(f" {SEPARATOR} ")


def visible(text: str) -> str:
    """Return a text that a terminal only shows, whoever wrote it.

    Control characters but for tabs and line feeds, separators of lines and paragraphs, orders to show letters in
    another direction, and unpaired surrogates become U+FFFD.

    Args:
        text: Any text.
    """
    return text if text.isprintable() else re.sub(UNSAFE, _REPLACEMENT, text)


def excerpt(text: str, most: int = 60) -> str:
    """Return the beginning of a typed text for a message: one short line without control characters.

    Args:
        text: As typed.
        most: Characters of the longest excerpt.

    Returns:
        The text, cut with `…` where it is longer.
    """
    short = text if len(text) <= most else f"{text[:most]}…"
    return short if short.isprintable() else short.encode("unicode_escape").decode("ascii")


def nearest_name(typed: str, names: Iterable[str]) -> str | None:
    """Return the name that was probably meant: one that begins as typed, or else the most similar one.

    Args:
        typed: What was typed.
        names: The known names.

    Returns:
        The name; None where none is similar.
    """
    import difflib  # noqa: PLC0415  # only a mistake needs it, and answering would wait for it

    known = list(names)
    if len(typed) > _LONGEST_NAME:  # to compare such a text takes long, and it is no name
        return None
    begun = [name for name in known if len(typed) > 1 and name.startswith(typed)]
    near = begun or difflib.get_close_matches(typed, known, 1, _ALIKE)
    return near[0] if near else None


def plural(number: int, noun: str) -> str:
    """Return a number of things: `1 turn`, `2,000 turns`.

    Args:
        number: Of things.
        noun: In the singular; its plural ends with s.

    Returns:
        Both, with thousands separators.
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def from_home(path: str | os.PathLike[str]) -> str:
    """A path as short as people write it, with `~` for their home folder."""
    home, text = os.path.expanduser("~"), os.fspath(path)
    return f"~{text[len(home) :]}" if text.startswith(f"{home}{os.sep}") else text
