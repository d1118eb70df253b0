"""Line breaking for a text that comes in pieces, at words and by the columns of its characters.

Wide characters count as two columns, combining marks as none, and what forms one character on the
screen is never taken apart. The text keeps its logical order: turning right-to-left text around is
the work of the terminal; its beginning and its end are marked.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

import wcwidth

_RIGHT_TO_LEFT_ISOLATE, _POP_ISOLATE = "\u2067", "\u2069"
#: Characters in which a text is expected to show its direction.
_ENOUGH_FOR_DIRECTION = 80
#: The second kind is at the end alone; without it a long run of spaces would be searched from each of them.
_WORD = re.compile(r"\s*\S+|\s+")


class LineWrapper:
    """Breaks one text into lines. A word is held back until it is whole."""

    def __init__(self, width: Callable[[], int], column: int = 0, isolates: bool = True) -> None:
        """Begin a text.

        Args:
            width: Columns of the screen, asked anew for each word, as a person may resize it.
            column: Where on the line the text begins.
            isolates: Whether lines of right-to-left text are marked as such, with characters that are not seen.
        """
        self._width = width
        self._column = column
        self._begun = False
        self._continues = False  # whether the next part continues a word that no line has room for
        self._pending = ""
        self._right_to_left: bool | None = None if isolates else False

    def push(self, piece: str) -> str:
        """Add a piece of the text and return the part that can be written now.

        Returns:
            Whole words with their line breaks; the last word waits until its width is known.
        """
        self._pending += piece
        if not self._knows_direction():
            return ""
        *settled, self._pending = [*_parts(self._pending)] or [""]
        out = "".join(map(self._place, settled))
        graphemes = list(wcwidth.iter_graphemes(self._pending.strip()))
        if wcwidth.width(self._pending) <= self._width() or len(graphemes) < 2:
            return out
        # A word that no line has room for need not be waited for; its end may still get a combining mark.
        last = graphemes[-1]
        out += self._place(self._pending.removesuffix(last), long=True)
        self._pending, self._continues = last, True
        return out

    def finish(self) -> str:
        """Return what is left of the text."""
        if self._right_to_left is None:
            self._right_to_left = False
        out = "".join(map(self._place, _parts(self._pending)))
        self._pending = ""
        return f"{out}{_POP_ISOLATE}" if self._right_to_left and self._begun else out

    def _knows_direction(self) -> bool:
        """Whether the direction of the text is known, which is that of its first letter."""
        if self._right_to_left is None:
            strong = (unicodedata.bidirectional(character) for character in self._pending)
            first = next((kind for kind in strong if kind in ("L", "R", "AL")), None)
            if first is None and len(self._pending) < _ENOUGH_FOR_DIRECTION:
                return False
            self._right_to_left = first in ("R", "AL")
        return True

    def _place(self, part: str, long: bool = False) -> str:
        """Write one word, with the space before it, on this line or on the next."""
        word = part.lstrip()
        if not word:
            return ""
        gap = " " if len(word) < len(part) and self._begun else ""
        begin = "" if self._begun else self._begin_line()
        self._begun = True
        size = wcwidth.width(word)
        continues, self._continues = self._continues, False
        if continues or long or size > self._width():
            return f"{begin}{self._fill(gap, word)}"
        if self._column + len(gap) + size <= self._width():
            self._column += len(gap) + size
            return f"{begin}{gap}{word}"
        self._column = size
        return f"{begin}{self._break_line()}{word}"

    def _fill(self, gap: str, word: str) -> str:
        """Break a word that no line has room for where the lines are full; it begins on a line of its own."""
        out = []
        for number, grapheme in enumerate(wcwidth.iter_graphemes(word)):
            size = wcwidth.width(grapheme)
            if self._column and (self._column + size > self._width() or (gap and not number)):
                out.append(self._break_line())
                self._column = 0
            out.append(grapheme)
            self._column += size
        return "".join(out)

    def _begin_line(self) -> str:
        return _RIGHT_TO_LEFT_ISOLATE if self._right_to_left else ""

    def _break_line(self) -> str:
        return f"{_POP_ISOLATE}\n{_RIGHT_TO_LEFT_ISOLATE}" if self._right_to_left else "\n"


def wrap(text: str, width: int) -> list[str]:
    """The lines of a whole text, one at least, none of them wider than `width` columns where a character is not.

    Args:
        text: The whole text.
        width: Columns.
    """
    lines = LineWrapper(lambda: width, isolates=False)
    return f"{lines.push(text)}{lines.finish()}".split("\n")


def _parts(text: str) -> Iterator[str]:
    """Split a text into what may not be broken: words with the space before them, and single ideographs."""
    for match in _WORD.finditer(text):
        yield from (match[0],) if match[0].isspace() else _between_ideographs(match[0])


def _between_ideographs(word: str) -> Iterator[str]:
    """Split a word beside characters of scripts that put no spaces, and never before closing punctuation."""
    part, is_word = "", False
    for grapheme in wcwidth.iter_graphemes(word):
        if is_word and (_is_ideograph(part[-1]) or _is_ideograph(grapheme[0])):
            closes = unicodedata.category(grapheme[0]) in ("Po", "Pe", "Pf")
            opened = unicodedata.category(part[-1]) in ("Ps", "Pi")
            if not closes and not opened:
                yield part
                part, is_word = "", False
        part += grapheme
        is_word = is_word or not grapheme.isspace()
    yield part


def _is_ideograph(character: str) -> bool:
    """Whether lines may break beside a character: those of Chinese and Japanese, not of Korean, which has spaces."""
    wide = unicodedata.east_asian_width(character) in ("W", "F")
    return wide and not unicodedata.name(character, "").startswith("HANGUL")
