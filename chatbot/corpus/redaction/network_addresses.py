"""IP addresses in text, of both versions.

Addresses that every computer has, as 127.0.0.1, and masks say nothing of anybody, and stay. So does what looks like an
address behind a word that is said of versions and sections.
"""

import ipaddress
import re
from collections.abc import Iterator

_IPV4 = re.compile(r"(?<![\w.+-])(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5}|/\d{1,2})?(?![A-Za-z0-9_]|\.\d|-\d)", re.ASCII)
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9a-f:]*:[0-9a-f]*:)[0-9a-f:]{3,39}(?:(?:\.\d{1,3}){3})?"
    r"(?:%\w{1,15})?(?![0-9A-Za-z_]|:)",
    re.ASCII | re.IGNORECASE,
)
_NO_ADDRESS = re.compile(
    r"(?:\b(?:version|release|build|firmware|section|chapter|clause|paragraph|article|v|ver|rev)|§)\.?[ :]{0,2}$",
    re.IGNORECASE,
)
_PORT = re.compile(r"(?<=\d):\d+$|/\d+$")
#: Groups without any of these are those of a time or of a name in a program, as `10:30::45` and `a::b`.
_TELLING = re.compile(r"\.|\d[0-9a-f]{2}|[0-9a-f]{2}\d", re.IGNORECASE)


def find_ip_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find the IP addresses in a text.

    Args:
        text: Its digits and dots are those of ASCII.

    Yields:
        Where each address begins and ends, first those of version 4.
    """
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_of_somebody(match[0]) and not _NO_ADDRESS.search(text, max(match.start() - 15, 0), match.start()):
                yield match.span()


def _is_of_somebody(text: str) -> bool:
    if not _TELLING.search(text):
        return False
    try:
        address = ipaddress.ip_address(_PORT.sub("", text) if "." in text else text)
    except ValueError:
        return False
    return not (
        address.is_loopback or address.is_unspecified or address.is_multicast or text.startswith(("0.", "255."))
    )
