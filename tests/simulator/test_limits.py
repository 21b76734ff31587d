"""The token bucket: how much may come at once, and how fast it fills."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.limits import TokenBucket


def test_a_burst_then_the_rate():
    bucket = TokenBucket(10.0, 3, now_s=100.0)
    assert bucket.left(100.0) == 3
    bucket.take(3)
    assert bucket.left(100.05) == 0
    assert bucket.left(100.1) == 1
    assert bucket.left(200.0) == 3


@pytest.mark.parametrize(("rate_per_s", "burst"), [(0.5, 1), (10.0, 10), (10.5, 11)])
def test_without_a_burst_it_holds_a_second(rate_per_s, burst):
    assert TokenBucket(rate_per_s, 0, 0.0).left(0.0) == burst


@given(st.floats(0.5, 1000), st.integers(1, 50), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60)), max_size=50))
def test_never_more_than_the_burst_and_what_came_since(rate_per_s, burst, steps):
    bucket, now_s, taken = TokenBucket(rate_per_s, burst, 0.0), 0.0, 0
    for passed_s, wanted in steps:
        now_s += passed_s
        count = min(bucket.left(now_s), wanted)
        bucket.take(count)
        taken += count
        assert taken <= burst + now_s * rate_per_s + 1e-6
