"""The network: locations, use, and obedience to pushed policies."""

from datetime import UTC, datetime

import pytest

from simulator.network import LOCATION, POLICY, USAGE, DataPolicy, Network
from simulator.places import Places, UnknownPlace

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANNA = "+31610000001"


@pytest.fixture
def network():
    return Network(Places.load(), "urn:test")


def push(number=ANNA, *, event_id="p-1", eu="open", outside_eu="open", categories=(), reasons=()):
    data = {
        "msisdn": number,
        "imsis": [],
        "eu": eu,
        "outside_eu": outside_eu,
        "blocked_categories": list(categories),
        "reasons": list(reasons),
    }
    return {"specversion": "1.0", "type": POLICY, "source": "gateway", "id": event_id, "data": data}


@pytest.mark.parametrize(
    ("policy", "blocked"),
    [
        (DataPolicy(), set()),
        (DataPolicy(outside_eu="blocked", reasons=("COST_LIMIT",)), {"A", "B", "ROW", "NT"}),
        (DataPolicy(eu="blocked", reasons=("ADMIN_DATA_EU",)), {"EU"}),
        (DataPolicy(blocked_categories=frozenset({"ROW"}), reasons=("BUNDLE_CAP:ROW",)), {"ROW"}),
        (DataPolicy("blocked", "blocked", reasons=("ADMIN_ROAMING",)), {"EU", "A", "B", "ROW", "NT"}),
        (DataPolicy("blocked", "blocked", reasons=("ZERO_BUNDLE",)), {"HOME", "EU", "A", "B", "ROW", "NT"}),
    ],
)
def test_which_zones_a_policy_blocks(policy, blocked):
    assert {zone for zone in ("HOME", "EU", "A", "B", "ROW", "NT") if policy.blocks(zone)} == blocked


def test_roaming_is_a_location_event(network):
    event = network.roam(ANNA, "US", NOW)
    assert event == {
        "specversion": "1.0",
        "id": "location-1",
        "source": "urn:test",
        "type": LOCATION,
        "time": "2026-11-02T09:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {"msisdn": ANNA, "visited_plmn": "310-410"},
    }
    assert network.location(ANNA, NOW).place.iso == "US"
    with pytest.raises(UnknownPlace):
        network.roam(ANNA, "Atlantis", NOW)


@pytest.mark.parametrize(("name", "iso"), [("Turkey", "TR"), ("engeland", "GB"), ("USA", "US")])
def test_a_country_by_the_name_that_people_give_it(network, name, iso):
    network.roam(ANNA, name, NOW)
    assert network.location(ANNA, NOW).place.iso == iso


def test_use_is_a_usage_event_from_where_the_handset_is(network):
    at_home = network.use(ANNA, 5, NOW)
    assert (at_home.blocked, at_home.event["type"]) == (False, USAGE)
    assert at_home.event["data"] == {
        "msisdn": ANNA,
        "visited_plmn": "204-08",
        "bytes": 5,
        "used_at": "2026-11-02T09:00:00+00:00",
    }
    network.roam(ANNA, "310-260", NOW)
    assert network.use(ANNA, 5, NOW).event["data"]["visited_plmn"] == "310-260"
    with pytest.raises(ValueError, match="-1 bytes"):
        network.use(ANNA, -1, NOW)


def test_a_blocked_handset_uses_nothing_unless_some_leaks(network):
    network.roam(ANNA, "US", NOW)
    network.apply(push(outside_eu="blocked", reasons=["COST_LIMIT"]))
    refused = network.use(ANNA, 5, NOW)
    assert (refused.blocked, refused.event) == (True, None)
    leaked = network.use(ANNA, 5, NOW, leak=True)
    assert (leaked.blocked, leaked.event["data"]["bytes"]) == (True, 5)
    network.apply(push(event_id="p-2"))
    assert not network.use(ANNA, 5, NOW).blocked


def test_a_repeated_push_does_not_bring_back_an_old_state(network):
    network.apply(push(event_id="p-1", outside_eu="blocked"))
    network.apply(push(event_id="p-2"))
    network.apply(push(event_id="p-1", outside_eu="blocked"))
    assert network.policies[ANNA] == DataPolicy()
    assert network.repeats == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "other"}, "type 'other'"),
        ({"data": []}, "data.msisdn"),
        ({"data": {"msisdn": ANNA, "eu": "shut", "outside_eu": "open"}}, "data.eu 'shut'"),
        ({"data": {"msisdn": ANNA, "eu": "open"}}, "data.outside_eu None"),
    ],
)
def test_a_push_that_is_none_is_refused(network, change, told):
    with pytest.raises(ValueError, match=told):
        network.apply({**push(), **change})
    assert network.policies == {}


def test_each_event_has_an_id_of_its_own(network):
    events = [network.roam(ANNA, "US", NOW), network.use(ANNA, 1, NOW).event, network.roam(ANNA, "BE", NOW)]
    assert len({event["id"] for event in events}) == 3


def test_a_sighting_moves_no_handset(network):
    network.roam(ANNA, "BE", NOW)
    event = network.seen(ANNA, "208-01", NOW)
    assert (event["type"], event["data"]) == (LOCATION, {"msisdn": ANNA, "visited_plmn": "208-01"})
    watch = network.seen(ANNA, "208-01", NOW, imsi="204080000000001")
    assert watch["data"] == {"imsi": "204080000000001", "visited_plmn": "208-01"}
    assert watch["id"] != event["id"]
    assert network.location(ANNA, NOW).place.iso == "BE"
