"""The invariants of the state machine: each holds for a sound world, and breaks for one that is not."""

from copy import deepcopy
from types import SimpleNamespace

import pytest

from simulator.network import DataPolicy
from simulator.stateful import Seen, SubscriberMachine

NUMBER = "+31610000001"
VIEW = {
    "period": "2026-11",
    "cost": {"state": "OPEN", "charged_eur": "10.00", "limit_eur": 50},
    "usage": {"domestic_eu_bytes": 0, "outside_eu_bytes": 4, "leakage_bytes": 0},
    "preferences": {"BERICHT": True, "INFO": True, "LIMIET": True},
    "data": {"eu": "open", "outside_eu": "open", "blocked_categories": [], "reasons": []},
}
NOTICE = {"id": "m1", "kind": "border_eu", "state": "delivered"}


def machine():
    """One that saw a border notice come, without a gateway behind it."""
    made = object.__new__(SubscriberMachine)
    she = SimpleNamespace(number=NUMBER)
    text = SimpleNamespace(subscriber=she, told=NOTICE, id="m1", text="Welkom")
    made.she = she
    made.stage = SimpleNamespace(
        messages=[text],
        ledger=SimpleNamespace(join=lambda texts: texts),
        world=SimpleNamespace(network=SimpleNamespace(policies={NUMBER: DataPolicy()})),
        conversations=lambda: "(the conversation)",
    )
    made.before = Seen(deepcopy(VIEW), [], [])
    made.now = Seen(deepcopy(VIEW), [deepcopy(NOTICE)], [{"sent": ["border_eu"]}])
    made.last, made.last_used, made.free_in = None, False, ""
    made.version_of = {"m1": ("2026-11", 0)}
    return made


def blocked_yet_open(made):
    made.now.view["cost"]["state"] = "BLOCKED_100"


def network_told_otherwise(made):
    made.now.view["data"]["reasons"] = ["COST_LIMIT"]


def refused_data_counted(made):
    made.last, made.last_used = SimpleNamespace(refused=True), True
    made.now.view["usage"]["outside_eu_bytes"] = 5


def told_twice(made):
    made.now.told = [{"id": name, "kind": "cost_80", "state": "delivered"} for name in ("m1", "m2")]
    made.version_of = {"m1": ("2026-11", 0), "m2": ("2026-11", 0)}


def counter_fell(made):
    made.now.view["cost"]["charged_eur"] = "9.99"


def sent_though_off(made):
    for seen in (made.before, made.now):
        seen.view["preferences"]["INFO"] = False


def decided_and_never_sent(made):
    made.now.decisions[0]["sent"].append("border_eu_vas")


def came_from_nowhere(made):
    made.stage.messages[0].told = None


def said_to_be_there(made):
    made.stage.messages.clear()


def blocked_after_the_second_lift(made):
    made.free_in = "2026-11"


def cost_notice_after_the_second_lift(made):
    made.free_in = "2026-11"
    made.now.view["cost"]["state"] = "OPEN_REST_OF_MONTH"
    made.now.told[0]["kind"] = "cost_80"


BREAKS = {
    blocked_yet_open: ("blocked_data_is_not_used", "yet data outside the EU is open"),
    network_told_otherwise: ("blocked_data_is_not_used", "the network was told"),
    refused_data_counted: ("blocked_data_is_not_used", "that the network had refused"),
    told_twice: ("a_threshold_is_told_once", "cost_80 was told 2 times in 2026-11"),
    counter_fell: ("counters_never_decrease", "charged_eur went from 10.0 to 9.99"),
    sent_though_off: ("a_switch_that_is_off_silences", "border_eu was sent although INFO is off"),
    decided_and_never_sent: ("every_text_was_decided_and_every_decision_sent", "the outbox holds"),
    came_from_nowhere: ("every_text_was_decided_and_every_decision_sent", "nobody decided this text: Welkom"),
    said_to_be_there: ("every_text_was_decided_and_every_decision_sent", "border_eu is delivered, but not there"),
    blocked_after_the_second_lift: ("after_the_second_lift_costs_say_nothing", "costs are OPEN"),
    cost_notice_after_the_second_lift: ("after_the_second_lift_costs_say_nothing", "cost_80 was sent"),
}


def test_all_of_them_are_looked_at():
    broken = {invariant for invariant, _ in BREAKS.values()}
    assert broken | {"nothing_broke"} == set(SubscriberMachine.INVARIANTS)
    made = machine()
    counter_fell(made)
    with pytest.raises(AssertionError, match="charged_eur"):
        made.all_holds()


@pytest.mark.parametrize("invariant", sorted({invariant for invariant, _ in BREAKS.values()}))
def test_a_sound_world_breaks_none(invariant):
    getattr(machine(), invariant)()


@pytest.mark.parametrize("spoil", BREAKS, ids=lambda spoil: spoil.__name__)
def test_each_invariant_can_break(spoil):
    invariant, told = BREAKS[spoil]
    made = machine()
    spoil(made)
    with pytest.raises(AssertionError, match=told) as broken:
        getattr(made, invariant)()
    assert "(the conversation)" in str(broken.value)


def test_another_month_begins_anew():
    made = machine()
    made.now.view.update(period="2026-12", cost={**VIEW["cost"], "charged_eur": "0.00"})
    made.free_in = "2026-11"
    made.counters_never_decrease()
    made.after_the_second_lift_costs_say_nothing()


def test_a_raised_limit_is_another_version():
    made = machine()
    told_twice(made)
    made.version_of["m2"] = ("2026-11", 1)
    made.a_threshold_is_told_once()
