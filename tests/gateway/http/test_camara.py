"""Events of CAMARA Device Roaming Status read as locations: the shapes of that API, good and bad."""

from typing import Any

import pytest

from gateway.http.cloudevents import read_event
from gateway.items import EventItem, EventResult, LocationReport
from tests.gateway.served import LATEST, NUMBER, usage

KINDS = ("roaming-on", "roaming-off", "roaming-change-country", "roaming-status")
CAMARA = {
    f"{version}.{kind}": f"org.camaraproject.device-roaming-status-subscriptions.{version}.{kind}"
    for version in ("v0", "v1")
    for kind in KINDS
}
DEVICE = {"phoneNumber": NUMBER}
FRANCE = {"countryCode": 208, "countryName": ["FR"]}
HOME = "204"


def camara(kind: str, **data: Any) -> dict[str, Any]:
    """An event of the newer version; a member of data given as None is left out."""
    members = {"device": DEVICE, "subscriptionId": "qs15-h556-rt89-1298"} | data
    return usage(1) | {
        "type": CAMARA[f"v0.{kind}"],
        "datacontenttype": "application/json",
        "data": {name: value for name, value in members.items() if value is not None},
    }


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("roaming-on", {}),
    ("roaming-on", FRANCE),
    ("roaming-off", {}),
    ("roaming-off", {"subscriptionId": None}),
    ("roaming-change-country", FRANCE),
    ("roaming-change-country", {"countryCode": 901, "countryName": []}),
    ("roaming-change-country", {"countryCode": 340, "countryName": ["BL", "GF", "GP", "MF", "MQ"]}),
    ("roaming-status", {"roaming": True, **FRANCE}),
    ("roaming-status", {"roaming": True}),
    ("roaming-status", {"roaming": False}),
    ("roaming-off", {"device": DEVICE | {"ipv4Address": {"publicAddress": "84.125.93.10", "publicPort": 59765}}}),
    ("roaming-status", {"roaming": True, "device": DEVICE | {"networkAccessIdentifier": "1@example.com"}, **FRANCE}),
]
BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("roaming-on", {"device": None}, ["/data"]),
    ("roaming-on", {"device": NUMBER}, ["/data/device"]),
    ("roaming-on", {"device": {}}, ["/data/device"]),
    ("roaming-on", {"device": {"networkAccessIdentifier": "1@example.com"}}, ["/data/device"]),
    ("roaming-on", {"device": {"phoneNumber": "0612345678"}}, ["/data/device/phoneNumber"]),
    ("roaming-on", {"device": {"phoneNumber": 31612345678}}, ["/data/device/phoneNumber"]),
    ("roaming-on", {"device": DEVICE | {"imei": "1"}}, ["/data/device/imei"]),
    ("roaming-on", {"device": DEVICE | {"ipv4Address": "84.125.93.10"}}, ["/data/device/ipv4Address"]),
    ("roaming-on", {"device": DEVICE | {"ipv4Address": {"publicPort": {}}}}, ["/data/device/ipv4Address"]),
    ("roaming-on", {"device": DEVICE | {"ipv6Address": {"deep": []}}}, ["/data/device/ipv6Address"]),
    ("roaming-on", {"subscriptionId": ""}, ["/data/subscriptionId"]),
    ("roaming-on", {"roaming": True}, ["/data/roaming"]),
    ("roaming-on", {"visited_plmn": "208-01"}, ["/data/visited_plmn"]),
    ("roaming-on", {"msisdn": NUMBER}, ["/data/msisdn"]),
    ("roaming-change-country", {}, ["/data"]),
    ("roaming-change-country", {"countryName": ["FR"]}, ["/data"]),
    ("roaming-change-country", {"countryCode": "208"}, ["/data/countryCode"]),
    ("roaming-change-country", {"countryCode": 0}, ["/data/countryCode"]),
    ("roaming-change-country", {"countryCode": 1000}, ["/data/countryCode"]),
    ("roaming-change-country", {"countryCode": True}, ["/data/countryCode"]),
    ("roaming-change-country", FRANCE | {"countryName": "FR"}, ["/data/countryName"]),
    (
        "roaming-change-country",
        FRANCE | {"countryName": ["FR", "fra", 3]},
        ["/data/countryName/1", "/data/countryName/2"],
    ),
    ("roaming-change-country", FRANCE | {"countryName": ["FR"] * 301}, ["/data/countryName"]),
    ("roaming-status", FRANCE, ["/data"]),
    ("roaming-status", FRANCE | {"roaming": "true"}, ["/data/roaming"]),
    ("roaming-status", FRANCE | {"roaming": 1}, ["/data/roaming"]),
    (
        "roaming-status",
        {"device": {"phoneNumber": "x", "imei": "1"}, "countryCode": -1},
        ["/data/device/phoneNumber", "/data/device/imei", "/data/countryCode", "/data"],
    ),
]


def _read(event: dict[str, Any]) -> EventItem:
    read = read_event(event, LATEST, "f-1", HOME)
    assert isinstance(read, EventItem), read
    return read


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize(
    ("kind", "data", "plmn"),
    [
        ("roaming-on", {}, ""),
        ("roaming-on", FRANCE, "208"),
        ("roaming-off", {}, HOME),
        ("roaming-off", FRANCE, HOME),
        ("roaming-change-country", FRANCE, "208"),
        ("roaming-change-country", {"countryCode": 901, "countryName": []}, "901"),
        ("roaming-change-country", {"countryCode": 1, "countryName": []}, "001"),
        ("roaming-status", {"roaming": True, **FRANCE}, "208"),
        ("roaming-status", {"roaming": True}, ""),
        ("roaming-status", {"roaming": False, **FRANCE}, HOME),
        ("roaming-status", {"roaming": False}, HOME),
    ],
)
def test_each_kind_is_a_location_of_that_number(version: str, kind: str, data: dict[str, Any], plmn: str) -> None:
    item = _read(camara(kind, **data) | {"type": CAMARA[f"{version}.{kind}"]})
    assert (item.msisdn, item.imsi, item.report) == (NUMBER, None, LocationReport(plmn))


@pytest.mark.parametrize(("kind", "data"), GOOD)
def test_what_that_api_sends_is_taken(kind: str, data: dict[str, Any]) -> None:
    assert _read(camara(kind, **data)).flow_id == "f-1"


@pytest.mark.parametrize(("kind", "data", "pointers"), BAD)
def test_what_it_does_not_send_is_rejected_with_its_pointers(
    kind: str, data: dict[str, Any], pointers: list[str]
) -> None:
    read = read_event(camara(kind, **data), LATEST, "f-1", HOME)
    assert isinstance(read, EventResult)
    assert (read.status, read.code) == ("rejected", "invalid")
    assert [error.pointer for error in read.errors] == pointers
    assert all(error.message for error in read.errors)


@pytest.mark.parametrize("kind", ["subscription-ends", "subscription-ended", "reachability-data"])
def test_other_types_of_that_family_are_unknown(kind: str) -> None:
    event = camara("roaming-off") | {"type": f"org.camaraproject.device-roaming-status-subscriptions.v0.{kind}"}
    read = read_event(event, LATEST, "f-1", HOME)
    assert isinstance(read, EventResult)
    assert (read.code, [error.pointer for error in read.errors]) == ("unknown_type", ["/type"])


def test_q66_ahead_of_the_clock_is_rejected_as_any_other() -> None:
    read = read_event(camara("roaming-off") | {"time": "2026-11-02T09:05:01Z"}, LATEST, "f-1", HOME)
    assert isinstance(read, EventResult)
    assert (read.code, [error.pointer for error in read.errors]) == ("time_in_future", ["/time"])


@pytest.mark.parametrize(
    "same",
    [
        camara("roaming-status", roaming=True, **FRANCE),
        camara("roaming-status", roaming=True, **FRANCE, subscriptionId="another"),
        camara("roaming-status", roaming=True, countryCode=208),
    ],
)
def test_q26_what_says_the_same_has_the_same_digest(same: dict[str, Any]) -> None:
    assert _read(same).digest == _read(camara("roaming-status", roaming=True, **FRANCE)).digest


@pytest.mark.parametrize(
    "other",
    [
        camara("roaming-status", roaming=True),
        camara("roaming-status", roaming=False, **FRANCE),
        camara("roaming-status", roaming=True, countryCode=206),
        camara("roaming-status", roaming=True, device={"phoneNumber": "+31612345679"}, **FRANCE),
        camara("roaming-on", **FRANCE),
        camara("roaming-status", roaming=True, **FRANCE) | {"type": CAMARA["v1.roaming-status"]},
    ],
)
def test_q26_what_says_something_else_has_another(other: dict[str, Any]) -> None:
    assert _read(other).digest != _read(camara("roaming-status", roaming=True, **FRANCE)).digest


def test_home_is_where_the_sheet_says() -> None:
    item = read_event(camara("roaming-off"), LATEST, "f-1", "206")
    assert isinstance(item, EventItem)
    assert item.report == LocationReport("206")
