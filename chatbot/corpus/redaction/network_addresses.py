"""IP addresses of both versions, and MAC addresses, in text.

Addresses that every computer has, as 127.0.0.1, and masks say nothing of anybody, and stay. So does what looks like an
address behind a word that is said of versions and sections, and the MAC address of everybody.
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
#: Six or eight bytes (EUI-48 and EUI-64 of IEEE 802): between colons, between dashes with a letter among them, as
#: drawn numbers have none, or in Cisco's groups of four.
_MAC = re.compile(
    r"(?<![0-9a-z_:.-])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?:(?::[0-9a-f]{2}){2})?"
    r"|(?=[0-9-]{0,22}[a-f])[0-9a-f]{2}(?:-[0-9a-f]{2}){5}(?:(?:-[0-9a-f]{2}){2})?"
    r"|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})(?![0-9a-z_:-]|\.[0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_NAMED_MAC = re.compile(
    r"\bmac(?: address)?(?: ?[:=]| is)? ?(?P<address>[0-9a-f]{12})(?![0-9a-z_])", re.ASCII | re.IGNORECASE
)
_EVERYBODY = frozenset("0f:.-")
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


def find_mac_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Find the MAC addresses in a text, by which networks know a device.

    Args:
        text: Its digits, dashes and dots are those of ASCII.

    Yields:
        Where each address begins and ends, in no order.
    """
    for match in _NAMED_MAC.finditer(text):
        yield match.span("address")
    for match in _MAC.finditer(text):
        if not _EVERYBODY.issuperset(match[0].lower()):
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
