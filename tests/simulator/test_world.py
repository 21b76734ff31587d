"""The played world against a gateway that echoes: texts, events, time and crashes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import START, SystemClock
from simulator.faultnames import find_fault
from simulator.faults import Fault
from simulator.pdu import tlv
from simulator.settle import NotQuiet
from simulator.smsc import SmscSettings
from simulator.world import World, _sar

ANNA = "+31610000001"


def test_a_text_returns_what_comes_back(played, run):
    async def story():
        async with played() as (world, gateway):
            shown = []
            world.on_line = lambda handset, line: shown.append((handset.name, line.direction, line.text))
            anna = world.handset(ANNA, "Anna")
            assert [line.text for line in await world.text(anna, "HELP")] == ["echo: HELP"]
            assert shown == [("Anna", "out", "HELP"), ("Anna", "in", "echo: HELP")]
            assert gateway.counts["mo_in"] == 1

    run(story())


@pytest.mark.parametrize("delay_s", [0.0, 0.04])
def test_a_slow_smsc_changes_nothing_about_settling(played, run, delay_s):
    async def story():
        async with played() as (world, _):
            world.faults.arm(Fault("slow", times=None, delay_s=delay_s))
            anna = world.handset(ANNA)
            for n in range(10):
                assert [line.text for line in await world.text(anna, str(n))] == [f"echo: {n}"]

    run(story())


def test_events_are_posted_and_counted(played, run):
    async def story():
        async with played() as (world, gateway):
            anna = world.handset(ANNA, language="en")
            await world.subscribe(anna, customer="acme")
            assert await world.roam(anna, "US") == []
            used = await world.use(anna, megabytes=1.5)
            assert (used.blocked, used.result["status"]) == (False, "accepted")
            assert await world.change(anna, hard_cap=True) == []
            posted = [(method, body) for method, path, _, body, _ in gateway.requests if path != "/v1/quiet"]
            assert [method for method, _ in posted] == ["PUT", "POST", "POST", "PATCH"]
            assert posted[0][1] == {"language": "en", "customer": "acme"}
            assert posted[2][1]["data"]["bytes"] == 1_500_000
            assert world.counters.events_out == 2

    run(story())


def test_time_moves_in_the_order_of_what_is_due_on_either_side(played, run):
    async def story():
        async with played(smsc=SmscSettings(receipt_delay_s=30)) as (world, gateway):
            anna = world.handset(ANNA)
            await world.text(anna, "HELP")
            gateway.due = [(START + timedelta(seconds=n)).astimezone(UTC) for n in (10, 50)]
            instants = await world.advance(by=timedelta(minutes=1))
            assert [(at - START).total_seconds() for at in instants] == [10, 30, 50]
            assert gateway.counts["receipts_in"] == 1
            assert gateway.now == world.clock.now() == START + timedelta(minutes=1)
            with pytest.raises(ValueError, match="can not go back"):
                await world.advance(to=START)

    run(story())


@pytest.mark.parametrize(
    ("start", "first"),
    [(START, "2026-12-01T00:00:00+01:00"), ("2026-12-31T23:30:00+01:00", "2027-01-01T00:00:00+01:00")],
)
def test_the_next_month_begins_at_midnight_in_amsterdam(played, run, start, first):
    async def story():
        async with played() as (world, _):
            await world.advance(to=datetime.fromisoformat(str(start)))
            await world.next_month()
            assert world.clock.now().isoformat() == first

    run(story())


def test_a_gateway_that_is_never_done_ends_the_advance(played, run, monkeypatch):
    monkeypatch.setattr("simulator.world.STEPS_MAX", 3)

    async def story():
        async with played() as (world, gateway):
            gateway.due = [(START + timedelta(seconds=n)).astimezone(UTC) for n in range(1, 9)]
            with pytest.raises(ValueError, match="more than 3 due moments"):
                await world.advance(by=timedelta(minutes=1))

    run(story())


def test_a_handset_that_is_off_gets_its_texts_later(played, run):
    async def story():
        async with played() as (world, _):
            anna = world.handset(ANNA)
            await world.switch(anna, on=False)
            assert await world.text(anna, "HELP") == []
            assert [line.text for line in await world.switch(anna, on=True)] == ["echo: HELP"]

    run(story())


def test_a_new_life_of_the_gateway_counts_from_nought(played, run):
    async def story():
        async with played() as (world, gateway):
            await world.text(world.handset(ANNA), "HELP")
            # The old process is dead; a new one counts from nought.
            gateway.boot, gateway.counts = 2, dict.fromkeys(gateway.counts, 0)
            world.new_gateway()
            for session in list(world.smsc.sessions):
                session.counters = world.counters
            assert [line.text for line in await world.text(world.handset(ANNA), "again")] == ["echo: again"]
            assert world.counters.mo_out == 1

    run(story())


def test_a_difference_is_named(played, run):
    async def story():
        async with played(settle_timeout_s=0.1) as (world, gateway):
            gateway.counts["events_in"] = 1
            with pytest.raises(NotQuiet, match="events_out 0 here, events_in 1 at the gateway"):
                await world.settle()

    run(story())


def test_any_number_may_be_texted(played, run):
    async def story():
        async with played() as (world, gateway):
            gateway.send("31699999999", b"hello")
            await world.settle()
            assert world.handsets["+31699999999"].inbox[0].text == "hello"
            with pytest.raises(ValueError, match="'0612' is no number"):
                world.handset("0612")

    run(story())


def test_in_real_time_nothing_settles_and_the_clock_is_not_moved(run):
    async def story():
        async with World(clock=SystemClock()) as world:
            assert await world.settle() is None
            assert await world.text(world.handset(ANNA), "HELP") == []
            with pytest.raises(ValueError, match="system clock"):
                await world.advance(by=timedelta(1))

    run(story())


def test_concatenation_may_be_told_by_tlvs():
    three = (tlv("sar_msg_ref_num", 7), tlv("sar_total_segments", 2), tlv("sar_segment_seqnum", 1))
    assert (_sar(three).reference, _sar(three).total, _sar(three).number) == (7, 2, 1)
    assert _sar(()) is _sar(three[:2]) is _sar((*three[:2], tlv("sar_segment_seqnum", 3))) is None


def test_a_fault_of_the_catalogue_lasts_as_long_as_it_was_told_to(played, run):
    async def story():
        async with played() as (world, _):
            fault = world.arm(find_fault("phone.full", "en"), number=ANNA, times=None, lasts=timedelta(hours=1))
            assert world.faults.is_armed("handset")
            await world.advance(by=timedelta(minutes=59))
            assert world.faults.is_armed("handset")
            await world.advance(by=timedelta(minutes=2))
            assert not world.faults.is_armed("handset")
            assert world.faults.all == [fault]

    run(story())


def test_to_see_a_refused_bind_the_line_is_dropped_first(played, run):
    async def story():
        async with played() as (world, _):
            assert world.smsc.bound_sessions
            world.arm(find_fault("bind refused", "en"))
            async with asyncio.timeout(5):
                while world.smsc.sessions:
                    world.settling.moved.clear()
                    await world.settling.moved.wait()
            assert world.faults.is_armed("bind")

    run(story())


def test_the_gateways_own_faults_need_a_gateway_of_ours(played, run):
    async def story():
        async with played() as (world, _):
            with pytest.raises(ValueError, match="needs a gateway of our own"):
                world.arm(find_fault("gw.restart", "en"))

    run(story())
