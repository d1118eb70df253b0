"""Numbers of payment cards and of bank accounts in text, told from other numbers by their check digits.

A card number has 13 to 19 digits, a first digit that payment cards have, and a right check digit (ISO/IEC 7812-1).
An IBAN has the length and the form of its country, and 1 as its remainder by 97 (ISO 13616).
"""

import re
from collections.abc import Iterator

_CARD = re.compile(r"(?<![A-Za-z0-9_.,+-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![A-Za-z0-9_]|[.,-]\d)", re.ASCII)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,32}", re.ASCII)
_ENDS = re.compile(r"(?![A-Za-z0-9])")
_GROUP_END = re.compile(r"[ -]")


def find_card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Find the numbers of payment cards in a text.

    Args:
        text: Its digits, spaces and dashes are those of ASCII.

    Yields:
        Where each number begins and ends.
    """
    for match in _CARD.finditer(text):
        if luhn_is_right([int(digit) for digit in match[0] if digit.isdigit()]):
            yield match.span()


def luhn_is_right(digits: list[int]) -> bool:
    """Whether the last of some digits is right by the formula of Luhn (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def find_ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find the international bank account numbers in a text.

    Args:
        text: Its digits, spaces and dashes are those of ASCII.

    Yields:
        Where each number begins and ends. Words that follow a number look like more of its groups, so groups are
        dropped from the end until the rest is right.
    """
    for match in _IBAN.finditer(text):
        ends = [match.end(), *(match.start() + gap.start() for gap in reversed([*_GROUP_END.finditer(match[0])]))]
        for end in ends:
            if _ENDS.match(text, end) and _is_iban(text[match.start() : end]):
                yield match.start(), end
                break


def _is_iban(text: str) -> bool:
    from stdnum import iban  # noqa: PLC0415  # only a text with such a number needs it

    return iban.is_valid(text, check_country=False)
