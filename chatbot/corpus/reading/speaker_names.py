"""Names as people see them.

Phones, programs and keyboards write one name in several ways that look the same: with one hyphen
or another, a no-break space, marks of direction around a number, `~` before a name that is in no
address book. Wherever a name is typed or two are compared, `same_name` is what is compared.
"""

import unicodedata
from functools import lru_cache

_APOSTROPHES = "\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032`\u00b4"
#: Lines in the middle of a line that are no dashes to Unicode: the hyphen bullet and the minus sign.
_MORE_DASHES = "\u2043\u2212"
_DASHES = "Pd"
#: Controls, and format characters: marks of direction, joiners, soft hyphens.
_UNSEEN = ("Cc", "Cf")
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
#: Turkish has two letters i, whose capitals others cannot tell apart in lower case.
_DOT_ABOVE, _DOTLESS_I = "\u0307", "\u0131"
#: Characters; what is longer is no name, and a long run of combining marks takes long to put in order.
_LONGEST = 1000


@lru_cache(maxsize=4096)
def same_name(name: str) -> str:
    """A name in the form that all its spellings share that look the same to a person.

    As `as_seen`, and a leading `~` makes no difference either.

    Args:
        name: As typed, or as a file has it.
    """
    seen = as_seen(name[:_LONGEST])
    return seen.lstrip("~ ") or seen


def as_seen(text: str) -> str:
    """A short text in the form that all its spellings share that look the same to a person.

    Hyphens, dashes, apostrophes and spaces of all kinds, marks that nobody sees, case and
    Unicode's compatibility forms (such as full width) make no difference. Accents do.
    """
    text = unicodedata.normalize("NFKC", text.translate(_SEEN)).casefold().translate(_SEEN)
    return " ".join(unicodedata.normalize("NFKC", text).split())


class _Seen(dict[int, str]):
    """The visible form of each character, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = seen = _seen(chr(code))
        return seen


_SEEN = _Seen()


def _seen(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == _DASHES or character in _MORE_DASHES:
        return "-"
    if category in _UNSEEN or ord(character) in _VARIATION_SELECTORS or character == _DOT_ABOVE:
        return ""
    return "i" if character == _DOTLESS_I else character
