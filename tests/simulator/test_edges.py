"""Moments at which calendars are awkward, from wherever the clock stands."""

from datetime import datetime, timedelta

import pytest

from simulator.clock import AMSTERDAM
from simulator.faultnames import CLOCK
from simulator.scenarios.edges import EDGES


def local(*parts, fold=0):
    return datetime(*parts, tzinfo=AMSTERDAM, fold=fold)


@pytest.mark.parametrize(
    ("fault", "now", "found"),
    [
        ("clock.month_edge", local(2026, 11, 2, 9), local(2026, 11, 30, 23, 59, 59)),
        ("clock.month_edge", local(2026, 12, 31, 23), local(2026, 12, 31, 23, 59, 59)),
        ("clock.dst_spring", local(2026, 11, 2, 9), local(2027, 3, 28, 1, 59, 59)),
        ("clock.dst_spring", local(2026, 3, 1), local(2026, 3, 29, 1, 59, 59)),
        ("clock.dst_autumn", local(2026, 10, 1), local(2026, 10, 25, 2, 59, 59)),
        ("clock.dst_autumn", local(2026, 10, 25, 2, 59, 59), local(2027, 10, 31, 2, 59, 59)),
        ("clock.leap_day", local(2026, 11, 2), local(2028, 2, 28, 23, 59, 59)),
        ("clock.leap_day", local(2028, 2, 29), local(2032, 2, 28, 23, 59, 59)),
        ("clock.jump_ahead", local(2026, 11, 2, 9), local(2026, 12, 12, 9)),
    ],
)
def test_where_the_clock_is_put(fault, now, found):
    assert EDGES[fault](now) == found


@pytest.mark.parametrize(("fault", "before", "after"), [("clock.dst_spring", 1, 3), ("clock.dst_autumn", 2, 2)])
def test_a_second_later_the_clock_face_has_jumped(fault, before, after):
    at = EDGES[fault](local(2026, 1, 1))
    later = (at.timestamp() + 1, at.utcoffset())
    changed = datetime.fromtimestamp(later[0], AMSTERDAM)
    assert (at.hour, changed.hour) == (before, after)
    assert abs(changed.utcoffset() - later[1]) == timedelta(hours=1)


def test_every_fault_of_the_clock_that_moves_it_is_here():
    assert set(EDGES) == {one.id for one in CLOCK if one.act == "clock"}
