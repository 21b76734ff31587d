"""What a developer writes about the service: acts and what comes of them."""

import pytest

from simulator.plugin import GatewayError, Sms
from simulator.plugin.sim import chance


def test_limiet_aan(anna):
    reply = anna.text("LIMIET AAN")
    assert reply.one().kind == "pref_already"
    assert anna.prefs.limit is True


def test_border_once_per_country(handset, network, clock):
    a = handset("+31610000042", lang="nl")
    out = network.roam(a, "US")
    assert out.one() == Sms("border_world_data_off", sender="1330", fields={"land": "Verenigde Staten"})
    a.roam("US", operator="310-260").none(why="same_country")
    clock.advance(days=1)
    assert [m.kind for m in a.inbox] == ["border_world_data_off"]


def test_unblock_flow(anna, portal, clock):
    portal.set_cost_limit(anna, 50)
    portal.enable_bundle(anna, "B")
    anna.roam("US").clear()
    assert anna.spend("40.00").kinds == ["cost_80"]
    out = anna.spend("10.00")
    assert out.one().segments == 1
    assert anna.data_blocked.reasons == {"COST_LIMIT"}
    assert anna.reply("JA").one().kind == "cost_lifted_100"
    clock.next_month()
    assert not anna.data_blocked
    assert anna.usage == (0, 50)


@pytest.mark.faults("smsc.resp_lost", times=1)
def test_no_duplicate_sms_when_resp_is_lost(anna, clock):
    anna.roam("BE")
    clock.advance(minutes=5)
    # Sent again, unless its receipt overtook that and told of the first.
    assert 1 <= anna.inbox.count("border_eu") <= 2
    assert anna.inbox.distinct("border_eu") == 1, "as one and the same notification"


def test_log_story(anna, gateway_log):
    anna.roam("US")
    flow = gateway_log.flow(anna.last.flow_id)
    assert flow.names == ["notification.decided", "mt.submitted", "mt.accepted", "mt.delivered"]
    assert gateway_log.errors == []


def test_a_number_that_an_earlier_test_had_is_somebody_else_now(handset):
    first = handset("+31610000042")
    assert first.text("INFO UIT").kinds == ["pref_info_off"]


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_begins_anew(handset, clock, round_):
    """Whichever comes first: the same number, the same instant, the switch as a new subscription has it."""
    same = handset("+31610000077")
    assert clock.now.isoformat() == "2026-11-02T09:00:00+01:00"
    assert same.prefs.info is True
    assert same.text("INFO UIT").kinds == ["pref_info_off"]
    clock.advance(hours=round_)


def test_texts_as_their_reader_sees_them(traveller):
    message = traveller.text("LIMIET").one()
    assert message == Sms(
        "status",
        sender="1330",
        segments=1,
        encoding="GSM-7",
        state="delivered",
        contains="LIMIET",
        fields={"code": "LIMIET", "stand": "ON"},
    )
    assert message.language == "en"
    (pdu,) = message.pdus
    assert pdu.command == "submit_sm"
    assert pdu.text("destination_addr") == traveller.number.removeprefix("+")
    assert traveller.last is message


def test_amounts_are_compared_as_amounts(traveller):
    message = traveller.spend(40).one()
    assert message == Sms("cost_80", fields={"eur": "€40", "limiet": "€50.00"})
    assert message != Sms("cost_80", fields={"eur": "€41"})


def test_a_slip_in_an_expectation_is_told_at_once():
    with pytest.raises(ValueError, match="Did you mean 'cost_80'"):
        Sms("cost80")
    with pytest.raises(ValueError, match="Did you mean 'limiet'"):
        Sms("cost_80", fields={"limit": "€ 50"})


def test_what_the_portal_refuses(anna, portal):
    with pytest.raises(GatewayError) as refused:
        portal.set_cost_limit(anna, 51)
    assert refused.value.status == 422
    portal.enable_bundle(anna, "WORLD")
    with pytest.raises(GatewayError):
        portal.enable_bundle(anna, "A")


def test_decisions_and_events(traveller):
    out = traveller.use("1 MB")
    out.none()
    (event,) = out.events
    assert event["status"] == "accepted"
    assert out.decisions[0]["flow_id"] == out.flow_id
    assert traveller.volumes["outside_eu_bytes"] == 1_000_000


def test_raw_events(traveller, network, clock):
    event = {
        "specversion": "1.0",
        "id": "cdr-1",
        "source": "/billing",
        "type": "nl.sms1330.usage.reported.v1",
        "time": clock.now.isoformat(),
        "data": {
            "msisdn": traveller.number,
            "visited_plmn": "310-410",
            "bytes": 2_000_000,
            "used_at": clock.now.isoformat(),
        },
    }
    assert [one["status"] for one in network.inject(event).events] == ["accepted"]
    assert network.repeat().events[0]["status"] == "duplicate"
    answers = network.inject([event, {**event, "id": "cdr-2", "data": {}}]).events
    assert [one["status"] for one in answers] == ["duplicate", "rejected"]
    assert traveller.usage == (5, 50)


def test_a_record_that_comes_late(traveller, clock):
    clock.to("2026-12-02T09:00:00")
    late = traveller.use("4 MB", at="2026-11-20T12:00:00")
    assert late.events[0]["outcome"] in ("counted", "late")
    assert traveller.usage == (0, 50)


def test_two_people(anna, bram, cees):
    assert anna.text("INFO UIT").kinds == ["pref_info_off"]
    assert bram.roam("BE").kinds == ["border_eu"]
    cees.roam("BE").clear()
    assert anna.roam("BE").kinds == ["border_eu_emergency"]
    assert len({anna.number, bram.number, cees.number}) == 3


def test_a_combi_sim_uses_its_parents_limit(handset, traveller):
    combi = handset(name="Combi", combi_of=traveller)
    combi.roam("CA").clear()
    traveller.inbox.clear()
    combi.use("4 MB").none()
    assert traveller.usage == (10, 50)


@pytest.mark.clock("2026-03-31T23:59:50")
def test_the_clock_stands_where_the_test_wants_it(traveller, clock):
    assert traveller.spend(30).kinds == []
    assert traveller.usage == (30, 50)
    clock.advance(seconds=10)
    assert clock.now.isoformat() == "2026-04-01T00:00:00+02:00"
    assert traveller.usage == (0, 50)
    clock.to_month_end()
    assert clock.now.isoformat() == "2026-04-30T23:59:59+02:00"
    with pytest.raises(ValueError, match="can not go back"):
        clock.to("2026-04-01T00:00:00")


@pytest.mark.lenient
def test_a_lenient_test_looks_at_nothing(anna):
    anna.text("HELP")


def test_the_world_remembers_what_happened(world, anna):
    anna.roam("BE").clear()
    world.clock.advance(hours=1)
    told = [(at.hour, who, what) for at, who, what in world.journal]
    assert told[0] == (9, "Anna", "travels to Belgium")
    assert told[1][2].startswith("Welkom in Belgie.")
    assert told[2] == (10, "", "it becomes 02 Nov 10:00")
    assert list(world.subscribers) == ["Anna"]


@pytest.mark.seed(7)
def test_chance_is_drawn_from_the_seed(world):
    assert world.seed == 7
    assert world.random.randrange(1000) == chance(7, world.name).randrange(1000)
