"""The numbers that are faults, as any SMPP client meets them: over the wire, without any API."""

from datetime import timedelta

import pytest

from simulator import magic
from simulator.commands import Status
from simulator.faults import FaultPlan

NUMBER = "3161234"


async def submitted(peer, digits):
    """The answer to a submit_sm and whatever came before it."""
    peer.send(
        "submit_sm",
        source_addr="1330",
        destination_addr=NUMBER + digits,
        registered_delivery=1,
        short_message=b"hallo",
    )
    before = []
    while (pdu := await peer.read()) is not None and pdu.command != "submit_sm_resp":
        before.append(pdu)
    return pdu, before


async def receipts(world, peer, *, after=timedelta(seconds=2)):
    """The texts of the receipts that come in this much business time."""
    world.clock.set(world.clock.now() + after)
    world.smsc.agenda.play()
    peer.send("enquire_link")
    found = []
    while (pdu := await peer.read()).command != "enquire_link_resp":
        found.append(pdu.octets())
        peer.send("deliver_sm_resp", sequence=pdu.sequence)
    return found


@pytest.fixture
def played(bench, run):
    def _played(digits, look):
        async def story():
            handset = []
            async with bench(faults=FaultPlan(numbers=True), on_delivered=handset.append) as world:
                await look(world, await world.bound(), digits, handset)

        run(story())

    return _played


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ("9001", [b"stat:UNDELIV"]),
        ("9005", []),
        ("9006", [b"stat:DELIVRD", b"stat:DELIVRD"]),
        ("1234", [b"stat:DELIVRD"]),
    ],
)
def test_receipts(played, digits, told):
    async def look(world, peer, digits, handset):
        answer, _ = await submitted(peer, digits)
        assert answer.status == Status.ROK
        found = await receipts(world, peer)
        assert [word in text for word, text in zip(told, found, strict=True)] == [True] * len(told)
        assert len(handset) == (digits != "9001")

    played(digits, look)


def test_absent_and_delivered_after_ten_minutes(played):
    async def look(world, peer, digits, handset):
        answer, _ = await submitted(peer, digits)
        assert (answer.status, handset) == (Status.ROK, [])
        assert await receipts(world, peer, after=timedelta(minutes=9)) == []
        (receipt,) = await receipts(world, peer, after=timedelta(minutes=2)) or await receipts(world, peer)
        assert b"stat:DELIVRD" in receipt
        assert len(handset) == 1

    played("9002", look)


@pytest.mark.parametrize(
    ("digits", "statuses"),
    [
        ("9003", [Status.RTHROTTLED] * 3 + [Status.ROK] + [Status.RTHROTTLED]),
        ("9008", [Status.RINVDSTADR] * 3),
    ],
)
def test_answers(played, digits, statuses):
    async def look(_world, peer, digits, handset):
        assert [(await submitted(peer, digits))[0].status for _ in statuses] == statuses
        assert len(handset) == statuses.count(Status.ROK)

    played(digits, look)


def test_the_response_is_lost_and_the_text_is_not(played):
    async def look(world, peer, digits, handset):
        try:
            answer, _ = await submitted(peer, digits)
        except ConnectionResetError:
            answer = None
        assert (answer, len(handset)) == (None, 1)
        again = await world.bound()
        assert (await submitted(again, digits))[0].status == Status.ROK

    played("9004", look)


def test_the_receipt_comes_before_the_response(played):
    async def look(_world, peer, digits, _handset):
        answer, before = await submitted(peer, digits)
        assert answer.status == Status.ROK
        assert [pdu.command for pdu in before] == ["deliver_sm"]

    played("9007", look)


def test_the_response_comes_late(played):
    async def look(world, peer, digits, handset):
        peer.send("submit_sm", source_addr="1330", destination_addr=NUMBER + digits, short_message=b"hallo")
        await world.until(lambda: len(handset) == 1)
        # Taken, delivered, and not answered: that waits for its timer.
        assert world.smsc.counters.unanswered == 1
        assert await peer.ask("enquire_link") is not None

    played("9009", look)


def test_the_quick_road_leaves_them_to_the_other(bench, run):
    async def story():
        async with bench(faults=FaultPlan(numbers=True)) as world:
            centre, taken = world.smsc.centre, []
            before = centre.take_plain
            centre.take_plain = lambda session, plain: taken.extend(plain.frames) or before(session, plain)
            peer = await world.bound()
            (session,) = world.smsc.sessions
            assert centre.plain_room(session) > 0
            assert (await submitted(peer, "1234"))[0].status == Status.ROK
            assert (await submitted(peer, "9008"))[0].status == Status.RINVDSTADR
            assert len(taken) == 1

    run(story())


def test_the_list_that_is_printed_has_them_all():
    for language in ("nl", "en"):
        lines = list(magic.lines(language))
        assert [line[1:5] for line in lines] == [f"900{digit}" for digit in range(1, 10)]
        assert all(len(line) > 8 for line in lines)
