"""Spans, moments and volumes as people type them."""

from datetime import datetime, timedelta

import pytest

from simulator.clock import AMSTERDAM
from simulator.console.moments import BadWord, moment, nearest, span, volume_bytes

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+31d", 31 * 86400), ("+2h30m", 9000), ("90s", 90), ("1w", 604800), ("+5min", 300), ("1.5h", 5400)],
)
def test_spans(text, seconds):
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-12-01", "2026-12-01T00:00:00+01:00"),
        ("2026-12-01 10:15", "2026-12-01T10:15:00+01:00"),
        ("2026-12-01T10:15", "2026-12-01T10:15:00+01:00"),
        ("1-12-2026", "2026-12-01T00:00:00+01:00"),
        ("1-7-2026 08:00", "2026-07-01T08:00:00+02:00"),
        ("10:15", "2026-11-02T10:15:00+01:00"),
        ("2026-12-01T10:15:00Z", "2026-12-01T10:15:00+00:00"),
    ],
)
def test_moments(text, told):
    assert moment(text, NOW).isoformat() == told


@pytest.mark.parametrize(
    ("text", "octets"),
    [("4", 4_000_000), ("500kB", 500_000), ("1.5 GB", 1_500_000_000), ("1,5gb", 1_500_000_000), ("7 B", 7)],
)
def test_volumes(text, octets):
    assert volume_bytes(text) == octets


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (lambda: span("3x"), "is no span"),
        (lambda: span(""), "is no span"),
        (lambda: moment("25:00", NOW), "is no moment"),
        (lambda: moment("31-2-2026", NOW), "is no moment"),
        (lambda: volume_bytes("much"), "is no volume"),
        (lambda: volume_bytes("4 MBB"), "did you mean mb?"),
    ],
)
def test_what_nobody_can_read(read, told):
    with pytest.raises(BadWord) as caught:
        read()
    assert told in str(caught.value)


def test_the_nearest_word():
    assert nearest("clere", ["clear", "arm"]) == "; did you mean clear?"
    assert nearest("zzz", ["clear", "arm"]) == ""
