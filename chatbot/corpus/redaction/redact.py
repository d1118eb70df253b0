"""Personal data in text, with tokens in its place.

Each kind has a finder of its own, in a module beside this one. What is found has a form of its own, a right check
digit, or a word before it that says what it is. Names without a mark and secrets in plain words have none, and stay.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from chatbot.corpus.redaction.account_numbers import find_card_numbers, find_ibans
from chatbot.corpus.redaction.national_ids import find_national_ids
from chatbot.corpus.redaction.network_addresses import find_ip_addresses, find_mac_addresses
from chatbot.corpus.redaction.phone_numbers import find_phone_numbers
from chatbot.corpus.redaction.secret_keys import find_keys
from chatbot.corpus.redaction.street_addresses import find_street_addresses

#: WhatsApp and Discord put a name behind @ between these; nobody sees them.
NAME_BEGINS, NAME_ENDS = "\u2068", "\u2069"

_TOP_LEVEL = "com|org|net|edu|gov|info|io|app|dev|kr|jp|cn|uk|de|fr|es|it|nl|ru|br"
_LATIN = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_DOMAIN = rf"(?:[{_LATIN}](?:[{_LATIN}-]{{0,61}}[{_LATIN}])?\.)+"
# Boundaries are those of ASCII words: a Korean particle follows a number or an address without a space.
_URL = re.compile(
    rf"(?:https?://|ftp://|www\.)[^\s<>\"]+|(?<![\w@.-]){_DOMAIN}(?:(?:{_TOP_LEVEL})(?![A-Za-z0-9_]|[@.-]\w)"
    r"(?:[/?#][^\s<>\"]*)?|[a-z]{2,}/[^\s<>\"]+)",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    rf"(?<![{_LATIN}.+_%-])(?:[{_LATIN}.+_%-]|(?<=[A-Za-z])['’](?=[A-Za-z])){{1,64}}@{_DOMAIN}"
    r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,})(?![A-Za-z0-9-])"
    r"|(?<![\w.+-])[\w.+-]{1,64} ?[(\[]at[)\]] ?[\w-]{1,63}(?: ?[(\[](?:dot|\.)[)\]] ?\w{2,63}){1,4}"
    rf"|(?<![\w.+-])[\w.+-]{{1,64}} at [\w-]{{1,63}} dot (?:{_TOP_LEVEL})(?!\w)"
)
_NAME = re.compile(
    rf"@?{NAME_BEGINS}[^{NAME_BEGINS}{NAME_ENDS}]*{NAME_ENDS}|<@[!&]?\d+>"
    r"|(?<![\w@./])@(?:[^\W\d][\w.]{0,38}\w|\d{6,15}\b)"
)
#: Without one of these there is nothing to find. Keys may be without digits, and MAC addresses too.
_HINT = re.compile(
    rf"[@\d]|\.\w|://|{NAME_BEGINS}|PRIVATE KEY|\bdot\b|[(\[]dot|[-_=][A-Za-z]{{12}}|([:-])[A-Fa-f]{{2}}\1"
)
#: Where each piece of personal data of one kind begins and ends in a text.
_Finder = Callable[[str], Iterator[tuple[int, int]]]
_PUNCTUATION = ".,;:!?'\")]}…。"


def redact(text: str, found: Counter[str]) -> str:
    """Return text with a token, as `<url>`, in place of each piece of personal data.

    Args:
        text: As it was written; names may be between `NAME_BEGINS` and `NAME_ENDS`.
        found: Counts each kind that was replaced, see `KINDS`.
    """
    redacted, pieces = _redact(text)
    found.update(kind for kind, _ in pieces)
    return redacted


def find_personal_data(text: str) -> list[tuple[str, str]]:
    """The pieces of personal data in a text, each with its kind, see `KINDS`; it stands as it was written."""
    return _redact(text)[1]


def personal_data(text: str) -> Counter[str]:
    """The number of pieces of personal data in a text, by kind; URLs and @names are not counted."""
    found: Counter[str] = Counter()
    redact(text, found)
    for kind in ("url", "name"):
        found.pop(kind, None)
    return found


def only_tokens(text: str) -> bool:
    """Whether a text has nothing but tokens of redaction: no letter or digit is beside them."""
    return "<" in text and not any(map(str.isalnum, _TOKENS.sub("", text)))


def _redact(text: str) -> tuple[str, list[tuple[str, str]]]:
    pieces: list[tuple[str, str]] = []
    if not _HINT.search(text):  # of most texts, which saves all searches
        return text, pieces
    for kind, find in _FINDERS.items():
        text = _replace(text, find, kind, pieces)
    return text, pieces


def _replace(text: str, find: _Finder, kind: str, pieces: list[tuple[str, str]]) -> str:
    plain, places = _plain(text)
    parts, done = [], 0
    for start, end in sorted(find(plain), key=lambda span: (span[0], -span[1])):
        if places[start] >= done:
            parts += [text[done : places[start]], f"<{kind}>"]
            done = places[end - 1] + 1
            pieces.append((kind, text[places[start] : done]))
    return "".join([*parts, text[done:]])


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """A text as it is searched, and where each of its characters stands in the text as written."""
    typed = text.translate(_TYPED)
    if not _UNSEEN.search(typed):
        return typed, range(len(typed))
    places = [place for place, character in enumerate(typed) if not _UNSEEN.match(character)]
    return "".join(typed[place] for place in places), places


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
#: Characters without a width or of direction, which hide in copied numbers.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


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


#: In the order in which they are looked for: an e-mail address contains what looks like a domain, and the parts of
#: a longer number look like shorter ones.
_FINDERS: dict[str, _Finder] = {
    "email": _finder(_EMAIL),
    "url": _finder(_URL, _without_end),
    "key": find_keys,
    "iban": find_ibans,
    "mac": find_mac_addresses,
    "ip": find_ip_addresses,
    "card": find_card_numbers,
    "id": find_national_ids,
    "phone": find_phone_numbers,
    "address": find_street_addresses,
    "name": _finder(_NAME),
}
#: The kinds of personal data that are found; `<kind>` takes the place of each piece.
KINDS = (*_FINDERS,)
_TOKENS = re.compile("|".join(f"<{kind}>" for kind in _FINDERS))


def visible(text: str) -> str:
    """The text without the invisible marks around names."""
    return text.replace(NAME_BEGINS, "").replace(NAME_ENDS, "")
