"""What a misbehaving SMSC does on the wire: each fault as the ESME meets it."""

from datetime import timedelta

import pytest

from simulator import alphabet
from simulator.alphabet import text_of
from simulator.commands import COMMANDS, Status
from simulator.faults import Fault
from simulator.misconduct import RETRY_AFTER, texts
from simulator.pdu import HEADER, Malformed, decode, raw

HANDSET = "+31610000001"
OTHER = "31610000002"


async def octets_until_closed(peer):
    """What still comes, and whether the line ended with a reset."""
    found = b""
    try:
        while data := await peer.reader.read(65_536):
            found += data
    except ConnectionResetError:
        return found, True
    return found, False


async def frames(peer, count):
    """Frames as they came, broken ones too."""
    found = []
    while len(found) < count:
        found += peer.frames.feed(await peer.reader.read(65_536))
    return found


# --- a submit_sm


def test_a_line_that_breaks_off_ends_in_the_middle_of_an_answer(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("disconnect"))
            peer = await world.bound()
            peer.send("submit_sm", source_addr="1330", destination_addr=OTHER, short_message=b"x")
            octets, reset = await octets_until_closed(peer)
            assert reset
            assert len(octets) < HEADER.size
            assert world.smsc.cuts == 1

    run(story())


def test_who_hangs_up_says_nothing_and_takes_nothing(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            world.smsc.faults.arm(Fault("hang_up"))
            peer = await world.bound()
            peer.send("submit_sm", source_addr="1330", destination_addr=OTHER, short_message=b"x")
            assert await octets_until_closed(peer) == (b"", False)
            assert (got, world.smsc.cuts, world.smsc.sessions) == ([], 1, set())

    run(story())


def test_a_dead_line_stays_up_and_what_waited_on_it_goes_another_way(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("half_open"))
            dead = await world.bound()
            world.smsc.post_mo(HANDSET, "1330", "HELP")
            assert (await dead.read()).octets() == b"HELP"
            dead.send("submit_sm", source_addr="1330", destination_addr=OTHER, short_message=b"x")
            await world.until(lambda: world.smsc.silenced)
            assert world.smsc.bound_sessions == []
            dead.send("enquire_link")
            # The other session is what shows that the SMSC went on; the dead line has said nothing meanwhile.
            alive = await world.bound()
            assert (await alive.read()).octets() == b"HELP"
            alive.send("deliver_sm_resp", sequence=1)
            assert (await alive.ask("enquire_link")).status == Status.ROK
            assert not dead.writer.transport.is_closing()
            assert dead.reader._buffer == b""
        assert await octets_until_closed(dead) in ((b"", True), (b"", False))

    run(story())


def test_a_bucket_lets_through_what_there_is_room_for(bench, run):
    async def story():
        async with bench() as world:
            # The next token comes in a quarter of an hour.
            fault = world.smsc.faults.arm(Fault("bucket", times=None, rate_per_s=0.001))
            peer = await world.bound()
            answers = [(await peer.submit()).status for _ in range(3)]
            assert answers == [Status.ROK, Status.RTHROTTLED, Status.RTHROTTLED]
            # What there was room for was not struck.
            assert fault.hits == 2

    run(story())


def test_three_pdus_that_nobody_can_read_and_three_answers(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("bad_pdu", times=3))
            peer = await world.bound()
            broken = []
            for number in range(3):
                peer.send("submit_sm", source_addr="1330", destination_addr=OTHER, short_message=b"x")
                first, answer = await frames(peer, 2)
                assert decode(answer).command == "submit_sm_resp"
                with pytest.raises(Malformed) as caught:
                    decode(first)
                broken.append(caught.value.status)
                assert len(first) == int.from_bytes(first[:4], "big"), number
            assert broken == [Status.RINVCMDID, Status.RINVOPTPARSTREAM, Status.RINVMSGLEN]
            assert world.smsc.counters.mo_out == 2
            # Whatever it is answered with, that is no answer to anything of ours.
            peer.write(raw(COMMANDS["generic_nack"], 1, status=Status.RINVCMDID))
            assert (await peer.ask("enquire_link")).status == Status.ROK

    run(story())


def test_a_pdu_without_an_end(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("bad_length"))
            peer = await world.bound()
            peer.send("submit_sm", source_addr="1330", destination_addr=OTHER, short_message=b"x")
            assert await frames(peer, 0) == []
            peer.frames.feed(await peer.reader.read(65_536))
            assert peer.frames.broken.status == Status.RINVCMDLEN

    run(story())


def test_what_is_cut_makes_the_counts_uncertain(played, run):
    async def story():
        async with played() as (world, _):
            world.client.uncertain = False
            next(iter(world.smsc.sessions)).abort()
            world.touched()
            assert world.client.uncertain

    run(story())


# --- receipts


async def receipts_of(world, peer, *texts_, after=2):
    """Submits to two handsets in turn; the receipts that come within `after` seconds of business time."""
    for number, text in enumerate(texts_):
        await peer.submit(text, number=OTHER[:-1] + str(number))
    world.clock.set(world.clock.now() + timedelta(seconds=after))
    world.smsc.agenda.play()
    peer.send("enquire_link")
    found = []
    while (pdu := await peer.read()).command != "enquire_link_resp":
        found.append(pdu)
        peer.send("deliver_sm_resp", sequence=pdu.sequence)
    return found


def test_a_receipt_goes_after_the_next_one_or_alone_after_a_minute(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            world.smsc.faults.arm(Fault("receipt_reordered"))
            first, second = await receipts_of(world, peer, b"one", b"two")
            assert (b"text:two" in first.octets(), b"text:one" in second.octets()) == (True, True)
            world.smsc.faults.arm(Fault("receipt_reordered"))
            assert await receipts_of(world, peer, b"alone") == []
            (late,) = await receipts_of(world, peer, after=61)
            assert b"text:alone" in late.octets()

    run(story())


@pytest.mark.parametrize(
    ("fault", "holds"),
    [
        (Fault("receipt_unknown_id"), lambda pdu: b"id:FFFFFFFFFFFF sub" in pdu.octets() and not pdu.tlvs),
        (Fault("receipt_garbled"), lambda pdu: b"id:" not in pdu.octets() and not pdu.tlvs),
        (Fault("receipt_stat", stat="EXPIRED"), lambda pdu: b"stat:EXPIRED err:027" in pdu.octets()),
        (Fault("receipt_stat", stat="REJECTD"), lambda pdu: pdu.tlv("message_state") == b"\x08"),
    ],
)
def test_receipts_that_say_something_else(bench, run, fault, holds):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            world.smsc.faults.arm(fault)
            (receipt,) = await receipts_of(world, peer, b"hallo")
            assert holds(receipt), receipt
            assert receipt.integer("esm_class") == 0x04

    run(story())


# --- handsets


@pytest.mark.parametrize("over", ["by itself", "cleared"])
def test_an_absent_handset_is_tried_again(bench, run, over):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            peer = await world.bound()
            fault = world.smsc.faults.arm(Fault("absent", times=1 if over == "by itself" else None))
            await peer.submit()
            assert got == []
            if over == "cleared":
                world.smsc.faults.clear(fault)
            else:
                world.clock.set(world.clock.now() + RETRY_AFTER)
                world.smsc.agenda.play()
            assert (len(got), fault.hits) == (1, 1)

    run(story())


def test_what_expires_says_why(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            world.smsc.faults.arm(Fault("absent", times=None, error=34))
            peer.send(
                "submit_sm",
                source_addr="1330",
                destination_addr=OTHER,
                registered_delivery=1,
                validity_period="000000010000000R",
                short_message=b"x",
            )
            assert (await peer.read()).status == Status.ROK
            (receipt,) = await receipts_of(world, peer, after=2 * 3600) or await receipts_of(world, peer)
            assert b"stat:EXPIRED err:034" in receipt.octets()

    run(story())


# --- texts of handsets


def joined(parts):
    """The text of these parts, and the numbers they came under."""
    pieces = {}
    for part in parts:
        elements, octets = alphabet.split_header(part.octets)
        pieces[alphabet.concat_of(elements).number] = octets
    return text_of(b"".join(pieces[number] for number in sorted(pieces)), parts[0].data_coding), list(pieces)


@pytest.mark.parametrize("text", ["INFO UIT", "a", "€€€", "смс", "👍👍", "x" * 200])
def test_a_text_in_parts_that_come_in_the_wrong_order(text):
    (parts,) = texts(text, 7, Fault("mo_reordered"))
    assert joined(parts) == (text, [2, 1])
    (left,) = texts(text, 7, Fault("mo_part_missing"))
    assert len(left) == 1


@pytest.mark.parametrize(
    ("effect", "coding", "octets"),
    [("mo_ucs2", 8, "HELP".encode("utf-16-be")), ("mo_8bit", 3, b"HELP"), ("mo_twice", 0, b"HELP")],
)
def test_a_text_in_another_alphabet_or_twice(effect, coding, octets):
    messages = texts("HELP", 7, Fault(effect))
    assert len(messages) == (2 if effect == "mo_twice" else 1)
    for parts in messages:
        assert [(part.data_coding, part.octets, part.esm_class) for part in parts] == [(coding, octets, 0)]


def test_a_long_text_keeps_its_alphabet():
    long = "x" * 400
    assert texts(long, 7, Fault("mo_ucs2")) == texts(long, 7, Fault("mo_8bit")) == [alphabet.cut(long, 7)]


def test_each_copy_goes_on_its_own(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            fault = world.smsc.faults.arm(Fault("mo_twice", number=HANDSET))
            world.smsc.post_mo(HANDSET, "1330", "HELP")
            for _ in range(2):
                pdu = await peer.read()
                assert pdu.octets() == b"HELP"
                peer.send("deliver_sm_resp", sequence=pdu.sequence)
            assert (await peer.ask("enquire_link")).command == "enquire_link_resp"
            assert fault.hits == 1

    run(story())
