"""What a developer writes about running it: faults, restarts, metrics, the SMPP link."""

import pytest


@pytest.mark.faults("smsc.throttle", times=3)
def test_a_throttled_text_arrives_once(anna, faults, smsc):
    assert anna.text("HELP").kinds == ["help"]
    assert faults.hits("smsc.throttle") == 3
    answers = [frame.status for frame in smsc.of("submit_sm_resp")]
    assert answers == ["ESME_RTHROTTLED"] * 3 + ["ESME_ROK"]


def test_faults_by_hand(anna, bram, faults):
    faults.arm("number refused", phone=bram, times=None)
    assert anna.text("HELP").one().state == "delivered"
    bram.text("HELP").none()
    faults.clear()
    assert bram.text("INFO").kinds == ["status"]
    assert faults.hits("smsc.reject_dest") == 1
    with pytest.raises(ValueError, match=r"did you mean 'smsc\.throttle'"):
        faults.arm("smsc.throtle")


@pytest.mark.faults("smsc.throttle", every=2, times=None)
def test_every_second_text_is_throttled(anna, faults):
    for words in ("INFO", "BERICHT", "LIMIET"):
        anna.text(words).one()
    assert faults.hits("smsc.throttle") == 2
    with pytest.raises(
        ValueError, match=r"smsc\.throttle: rate_per_s is no limit of it; allowed: times, every, phone"
    ):
        faults.arm("smsc.throttle", rate_per_s=2)


def test_a_gateway_that_refuses_a_template_and_is_mended(anna, faults, gateway, gateway_log):
    faults.arm("template.missing_var")
    assert not gateway.health().ready
    faults.clear()
    assert gateway.health().ready
    assert anna.text("HELP").kinds == ["help"]
    assert gateway.exit_codes[-2:] == [2, None]
    assert gateway_log.errors == []


@pytest.mark.policy(second_warning_pct=150)
def test_another_reading_of_the_rules(handset):
    bram = handset(where="US", bundles="B")
    assert bram.spend(50).kinds == ["cost_100_block"]
    bram.reply("JA").clear()
    assert bram.spend(25).kinds == ["cost_second_warning"]


@pytest.mark.faults("smsc.silent")
def test_an_smsc_that_does_not_answer(anna, gateway_log):
    assert anna.text("HELP").kinds == ["help"]
    assert gateway_log.of("mt.unknown")


def test_a_fault_that_needs_an_impatient_gateway_gets_one(anna, faults):
    faults.arm("smsc.silent")
    assert anna.text("HELP").kinds == ["help"]


@pytest.mark.faults("gw.kill@after_event_commit")
def test_a_gateway_that_dies_on_the_way(anna, gateway):
    assert anna.roam("BE").kinds == ["border_eu"]
    assert anna.inbox.distinct("border_eu") == 1
    assert gateway.exit_codes[-2:] == [-9, None]


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_what_it_knew_it_knows_again(anna, gateway, how):
    anna.text("INFO UIT").clear()
    getattr(gateway, how)()
    assert anna.prefs.info is False
    assert gateway.exit_codes == [0 if how == "restart" else -9, None]


def test_metrics_and_health(anna, gateway):
    anna.text("HELP").clear()
    metrics = gateway.metrics()
    assert metrics.value("gateway_mt_total", result="delivered") == 1
    assert metrics.value("gateway_decisions_total", template="help", outcome="send") == 1
    assert metrics.value("gateway_clock_virtual") == 1
    assert gateway.health().ready
    assert gateway.health().delivery == "ok"


def test_the_link(anna, smsc):
    anna.text("HELP").clear()
    assert smsc.sessions == ["transceiver"]
    commands = [frame.command for frame in smsc.pdus]
    assert commands == [
        "deliver_sm",
        "deliver_sm_resp",
        "submit_sm",
        "submit_sm_resp",
        "deliver_sm",
        "deliver_sm_resp",
    ]
    assert "submit_sm" in repr(smsc.of("submit_sm")[0])


def test_a_phone_that_is_off(anna, network):
    network.coverage(anna, on=False)
    anna.roam("BE").none()
    assert network.coverage(anna, on=True).one().state == "delivered"


def test_an_error_that_the_test_is_about(anna, network, gateway_log, clock):
    event = {
        "specversion": "1.0",
        "id": "l-1",
        "source": "/network",
        "type": "nl.sms1330.location.updated.v1",
        "time": clock.now.isoformat(),
        "data": {"msisdn": anna.number, "visited_plmn": "206-01"},
    }
    network.inject(event)
    assert anna.last.kind == "border_eu"
    other = {**event, "data": {"msisdn": anna.number, "visited_plmn": "310-410"}}
    assert network.inject(other).events[0]["status"] != "accepted"
    assert [line.event for line in gateway_log.errors] == ["event.conflict"]
