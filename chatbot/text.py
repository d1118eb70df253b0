"""The forms of text that training and answering share."""

import unicodedata
from collections.abc import Iterable

#: Stands between the turns that a prompt carries; SYMBOL FOR RECORD SEPARATOR, which people do not type.
SEPARATOR = "\u241e"

_REPLACEMENT = "\ufffd"
#: Of names that are taken for each other: how long they are at most, and how alike at least, of 1.
_LONGEST_NAME, _ALIKE = 80, 0.65


def normalize(text: str) -> str:
    """Return `text` in the form that the model reads and writes.

    Unicode NFC, every run of white space folded to one space, none at the ends. Control
    characters (category Cc) that are not white space are dropped: they are no part of a
    sentence, and one that reaches a terminal could move the cursor. Unpaired surrogates,
    which no UTF-8 file can hold but a command line can, become U+FFFD.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = "".join(_REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text)
    folded = " ".join(text.split())
    if folded.isprintable():
        return folded
    return " ".join("".join(c for c in folded if unicodedata.category(c) != "Cc").split())


def fold(prompt: str) -> str:
    """Return a normalized prompt in lower case, as the encoder reads it.

    So every word is learned once however people capitalize it, and shouting changes nothing.
    Replies keep their capitals.
    """
    return prompt.lower()


def in_context(turns: Iterable[str], prompt: str) -> str:
    """Return a prompt in the form that carries the turns before it.

    `how are you? ␞ Fine, thanks. ␞ why?`: the turns from the oldest on, normalized, and the
    prompt, with `SEPARATOR` between them. Turns that say nothing are left out, and a prompt that
    says nothing stays empty. Where the text itself holds the separator a space takes its place.

    Args:
        turns: What was said before, by both sides in turn.
        prompt: What is to be answered.
    """
    said = [normalize(text.replace(SEPARATOR, " ")) for text in (*turns, prompt)]
    return f" {SEPARATOR} ".join(filter(None, said)) if said[-1] else ""


def count_turns(prompt: str) -> int:
    """How many turns a prompt carries before the one that is to be answered."""
    return prompt.count(f" {SEPARATOR} ")


def excerpt(text: str, most: int = 60) -> str:
    """The beginning of a text that somebody typed, for a message: one short line that steers no terminal."""
    short = text if len(text) <= most else f"{text[:most]}…"
    return short if short.isprintable() else short.encode("unicode_escape").decode("ascii")


def nearest_name(typed: str, names: Iterable[str]) -> str | None:
    """The name that somebody may have meant: one that begins as what they typed, or else the most alike."""
    import difflib  # noqa: PLC0415  # only a mistake needs it, and answering would wait for it

    known = list(names)
    if len(typed) > _LONGEST_NAME:  # to compare such a text takes long, and it is no name
        return None
    begun = [name for name in known if len(typed) > 1 and name.startswith(typed)]
    near = begun or difflib.get_close_matches(typed, known, 1, _ALIKE)
    return near[0] if near else None


def count(number: int, noun: str) -> str:
    """A number of things: `1 turn`, `2,000 turns`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
