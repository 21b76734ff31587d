"""Counters follow facts and answers; names and labels are bounded and hold nobody's number."""

import re

from gateway.items import DeliveryResult, EventResult
from gateway.metrics import Metrics


def shown(metrics):
    """Sample → value, without the time a counter was made."""
    lines = [line for line in metrics.text().decode().splitlines() if line and not line.startswith("#")]
    pairs = (line.rsplit(" ", 1) for line in lines)
    return {name: float(value) for name, value in pairs if "_created" not in name}


def metrics(**gauges):
    return Metrics("1.2.3", lambda: gauges)


def test_what_it_is_asked_is_asked_anew_each_time():
    values = {"gateway_smpp_bound": 0.0}
    one = Metrics("1.2.3", lambda: values)
    assert shown(one)["gateway_smpp_bound"] == 0
    values["gateway_smpp_bound"] = 1.0
    assert shown(one)["gateway_smpp_bound"] == 1
    assert shown(one)['gateway_build_total{version="1.2.3"}'] == 1


def test_answers_to_producers():
    one = metrics()
    one.count_results(
        [
            EventResult("a", "accepted", "notified", ("cost_80",)),
            EventResult("b", "accepted", "notified"),
            EventResult("c", "rejected", code="unknown_subscription"),
            EventResult("d", "conflict"),
            DeliveryResult(),
            None,
        ]
    )
    found = {name: value for name, value in shown(one).items() if name.startswith("gateway_events")}
    assert found == {
        'gateway_events_total{outcome="notified",status="accepted"}': 2,
        'gateway_events_total{outcome="unknown_subscription",status="rejected"}': 1,
        'gateway_events_total{outcome="",status="conflict"}': 1,
    }


def test_facts():
    one = metrics()
    one.count_facts(
        [
            ("notification.decided", {"template": "cost_80", "outcome": "not_sent", "reason": "preference:LIMIET"}),
            ("notification.decided", {"template": "help", "outcome": "send", "reason": None}),
            ("mo.received", {"msisdn": "+31612345678"}),
            ("mt.accepted", {}),
            ("mt.delivered", {}),
            ("mt.failed", {}),
            ("mt.expired", {}),
            ("mt.cancelled", {}),
            ("mt.unknown", {}),
            ("mt.retry_scheduled", {}),
            ("dlr.orphaned", {}),
            ("event.quarantined", {}),
            ("block.activated", {"reason": "COST_LIMIT"}),
            ("block.lifted", {"reason": "COST_LIMIT"}),
            ("portal.changed", {}),
        ]
    )
    found = shown(one)
    assert found['gateway_decisions_total{outcome="not_sent",reason="preference:LIMIET",template="cost_80"}'] == 1
    assert found['gateway_decisions_total{outcome="send",reason="",template="help"}'] == 1
    results = ("accepted", "delivered", "failed", "expired", "cancelled", "unknown", "retry")
    assert [found[f'gateway_mt_total{{result="{result}"}}'] for result in results] == [1] * 7
    assert found["gateway_mo_total"] == found["gateway_dlr_orphaned_total"] == found["gateway_quarantined_total"] == 1
    assert [found[f'gateway_blocks_total{{change="{c}",reason="COST_LIMIT"}}'] for c in ("activated", "lifted")] == [
        1,
        1,
    ]
    assert not re.search("316", one.text().decode())


def test_two_of_them_are_apart():
    first, second = metrics(), metrics()
    first.count_facts([("mo.received", {})])
    assert shown(second)["gateway_mo_total"] == 0
