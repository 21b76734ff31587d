"""The fault plan: what strikes whom, how often, and what never fired."""

import pytest

from simulator.faults import POINTS, Fault, FaultPlan

ANNA, BRAM = "+31610000001", "+31610000002"


@pytest.mark.parametrize(
    ("fault", "hits"),
    [
        (Fault("silent"), [True, False, False, False]),
        (Fault("silent", times=2), [True, True, False, False]),
        (Fault("silent", times=None), [True, True, True, True]),
        (Fault("silent", times=None, every=2), [False, True, False, True]),
        (Fault("silent", number=BRAM), [False, False, False, False]),
    ],
)
def test_how_often_a_fault_strikes(fault, hits):
    plan = FaultPlan()
    plan.arm(fault)
    assert [plan.take("submit", ANNA) is fault for _ in hits] == hits
    assert fault.hits == sum(hits)


def test_points_are_apart_and_the_first_armed_goes_first():
    plan = FaultPlan()
    first, second = plan.arm(Fault("silent")), plan.arm(Fault("disconnect"))
    receipt = plan.arm(Fault("receipt_never"))
    assert plan.take("bind", "gateway") is None
    assert [plan.take("submit", ANNA), plan.take("submit", ANNA)] == [first, second]
    assert plan.unfired == [receipt]


def test_faults_are_cleared_one_by_one_or_all():
    plan = FaultPlan()
    one, two = plan.arm(Fault("silent", times=None)), plan.arm(Fault("slow", times=None))
    plan.clear(one)
    assert plan.take("submit", ANNA) is two
    plan.clear()
    assert plan.take("submit", ANNA) is None


def test_every_effect_has_its_point():
    assert set(POINTS.values()) == {"submit", "bind", "receipt"}
