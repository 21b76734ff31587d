"""What a developer writes: the surface of the plugin, one test a capability."""

from simulator.plugin import Sms
import pytest


def test_limiet_aan(anna):
    reply = anna.text("LIMIET AAN")
    assert reply.one().kind == "pref_already"
    assert anna.prefs.limit is True


def test_border_once_per_country(handset, network, clock):
    a = handset("+31610000042", lang="nl")
    out = a.roam("US")
    assert out.one() == Sms("border_world_data_off", sender="1330", fields={"land": "Verenigde Staten"})
    assert a.roam("US", operator="310-260").none(why="same_country") is None
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
    assert anna.inbox.count("border_eu") <= 2
    assert anna.inbox.distinct("border_eu") == 1


def test_log_story(anna, gateway_log):
    anna.roam("US")
    flow = gateway_log.flow(anna.last.flow_id)
    assert flow.names == ["notification.decided", "mt.submitted", "mt.accepted", "mt.delivered"]
    assert gateway_log.errors == []
