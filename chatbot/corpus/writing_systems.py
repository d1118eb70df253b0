"""Writing systems of texts, the nearest thing to their language that needs no model."""

from bisect import bisect_right
from collections import Counter

#: First code points of ranges, in order, each up to the next; None where no script is told apart.
_RANGES: tuple[tuple[int, str | None], ...] = (
    (0x0041, "Latin"),
    (0x005B, None),
    (0x0061, "Latin"),
    (0x007B, None),
    (0x00C0, "Latin"),
    (0x0250, None),
    (0x0370, "Greek"),
    (0x0400, "Cyrillic"),
    (0x0530, "Armenian"),
    (0x0590, "Hebrew"),
    (0x0600, "Arabic"),
    (0x0700, None),
    (0x0750, "Arabic"),
    (0x0780, None),
    (0x0900, "Devanagari"),
    (0x0980, "Bengali"),
    (0x0A00, None),
    (0x0B80, "Tamil"),
    (0x0C00, "Telugu"),
    (0x0C80, None),
    (0x0E00, "Thai"),
    (0x0E80, None),
    (0x10A0, "Georgian"),
    (0x1100, "Hangul"),
    (0x1200, "Ethiopic"),
    (0x1380, None),
    (0x1E00, "Latin"),
    (0x1F00, "Greek"),
    (0x2000, None),
    (0x3040, "Kana"),
    (0x3100, None),
    (0x3130, "Hangul"),
    (0x3190, None),
    (0x31F0, "Kana"),
    (0x3200, None),
    (0x3400, "Han"),
    (0x4DC0, None),
    (0x4E00, "Han"),
    (0xA000, None),
    (0xAC00, "Hangul"),
    (0xD7B0, None),
    (0xF900, "Han"),
    (0xFB00, None),
    (0x20000, "Han"),
    (0x32000, None),
)
_STARTS = [start for start, _ in _RANGES]

#: Where a text has no letter, or letters of scripts that are not told apart.
NONE, OTHER = "no letters", "other"


def script_of(text: str) -> str:
    """The script of most letters of a text; `NONE` without letters, `OTHER` for scripts not told apart.

    Reference: Unicode Character Database, `Blocks.txt`.
    """
    if text.isascii():
        return "Latin" if any(map(str.isalpha, text)) else NONE
    counts: dict[str, int] = {}
    for character, times in Counter(text).items():
        if character.isalpha():
            place = bisect_right(_STARTS, ord(character)) - 1
            script = (_RANGES[place][1] if place >= 0 else None) or OTHER
            counts[script] = counts.get(script, 0) + times
    return max(counts, key=counts.__getitem__) if counts else NONE
