"""Dates and times as WhatsApp writes them, in the order that the whole file shows."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

_HALF = r"[ap]\.?\s?m\.?|오전|오후|上午|下午|午前|午後"
#: Of the pattern of a header, without groups of other names.
DATE_AND_TIME = (
    r"(?P<one>\d{1,4})(?:[./-]\s?|년\s)(?P<two>\d{1,2})(?:[./-]\s?|월\s)(?P<three>\d{1,4})[일.]?"
    r"(?:,?\s(?:à\s|at\s|um\s|kl\.?\s|klo\s)?)"
    rf"(?:(?P<before>{_HALF})\s?)?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?"
    rf"(?:\s?(?P<behind>{_HALF}))?"
)
_EPOCH = datetime(1970, 1, 1)  # the phone's clock, whose zone nobody wrote down


class Moment(NamedTuple):
    """A date and time whose day and month may stand in either order.

    Attributes:
        year: With its century.
        first: Day or month, whichever stands first; the month where the year does.
        second: The other.
        year_first: Whether the order is year, month, day.
        clock: Seconds of the day.
        american: Whether it is written as in the USA: slashes, a year of two digits and AM or PM.
    """

    year: int
    first: int
    second: int
    year_first: bool
    clock: int
    american: bool


def read_moment(match: "re.Match[str]") -> Moment | None:
    """The moment of a match of `DATE_AND_TIME`; None where no order makes it a date."""
    one, two, three = (int(match[name]) for name in ("one", "two", "three"))
    year_first = len(match["one"]) == 4
    year, first, second = (one, two, three) if year_first else (three, one, two)
    half = (match["before"] or match["behind"] or "").casefold()
    hour = int(match["hour"])
    if half:
        afternoon = half.startswith("p") or half in ("오후", "下午", "午後")
        hour = hour % 12 + 12 * afternoon if hour <= 12 else hour
    clock = (hour * 60 + int(match["minute"])) * 60 + int(match["second"] or 0)
    american = half[:1] in ("a", "p") and "/" in match[0] and len(match["three"]) == 2
    moment = Moment(year + 2000 if year < 100 else year, first, second, year_first, clock, american)
    possible = any(seconds(moment, day_first) is not None for day_first in (True, False))
    return moment if possible else None


def is_day_first(moments: Iterable[Moment]) -> bool:
    """Decide from all dates of a file whether days stand before months.

    A number above 12 is a day; most of those decide. Where there is none, messages stand in the
    order in which they were sent, so the order with fewer steps back in time; else, month before
    day where the dates are written as in the USA, and day before month.
    """
    days = months = american = 0
    steps_back = [0, 0]
    latest: list[tuple[int, int, int]] = [(0, 0, 0), (0, 0, 0)]
    for moment in moments:
        if moment.year_first:
            continue
        days += moment.first > 12
        months += moment.second > 12
        american += moment.american
        for way, (month, day) in enumerate(((moment.second, moment.first), (moment.first, moment.second))):
            steps_back[way] += (moment.year, month, day) < latest[way]
            latest[way] = (moment.year, month, day)
    if days != months:
        return days > months
    if steps_back[0] != steps_back[1]:
        return steps_back[0] < steps_back[1]
    return not american


def seconds(moment: Moment, day_first: bool) -> float | None:
    """Seconds since 1970 on the phone's clock, in the other order where this one makes no date."""
    month, day = moment.first, moment.second
    if day_first and not moment.year_first:
        month, day = day, month
    if month > 12 and not moment.year_first:
        month, day = day, month
    midnight = _midnight(moment.year, month, day)
    return None if midnight is None or moment.clock >= 24 * 3600 else midnight + moment.clock


@lru_cache(maxsize=1000)
def _midnight(year: int, month: int, day: int) -> float | None:
    try:
        return (datetime(year, month, day) - _EPOCH).total_seconds()
    except ValueError:
        return None
