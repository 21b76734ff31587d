"""The business clock and what falls due on it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import AMSTERDAM, START, Agenda, SystemClock, VirtualClock


def test_a_virtual_clock_is_what_it_was_set_to_and_never_goes_back():
    clock = VirtualClock()
    assert clock.now() == START
    clock.set(START + timedelta(hours=1))
    assert clock.now().tzinfo is AMSTERDAM
    with pytest.raises(ValueError, match="can not go back"):
        clock.set(START)


def test_the_hour_that_comes_twice_is_not_backwards():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 summer time
    clock = VirtualClock(first)
    clock.set(first + timedelta(minutes=45))  # 02:15 winter time
    assert clock.now().astimezone(UTC) == first + timedelta(minutes=45)
    with pytest.raises(ValueError, match="can not go back"):
        clock.set(first + timedelta(minutes=30))


def test_the_system_clock_can_not_be_set():
    with pytest.raises(ValueError, match="system clock"):
        SystemClock().set(START)


def test_an_agenda_plays_in_order_what_is_due():
    clock, played, moves = VirtualClock(), [], []
    agenda = Agenda(clock, lambda: moves.append(len(played)))
    for name, minutes in (("b", 2), ("a", 1), ("b2", 2), ("c", 3)):
        agenda.add(START + timedelta(minutes=minutes), lambda name=name: played.append(name))
    assert agenda.next_due == START + timedelta(minutes=1)
    assert agenda.play() == 0
    clock.set(START + timedelta(minutes=2))
    assert agenda.play() == 3
    assert (played, moves) == (["a", "b", "b2"], [3])
    agenda.clear()
    assert agenda.next_due is None


def test_what_was_taken_back_is_not_due():
    clock, played = VirtualClock(), []
    agenda = Agenda(clock)
    actions = [(START + timedelta(minutes=n), lambda n=n: played.append(n)) for n in (1, 2, 2, 3)]
    for at, action in actions:
        agenda.add(at, action)
    for at, action in actions[:2]:
        agenda.remove(at, action)
        agenda.remove(at, action)
    assert agenda.next_due == START + timedelta(minutes=2)
    agenda.remove(*actions[2])
    agenda.add(*actions[2])
    clock.set(START + timedelta(minutes=5))
    assert (agenda.play(), played) == (2, [2, 3])
    agenda.remove(*actions[3])
    assert agenda.next_due is None


def test_what_is_taken_back_leaves_little_behind():
    agenda = Agenda(VirtualClock())
    for n in range(5000):
        at, action = START + timedelta(seconds=n), list
        agenda.add(at, action)
        agenda.remove(at, action)
    assert len(agenda._order) <= 1001
    assert agenda.next_due is None


def test_what_an_action_adds_for_now_is_played_too():
    clock, played = VirtualClock(), []
    agenda = Agenda(clock)
    agenda.add(START, lambda: agenda.add(START, lambda: played.append("then")))
    assert agenda.play() == 2
    assert played == ["then"]


def test_on_the_system_clock_the_agenda_wakes_itself(run):
    async def story():
        played = asyncio.Queue()
        agenda = Agenda(SystemClock())
        now = SystemClock().now()
        agenda.add(now + timedelta(hours=1), lambda: played.put_nowait("late"))
        agenda.add(now, lambda: played.put_nowait("now"))
        assert await asyncio.wait_for(played.get(), 5) == "now"
        assert agenda.next_due == now + timedelta(hours=1)
        agenda.clear()

    run(story())
