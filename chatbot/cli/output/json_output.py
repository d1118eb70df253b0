"""JSON that can be shown on standard output, whatever its encoding lacks."""

import json
import re
import sys

from chatbot.text import UNSAFE


def write_json(value: object, indent: int | None = None) -> None:
    """Write a JSON value and a line feed to stdout.

    What its encoding lacks, and what a terminal would obey rather than show, is escaped.

    Args:
        value: The value.
        indent: Spaces for each level; None for one line.
    """
    text = to_shown_json(value, indent)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # also of a lone surrogate, which stands for a byte that was not UTF-8
        text = json.dumps(value, indent=indent)
    print(text)


def to_shown_json(value: object, indent: int | None = None) -> str:
    """A value as JSON whose letters can be read, and whose control characters are all escaped.

    Args:
        value: The value.
        indent: Spaces for each level; None for one line.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return re.sub(UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", text)
