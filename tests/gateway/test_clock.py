"""Business time never runs back; the transport's is monotonic; wake-ups only call."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway import clock as module
from gateway.clock import Backwards, Clock, NotVirtual, WakeUps

START = datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def machine(monkeypatch):
    """A machine whose clock can be set."""

    class Machine(datetime):
        at = START.astimezone(UTC)

        @classmethod
        def now(cls, tz=None):
            assert tz is UTC
            return cls.at

    monkeypatch.setattr(module, "datetime", Machine)
    return Machine


class TestVirtual:
    def test_it_stands_until_it_is_moved(self):
        clock = Clock(start=START)
        assert (clock.mode, clock.virtual) == ("virtual", True)
        assert clock.now() == clock.now() == START
        assert clock.now().tzinfo is UTC

    def test_it_is_moved_forward_only(self):
        clock = Clock(start=START)
        clock.set(START + timedelta(days=30))
        clock.set(START + timedelta(days=30))
        assert clock.now() == START + timedelta(days=30)
        with pytest.raises(Backwards, match="is before that"):
            clock.set(START)
        assert clock.now() == START + timedelta(days=30)

    def test_a_restart_begins_where_the_store_ended(self):
        clock = Clock(start=START)
        clock.not_before(None)
        clock.not_before(START - timedelta(days=1))
        assert clock.now() == START
        clock.not_before(START + timedelta(days=1))
        assert clock.now() == START + timedelta(days=1)


class TestShifted:
    def test_it_runs_from_its_start_as_the_machine_does(self, machine):
        clock = Clock(start=START, runs=True)
        assert (clock.mode, clock.virtual, clock.now()) == ("shifted", False, START)
        machine.at += timedelta(seconds=90)
        assert clock.now() == START + timedelta(seconds=90)

    def test_it_never_runs_back_and_cannot_be_moved(self, machine):
        clock = Clock(start=START, runs=True)
        machine.at -= timedelta(seconds=5)
        assert clock.now() == START
        with pytest.raises(NotVirtual):
            clock.set(START + timedelta(days=1))

    def test_a_restart_runs_on_from_where_the_store_ended(self, machine):
        clock = Clock(start=START, runs=True)
        clock.not_before(START - timedelta(days=1))
        assert clock.now() == START
        clock.not_before(START + timedelta(days=1))
        machine.at += timedelta(seconds=7)
        assert clock.now() == START + timedelta(days=1, seconds=7)


class TestSystem:
    def test_it_is_the_machines(self, machine):
        clock = Clock()
        assert (clock.mode, clock.virtual) == ("system", False)
        machine.at += timedelta(seconds=5)
        assert clock.now() == machine.at

    def test_it_does_not_run_back_with_the_machine(self, machine):
        clock = Clock()
        seen = clock.now()
        machine.at -= timedelta(hours=1)
        assert clock.now() == seen
        machine.at += timedelta(hours=2)
        assert clock.now() == machine.at

    def test_nor_behind_what_was_committed(self, machine):
        clock = Clock()
        clock.not_before(machine.at + timedelta(minutes=1))
        assert clock.now() == machine.at + timedelta(minutes=1)

    def test_it_cannot_be_moved(self):
        with pytest.raises(NotVirtual):
            Clock().set(START)

    def test_the_transports_is_another(self, machine):
        before = Clock.transport_now()
        machine.at -= timedelta(days=1)
        assert Clock.transport_now() >= before


def test_wake_ups_call_until_they_are_stopped(monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.01)

    async def story():
        looked, count = asyncio.Event(), 0

        def look():
            nonlocal count
            count += 1
            if count == 3:
                looked.set()

        wake_ups = WakeUps(look)
        wake_ups.start()
        async with asyncio.timeout(10):
            await looked.wait()
        wake_ups.stop()

    asyncio.run(story())
