"""The judge of a soak: what leads upwards is found, what only breathes is let be. The first test is the control: a
judge that lets everything pass fails it.
"""

import random

import pytest

from simulator.load.growth import LIMITS, PER_FLOWS, column, judge, theil_sen

MB = 1_000_000
RSS = next(limit for limit in LIMITS if limit.name == "gateway.rss_bytes")
FDS = next(limit for limit in LIMITS if limit.name == "gateway.descriptors")
WAL = next(limit for limit in LIMITS if limit.name == "wal_bytes")
FLOWS = [2500.0 * second for second in range(240)]


def series(rule, *, noise=0.0, seed=1):
    chance = random.Random(seed)
    return [rule(flows) + chance.gauss(0, noise) for flows in FLOWS]


def leak(mb_per_unit):
    return lambda flows: (80 + mb_per_unit * flows / PER_FLOWS) * MB


@pytest.mark.parametrize("noise", [0, 0.2 * MB, 0.5 * MB])
@pytest.mark.parametrize("mb", [1.5, 3, 20])
def test_a_leak_is_found(mb, noise):
    found = judge(RSS, FLOWS, series(leak(mb), noise=noise))
    assert not found.ok
    assert found.slope == pytest.approx(mb, rel=0.15)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(leak(0), id="flat"),
        pytest.param(leak(0.5), id="half of what is allowed"),
        pytest.param(leak(-5), id="falling"),
        pytest.param(lambda flows: (60 + min(flows / 150_000, 1) * 40) * MB, id="caches fill, then flat"),
        pytest.param(lambda flows: (80 + flows % 50_000 / 10_000) * MB, id="a saw"),
        pytest.param(lambda flows: (80 + 1.5 * (flows > 400_000)) * MB, id="one step of the allocator"),
    ],
)
def test_what_only_breathes_is_no_growth(rule):
    for seed in range(5):
        assert judge(RSS, FLOWS, series(rule, noise=0.2 * MB, seed=seed)).ok


def test_one_descriptor_now_and_then_is_found():
    found = judge(FDS, FLOWS, series(lambda flows: 40 + flows // 50_000))
    assert not found.ok
    assert judge(FDS, FLOWS, series(lambda flows: 40 + flows // 2500 % 3)).ok


def test_a_log_that_is_too_large_once_is_too_large():
    sizes = series(lambda flows: flows % 100_000 / 100_000 * 30 * MB)
    assert judge(WAL, FLOWS, sizes).ok
    sizes[3] = 65 * MB
    assert not judge(WAL, FLOWS, sizes).ok


def test_too_few_samples_say_nothing():
    assert judge(RSS, FLOWS[:12], series(leak(20))[:12]) is None
    assert judge(RSS, [], []) is None


def test_theil_sen_is_not_bent_by_a_few():
    points = [(float(x), 2.0 * x) for x in range(20)]
    points[5] = (5.0, 1000.0)
    assert theil_sen(points) == 2.0
    assert theil_sen([(1.0, 2.0), (1.0, 3.0)]) == 0.0


def test_a_column_is_what_the_samples_have_of_it():
    rows = [{"flows": 1, "gateway": {"rss_bytes": 5}}, {"gateway": {"rss_bytes": 6}}, {"flows": 3, "wal_bytes": 9}]
    assert column(rows, "gateway.rss_bytes") == ([1.0], [5.0])
    assert column(rows, "wal_bytes") == ([3.0], [9.0])
