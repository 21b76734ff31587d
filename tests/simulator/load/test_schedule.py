"""Arrivals: as many as the rate says, where the rate says, the same from the same seed."""

import random
from itertools import pairwise

import pytest

from simulator.load.schedule import (
    BadPlan,
    Stage,
    arrivals,
    length_s,
    rate_at,
    seconds_of,
    stage,
    stages_of,
)


def test_even_arrivals_are_the_rate_exactly():
    found = list(arrivals([stage(10, 50)], "even", random.Random(1)))
    assert len(found) == 500
    assert found[0] == pytest.approx(0.02)
    assert found[-1] == pytest.approx(10)
    gaps = [b - a for a, b in pairwise(found)]
    assert min(gaps) == pytest.approx(max(gaps))


def test_stages_follow_each_other_without_a_gap():
    stages = stages_of("10s@100, 5s@0..200, 10s@200")
    assert (length_s(stages), [one.flows for one in stages]) == (25, [1000, 500, 2000])
    found = list(arrivals(stages, "even", random.Random(1)))
    assert len(found) == 3500
    assert found == sorted(found)
    assert sum(10 < at <= 12.5 for at in found) == 125  # a quarter of the ramp's flows in its first half
    assert [rate_at(stages, at) for at in (0, 9.9, 12.5, 20, 26)] == [100, 100, 100, 200, 0]


def test_a_stage_of_silence_is_no_end():
    found = list(arrivals([stage(1, 10), Stage(5, 0, 0), stage(1, 10)], "even", random.Random(1)))
    assert len(found) == 20
    assert not [at for at in found if 1.01 < at < 6]


def test_a_ramp_down_to_nothing_ends_where_it_should():
    found = list(arrivals([stage(10, 100, 0)], "even", random.Random(1)))
    assert len(found) == 500
    assert found[-1] == pytest.approx(10)


def test_poisson_has_its_mean_and_its_variance():
    found = list(arrivals([stage(2000, 10)], "poisson", random.Random(7)))
    counts = [0] * 2000
    for at in found:
        counts[int(at)] += 1
    mean = sum(counts) / 2000
    variance = sum((count - mean) ** 2 for count in counts) / 2000
    assert mean == pytest.approx(10, rel=0.02)
    assert variance == pytest.approx(10, rel=0.1)


def test_the_seed_is_the_schedule():
    def once(seed):
        return list(arrivals([stage(5, 100)], "poisson", random.Random(seed)))

    assert once(3) == once(3)
    assert once(3) != once(4)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("2m", 120), ("500ms", 0.5), ("1.5h", 5400), ("1d", 86400)]
)
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: seconds_of("soon"), "'soon' is no duration"),
        (lambda: seconds_of("0s"), "is no duration"),
        (lambda: seconds_of("8d"), "at most 7d"),
        (lambda: stages_of("10s@100,20"), "'20' is no stage"),
        (lambda: stages_of("10s@5..x"), "is no stage"),
        (lambda: stage(1, 0), "not 0 throughout"),
        (lambda: stage(1, 1e9), "allowed are 0 to 100000"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(make, told):
    with pytest.raises(BadPlan, match=told.replace("(", r"\(")):
        make()
