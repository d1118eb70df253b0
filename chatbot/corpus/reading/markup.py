"""HTML that is left in texts from web pages: entities such as `&quot;`, and tags."""

import html
import re
from collections import Counter
from html.entities import html5

ENTITY, TAG = "HTML entity", "HTML tag"

#: With their semicolon alone: `a=1&copy=2` is an address, `R&D` a word.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
#: Tags that part what is before them from what is behind, and tags within a line. Others,
#: `<name>` among them, are what a person wrote.
_PARTING = "br|p|div|li|ul|ol|tr|td|th|table|tbody|hr|h[1-6]|blockquote|pre"
KNOWN_TAG = re.compile(
    rf"</?(?:(?P<parts>{_PARTING})|b|i|u|s|em|strong|span|a|font|small|big|sub|sup|code|center|img)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


def decode(text: str, found: Counter[str]) -> str:
    """The text with the characters of its entities, and without tags.

    Args:
        text: As it was written.
        found: Counts what was replaced, by `ENTITY` and `TAG`.
    """
    if "<" in text:
        text, tags = KNOWN_TAG.subn(lambda tag: " " if tag["parts"] else "", text)
        found[TAG] += tags
    if "&" in text:
        text = _ENTITY.sub(lambda entity: _character(entity[0], found), text)
    return text


def count(text: str) -> Counter[str]:
    """The number of entities and tags in a text."""
    found: Counter[str] = Counter()
    if "<" in text or "&" in text:
        decode(text, found)
        return +found
    return found


def _character(entity: str, found: Counter[str]) -> str:
    if entity[1] != "#" and entity[1:] not in html5:
        return entity
    found[ENTITY] += 1
    return html.unescape(entity)
