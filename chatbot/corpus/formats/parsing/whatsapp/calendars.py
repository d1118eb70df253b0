"""Days of the calendars that phones offer, as seconds on one line.

A chat needs to know which messages are close in time, and whether days are in order; so years of
other calendars are told by their number, and a day too many or too few at the end of a lunar
month is no matter.
"""

from datetime import datetime
from functools import lru_cache

_DAY = 24 * 3600
_EPOCH = datetime(1970, 1, 1)  # the phone's clock, whose zone nobody wrote down
#: First years that are taken for one of a calendar; in between, they are Gregorian.
_TAIWANESE, _PERSIAN, _ISLAMIC, _NO_LUNAR, _BUDDHIST = 100, 1300, 1425, 1600, 2400
#: The year before the first of a Japanese era, by what stands for it.
ERAS = {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}
ERAS |= {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "民國": 1911, "民国": 1911}


@lru_cache(maxsize=1000)
def midnight(year: int, month: int, day: int) -> float | None:
    """The first second of a day, in seconds since 1970; None where no calendar has the day.

    Args:
        year: Of two digits, or of the calendar that its number tells.
        month: From 1.
        day: From 1.
    """
    if year < 100:  # a Thai 67 is 2567: 2024, which has a 29 February as 2067 has not
        first = _gregorian(2000 + year, month, day)
        return _gregorian(1957 + year, month, day) if first is None else first
    if year < _PERSIAN:
        return _gregorian(year + 1911, month, day) if year >= _TAIWANESE else None
    if year < _ISLAMIC:
        return _persian(year, month, day)
    if year < _NO_LUNAR:
        return _islamic(year, month, day)
    return _gregorian(year - 543 if year >= _BUDDHIST else year, month, day)


def _gregorian(year: int, month: int, day: int) -> float | None:
    try:
        return (datetime(year, month, day) - _EPOCH).total_seconds()
    except ValueError:
        return None


def _persian(year: int, month: int, day: int) -> float | None:
    """Of the solar calendar: six months of 31 days, then of 30; eight leap years in 33."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    before = 365 * year + (8 * year + 21) // 33 + 30 * (month - 1) + min(month - 1, 6)
    return float(_DAY * (before + day + _PERSIAN_EPOCH))


def _islamic(year: int, month: int, day: int) -> float | None:
    """Of the lunar calendar as it is reckoned: months of 30 and 29 days in turn, eleven leap years in 30."""
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return None
    before = 354 * year + (11 * year + 3) // 30 + 29 * (month - 1) + month // 2
    return float(_DAY * (before + day + _ISLAMIC_EPOCH))


def _begin(gregorian: datetime, reckoned: int) -> int:
    return (gregorian - _EPOCH).days - reckoned


#: Days from the first day that the reckoning counts to 1970: 1 Farvardin 1400, and 1 Muharram 1443.
_PERSIAN_EPOCH = _begin(datetime(2021, 3, 21), 365 * 1400 + (8 * 1400 + 21) // 33 + 1)
_ISLAMIC_EPOCH = _begin(datetime(2021, 8, 9), 354 * 1443 + (11 * 1443 + 3) // 30 + 1)
