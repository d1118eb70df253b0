"""Facts that only a whole export shows: the order of its dates, and lines that only look like headers.

People paste messages of other chats into theirs, so a line that looks like a header may belong to
the message before it. Two things tell:

- An export is written at once, by one phone, so its headers have one form. A line of another form
  belongs to the message, unless it is of another export that was put behind the first: ten headers
  and more after the last of the first form.
- Pasted lines go back in time, and then time continues where it was. But so does what a phone without a
  network sent late. Lines between two of a later time belong to the message before them if one of them
  is of a sender who says nothing outside of such lines, or is in the file before, word for word.

What goes back at the end of the file is taken for late.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chatbot.corpus.formats.parsing.whatsapp.dates import DayOrder, seconds
from chatbot.corpus.formats.parsing.whatsapp.headers import GENERATED, Header, is_of_iphone, read_header
from chatbot.corpus.formats.parsing.whatsapp.notices import Marks, bracketed

#: Headers of another form behind the last of the first that make another export.
_ANOTHER_EXPORT = 10
#: Headers that one paste has at most, and those of all pastes.
_LONGEST_PASTE, _MOST_PASTED = 200, 100_000
#: Different forms, and different words in angle brackets, that are told apart.
_MOST_FORMS, _MOST_WORDS = 100, 10_000
#: An unknown placeholder occurs in an export at least as often.
_FEWEST_PLACEHOLDERS = 2

Lines = Callable[[], Iterable[str]]


@dataclass
class _Form:
    """The headers of one form: the lines of the first and the last, how many, and the order of their dates."""

    first: int
    last: int = 0
    count: int = 0
    order: DayOrder = field(default_factory=DayOrder)


class Export:
    """The facts that only the whole of an export shows.

    Attributes:
        marks: What tells WhatsApp's words from a person's.
    """

    def __init__(self, lines: Lines) -> None:
        """Look through an export.

        Args:
            lines: Begins to read its lines, two to four times.
        """
        self._forms, self.marks = _survey(lines())
        self._pasted: frozenset[int] = frozenset()
        if any(form.order.goes_back for form in self._forms.values()):
            blocks = _blocks(self._headers(lines()), self.time)
            self._pasted = _pasted(blocks, self._headers(lines())) if blocks.held else frozenset()

    def headers(self, lines: Iterable[str]) -> Iterator[tuple[str, Header | None]]:
        """Each line with the header of the message that begins there, or None."""
        number = 0
        for line in lines:
            header = read_header(line)
            if header is None or header.form not in self._forms:
                yield line, None
                continue
            yield line, None if number in self._pasted else header
            number += 1

    def time(self, header: Header) -> float | None:
        """The time of a header, in seconds since 1970 on the phone's clock; None for no date of any calendar."""
        return seconds(header.moment, self._forms[header.form].order.day_first)

    def _headers(self, lines: Iterable[str]) -> Iterator[Header]:
        return (header for line in lines if (header := read_header(line)) is not None and header.form in self._forms)


def _survey(lines: Iterable[str]) -> tuple[dict[str, _Form], Marks]:
    """The forms of an export, or of several that were put behind each other, and its marks."""
    forms: dict[str, _Form] = {}
    words: Counter[str] = Counter()
    has_marks = False
    for number, line in enumerate(lines):
        has_marks = has_marks or GENERATED in line
        header = read_header(line)
        if header is None or (header.form not in forms and len(forms) >= _MOST_FORMS):
            continue
        form = forms.setdefault(header.form, _Form(number))
        form.last = number
        form.count += 1
        form.order.add(header.moment)
        inside = bracketed(header.text)
        if inside and (" " in inside or not inside.isascii()) and (inside in words or len(words) < _MOST_WORDS):
            words[inside] += 1
    own: dict[str, _Form] = {}
    last = -1
    for name, form in forms.items():  # in the order in which they came
        if not own or (form.first > last and form.count >= _ANOTHER_EXPORT):
            own[name], last = form, form.last
    placeholders = frozenset(inside for inside, count in words.items() if count >= _FEWEST_PLACEHOLDERS)
    return own, Marks(lost=not has_marks and any(map(is_of_iphone, own)), placeholders=placeholders)


class _Suspect(NamedTuple):
    """A header that goes back in time: its number, its sender, and a hash of all that it says."""

    number: int
    sender: str
    words: int


class _Blocks(NamedTuple):
    """Headers that go back in time between two of a later one, and who speaks outside of them."""

    held: list[list[_Suspect]]
    speakers: set[str]


def _blocks(headers: Iterable[Header], time_of: Callable[[Header], float | None]) -> _Blocks:
    found = _Blocks([], set())
    block: list[_Suspect] = []
    is_paste, host, count = True, float("-inf"), 0
    for number, header in enumerate(headers):
        time = time_of(header)
        if time is not None and time < host and len(block) < _LONGEST_PASTE:
            is_paste = is_paste and header.sender is not None and not header.text.startswith(GENERATED)
            block.append(_Suspect(number, header.sender or "", _hash(header)))
            continue
        if is_paste and block and time is not None and time >= host and count < _MOST_PASTED:
            found.held.append(block)
            count += len(block)
        else:
            found.speakers.update(suspect.sender for suspect in block)
        block, is_paste, host = [], True, host if time is None else time
        found.speakers.add(header.sender or "")
    found.speakers.update(suspect.sender for suspect in block)
    return found


def _pasted(blocks: _Blocks, headers: Iterable[Header]) -> frozenset[int]:
    """The numbers of the headers in blocks of which one is of a stranger, or repeats an earlier line."""
    suspects = {suspect.number: suspect for block in blocks.held for suspect in block}
    words = {suspect.words for suspect in suspects.values()}
    first: dict[int, int] = {}
    for number, header in enumerate(headers):
        if number not in suspects and (said := _hash(header)) in words:
            first.setdefault(said, number)

    def is_pasted(suspect: _Suspect) -> bool:
        return suspect.sender not in blocks.speakers or first.get(suspect.words, suspect.number) < suspect.number

    pasted = (block for block in blocks.held if any(map(is_pasted, block)))
    return frozenset(suspect.number for block in pasted for suspect in block)


def _hash(header: Header) -> int:
    return hash((header.moment, header.sender, header.text))
