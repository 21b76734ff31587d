"""Values as testers write them: each language its own, and what is no value says so."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.scenarios import values
from simulator.scenarios.values import BadValue


@pytest.mark.parametrize(
    ("text", "language", "ueur"),
    [
        ("€ 40,00", "nl", 40_000_000),
        ("€ 39,99", "nl", 39_990_000),
        ("€ 50", "nl", 50_000_000),
        ("€ 1.000", "nl", 1_000_000_000),
        ("€ 1.234,50", "nl", 1_234_500_000),
        ("€ 40.00", "en", 40_000_000),
        ("€1,000", "en", 1_000_000_000),
    ],
)
def test_an_amount(text, language, ueur):
    assert values.amount_ueur(text, language) == ueur


@pytest.mark.parametrize(("text", "language"), [("€ 40.00", "nl"), ("€ 40,00", "en"), ("40", "nl"), ("€ veel", "nl")])
def test_no_amount(text, language):
    with pytest.raises(BadValue) as bad:
        values.amount_ueur(text, language)
    assert bad.value.key == "bad_amount"


@pytest.mark.parametrize(
    ("text", "language", "volume"),
    [("7,5 GB", "nl", 7_500_000_000), ("500 MB", "nl", 500_000_000), ("7.5 GB", "en", 7_500_000_000)],
)  # fmt: skip
def test_a_volume(text, language, volume):
    assert values.volume_bytes(text, language) == volume


@pytest.mark.parametrize("text", ["7.5 GB", "1 TB", "MB", "0,5 B"])
def test_no_volume(text):
    with pytest.raises(BadValue):
        values.volume_bytes(text, "nl")


def test_durations():
    assert values.duration("4 uur", "nl") == timedelta(hours=4)
    assert values.duration("1 day", "en") == timedelta(days=1)
    with pytest.raises(BadValue):
        values.duration("4 uur", "en")


def test_a_moment_is_in_amsterdam():
    assert values.moment("2 maart 2026 09:00", "nl") == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert values.moment("1 July 2026 00:00", "en") == datetime(2026, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("29 maart 2026 02:30", "skipped_hour"),
        ("25 oktober 2026 02:30", "double_hour"),
        ("30 februari 2026 10:00", "impossible_date"),
        ("2 march 2026 10:00", "bad_moment"),
        ("2 maart 2026", "bad_moment"),
        ("25 oktober 2026 02:30 lentetijd", "bad_moment"),
    ],
)
def test_no_moment(text, key):
    with pytest.raises(BadValue) as bad:
        values.moment(text, "nl")
    assert bad.value.key == key


def test_the_hour_that_comes_twice_is_told_apart():
    summer = values.moment("25 oktober 2026 02:30 zomertijd", "nl")
    winter = values.moment("25 October 2026 02:30 winter time", "en")
    assert winter.astimezone(UTC) - summer.astimezone(UTC) == timedelta(hours=1)


def test_shown_again():
    assert (values.euro(39_990_000, "nl"), values.euro(39_990_000, "en")) == ("€ 39,99", "€39.99")
    assert [values.size(one, "nl") for one in (7_500_000_000, 15_996_000, 1000)] == ["7,5 GB", "15,996 MB", "1 kB"]
    at = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert (values.stamp(at, "nl"), values.stamp(at, "en")) == ("03 mrt 10:00", "03 Mar 10:00")
    assert values.stamp(at + timedelta(seconds=5), "nl") == "03 mrt 10:00:05"


@pytest.mark.parametrize(
    ("expected", "found", "language", "equal"),
    [
        ("€ 50", "€ 50,00", "nl", True),
        ("€ 40.00", "€40.00", "en", True),
        ("Verenigde  Staten", "Verenigde Staten", "nl", True),
        ("€ 40,00", "€ 41,20", "nl", False),
        ("9", "10", "nl", False),
    ],
)
def test_one_value_or_two(expected, found, language, equal):
    assert values.same(expected, found, language) is equal


def test_a_span_in_words():
    assert values.span(timedelta(hours=17, minutes=12), "nl") == "17 uur 12 minuten"
    assert values.span(timedelta(days=1, seconds=2), "en") == "1 day 2 seconds"
    assert values.span(timedelta(), "nl") == "0 seconden"
