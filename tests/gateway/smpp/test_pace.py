"""The pace as arithmetic: times in, room out. The SMSC of these tests is a token bucket of its own."""

import pytest

from gateway.smpp.pace import FLOOR_PER_S, METER_S, WAKE_S, Pace

ROK, THROTTLED, FULL, SYSERR = 0x00, 0x58, 0x14, 0x08


def sends(pace, now, count):
    for _ in range(count):
        pace.sent(now)


def taken(pace, now, count, rtt_s=0.0):
    for _ in range(count):
        pace.answered(ROK, now, rtt_s)


# ------------------------------------------------------------------------------------------------ the bound
def test_without_a_bound_only_the_window_counts():
    pace = Pace(window=64)
    assert not pace.holds
    sends(pace, 0.0, 10_000)
    taken(pace, 0.0, 10_000)
    assert not pace.holds
    assert not pace.slowed
    assert pace.room(0.0, 0) == 64


def test_a_tenth_of_a_second_may_go_at_once_then_one_at_a_time():
    pace = Pace(rate_per_s=100, window=64)
    assert pace.holds
    assert pace.room(0.0, 0) == 10
    sends(pace, 0.0, 10)
    assert pace.room(0.0, 0) == 0
    assert pace.next_at(0.0) == pytest.approx(0.01)
    assert pace.room(0.009, 0) == 0
    assert pace.room(0.01, 0) == 1
    # what is not used is not saved beyond the burst
    assert pace.room(1000.0, 0) == 10


def test_a_burst_of_ones_own():
    pace = Pace(rate_per_s=10, burst=40, window=64)
    assert pace.room(0.0, 0) == 40
    assert pace.room(0.0, 30) == 34  # the window counts as well
    sends(pace, 0.0, 40)
    assert pace.room(1.0, 0) == 10


def test_less_than_one_a_second():
    pace = Pace(rate_per_s=0.5)
    assert pace.room(0.0, 0) == 1
    sends(pace, 0.0, 1)
    assert pace.next_at(0.0) == pytest.approx(2.0)
    assert pace.room(2.0, 0) == 1


def test_nobody_is_woken_for_every_token_of_a_fast_one():
    pace = Pace(rate_per_s=100_000)
    sends(pace, 0.0, 10_000)
    assert pace.next_at(0.0) == WAKE_S


@pytest.mark.parametrize("rate_per_s", [1, 7, 250, 3000])
def test_never_more_than_the_bound(rate_per_s):
    pace, sent, now = Pace(rate_per_s=rate_per_s, window=10_000), 0, 0.0
    while now < 10:
        room = pace.room(now, 0)
        sends(pace, now, room)
        sent += room
        now = pace.next_at(now)
    assert rate_per_s * 9.9 <= sent <= rate_per_s * 10 + max(1, rate_per_s / 10)


# ------------------------------------------------------------------------------------------------ slowing down
def test_throttled_it_takes_half_of_what_was_taken():
    pace = Pace(window=64)
    taken(pace, 0.0, 100)  # in a tenth of a second
    pace.answered(THROTTLED, METER_S / 2, 0.01)
    assert pace.rate_per_s == pytest.approx(500)
    assert pace.slowed
    assert pace.holds
    assert pace.window == 64
    # and not at once
    assert pace.room(METER_S / 2, 0) == 0
    assert pace.room(METER_S / 2 + 0.002, 0) == 1


def test_what_had_left_before_slows_nothing_down_again():
    pace = Pace()
    taken(pace, 0.0, 100)
    for _ in range(50):
        pace.answered(THROTTLED, 0.05, 0.01)
    for _ in range(50):
        pace.answered(THROTTLED, 0.06, 0.02)
    assert pace.rate_per_s == pytest.approx(500)
    pace.answered(THROTTLED, 0.06, 0.005)
    assert pace.rate_per_s == pytest.approx(250)


def test_it_goes_on_asking_however_often_it_is_refused():
    pace = Pace()
    for step in range(1000):
        pace.answered(THROTTLED, float(step), 0.0)
    assert pace.rate_per_s == FLOOR_PER_S
    assert pace.room(1001.0, 0) == 2


def test_the_floor_of_a_bound_that_is_lower():
    pace = Pace(rate_per_s=4)
    for step in range(10):
        pace.answered(THROTTLED, float(step), 0.0)
    assert pace.rate_per_s == 1


def test_a_full_queue_halves_the_window_too():
    pace = Pace(window=64)
    for step in range(1, 8):
        pace.answered(FULL, float(step), 0.0)
    assert pace.window == 1
    assert pace.room(20.0, 0) == 1
    assert pace.room(20.0, 1) == 0
    for step in range(8, 8 + 64 * 64):
        pace.answered(ROK, float(step), 0.0)
    assert pace.window == 64


def test_the_window_may_grow_longer_than_the_rate():
    pace = Pace(rate_per_s=40, window=1000)
    pace.answered(FULL, 0.0, 0.0)
    for step in range(1, 1000):
        pace.answered(ROK, float(step), 0.0)
    assert (pace.rate_per_s, pace.slowed) == (40, True)
    assert 501 < pace.window < 503


def test_one_subscribers_full_queue_is_not_the_smscs():
    pace = Pace()
    taken(pace, 0.0, 95)
    for _ in range(5):
        pace.answered(FULL, 0.01, 0.001)
    assert not pace.slowed
    for _ in range(10):
        pace.answered(FULL, 0.01, 0.001)
    assert pace.slowed


@pytest.mark.parametrize("status", [SYSERR, 0x0B, 0x45, 0x400])
def test_any_other_status_is_none_of_its_business(status):
    pace = Pace()
    pace.answered(status, 0.0, 0.0)
    assert not pace.slowed


# ------------------------------------------------------------------------------------------------ speeding up
def seconds_until(pace, reached, now):
    """Real seconds of an SMSC that takes all it is sent."""
    began = now
    while not reached(pace):
        assert now < began + 300
        room = pace.room(now, 0)
        sends(pace, now, room)
        taken(pace, now, room)
        now = pace.next_at(now) if pace.holds else now + 1
    return now - began


def test_first_it_doubles_then_it_creeps():
    pace = Pace(rate_per_s=2000, window=10_000)
    taken(pace, 0.0, 200)
    pace.answered(THROTTLED, 0.05, 0.0)
    assert pace.rate_per_s == 1000
    for step in range(1, 20):  # refused and refused: nothing new about where the limit is
        pace.answered(THROTTLED, float(step), 0.0)
    assert pace.rate_per_s == FLOOR_PER_S
    assert 3.5 < seconds_until(pace, lambda one: one.rate_per_s >= 1000, 20.0) < 5
    assert 8 < seconds_until(pace, lambda one: one.rate_per_s >= 2000, 40.0) < 12
    assert not pace.slowed
    assert pace.holds


def test_without_a_bound_it_is_forgotten_in_the_end():
    pace = Pace(window=10_000)
    taken(pace, 0.0, 100)
    pace.answered(THROTTLED, 0.05, 0.0)
    assert 60 < seconds_until(pace, lambda one: not one.holds, 0.1) < 90


@pytest.mark.parametrize("limit_per_s", [30, 200, 3000])
def test_it_finds_the_limit_of_an_smsc(limit_per_s):
    """More than half of what the SMSC would take, with few refusals."""
    pace = Pace(window=64)
    now, tokens, filled_at, accepted, refused = 0.0, limit_per_s / 10, 0.0, 0, 0
    while now < 60:
        tokens, filled_at = min(limit_per_s / 10, tokens + (now - filled_at) * limit_per_s), now
        for _ in range(pace.room(now, 0)):
            pace.sent(now)
            if tokens >= 1:
                tokens, accepted = tokens - 1, accepted + 1
                pace.answered(ROK, now, 0.0)
            else:
                refused += 1
                pace.answered(THROTTLED, now, 0.0)
        now = max(now + 0.001, pace.next_at(now) if pace.holds else 0)
    assert accepted > 0.5 * 60 * limit_per_s
    assert refused < 0.05 * accepted
