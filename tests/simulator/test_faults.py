"""The fault plan: what strikes whom, how often, and what never fired."""

import random
from typing import get_args

import pytest

from simulator.faults import POINTS, Effect, Fault, FaultPlan, Point

ANNA, BRAM = "+31610000001", "+31610000002"


@pytest.mark.parametrize(
    ("fault", "hits"),
    [
        (Fault("silent"), [True, False, False, False]),
        (Fault("silent", times=2), [True, True, False, False]),
        (Fault("silent", times=None), [True, True, True, True]),
        (Fault("silent", times=None, every=2), [False, True, False, True]),
        (Fault("silent", times=1, every=3), [False, False, True, False]),
        (Fault("silent", number=BRAM), [False, False, False, False]),
    ],
)
def test_how_often_a_fault_strikes(fault, hits):
    plan = FaultPlan()
    plan.arm(fault)
    assert [plan.take("submit", ANNA) is fault for _ in hits] == hits
    assert fault.hits == sum(hits)


def test_chance_is_drawn_from_the_seed():
    def struck(seed):
        plan = FaultPlan(chance=random.Random(seed))
        plan.arm(Fault("silent", times=None, probability=0.5))
        return [plan.take("submit", ANNA) is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 140


def test_points_are_apart_and_the_first_armed_goes_first():
    plan = FaultPlan()
    first, second = plan.arm(Fault("silent")), plan.arm(Fault("disconnect"))
    receipt = plan.arm(Fault("receipt_never"))
    assert plan.take("bind", "gateway") is None
    assert [plan.take("submit", ANNA), plan.take("submit", ANNA)] == [first, second]
    assert plan.unfired == [receipt]


def test_faults_are_cleared_one_by_one_or_all_and_somebody_is_told():
    told = []
    plan = FaultPlan(on_over=told.append)
    one, two = plan.arm(Fault("silent", times=None)), plan.arm(Fault("slow", times=None))
    plan.clear(one)
    assert plan.take("submit", ANNA) is two
    plan.clear()
    assert plan.take("submit", ANNA) is None
    assert told == [one, two]


def test_a_busy_road_looks_at_one_attribute():
    plan = FaultPlan()
    assert not plan.awake
    spent = plan.arm(Fault("silent"))
    kept = plan.arm(Fault("absent", times=None))
    assert plan.awake
    assert plan.is_armed("submit")
    assert plan.take("submit", ANNA) is spent
    assert plan.awake
    assert not plan.is_armed("submit", "receipt")
    plan.clear(kept)
    assert not plan.awake
    plan.use_numbers(on=True)
    assert plan.awake
    # The quick road looks at each number itself.
    assert not plan.is_armed("submit")


def test_every_effect_has_its_point():
    assert set(POINTS) == set(get_args(Effect)) - {"elsewhere"}
    assert set(POINTS.values()) == set(get_args(Point))


# --- magic numbers


def test_a_number_strikes_at_its_own_point_only():
    plan = FaultPlan(numbers=True)
    assert plan.take("submit", "+31612349001") is None
    fault = plan.take("receipt", "+31612349001")
    assert (fault.effect, fault.stat) == ("receipt_stat", "UNDELIV")
    assert plan.take("receipt", "+31612349000") is None
    assert FaultPlan().take("receipt", "+31612349001") is None


def test_a_number_whose_fault_would_never_end_is_spared_once_in_a_while():
    plan = FaultPlan(numbers=True)
    throttled, other = "+31612349003", "+31699999003"
    struck = [plan.take("submit", throttled) is not None for _ in range(8)]
    assert struck == [True, True, True, False] * 2
    assert plan.take("submit", other) is not None
    assert [plan.take("submit", "+31612349004") is not None for _ in range(4)] == [True, False, True, False]


def test_what_was_ordered_goes_before_what_a_number_is():
    plan = FaultPlan(numbers=True)
    ordered = plan.arm(Fault("silent"))
    assert plan.take("submit", "+31612349008") is ordered
    assert plan.take("submit", "+31612349008").effect == "status"
