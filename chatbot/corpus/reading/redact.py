"""Finding personal data in text, and putting tokens in its place.

What is found has a form of its own: e-mail addresses, URLs, card numbers, phone numbers,
@names. Names without a mark, street addresses and secrets have none, and stay.

Phone numbers are those of `chatbot.corpus.reading.phone_numbers`. A card number has 13 to 19 digits,
a first digit that payment cards have and a right check digit (ISO/IEC 7812-1).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from chatbot.corpus.reading.phone_numbers import find_phone_numbers

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
_NAME = re.compile(
    rf"@?{NAME_BEGINS}[^{NAME_BEGINS}{NAME_ENDS}]*{NAME_ENDS}|<@[!&]?\d+>"
    r"|(?<![\w@./])@(?:[^\W\d][\w.]{0,38}\w|\d{6,15}\b)"
)
#: Without one of these there is nothing to find.
_HINT = re.compile(rf"@|\.\w|://|{NAME_BEGINS}|\d(?:\D{{0,3}}\d){{7}}")
#: Where each piece of personal data of one kind begins and ends in a text.
_Finder = Callable[[str], Iterator[tuple[int, int]]]
_PUNCTUATION = ".,;:!?'\")]}…。"


def redact(text: str, found: Counter[str]) -> str:
    """Return text with `<url>`, `<email>`, `<card>`, `<phone>` and `<name>` in place of such data.

    Args:
        text: As it was written; names may be between `NAME_BEGINS` and `NAME_ENDS`.
        found: Counts each kind that was replaced.
    """
    if not _HINT.search(text.translate(_TYPED)):  # of most texts, which saves five searches
        return text
    for kind, find in _FINDERS.items():
        text = _replace(text, find, kind, found)
    return text


def personal_data(text: str) -> Counter[str]:
    """The number of pieces of personal data in a text, by kind: "email", "card" and "phone"."""
    found: Counter[str] = Counter()
    redact(text, found)
    for kind in ("url", "name"):
        found.pop(kind, None)
    return found


def only_tokens(text: str) -> bool:
    """Whether a text has nothing but tokens of redaction: no letter or digit is beside them."""
    return "<" in text and not any(map(str.isalnum, _TOKENS.sub("", text)))


def _replace(text: str, find: _Finder, kind: str, found: Counter[str]) -> str:
    parts, done = [], 0
    for start, end in find(text.translate(_TYPED)):
        found[kind] += 1
        parts += [text[done:start], f"<{kind}>"]
        done = end
    return "".join([*parts, text[done:]])


class _Typed(dict[int, str]):
    """The plain form of each character that is typed in a number: digits, spaces, dashes and full width."""

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


def _finder(pattern: re.Pattern[str], accept: Callable[[str], str] = _whole) -> _Finder:
    """A finder of what a pattern matches, as far as `accept` takes it."""

    def find(text: str) -> Iterator[tuple[int, int]]:
        for match in pattern.finditer(text):
            if taken := accept(match[0]):
                yield match.start(), match.start() + len(taken)

    return find


#: In the order in which they are looked for: an e-mail address contains what looks like a domain.
_FINDERS: dict[str, _Finder] = {
    "email": _finder(_EMAIL),
    "url": _finder(_URL, _without_end),
    "card": _finder(_CARD, _is_card),
    "phone": find_phone_numbers,
    "name": _finder(_NAME),
}
_TOKENS = re.compile("|".join(f"<{kind}>" for kind in _FINDERS))


def visible(text: str) -> str:
    """The text without the invisible marks around names."""
    return text.replace(NAME_BEGINS, "").replace(NAME_ENDS, "")
