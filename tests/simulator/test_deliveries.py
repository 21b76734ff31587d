"""Texts and receipts on their way to an ESME: order, refusals, lost sessions, the window."""

import asyncio

import pytest

from simulator import alphabet
from simulator.commands import Status

NUMBER = "31610000001"
HANDSET = "+31610000001"

# --- texts to an ESME


def test_a_text_is_brought_and_its_answer_told(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(world.smsc.send_mo(HANDSET, "1330", "INFO UIT"))
                request = await peer.read()
                assert request.octets() == b"INFO UIT"
                assert (request.text("source_addr"), request.integer("source_addr_ton")) == (NUMBER, 1)
                assert (request.text("destination_addr"), request.integer("dest_addr_ton")) == ("1330", 3)
                peer.send("deliver_sm_resp", sequence=request.sequence)
                assert await sending == [Status.ROK]

    run(story())


def test_a_long_text_goes_part_by_part(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            delivery = world.smsc.post_mo(HANDSET, "1330", "a" * 310)
            lengths = []
            for _ in range(3):
                request = await peer.read()
                assert world.smsc.counters.unanswered == 1
                assert request.integer("esm_class") == alphabet.UDHI
                lengths.append(len(request.octets()))
                peer.send("deliver_sm_resp", sequence=request.sequence)
            await world.until(lambda: delivery.finished)
            assert (lengths, delivery.statuses) == ([159, 159, 13], [0, 0, 0])
            assert world.smsc.counters.mo_out == 3

    run(story())


@pytest.mark.parametrize("refusal", [Status.RMSGQFUL, Status.RTHROTTLED, Status.RSYSERR])
def test_a_text_refused_for_now_is_brought_again_before_the_next(bench, run, refusal):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            for text in ("one", "two"):
                world.smsc.post_mo(HANDSET, "1330", text)
            seen = []
            for status in (refusal, refusal, Status.ROK, Status.ROK):
                request = await peer.read()
                seen.append(request.octets())
                peer.send("deliver_sm_resp", sequence=request.sequence, status=status)
            await world.until(lambda: not world.smsc.counters.unanswered)
            assert seen == [b"one", b"one", b"one", b"two"]
            assert world.smsc.counters.mo_out == 4
            assert world.smsc.deliveries.waiting == 0

    run(story())


@pytest.mark.parametrize("command", ["deliver_sm_resp", "generic_nack"])
def test_a_text_refused_for_good_is_not_brought_again(bench, run, command):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            first = world.smsc.post_mo(HANDSET, "1330", "a" * 200)
            request = await peer.read()
            peer.send(command, sequence=request.sequence, status=Status.RINVDSTADR)
            await world.until(lambda: first.finished)
            assert first.statuses == [Status.RINVDSTADR]
            second = world.smsc.post_mo(HANDSET, "1330", "next")
            assert (await peer.read()).octets() == b"next"
            assert not second.finished

    run(story())


def test_a_text_waits_until_somebody_is_bound_and_survives_a_lost_session(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.post_mo(HANDSET, "1330", "HELP")
            assert (world.smsc.deliveries.queued, world.smsc.deliveries.waiting) == (1, 0)
            await world.bound("bind_transmitter")
            first = await world.bound("bind_receiver")
            assert (await first.read()).octets() == b"HELP"
            await first.close()
            await world.until(lambda: len(world.smsc.bound_sessions) == 1)
            second = await world.bound("bind_receiver")
            assert (await second.read()).octets() == b"HELP"
            assert world.smsc.counters.unanswered == 1

    run(story())


def test_no_more_than_the_window_is_under_way(bench, run):
    async def story():
        async with bench(settings={"window": 2}) as world:
            peer = await world.bound()
            for n in range(3):
                world.smsc.post_mo(f"+3161000000{n}", "1330", str(n))
            first, second = await peer.read(), await peer.read()
            assert (world.smsc.counters.unanswered, world.smsc.deliveries.waiting) == (2, 1)
            peer.send("deliver_sm_resp", sequence=second.sequence)
            assert {first.octets(), second.octets(), (await peer.read()).octets()} == {b"0", b"1", b"2"}

    run(story())
