"""Finding personal data in text, and putting tokens in its place.

What is found has a form of its own: e-mail addresses, URLs, card numbers, phone numbers,
@names. Names without a mark, street addresses and secrets have none, and stay.

A phone number is taken for one when it starts with `+` and has 8 to 15 digits (ITU-T E.164),
starts with 0 and has 9 to 12, or is grouped as in North America; so dates, times, prices and
counts are left alone, and national numbers that look like any other count are missed. A card
number has 13 to 19 digits, a first digit that payment cards have and a right check digit
(ISO/IEC 7812-1).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

#: WhatsApp and Discord put a name behind @ between these; nobody sees them.
NAME_BEGINS, NAME_ENDS = "\u2068", "\u2069"

_TOP_LEVEL = "com|org|net|edu|gov|info|io|app|dev|kr|jp|cn|uk|de|fr|es|it|nl|ru|br"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
# Boundaries are those of ASCII words: a Korean particle follows a number or an address without a space.
_URL = re.compile(
    rf"(?:https?://|ftp://|www\.)[^\s<>\"]+|(?<![\w@.-]){_DOMAIN}(?:(?:{_TOP_LEVEL})(?![A-Za-z0-9_]|[@.-]\w)"
    r"(?:[/?#][^\s<>\"]*)?|[a-z]{2,}/[^\s<>\"]+)",
    re.IGNORECASE,
)
_EMAIL = re.compile(rf"(?<![A-Za-z0-9.+_%-])[A-Za-z0-9.+_%-]{{1,64}}@{_DOMAIN}[A-Za-z]{{2,}}(?![A-Za-z0-9-])")
_CARD = re.compile(r"(?<![A-Za-z0-9_.,+-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![A-Za-z0-9_]|[.,-]\d)", re.ASCII)
_PHONE = re.compile(
    r"(?<![A-Za-z0-9.+-])(?<![A-Za-z0-9]_)(?<!\d:)(?:(?<!\d[,/])|(?=\+|\(?0\d{1,4}\)?[ .-]))(?:"
    r"\+\d(?:[ ().-]{0,2}\d){7,14}"
    r"|(?:\(0\d{1,4}\)|0\d{1,4})[ ./-]?\d{2,8}(?:([ .-])\d{2,4}(?:\1\d{2,4}){0,3})?"
    r"|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}"
    r"|[2-9]\d{2}[2-9]\d{6}"
    r")(?![A-Za-z0-9]|_[A-Za-z0-9]|[.:-]\d|[,/](?!0\d{1,4}[ .-])\d)",
    re.ASCII,
)
_DATE = re.compile(r"(?<!\d)(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2})(?!\d)")
_NAME = re.compile(
    rf"@?{NAME_BEGINS}[^{NAME_BEGINS}{NAME_ENDS}]*{NAME_ENDS}|<@[!&]?\d+>"
    r"|(?<![\w@./])@(?:[^\W\d][\w.]{0,38}\w|\d{6,15}\b)"
)
#: Without one of these there is nothing to find.
_HINT = re.compile(rf"@|\.\w|://|{NAME_BEGINS}|\d(?:\D{{0,3}}\d){{7}}")
_PUNCTUATION = ".,;:!?'\")]}…。"
_FEWEST, _MOST = 9, 12


def redact(text: str, found: Counter[str]) -> str:
    """Return text with `<url>`, `<email>`, `<card>`, `<phone>` and `<name>` in place of such data.

    Args:
        text: As it was written; names may stand between `NAME_BEGINS` and `NAME_ENDS`.
        found: Counts each kind that was replaced.
    """
    if not _HINT.search(text.translate(_TYPED)):  # of most texts, which saves five searches
        return text
    for kind, pattern, accept in _KINDS:
        text = _replace(text, pattern, accept, kind, found)
    return text


def personal_data(text: str) -> Counter[str]:
    """How many "email", "card" and "phone" a text holds."""
    found: Counter[str] = Counter()
    redact(text, found)
    for kind in ("url", "name"):
        found.pop(kind, None)
    return found


def only_tokens(text: str) -> bool:
    """Whether nothing that was said is left beside the tokens."""
    return "<" in text and not any(map(str.isalnum, _TOKENS.sub("", text)))


def _replace(text: str, pattern: re.Pattern[str], accept: Callable[[str], str], kind: str, found: Counter[str]) -> str:
    parts, end = [], 0
    for match in pattern.finditer(text.translate(_TYPED)):
        if taken := accept(match[0]):
            found[kind] += 1
            parts += [text[end : match.start()], f"<{kind}>"]
            end = match.start() + len(taken)
    return "".join([*parts, text[end:]])


class _Typed(dict[int, str]):
    """What would be typed for each character: of digits, spaces, dashes and full width the plain form."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Nd":
            character = str(unicodedata.decimal(character))
        elif category == "Zs":
            character = " "
        elif category == "Pd" or character == "\u2212":
            character = "-"
        elif "\uff01" <= character <= "\uff5e":
            character = chr(code - 0xFEE0)
        self[code] = character
        return character


#: One character for each, so that places stay.
_TYPED = _Typed()


def _is_phone(text: str) -> str:
    digits = sum(map(str.isdigit, text))
    if text.startswith("+"):
        return text
    return text if _FEWEST <= digits <= _MOST and not _DATE.search(text) else ""


def _is_card(text: str) -> str:
    return text if _check_digit_is_right([int(digit) for digit in text if digit.isdigit()]) else ""


def _check_digit_is_right(digits: list[int]) -> bool:
    """The Luhn formula (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _without_end(text: str) -> str:
    """A URL without the punctuation of the sentence that it ends."""
    return text.rstrip(_PUNCTUATION)


def _whole(text: str) -> str:
    return text


#: In the order in which they are looked for: an e-mail address holds what looks like a domain.
_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
    ("email", _EMAIL, _whole),
    ("url", _URL, _without_end),
    ("card", _CARD, _is_card),
    ("phone", _PHONE, _is_phone),
    ("name", _NAME, _whole),
)
_TOKENS = re.compile("|".join(f"<{kind}>" for kind, _, _ in _KINDS))


def visible(text: str) -> str:
    """Text without the invisible marks around names."""
    return text.replace(NAME_BEGINS, "").replace(NAME_ENDS, "")
