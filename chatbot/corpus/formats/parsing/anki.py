"""Anki's own export, notes in plain text: settings such as `#separator:tab` above the notes, a note a row.

Settings say what is between the fields, whether they are HTML, and which columns hold no field: the
identifier, the type, the deck and the tags of a note. A cloze note, `{{c1::Paris}} is a city`, is asked with a gap
and answered whole.

Reference: Anki manual, "Exporting", notes in plain text, and "Importing", file headers.
"""

import re
from collections.abc import Sequence

from chatbot.corpus.reading.markup import KNOWN_TAG

_SETTING = re.compile(r"#([a-z ]+):(.*)")
_SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|", "colon": ":"}
#: Columns that are numbered in the settings since they hold no field.
_NO_FIELDS = ("guid column", "notetype column", "deck column", "tags column")
_SOUND = re.compile(r"\[(?:sound|anki):[^\[\]]*\]")
_TAG = re.compile(r"<[^<>]*>")
_CLOZE = re.compile(r"\{\{c\d{1,4}::(?P<inside>[^{}]*)\}\}")


def is_setting(line: str) -> bool:
    """Whether a line is one of the settings that are above the notes."""
    return _SETTING.match(line) is not None


class AnkiHeader:
    """The settings of an export, as far as they have been read."""

    def __init__(self) -> None:
        """Begin with none, which means tabs and no HTML."""
        self._values: dict[str, str] = {}
        self._others: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._values)

    def add(self, line: str) -> bool:
        """Read a line of the header.

        Returns:
            False if the line is no setting, and so the end of the header.
        """
        match = _SETTING.fullmatch(line.rstrip("\r\n"))
        if match is None:
            return False
        self._values[match[1]] = match[2]
        numbers = (self._values.get(name, "").strip() for name in _NO_FIELDS)
        self._others = frozenset(int(number) for number in numbers if number.isdecimal() and len(number) < 6)
        return True

    @property
    def separator(self) -> str | None:
        """The character between two fields; None where no such is named."""
        name = self._values.get("separator", "tab")
        if len(name) == 1:
            return name
        return _SEPARATORS.get(name.strip().casefold())

    @property
    def separator_name(self) -> str:
        """The separator as the file names it."""
        return self._values.get("separator", "tab")

    def fields(self, cells: Sequence[str]) -> list[str]:
        """The texts of the two sides of a note; fewer where it has no two sides.

        Args:
            cells: All columns of the row of the note.
        """
        fields = [self._plain(cell) for place, cell in enumerate(cells, 1) if place not in self._others]
        if fields and _CLOZE.search(fields[0]):
            return [_CLOZE.sub(_gap, fields[0]), _CLOZE.sub(_answer, fields[0])]
        return fields[:2]

    def _plain(self, cell: str) -> str:
        """A field without sounds, and without tags other than those that are taken out of all texts."""
        if "<" in cell and self._values.get("html", "").strip().casefold() == "true":
            cell = _TAG.sub(lambda tag: tag[0] if KNOWN_TAG.fullmatch(tag[0]) else "", cell)
        return _SOUND.sub("", cell)


def _answer(cloze: "re.Match[str]") -> str:
    return cloze["inside"].partition("::")[0]


def _gap(cloze: "re.Match[str]") -> str:
    return f"[{cloze['inside'].partition('::')[2] or '...'}]"
