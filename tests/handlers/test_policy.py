"""The operator's rules: months, and places by network code."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(deadline=None, derandomize=True)
@given(INSTANTS)
def test_q21_an_instant_lies_in_the_month_that_the_calendar_of_the_zone_says(policy, moment):
    key = policy.period_of(moment)
    assert key == moment.astimezone(policy.timezone).strftime("%Y-%m")
    assert policy.period_start(key) <= moment < policy.period_end(key)


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        ("2026-10-31T22:59:59+00:00", "2026-10"),
        ("2026-10-31T23:00:00+00:00", "2026-11"),
        ("2030-03-31T21:59:59+00:00", "2030-03"),
        ("2030-03-31T22:00:00+00:00", "2030-04"),
        ("2027-10-31T22:59:59+00:00", "2027-10"),
    ],
)
def test_q21_month_ends_in_utc(policy, moment, key):
    assert policy.period_of(datetime.fromisoformat(moment)) == key


def test_months_follow_each_other(policy):
    key = "2025-11"
    for following in ("2025-12", "2026-01", "2026-02"):
        assert policy.next_period(key) == following
        assert policy.previous_period(following) == key
        key = following


def test_q23_the_deadline_is_the_end_of_the_15th_on_the_clock_of_the_zone(policy):
    assert policy.late_deadline("2026-02").isoformat() == "2026-03-16T00:00:00+01:00"
    assert policy.late_deadline("2026-12").isoformat() == "2027-01-16T00:00:00+01:00"
    assert replace(policy, late_until_day=28).late_deadline("2026-02").isoformat() == "2026-03-29T00:00:00+01:00"


@pytest.mark.parametrize(
    ("plmn", "key", "known"),
    [
        ("234-02", "GB", True),
        ("234-50", "CHANNEL", True),  # Q43: the whole code goes first
        ("901-12", "MARITIME", True),
        ("901-71", "NORTHSEA", True),  # Q41
        ("286-01", "TR", True),
        ("999-99", "mcc999", False),
    ],
)
def test_q43_the_longest_match_names_the_place(policy, plmn, key, known):
    place = policy.tariffs.place(plmn, datetime(2026, 11, 2, tzinfo=UTC))
    assert (place.key, place.known) == (key, known)


def test_a_dated_place_before_its_first_date_is_its_first(policy):
    assert policy.tariffs.place("255-03", datetime(2001, 1, 1, tzinfo=UTC)).zone == "A"


def test_q12_border_prices_include_vat(policy):
    assert policy.including_vat(2_500_000) == 3_025_000
