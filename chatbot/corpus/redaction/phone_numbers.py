"""Phone numbers in text, found with the numbering plans of `phonenumbers`, a port of Google's libphonenumber.

A number with `+` and its country code is found whatever its country. A national number is tried with the plan of
each country in `REGIONS`, and must be valid there and grouped as people group it there. So dates, times, prices
and counts are left alone. A number without any grouping must begin with 0, or be of a country of `UNGROUPED`
whose numbers do not. Behind a word as "phone" or "call me at" any number of five digits and more is one, and behind a
word as "order" none is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

#: Countries whose national numbers are found. Those whose numbers look like counts, as `22 12 34 56`, are left out.
REGIONS = (
    *("US", "GB", "AU", "IN", "DE", "AT", "CH", "FR", "BE", "NL", "IT", "ES", "MX", "AR", "BR", "PT", "PL", "CZ"),
    *("SE", "FI", "GR", "TR", "RU", "UA", "IL", "KR", "JP", "CN", "TW", "VN", "TH", "ID", "IE", "HU", "NG", "CL"),
)
UNGROUPED = ("US", "CN")
#: Digits that a national number has at least; years, scores and counts in groups have fewer.
_FEWEST = 9

#: Seven digits and more with what groups them; the numbers of a list may be in one such run.
_RUN = re.compile(r"[+(]{0,2}\d(?:[ ()./-]{0,3}\+?\d){6,}", re.ASCII)
#: Digits without any groups that are more than those of a number (ITU-T E.164).
_TOO_LONG = re.compile(r"\d{16,}", re.ASCII)
#: A longer run is looked at in pieces, so that the work grows with the text.
_LONGEST_PIECE = 120
_PIECE = re.compile(rf".{{1,{_LONGEST_PIECE}}}(?=\D|$)|.{{1,{_LONGEST_PIECE}}}", re.DOTALL)
_TRIES = 20
# Boundaries are those of ASCII words: a Korean particle follows a number without a space.
_BEGINS = re.compile(
    r"(?<![A-Za-z0-9.+@-])(?<![A-Za-z0-9]_)(?<!\d:)(?:(?<!\d[,/])|(?=\+|\(?0\d{1,4}\)?[ .-]))", re.ASCII
)
_ENDS = re.compile(r"(?![A-Za-z0-9]|_[A-Za-z0-9]|[.:-]\d|[,/](?!0\d{1,4}[ .-])\d)", re.ASCII)
_NAMED = re.compile(
    r"(?:(?<![A-Za-z])(?:tel|telephone|telefon|telefone|teléfono|téléphone|tél|phone|fon|mobile|mobil|handy|cell|móvil"
    r"|celular|whatsapp|fax)(?: ?(?:number|no|nr|nummer))?\.?|(?<![A-Za-z])my number is"
    r"|(?<![A-Za-z])(?:call|text|ring|reach) (?:me|us) (?:at|on)|전화(?:번호)?|연락처|電話(?:番号)?|电话|手机)"
    r" ?[:=]? ?(?P<number>\(?\d(?:[ ./()-]{0,2}\d){4,14})(?![\w%]|[.,:/-]\d)",
    re.IGNORECASE | re.ASCII,
)
_OTHER_NUMBER = re.compile(
    r"(?:\b(?:order|part|article|item|invoice|ticket|case|ref|reference|booking|tracking|model|serial|product|customer"
    r"|batch|isbn|no|nr)\.?(?: ?(?:number|no|nr|id)\.?)?|nummer|(?:주문|배송|송장|예약|제품|고객)번호)[ :#]{0,2}$",
    re.IGNORECASE,
)
_LONGEST_WORD = 30


def find_phone_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Find the phone numbers in a text.

    Args:
        text: Its digits, spaces and dashes are those of ASCII.

    Yields:
        Where each number begins and ends, in no order; some may overlap.
    """
    for match in _NAMED.finditer(text):
        yield match.span("number")
    for run in _RUN.finditer(text):
        if _TOO_LONG.search(run[0]):
            continue
        for piece in _PIECE.finditer(run[0]):
            offset = run.start() + piece.start()
            for start, end in _numbers_in(piece[0]):
                if _stands_alone(text, offset + start, offset + end):
                    yield offset + start, offset + end


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a number is no part of a longer one, and not called the number of something else."""
    alone = _BEGINS.match(text, start) and _ENDS.match(text, end)
    return bool(alone) and not _OTHER_NUMBER.search(text, max(0, start - _LONGEST_WORD), start)


@lru_cache(maxsize=1 << 12)
def _numbers_in(piece: str) -> tuple[tuple[int, int], ...]:
    """The beginnings and ends of the numbers in a piece; of those that begin at one place, the longest."""
    from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415  # only a text with such digits needs it

    matches = [*PhoneNumberMatcher(piece, None, Leniency.POSSIBLE, _TRIES)]
    regions = REGIONS if not piece.isdecimal() or piece.startswith("0") else UNGROUPED
    for region in regions:
        matches += PhoneNumberMatcher(piece, region, Leniency.EXACT_GROUPING, _TRIES)
    found: list[tuple[int, int]] = []
    for start, end in sorted({_trimmed(piece, match.start, match.end) for match in matches}):
        enough = piece[start] == "+" or sum(map(str.isdecimal, piece[start:end])) >= _FEWEST
        if enough and found and start == found[-1][0]:
            found[-1] = (start, end)
        elif enough and (not found or start >= found[-1][1]):
            found.append((start, end))
    return tuple(found)


def _trimmed(piece: str, start: int, end: int) -> tuple[int, int]:
    """A span without the spaces and signs before its number, nor a bracket around more than that."""
    number = piece[start:end]
    opened = "(" if number.count("(") > number.count(")") else ""
    return end - len(number.lstrip(f" ./-){opened}")), end
