"""The first line of a message: date, time, sender, in the form of the phone's language."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from chatbot.corpus.formats.parsing.whatsapp.dates import Moment, patterns, read_moment

#: WhatsApp's own mark in front of what it wrote itself.
GENERATED = "\u200e"
#: Direction marks and the byte-order mark; the isolates around the names of people mentioned stay.
INVISIBLE = {ord(mark): None for mark in "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\ufeff"}

#: Marks and joiners that may be between the parts of a date, in any place.
_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
#: Characters; no date with its time is longer.
_LONGEST_DATE = 100
#: Characters; no name in a header is longer.
_LONGEST_SENDER = 120
_IPHONE = "iphone"
#: What ends most dates; what is behind it is of the message.
_CUT = re.compile(r"\]\s?|\s[-–—]\s")
#: A notice that quotes a text with a colon, such as the name of a group, has no sender before it.
_QUOTES = frozenset('"“”„«»「')


class Header(NamedTuple):
    """The first line of a message, taken apart.

    Attributes:
        moment: When.
        sender: Who; None where WhatsApp speaks.
        text: The rest of the line.
        form: How the line is written, which is the same throughout an export.
        marked: Whether WhatsApp marked the line as one that is not all of a person.
    """

    moment: Moment
    sender: str | None
    text: str
    form: str
    marked: bool


def read_header(line: str) -> Header | None:
    """The header that a line begins with; None where it begins with none.

    The work does not grow with the length of the line.
    """
    begin = _begin(line)
    if begin is None:
        return None
    head = line[begin : begin + _LONGEST_DATE]
    kept: Sequence[int] = range(len(head))
    if not _UNSEEN.isdisjoint(head):
        kept = [place for place, character in enumerate(head) if character not in _UNSEEN]
        head = "".join(head[place] for place in kept)
    cut = _CUT.search(head)
    date = _read_date(head[: cut.end()] if cut else head)
    if date is None:
        return None
    sender, text = _split(line[begin + kept[date.end - 1] + 1 :])
    return Header(date.moment, sender, text, date.form, marked=GENERATED in line[:begin])


class _Date(NamedTuple):
    """A date with its time, the form of the header that begins with it, and where the sender begins."""

    moment: Moment
    form: str
    end: int


@lru_cache(maxsize=4096)
def _read_date(head: str) -> _Date | None:
    """The date that the beginning of a line is; many lines are of one minute."""
    match = next((match for pattern in _headers(head.startswith("[")) if (match := pattern.match(head))), None)
    moment = read_moment(match) if match else None
    if match is None or moment is None:
        return None
    return _Date(moment, f"{_IPHONE if head.startswith('[') else 'android'} {moment.form}", match.end())


def is_of_iphone(form: str) -> bool:
    """Whether a form is that of an iPhone."""
    return form.startswith(_IPHONE)


def _begin(line: str) -> int | None:
    """The place where the date may begin: at the first character that is seen, a digit or a bracket."""
    for place, character in enumerate(line[:_LONGEST_DATE]):
        if character not in _UNSEEN:
            return place if character.isdecimal() or character == "[" else None
    return None


@lru_cache(maxsize=2)
def _headers(is_bracketed: bool) -> tuple["re.Pattern[str]", ...]:
    """Of an iPhone, or of Android and old iPhones, with the date first or the time."""
    end = r"\[{}\]\s?" if is_bracketed else r"{}(?:\s[-–—]\s|:\s|,\s)"
    return tuple(re.compile(end.replace("{}", moment), re.IGNORECASE) for moment in patterns())


def _split(rest: str) -> tuple[str | None, str]:
    """Sender and text of what is behind the date; no sender where WhatsApp speaks."""
    colon = rest.find(":", 0, _LONGEST_SENDER + 1)
    behind = rest[colon + 1 : colon + 2]
    sender = " ".join(rest[: max(colon, 0)].translate(INVISIBLE).split())
    if not sender or not (behind.isspace() or not behind) or _QUOTES & set(sender):
        return None, rest
    return sender.removeprefix("~").lstrip() or sender, rest[colon + 2 :]
