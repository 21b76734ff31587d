"""A share of the thousand settles in every run, and the control without which they would prove nothing."""

import asyncio

from tests.settles.play import busy_cores, naps, settles

COUNT = 150
CONTROL = 400


def test_when_both_sides_are_quiet_everything_is_there(tmp_path):
    with busy_cores():
        rounds = asyncio.run(settles(tmp_path, COUNT, seed=1))
    assert (rounds.played, rounds.wrong) == (COUNT, [])


def test_the_control_that_waits_and_hopes_is_wrong(tmp_path):
    """One delay is below 50 ms, two of them often are not; nothing of it depends on how fast the machine is."""
    with busy_cores():
        rounds = asyncio.run(naps(tmp_path, CONTROL, seed=1, until_wrong=True))
    assert len(rounds.wrong) == 1
    assert rounds.played < CONTROL
