"""Dates and times as WhatsApp writes them: in the phone's language, in the order that the whole file shows.

Digits of any script, the words of many languages for the halves of the day, before the time or
behind it, and the calendars that phones offer are read.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from chatbot.corpus.formats.parsing.whatsapp.calendars import ERAS, midnight
from chatbot.corpus.formats.parsing.whatsapp.wordings import words_of_time
from chatbot.corpus.reading.speaker_names import as_seen

_DATE = (
    rf"(?P<era>{'|'.join(sorted(ERAS, key=len, reverse=True))})?"
    r"(?P<one>\d{1,4})(?:\s?[./-]\s?|년\s?|年\s?)(?P<two>\d{1,2})(?:\s?[./-]\s?|월\s?|月\s?)(?P<three>\d{1,4})"
    r"(?:\s?(?:일|日|г\.?|р\.?|be)|\.)?"
)
_TIME = (
    r"(?:(?P<before>{half})\s?)?(?P<hour>\d{{1,2}})(?:[:.：]|\s?h\s?|시\s?|時|时)(?P<minute>\d{{2}})"
    r"(?:(?:[:.：]|\s?min\s?)(?P<second>\d{{2}}))?(?:\s?(?:분|分|ч\.?|uhr|s\b))?(?:\s?(?P<behind>{half}))?"
)
_BETWEEN = r"(?:\s?[,،，、]\s?|\s|(?<=[日일]))(?:(?:{at})\.?\s)?"


class Moment(NamedTuple):
    """A date and time whose day and month may be in either order.

    Attributes:
        year: As it is written, of any calendar.
        first: Day or month, the one that comes first; the month where the year comes first.
        second: The other.
        year_first: Whether the order is year, month, day.
        clock: Seconds of the day.
        american: Whether it is written as in the USA: slashes, a year of two digits and AM or PM.
        form: How it is written, which is the same throughout an export.
    """

    year: int
    first: int
    second: int
    year_first: bool
    clock: int
    american: bool
    form: str


@lru_cache(maxsize=1)
def patterns() -> tuple[str, str]:
    """The patterns of a date with a time, and of a time with a date, in any case; `read_moment` takes their matches."""
    half = "|".join(map(_spaced, _afternoon_by_word()))
    time = _TIME.format(half=half)
    between = _BETWEEN.format(at="|".join(map(_spaced, words_of_time("at"))))
    return f"{_DATE}{between}{time}", f"{time}{between}{_DATE}"


def read_moment(match: "re.Match[str]") -> Moment | None:
    """The moment of a match of one of `patterns`; None where no order makes it a date."""
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    year_first = len(match["one"]) >= 3 or match["era"] is not None
    year, first, second = (one, two, three) if year_first else (three, one, two)
    if match["era"] is not None:
        year += ERAS[match["era"].casefold()]
    half = match["before"] or match["behind"]
    clock = (_hour(int(match["hour"]), half) * 60 + int(match["minute"])) * 60 + int(match["second"] or 0)
    american = half is not None and half.isascii() and "/" in match[0] and len(match["three"]) == 2
    moment = Moment(year, first, second, year_first, clock, american, _form(match))
    possible = any(seconds(moment, day_first) is not None for day_first in (True, False))
    return moment if possible else None


class DayOrder:
    """Decides from all dates of a file whether the day comes before the month.

    A number above 12 is a day; most of those decide. Where there is none, messages are in the
    order in which they were sent, so the order with fewer steps back in time; else, month before
    day where the dates are written as in the USA, and day before month.
    """

    def __init__(self) -> None:
        """Begin with no date."""
        self._days = self._months = self._american = 0
        self._steps_back = [0, 0]
        self._latest: list[tuple[int, int, int, int]] = [(0, 0, 0, 0), (0, 0, 0, 0)]

    def add(self, moment: Moment) -> None:
        """Count the next date of the file.

        Args:
            moment: The date and its time.
        """
        orders = [(moment.second, moment.first), (moment.first, moment.second)]
        if moment.year_first:
            orders[0] = orders[1]
        else:
            self._days += moment.first > 12
            self._months += moment.second > 12
            self._american += moment.american
        for way, (month, day) in enumerate(orders):
            now = (moment.year, month, day, moment.clock)
            self._steps_back[way] += now < self._latest[way]
            self._latest[way] = now

    @property
    def day_first(self) -> bool:
        """Whether the day comes before the month."""
        if self._days != self._months:
            return self._days > self._months
        if self._steps_back[0] != self._steps_back[1]:
            return self._steps_back[0] < self._steps_back[1]
        return not self._american

    @property
    def goes_back(self) -> bool:
        """Whether a date comes after a later one."""
        return self._steps_back[0 if self.day_first else 1] > 0


def seconds(moment: Moment, day_first: bool) -> float | None:
    """The seconds since 1970 on the phone's clock; None for no date of any calendar.

    Args:
        moment: The date and its time.
        day_first: Whether the day comes before the month; the other order is taken where this one makes no date.
    """
    month, day = moment.first, moment.second
    if day_first and not moment.year_first:
        month, day = day, month
    if month > 12 and not moment.year_first:
        month, day = day, month
    begin = midnight(moment.year, month, day)
    return None if begin is None or moment.clock >= 24 * 3600 else begin + moment.clock


def _hour(hour: int, half: str | None) -> int:
    if half is None or hour > 12:
        return hour
    return hour % 12 + 12 * _afternoon_by_word()["".join(as_seen(half).split())]


@lru_cache(maxsize=1)
def _afternoon_by_word() -> dict[str, bool]:
    """Whether a word for a half of the day means the second, the longest words first."""
    halves = dict.fromkeys(words_of_time("morning"), False) | dict.fromkeys(words_of_time("afternoon"), True)
    return dict(sorted(halves.items(), key=lambda item: -len(item[0])))


def _spaced(word: str) -> str:
    """A pattern of a word, with spaces wherever they may be."""
    return r"\s?".join(map(re.escape, word))


def _form(match: "re.Match[str]") -> str:
    """All but the numbers and the half of the day: separators, the digits of a year, whether there are seconds."""
    date = match.string[match.start("one") : match.end("three")]
    separators = "".join(character for character in date if not character.isdigit() and not character.isspace())
    years = max(len(match[name]) for name in ("one", "two", "three"))
    time = match.string[match.start("hour") : match.end("minute")]
    clock = "".join(character for character in time if not character.isdigit())
    half = "before" if match["before"] else "behind" if match["behind"] else ""
    order = "date" if match.start("one") < match.start("hour") else "time"
    return f"{separators} {years} {clock} {bool(match['second'])} {half} {match['one'].isascii()} {order}"
