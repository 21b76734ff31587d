"""Moments, spans, amounts and volumes as tests write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from simulator.plugin.quantities import instant, micro_euro, span, volume_bytes


def test_a_local_time_is_amsterdams():
    assert instant("2026-03-31T23:59:50").isoformat() == "2026-03-31T23:59:50+02:00"
    assert instant("2026-11-02T08:00:00+00:00").isoformat() == "2026-11-02T09:00:00+01:00"
    assert instant(datetime(2026, 11, 2, 8, tzinfo=UTC)).hour == 9


def test_a_time_that_is_not_or_is_twice_is_refused():
    with pytest.raises(ValueError, match="skips"):
        instant("2026-03-29T02:30:00")
    with pytest.raises(ValueError, match="twice"):
        instant("2026-10-25T02:30:00")
    assert instant("2026-10-25T02:30:00+01:00").isoformat() == "2026-10-25T02:30:00+01:00"


def test_spans():
    assert span(None, days=1, hours=2) == timedelta(hours=26)
    assert span(timedelta(minutes=3)) == timedelta(seconds=180)
    with pytest.raises(ValueError, match="back"):
        span(None, days=-1)


@pytest.mark.parametrize(
    ("written", "ueur"), [("40.00", 40_000_000), (40, 40_000_000), (Decimal("0.01"), 10_000), (39.99, 39_990_000)]
)
def test_amounts(written, ueur):
    assert micro_euro(written) == ueur


@pytest.mark.parametrize("written", ["40,00", "€ 40", "-1", "0.0000001"])
def test_what_is_no_amount(written):
    with pytest.raises(ValueError, match="no amount"):
        micro_euro(written)


def test_volumes():
    assert volume_bytes(7) == 7
    assert volume_bytes("1.5 GB") == 1_500_000_000
    with pytest.raises(ValueError, match="no volume"):
        volume_bytes("1,5 GB")
