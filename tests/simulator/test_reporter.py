"""When an ESME is told: after the delay, counted in hours that pass and not on the clock face."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import SystemClock, VirtualClock

# Clocks go forward an hour on 28 March 2027 at 01:00 UTC, and back on 31 October 2027 at 01:00 UTC.
SPRING, AUTUMN = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_a_delay_and_a_validity_pass_over_a_change_of_summer_time(bench, run, change):
    async def story():
        begin = change - timedelta(minutes=1)
        async with bench(settings={"receipt_delay_s": 120}) as world:
            world.clock.set(begin)
            peer = await world.bound()
            await peer.submit()
            assert world.smsc.agenda.next_due == begin + timedelta(seconds=120)
            world.play()
            assert (await peer.read()).command == "deliver_sm"
        async with bench(is_reachable=lambda _: False) as world:
            world.clock.set(begin)
            peer = await world.bound()
            await peer.submit(validity_period="000000040000000R")
            assert world.smsc.agenda.next_due == begin + timedelta(hours=4)

    run(story())


def test_on_the_system_clock_receipts_fall_due_together(bench, run):
    async def story():
        clock = SystemClock()
        async with bench(clock=clock, settings={"receipt_delay_s": 3600}) as world:
            peer = await world.bound()
            began = clock.utc()
            await peer.submit()
            due = world.smsc.agenda.next_due
            assert due.microsecond % 10_000 == 0
            assert timedelta(hours=1) <= due - began < timedelta(hours=1, minutes=1)

    run(story())


def test_the_same_instant_for_reckoning():
    clock = VirtualClock(AUTUMN)
    assert clock.utc() == clock.now().astimezone(UTC) == AUTUMN
    assert clock.utc().tzinfo is UTC


def test_many_that_were_delivered_at_once_are_told_of_one_by_one(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            wanting = [peer.send("submit_sm", destination_addr="316", registered_delivery=n % 2) for n in range(6)]
            ids = [(await peer.read()).text("message_id").encode() for _ in wanting]
            world.play()
            told = [await peer.read() for _ in range(3)]
            assert [pdu.tlv("receipted_message_id") for pdu in told] == [one + b"\0" for one in ids[1::2]]

    run(story())
