"""The reference and the product side by side on a real store: 2,000 subscriptions of 50 ticks, in twenty cohorts.

A failure shows one run, cut down, and how it is played again: `python -m tests.reference --seed 4 --run 12`.
"""

import pytest

from tests.reference import model, tables
from tests.reference.model import Subscription
from tests.reference.runs import RUNS, TICKS, Run

COHORTS = 20


def whole(seed, runs=RUNS):
    return [Run(seed, number) for number in range(runs)]


@pytest.mark.parametrize("seed", range(COHORTS))
def test_both_say_the_same(replayer, seed):
    differing = replayer.play(seed, whole(seed))
    if differing:
        number, found = min(differing.items(), key=lambda one: one[1][0])
        pytest.fail(
            f"{len(differing)} of {RUNS} runs differ, the first:\n{replayer.explain(Run(seed, number), found)}"
        )


def always_open(_, key):
    return "OPEN" if key else ""


# The reference with one rule read wrong, by what it does to it.
MISREADINGS = {
    "Q11: above, not at": lambda patch: patch.setattr(Subscription, "limit", lambda *_: (51, 0)),
    "2.2: no block": lambda patch: patch.setattr(Subscription, "cost_state", always_open),
    "Q60: nothing starts before it is needed": lambda patch: patch.setitem(tables.VOLUMES, "A", 30 * tables.GB + 1),
    "Q42: always quiet": lambda patch: patch.setattr(model, "QUIET", model.QUIET * 1000),
    "2.1: border_eu is mandatory": lambda patch: patch.delitem(tables.SWITCH, "border_eu"),
    "Q21: UTC": lambda patch: patch.setattr(tables, "AMSTERDAM", tables.UTC),
}


@pytest.mark.parametrize("misreading", MISREADINGS)
def test_a_rule_read_wrong_is_found(replayer, monkeypatch, misreading):
    MISREADINGS[misreading](monkeypatch)
    assert replayer.play(5, whole(5, 40))


def test_what_differs_is_cut_down(replayer, monkeypatch):
    monkeypatch.setitem(tables.RATES, "A", 2_500_001)
    found = replayer.play(3, whole(3, 40))
    number = next(number for number, (_, text) in found.items() if "charged_eur" in text)
    told = replayer.explain(Run(3, number), found[number])
    assert f"--seed 3 --run {number}" in told
    assert len(told.splitlines()) < 10


def test_a_run_is_made_from_its_seed():
    one, same, other = Run(3, 7), Run(3, 7), Run(3, 8)
    assert one.ticks == same.ticks != other.ticks
    assert one.first == same.first
    assert len(one.ticks) == TICKS
