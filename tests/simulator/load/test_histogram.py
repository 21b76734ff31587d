"""The histogram against sorted lists: three digits everywhere, extremes exact."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load.histogram import PERCENTILES, SUB, Histogram, percentile_name

values = st.lists(st.integers(0, 10**10), min_size=1, max_size=300)


def of(numbers):
    one = Histogram()
    for number in numbers:
        one.record(number)
    return one


@given(values, st.sampled_from([0, 1, 50, 90, 99, 99.9, 100]))
def test_a_percentile_is_the_nearest_rank_to_three_digits(numbers, percent):
    rank = max(-(-len(numbers) * percent // 100), 1)
    exact = sorted(numbers)[int(rank) - 1]
    found = of(numbers).at(percent)
    assert exact <= found <= exact + exact // SUB


@given(values)
def test_extremes_sum_and_count_are_exact(numbers):
    one = of(numbers)
    assert (one.min_us, one.max_us, one.sum_us, one.count) == (min(numbers), max(numbers), sum(numbers), len(numbers))
    assert one.at(100) == max(numbers)
    assert one.mean_us == sum(numbers) / len(numbers)


@given(values, values)
def test_two_merged_are_one_of_both(first, second):
    merged = of(first)
    merged.merge(of(second))
    assert merged == of(first + second)
    empty = Histogram()
    empty.merge(of(first))
    empty.merge(Histogram())
    assert empty == of(first)


@given(values)
def test_json_and_back_loses_nothing(numbers):
    one = of(numbers)
    assert Histogram.from_json(one.to_json()) == one


@given(st.lists(st.integers(0, 2 * SUB - 1), min_size=1, max_size=50))
def test_small_values_are_exact(numbers):
    assert [low for low, high, _ in of(numbers).buckets() if low == high] == sorted(set(numbers))


def test_buckets_lie_side_by_side():
    one = of(range(0, 100_000, 1))
    buckets = list(one.buckets())
    assert buckets[0][0] == 0
    assert all(high + 1 == low for (_, high, _), (low, _, _) in pairwise(buckets))
    assert sum(count for _, _, count in buckets) == 100_000


def test_nothing_and_less_than_nothing():
    empty = Histogram()
    assert (empty.at(99), empty.max_us, empty.mean_us) == (0, 0, 0.0)
    one = Histogram()
    one.record(-3)
    one.record_s(0.0015)
    assert (one.min_us, one.max_us) == (0, 1500)


def test_a_summary_is_in_milliseconds():
    one = of([1000] * 99 + [50_000])
    assert one.summary_ms() == {
        "count": 100, "p50": 1.0, "p90": 1.0, "p99": 1.0, "p99.9": 50.0, "max": 50.0, "mean": 1.49,
    }  # fmt: skip


@pytest.mark.parametrize(("percent", "name"), [*zip(PERCENTILES, ("p50", "p90", "p99", "p99.9"), strict=True)])
def test_percentiles_by_name(percent, name):
    assert percentile_name(percent) == name


def test_room_does_not_grow_with_the_number_of_values():
    chance = random.Random(1)
    one = of(round(chance.lognormvariate(9, 1)) for _ in range(50_000))
    assert len(one.counts) < 14 * SUB  # from 113 us to half a second are 13 octaves
