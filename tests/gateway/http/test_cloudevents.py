"""CloudEvents read into items: every member, good and bad; digests; what is ahead of the clock."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.cloudevents import read_event
from gateway.http.members import BYTES_END, TEXT_CHARS_MAX, instant
from gateway.items import EventItem, EventResult, UsageReport
from tests.gateway.served import LATEST, NOW, NUMBER, location, usage


def _read(event: Any) -> EventItem:
    read = read_event(event, LATEST, "f-1", "204")
    assert isinstance(read, EventItem), read
    return read


def _refused(event: Any, code: str = "invalid") -> list[str]:
    """The pointers of an event that is rejected."""
    read = read_event(event, LATEST, "f-1", "204")
    assert isinstance(read, EventResult)
    assert (read.status, read.code) == ("rejected", code)
    assert all(error.message for error in read.errors)
    return [error.pointer for error in read.errors]


def test_usage_record_becomes_an_item_in_utc() -> None:
    item = _read(usage(1, started_at="2026-11-02T08:30:00+01:00"))
    at = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert (item.id, item.source, item.at, item.flow_id) == ("u-1", "/mediation/1", at + timedelta(seconds=1), "f-1")
    assert (item.msisdn, item.imsi) == (NUMBER, None)
    assert item.report == UsageReport("310-410", at, 1000, started_at=at - timedelta(minutes=30))


def test_session_total_becomes_an_item() -> None:
    item = _read(usage(1, bytes=None, session="s-1", total_bytes=5000))
    assert isinstance(item.report, UsageReport)
    assert (item.report.session, item.report.total_bytes, item.report.volume_bytes) == ("s-1", 5000, 0)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "data"])
@pytest.mark.parametrize("null", [False, True])
def test_missing_or_null_attribute_is_named(name: str, null: bool) -> None:
    event = usage(1)
    if null:
        event[name] = None
    else:
        del event[name]
    read = read_event(event, LATEST, "", "204")
    assert isinstance(read, EventResult)
    assert [(error.pointer, error.message) for error in read.errors] == [("", f"the attribute {name} is missing")]


BAD_ATTRIBUTES = [
    ("specversion", "0.3"),
    ("specversion", 1.0),
    ("id", ""),
    ("id", 7),
    ("id", "a\x00"),
    ("id", "\ud800"),
    ("id", "x" * (TEXT_CHARS_MAX + 1)),
    ("source", "a b"),
    ("source", "\x7f"),
    ("type", []),
    ("time", "2026-11-02T09:00:00"),
    ("time", 1762074000),
    ("subject", ""),
    ("datacontenttype", "text/xml"),
    ("datacontenttype", 5),
    ("data", []),
    ("data", "x"),
    ("data_base64", "e30="),
    ("Extension", "x"),
    ("with-dash", "x"),
    ("extension", {"a": 1}),
    ("extension", [1]),
    ("extension", 1.5),
]


@pytest.mark.parametrize(("name", "value"), BAD_ATTRIBUTES)
def test_faulty_attribute_is_rejected_with_its_pointer(name: str, value: Any) -> None:
    assert _refused(usage(1) | {name: value}) == [f"/{name}"]


@pytest.mark.parametrize(
    "extra",
    [
        {"traceparent": "00-ab"},
        {"sequence": 5, "sampled": True, "gone": None},
        {"subject": "x", "dataschema": "urn:x", "datacontenttype": "application/json; charset=utf-8"},
        {"subject": None, "datacontenttype": None},
    ],
)
def test_optional_and_extension_attributes_change_nothing(extra: dict[str, Any]) -> None:
    assert _read(usage(1) | extra) == _read(usage(1))


BAD_MEMBERS = [
    ({"msisdn": "31612345678"}, ["/data/msisdn"]),
    ({"msisdn": "+3161234567\u0661"}, ["/data/msisdn"]),
    ({"msisdn": 31612345678}, ["/data/msisdn"]),
    ({"msisdn": None, "imsi": "2040800000000010"}, ["/data/imsi"]),
    ({"msisdn": None}, ["/data"]),
    ({"imsi": "204080000000001"}, ["/data"]),
    ({"visited_plmn": "310410"}, ["/data/visited_plmn"]),
    ({"visited_plmn": "310-4"}, ["/data/visited_plmn"]),
    ({"visited_plmn": None}, ["/data"]),
    ({"bytes": -1}, ["/data/bytes"]),
    ({"bytes": 1.0}, ["/data/bytes"]),
    ({"bytes": True}, ["/data/bytes"]),
    ({"bytes": "1"}, ["/data/bytes"]),
    ({"bytes": BYTES_END}, ["/data/bytes"]),
    ({"bytes": 10**600}, ["/data/bytes"]),
    ({"bytes": None}, ["/data"]),
    ({"bytes": None, "session": "s"}, ["/data"]),
    ({"bytes": None, "total_bytes": 1}, ["/data"]),
    ({"session": "s", "total_bytes": 1}, ["/data"]),
    ({"session": "s"}, ["/data"]),
    ({"bytes": None, "session": "", "total_bytes": -1}, ["/data/session", "/data/total_bytes"]),
    ({"used_at": "2026-11-02"}, ["/data/used_at"]),
    ({"used_at": None}, ["/data"]),
    ({"started_at": "2026-11-02T09:00:01+01:00"}, ["/data/started_at"]),
    ({"started_at": "now"}, ["/data/started_at"]),
    ({"cost": 3}, ["/data/cost"]),
    ({"a/b~c": 3}, ["/data/a~1b~0c"]),
]


@pytest.mark.parametrize(("data", "pointers"), BAD_MEMBERS)
def test_faulty_data_is_rejected_with_its_pointers(data: dict[str, Any], pointers: list[str]) -> None:
    assert _refused(usage(1, **data)) == pointers


def test_null_in_data_is_a_fault_of_its_own() -> None:
    event = usage(1)
    event["data"]["started_at"] = None
    assert _refused(event) == ["/data/started_at"]


def test_location_has_no_members_of_usage() -> None:
    event = location(1)
    event["data"] |= {"bytes": 1}
    assert _refused(event) == ["/data/bytes"]


def test_all_faults_of_an_event_come_at_once() -> None:
    event = usage(1, bytes=-1, visited_plmn="x", cost=3) | {"id": "", "specversion": "2.0"}
    assert _refused(event) == ["/specversion", "/id", "/data/visited_plmn", "/data/bytes", "/data/cost"]


@pytest.mark.parametrize("event", [None, [], "x", 3, True])
def test_what_is_no_object_is_rejected(event: Any) -> None:
    assert _refused(event) == [""]


def test_unknown_type_is_its_own_code_beside_other_faults() -> None:
    assert _refused(usage(1) | {"type": "nl.sms1330.other.v1", "id": ""}, "unknown_type") == ["/id", "/type"]


AHEAD = "2026-11-02T09:05:00.000001Z"


@pytest.mark.parametrize(
    ("changes", "data", "pointers"),
    [
        ({"time": AHEAD}, {}, ["/time"]),
        ({}, {"used_at": AHEAD}, ["/data/used_at"]),
        ({"time": AHEAD}, {"used_at": AHEAD}, ["/time", "/data/used_at"]),
    ],
)
def test_more_than_5_minutes_ahead_is_rejected(
    changes: dict[str, Any], data: dict[str, Any], pointers: list[str]
) -> None:
    assert _refused(usage(1, **data) | changes, "time_in_future") == pointers


def test_location_ahead_of_the_clock_points_to_its_time_alone() -> None:
    assert _refused(location(1) | {"time": AHEAD}, "time_in_future") == ["/time"]


def test_5_minutes_ahead_is_taken() -> None:
    edge = "2026-11-02T09:05:00Z"
    assert _read(usage(1, used_at=edge) | {"time": edge}).at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "same",
    [
        usage(1) | {"time": "2026-11-02T08:00:01Z"},
        usage(1) | {"traceparent": "x"},
        usage(1, used_at="2026-11-02T08:00:00.000Z"),
        dict(reversed(usage(1).items())) | {"data": dict(reversed(usage(1)["data"].items()))},
    ],
)
def test_digest_is_the_same_for_the_same_content(same: dict[str, Any]) -> None:
    assert _read(same).digest == _read(usage(1)).digest


@pytest.mark.parametrize(
    "other",
    [
        usage(1) | {"time": "2026-11-02T08:00:02Z"},
        usage(1, bytes=1001),
        usage(1, msisdn="+31612345679"),
        usage(1, visited_plmn="310-260"),
        usage(1, used_at="2026-11-02T08:00:01Z"),
        usage(1, started_at="2026-11-02T08:00:00Z"),
        usage(1, bytes=None, session="1000", total_bytes=1000),
        location(1),
    ],
)
def test_digest_differs_for_other_content(other: dict[str, Any]) -> None:
    assert _read(other).digest != _read(usage(1)).digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T09:00:00Z", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        ("2026-11-02t09:00:00z", datetime(2026, 11, 2, 9, tzinfo=UTC)),
        ("2026-11-02 09:00:00+01:00", datetime(2026, 11, 2, 8, tzinfo=UTC)),
        ("2026-11-02T09:00:00.1234567-00:00", datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_instants_of_rfc_3339(text: str, expected: datetime) -> None:
    assert instant(text) == expected
    assert instant(text).utcoffset() == timedelta()


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-02T09:00:00",
        "2026-11-02T09:00Z",
        "20261102T090000Z",
        "2026-W45-1T09:00:00Z",
        "2026-11-02T09:00:60Z",
        "2026-02-30T09:00:00Z",
        "2026-11-02T09:00:00+24:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-11-02T09:00:00Z ",
        "2026-11-0\u0662T09:00:00Z",
        "",
        None,
        5,
        [],
    ],
)
def test_what_is_no_instant_of_rfc_3339(value: Any) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        instant(value)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is drawn beside it
    st.integers(-14 * 60, 14 * 60),
)
def test_any_instant_is_read_back(naive: datetime, offset_min: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    assert instant(at.isoformat()) == at
