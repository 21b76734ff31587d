"""What travels the one road: plain values, and the one refusal."""

from datetime import UTC, datetime

import pytest

from gateway.items import Busy, DeliveryResult, EventItem, EventResult, LocationReport, SmsItem, UsageReport

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_busy_says_when_to_come_back():
    assert Busy().retry_after_s == 1
    assert "7 s" in str(Busy(7))


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (EventItem("/m", "e", b"", AT, "+316", None, LocationReport("310-410")), "id"),
        (UsageReport("310-410", AT, 5), "volume_bytes"),
        (EventResult("e", "accepted"), "status"),
        (SmsItem("+316", "1330", "HELP"), "text"),
        (DeliveryResult(), "taken"),
    ],
)
def test_items_are_frozen(one, name):
    with pytest.raises(AttributeError):
        setattr(one, name, None)


def test_a_whole_text_is_one_of_one():
    item = SmsItem("+316", "1330", "HELP")
    assert (item.number, item.total) == (1, 1)
