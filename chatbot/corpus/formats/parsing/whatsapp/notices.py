"""Separation of a person's own words from the notices of WhatsApp in their place or behind them.

WhatsApp's words are the whole message, or are behind a person's: an attachment and the mark of
an edit in angle brackets, and on an iPhone behind U+200E. So a person may use the same words in a
sentence. All work here is in proportion to the length of the message.
"""

import re
from typing import NamedTuple

from chatbot.corpus.formats.parsing.whatsapp.headers import GENERATED, INVISIBLE
from chatbot.corpus.formats.parsing.whatsapp.wordings import plain, wordings
from chatbot.corpus.reading.turns import LONGEST_TURN

#: Characters; WhatsApp's own words and the names of files are shorter.
_LONGEST_NOTICE = 400
#: Characters; first words that are longer are nobody's, whatever follows them.
_SURELY_ITS_OWN = 30
_QUESTION_MARKS = ("?", "？", "؟", "՞")
#: Words in which an iPhone says that something is left out.
_MOST_WORDS = 6
#: A message carries at most an attachment, a number of pages and the mark of an edit.
_MOST_TAILS = 4

_FILE = re.compile(r"[^\n/]{1,250}\.\w{1,8}")
_PAGES = re.compile(r"(?P<file>[^\n/]{1,250}\.\w{1,8}) • \d+ \D{1,30}")
#: The names that WhatsApp itself gives to files on Android, and the number that it puts before them on an iPhone.
_OWN_FILE = re.compile(r"(?:IMG|VID|PTT|AUD|STK|DOC|GIF)-\d{8}-WA\d{4,12}\.\w{2,5}")
_NUMBERED = re.compile(r"\d{8}-")
_MAP = re.compile(
    r"https?://(?:maps\.google\.[a-z.]{2,6}/|www\.google\.[a-z.]{2,6}/maps|maps\.apple\.com/|goo\.gl/maps)\S+"
)
_PLACE = re.compile(r"https?://(?:\w+\.)?foursquare\.com/v/\S+")
_TOOK = re.compile(r"(?:\d{1,3}(?::\d{2}){1,2}|\d{1,4}\s?[^\W\d]{1,12}\.?(?:\s\d{1,2}\s?[^\W\d]{1,12}\.?)?)")
_SEPARATORS = re.compile(r"\s?[,.،、，·•(]\s?|\s[-–—]\s")
_OPTION = re.compile(r"(?P<word>[^\n:：]{1,30})[:：] ?[^\n]{1,400}\((?P<votes>[^()\n]{1,30})\)")


class Marks(NamedTuple):
    """The marks of WhatsApp's own words in one export.

    Attributes:
        lost: Whether an iPhone's U+200E has been lost on the way, so that words alone can tell.
        placeholders: Of whole messages in angle brackets, those that are WhatsApp's although of no known language, as
            `plain` has them.
    """

    lost: bool = False
    placeholders: frozenset[str] = frozenset()


#: Of an export whose marks are whole, in a language that is known.
USUAL = Marks()


def spoken(text: str, marked: bool = False, marks: Marks = USUAL) -> str:
    """The text that a person wrote in a message; empty where it was no text.

    Args:
        text: The message, behind the name of its sender.
        marked: Whether WhatsApp marked its line, as an iPhone does where something is attached.
        marks: Of the export.
    """
    if len(text) > LONGEST_TURN:
        return text  # nobody learns it
    text = _without_file(_without_tails(text, marked, marks), marks)
    if text.startswith(GENERATED):
        return ""
    text = text.translate(INVISIBLE).strip()
    return "" if _is_notice(text, marks) or _is_poll(text) else text


def bracketed(text: str) -> str | None:
    """The words of a text that is nothing but words in angle brackets, in the form of `plain`; None for another."""
    text = text.translate(INVISIBLE).strip() if len(text) <= _LONGEST_NOTICE else ""
    if not (text.startswith("<") and text.endswith(">")) or set("<>\n") & set(text[1:-1]):
        return None
    return plain(text[1:-1])


def _without_tails(text: str, marked: bool, marks: Marks) -> str:
    """A message without what is behind a person's words, and without the name of an attached file."""
    attachment = None
    for _ in range(_MOST_TAILS):
        text = text.rstrip()
        begin = _bracket(text)
        if begin is None and attachment is None:
            begin = _omitted(text, marked, marks)
        if begin is None:
            break
        inside = text[begin:].strip(f"<> {GENERATED}")
        if plain(inside) not in wordings().edited:
            attachment = inside
        text = text[:begin].rstrip(f"{GENERATED} \u202f\u00a0\n")
    return text if attachment is None else _without_name(text, attachment)


def _bracket(text: str) -> int | None:
    """The place where WhatsApp's words in angle brackets begin, if a text ends with such."""
    begin = text.rfind("<", -_LONGEST_NOTICE) if text.endswith(">") else -1
    inside = text[begin + 1 : -1]
    if begin < 0 or "\n" in inside:
        return None
    is_marked = text[:begin].rstrip(" ").endswith(GENERATED)
    return begin if is_marked or plain(inside) in wordings().edited or _names_file(inside) else None


def _names_file(inside: str) -> bool:
    """Whether words in angle brackets say that a file is attached: `<attached: a.jpg>`, `<a.jpg eklendi>`."""
    inside = inside.translate(INVISIBLE)
    before, colon, _ = inside.partition(":")
    name, _, behind = inside.rpartition(" ")
    if colon and plain(before) in wordings().attached:
        return True
    return plain(behind) in wordings().attached and _FILE.fullmatch(name) is not None


def _omitted(text: str, marked: bool, marks: Marks) -> int | None:
    """The place where "document omitted" and the like begin, if a text ends with such behind a caption or a file."""
    mark = text.rfind(GENERATED, -_LONGEST_NOTICE)
    tail = text[mark + 1 :]
    if mark > 0 and "\n" not in tail and text[mark - 1].isspace():
        return mark if marked or plain(tail) in wordings().omitted else None
    if marks.lost and len(text) <= _LONGEST_NOTICE:
        words = text.split(" ")
        for count in range(min(_MOST_WORDS, len(words)), 0, -1):
            if plain(tail := " ".join(words[-count:])) in wordings().omitted:
                return len(text) - len(tail)
    return None


def _without_name(text: str, attachment: str) -> str:
    """The caption of a document, without the name and the number of pages that are before it."""
    line, _, caption = text.partition("\n")
    first = line[: _LONGEST_NOTICE + 1].translate(INVISIBLE).strip()
    name = attachment.translate(INVISIBLE).rpartition(": ")[2].strip()
    own = {name, _NUMBERED.sub("", name, count=1)}
    is_document = plain(attachment) in wordings().omitted
    is_name = _PAGES.fullmatch(first) or first in own or (is_document and _FILE.fullmatch(first))
    return caption if is_name else text


def _without_file(text: str, marks: Marks) -> str:
    """A message of Android without the file that its first line names, or says was left out."""
    line, _, rest = text.partition("\n")
    first = line[: _LONGEST_NOTICE + 1].translate(INVISIBLE).strip()
    name, bracket, words = first.rpartition(" (")
    if bracket and words.endswith(")"):
        is_attached = plain(words[:-1]) in wordings().attached and _FILE.fullmatch(name)
        return rest if is_attached or _OWN_FILE.fullmatch(name) else text
    inside = bracketed(first)
    if inside is None or not (inside in wordings().media or inside in marks.placeholders):
        return text
    is_name = _FILE.fullmatch(rest.strip()) and " " not in rest.strip().rpartition(".")[2]
    return "" if is_name else rest


def _is_notice(text: str, marks: Marks) -> bool:
    if text == "null":  # for what an Android phone has no words; in other capitals it is German for zero
        return True
    if len(text) > _LONGEST_NOTICE:
        return False
    line, known = " ".join(text.split()), wordings()
    if "\n" in text or _is_location(line):
        return _is_location(line)
    words = plain(line)
    return (
        words in known.notices
        or (marks.lost and words in known.omitted)
        or _is_call(words)
        or (words.startswith(known.begins) and any(_continues(words, begin) for begin in known.begins))
        or (words.startswith(known.named_begins) and any(_is_named(words, *names) for names in known.named.items()))
    )


def _is_named(words: str, begin: str, end: str) -> bool:
    return len(words) > len(begin) + len(end) and words.startswith(begin) and words.endswith(end)


def _continues(words: str, begin: str) -> bool:
    """Whether words are a longer notice that begins in a way; behind a short one there is a stop or nothing.

    WhatsApp asks nothing.
    """
    if not words.startswith(begin) or words.endswith(_QUESTION_MARKS):
        return False
    rest = words[len(begin) :]
    return not rest or len(begin) >= _SURELY_ITS_OWN or not (rest[0].isalnum() or rest[0].isspace())


def _is_call(words: str) -> bool:
    """Whether words are of a call: what kind, and how long it took or what came of it."""
    separator = _SEPARATORS.search(words)
    if separator is None or words[: separator.start()] not in wordings().calls:
        return False
    rest = words[separator.end() :].rstrip(")").strip()
    return plain(rest) in wordings().outcomes or _TOOK.fullmatch(rest) is not None


def _is_location(text: str) -> bool:
    before, _, link = text.rpartition(" ") if " " in text else ("", "", text)
    if _PLACE.fullmatch(link):
        return before.rstrip().endswith(":")
    return _MAP.fullmatch(link) is not None and plain(before.rstrip().rstrip(":")) in wordings().location


def _is_poll(text: str) -> bool:
    """Whether a message is a poll: a word in capitals, the question, and options with the number of their votes."""
    lines = [line.strip() for line in text.split("\n")] if text.count("\n") < _LONGEST_NOTICE else []
    lines = [line for line in lines if line]
    if len(lines) < 3 or not lines[0].endswith((":", "：")) or not _is_capital(lines[0]):
        return False
    options = [_OPTION.fullmatch(line) for line in lines[2:]]
    found = [option for option in options if option and _is_capital(option["word"])]
    first = found[0]["word"] if found else None
    same = [option for option in found if option["word"] == first]
    return len(same) >= 2 or any(any(map(str.isdecimal, option["votes"])) for option in same)


def _is_capital(text: str) -> bool:
    return len(text) <= 40 and text == text.upper() and any(map(str.isalpha, text))
