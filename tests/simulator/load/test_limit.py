"""The search for the limit: it doubles, comes back and rises by a tenth, and knows when it measures itself."""

import pytest

from simulator.load.limit import STEPS_MAX, Search
from simulator.load.schedule import RATE_MAX
from simulator.load.thresholds import Threshold
from tests.simulator.load import sample

THRESHOLDS = [Threshold("p99 flow", 100), Threshold("lost", 0)]


@pytest.fixture
def searched(run):
    def _searched(broken_above, *, first=100, late_above=1e9, bad_once=()):
        told = []
        bad = set(bad_once)

        async def step(rate):
            if round(rate) in bad:
                bad.discard(round(rate))
                return sample.step_parts(rate, broken_above=0)
            return sample.step_parts(rate, broken_above=broken_above, lag_s=0.5 if rate > late_above else 0.001)

        search = Search(step, THRESHOLDS, 10, told.append)
        run(search.go(first))
        return search, told

    return _searched


def test_it_doubles_then_rises_by_a_tenth(searched):
    search, told = searched(500)
    assert [round(one["rate"]) for one in search.steps] == [100, 200, 400, 800, 800, 440, 484, 532, 532]
    assert [one["ok"] for one in search.steps] == [True] * 3 + [False] * 2 + [True] * 2 + [False] * 2
    assert round(search.last_good) == 484
    assert "the gateway's processor time: 95 %" in search.bottleneck[0]
    assert search.parts["saturation"]["gateway"]["core_pct"] == pytest.approx(40)
    assert len(told) == 9
    assert "✗" in told[3]
    assert "p99 whole flow < 100 ms" in told[3]


def test_a_first_rate_that_is_too_much_is_the_end(searched):
    search, _ = searched(50)
    assert (search.last_good, len(search.steps)) == (0, 2)
    assert search.parts["ended"]["finished"] > 0


def test_one_bad_second_of_the_machine_is_no_limit(searched):
    search, _ = searched(500, bad_once=(200, 440))
    assert [round(one["rate"]) for one in search.steps if not one["ok"]] == [200, 800, 800, 440, 532, 532]
    assert round(search.last_good) == 484


def test_a_late_generator_ends_it(searched):
    search, told = searched(1e9, late_above=300)
    assert [round(one["rate"]) for one in search.steps] == [100, 200, 400, 400]
    assert (search.last_good, search.steps[-1]["valid"]) == (200, False)
    assert "the generator itself" in search.bottleneck[0]
    assert "generator late" in told[-1]


def test_it_ends_some_time(searched):
    search, _ = searched(1e30)
    assert search.to_json()["last_good"] == search.steps[-1]["rate"] <= RATE_MAX
    search, _ = searched(1e30, first=1e-30)
    assert len(search.steps) == STEPS_MAX
