"""Moments at which calendars are awkward, seen from where the clock stands: where faults of the clock put it.

Pure. Not here: moving the clock (mishaps.py).
"""

from calendar import SUNDAY, isleap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from simulator.clock import AMSTERDAM

FAR: Final = timedelta(days=40)
JUST_BEFORE: Final = timedelta(seconds=1)


def month_edge(now: datetime) -> datetime:
    """The last second of this month."""
    local = now.astimezone(AMSTERDAM)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    return _just_before(datetime(year, month, 1, tzinfo=AMSTERDAM))


def summer_time_begins(now: datetime) -> datetime:
    """The last second before 02:00 becomes 03:00."""
    return _just_before(_next(now, lambda year: _last_sunday(year, 3, hour=1)))


def summer_time_ends(now: datetime) -> datetime:
    """The last second before 03:00 becomes 02:00."""
    return _just_before(_next(now, lambda year: _last_sunday(year, 10, hour=1)))


def leap_day(now: datetime) -> datetime:
    """The last second of the next 28 February that a 29th follows."""
    year = now.year
    while True:
        if isleap(year):
            at = _just_before(datetime(year, 2, 29, tzinfo=AMSTERDAM))
            if at > now:
                return at
        year += 1


def far_ahead(now: datetime) -> datetime:
    """Over a whole month at once, whatever falls due on the way."""
    return (now.astimezone(UTC) + FAR).astimezone(AMSTERDAM)


def _last_sunday(year: int, month: int, *, hour: int) -> datetime:
    """In UTC: the whole of Europe changes at the same instant, 01:00 UTC (2000/84/EC)."""
    last = datetime(year, month, 31, hour, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() - SUNDAY) % 7)


def _next(now: datetime, in_year: Callable[[int], datetime]) -> datetime:
    found = in_year(now.year)
    return found if found - JUST_BEFORE > now else in_year(now.year + 1)


def _just_before(at: datetime) -> datetime:
    # By the instant: the second before a change of the clock has the clock face of before.
    return (at.astimezone(UTC) - JUST_BEFORE).astimezone(AMSTERDAM)


EDGES: Final[Mapping[str, Callable[[datetime], datetime]]] = {
    "clock.month_edge": month_edge,
    "clock.dst_spring": summer_time_begins,
    "clock.dst_autumn": summer_time_ends,
    "clock.leap_day": leap_day,
    "clock.jump_ahead": far_ahead,
}
"""By the fault's id."""
