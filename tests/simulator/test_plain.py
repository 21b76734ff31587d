"""The road of plain messages and the road of all others: nobody can tell from outside which one a message took."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.accounts import Account
from simulator.clock import VirtualClock
from simulator.commands import COMMANDS, Status
from simulator.faults import Fault
from simulator.pdu import PDU_BYTES_MAX, Deframer, Pdu, decode, encode, raw, tlv
from simulator.plain import BLOCK, Plain, PlainAnswers, PlainReader
from simulator.profiles import PROFILES
from simulator.reach import Reach
from simulator.session import Session
from simulator.smsc import Smsc, SmscSettings

BIND = encode(Pdu("bind_transceiver", 1, 0, {"system_id": "gateway", "password": "secret", "interface_version": 0x34}))
PLAIN = {
    "source_addr_ton": 3,
    "source_addr": "1330",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "31610000001",
    "short_message": b"hello",
}


class Line(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.closing = False

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True

    abort = close


async def outcome(reads, *, seen_one_by_one, plain_max=None, delay_s=0.0, reach=None, limits=None):
    """Everything that these reads lead to."""
    account = Account(system_id="gateway", password="secret", **(limits or {}))
    settings = SmscSettings(receipt_delay_s=delay_s)
    smsc = Smsc({"gateway": account}, clock=VirtualClock(), settings=settings, reach=reach)
    if seen_one_by_one:
        smsc.on_frame = lambda *_: None  # who sees every frame closes the quick road
    session, line = Session(smsc), Line()
    session.connection_made(line)
    session.data_received(BIND)
    taken = []
    if plain_max is not None:
        real = smsc.centre.plain_room
        smsc.centre.plain_room = lambda session: min(real(session), plain_max)
    keep = smsc.centre.take_plain
    smsc.centre.take_plain = lambda session, plain: taken.append(len(plain.frames)) or keep(session, plain)
    first = smsc.centre.messages.next_id
    for data in reads:
        if not line.closing:
            session.data_received(data)
    while smsc.agenda.next_due is not None:
        smsc.clock.set(smsc.agenda.next_due)
        smsc.agenda.play()
    session._flush()
    messages = smsc.centre.messages
    kept = [(number, messages.find(f"{number:X}", "1330")) for number in range(first, messages.next_id)]
    facts = {
        "frames": [decode(frame) for frame in Deframer().feed(line.written)],
        "octets": line.written,
        "counters": smsc.counters,
        "complaints": list(smsc.complaints),
        "kept": [
            (number, m and (m.message_id, m.submit.frame, m.account, m.accepted_at, m.done_at, m.state, m.number))
            for number, m in kept
        ],
        "mode": session.mode,
        "queued": smsc.deliveries.queued,
    }
    smsc.agenda.clear()
    return facts, sum(taken)


def both(reads, **options):
    """Plays the reads on both roads; how many messages took the quick one."""
    slow, none = asyncio.run(outcome(reads, seen_one_by_one=True, **options))
    fast, taken = asyncio.run(outcome(reads, seen_one_by_one=False, **options))
    assert fast == slow
    assert none == 0
    return taken


# --- any stream at all

usual = st.fixed_dictionaries(
    {},
    optional={
        "service_type": st.sampled_from(["", "CMT", "VMA"]),
        "source_addr": st.sampled_from(["1330", "", "Service", "9" * 20]),
        "dest_addr_ton": st.sampled_from([1, 0x81]),
        "destination_addr": st.sampled_from(["31610000001", "1", "9" * 20, "+31610000001", "KPN", ""]),
        "esm_class": st.sampled_from([0, 0, 0, 3, 0x04, 0x40, 0x80]),
        "protocol_id": st.integers(0, 255),
        "priority_flag": st.integers(0, 4),
        "schedule_delivery_time": st.sampled_from(["", "", "000000010000000R"]),
        "validity_period": st.sampled_from(["", "", "000000040000000R", "261102090000000!"]),
        "registered_delivery": st.sampled_from([0, 1, 2, 3, 0x10]),
        "replace_if_present_flag": st.sampled_from([0, 0, 1]),
        "data_coding": st.integers(0, 255),
        "sm_default_msg_id": st.integers(0, 3),
        "short_message": st.binary(max_size=254),
    },
)


@st.composite
def submits(draw):
    fields = {**PLAIN, **draw(usual)}
    tlvs = (tlv("user_message_reference", 7),) if draw(st.integers(0, 9)) == 0 else ()
    frame = bytearray(encode(Pdu("submit_sm", draw(st.integers(1, 0x7FFFFFFF)), 0, fields, tlvs)))
    if draw(st.integers(0, 4)) == 0:  # one octet behind the header is another
        frame[draw(st.integers(16, len(frame) - 1))] = draw(st.sampled_from([0, 1, 0x31, 0x7F, 0xFF]))
    return bytes(frame)


others = st.sampled_from(
    [
        encode(Pdu("enquire_link", 9)),
        encode(Pdu("query_sm", 9, 0, {"message_id": "1", "source_addr": "1330"})),
        raw(COMMANDS["submit_sm"], 9, b"\0\0"),
        raw(COMMANDS["submit_sm"], 9, b"\0\0\0" + b"1" * 300),
        raw(0x999, 9, b"?"),
        encode(Pdu("unbind", 9)),
        raw(4, 9, length=15),
    ]
)
streams = st.lists(submits() | submits() | submits() | others, max_size=12).map(b"".join)


@given(streams, st.lists(st.integers(1, 1500), max_size=6), st.sampled_from([None, 1, 3]), st.sampled_from([0.0, 1.0]))
@settings(max_examples=300, deadline=None)
def test_both_roads_lead_to_the_same_octets_messages_and_counts(stream, cuts, plain_max, delay_s):
    edges = [0, *sorted({cut for cut in cuts if cut < len(stream)}), len(stream)]
    reads = [stream[start:end] for start, end in itertools.pairwise(edges)]
    both([data for data in reads if data], plain_max=plain_max, delay_s=delay_s)


def by_number(number):
    """Every handset in a state of its own, the same on both roads."""
    return [*Reach, Reach.ON, Reach.ON][sum(number.encode()) % (len(Reach) + 2)]


LIMITS = [
    {},
    {"window": 3},
    {"rate_per_s": 1e-9, "burst": 4},
    {"window": 5, "rate_per_s": 1e-9, "burst": 7},
    *({"receipts": profile} for profile in PROFILES),
]


@given(
    st.lists(submits(), max_size=12).map(b"".join),
    st.sampled_from([None, by_number]),
    st.sampled_from(LIMITS),
    st.booleans(),
    st.sampled_from([0.0, 1.0]),
)
@settings(max_examples=250, deadline=None)
def test_both_roads_are_the_same_for_limits_habits_and_handsets_away(stream, reach, limits, in_two, delay_s):
    middle = len(stream) // 2
    reads = [stream[:middle], stream[middle:]] if in_two else [stream]
    both([data for data in reads if data], reach=reach, limits=limits, delay_s=delay_s)


# --- what takes the quick road, and what may not


def frames(count, **fields):
    return b"".join(encode(Pdu("submit_sm", n + 1, 0, {**PLAIN, **fields})) for n in range(count))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"registered_delivery": 1},
        {"registered_delivery": 2},
        {"priority_flag": 3, "protocol_id": 0x7F, "data_coding": 8},
        {"service_type": "CMT", "source_addr": "", "destination_addr": "9" * 20},
        {"short_message": b""},
        {"short_message": b"\0" * 254},
    ],
)
def test_a_plain_message_takes_the_quick_road(fields):
    assert both([frames(5, **fields)]) == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"esm_class": 3},
        {"registered_delivery": 0x11},
        {"priority_flag": 4},
        {"replace_if_present_flag": 1},
        {"sm_default_msg_id": 9},
        {"validity_period": "000000040000000R"},
        {"schedule_delivery_time": "000000040000000R"},
        {"destination_addr": "+31610000001"},
        {"destination_addr": ""},
        {"dest_addr_ton": 0x80},
    ],
)
def test_anything_else_takes_the_other(fields):
    assert both([frames(5, **fields)]) == 0


@pytest.mark.parametrize(
    "octets",
    [
        raw(4, 1, b"TOOLONG\0" + b"\3\0" + b"1330\0\1\1" + b"31610000001\0" + bytes(10)),
        raw(4, 1, b"\0\3\0" + b"1" * 21 + b"\0\1\1" + b"31610000001\0" + bytes(10)),
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"3" * 21 + b"\0" + bytes(10)),
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"31610000001\0" + bytes(9)),
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"31610000001\0" + bytes(9) + b"\5hi"),
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"31610000001\0" + bytes(9) + b"\2hi\0"),
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"31610000001\0" + bytes(9) + b"\xff" + bytes(255)),
        raw(4, 1, b"\0\3\0" + b"1330"),
        raw(4, 1, b"\0\3"),
        raw(4, 1),
        raw(4, 1, bytes(PDU_BYTES_MAX)),
        # A destination without its end, behind octets of a header that look like a tail.
        raw(4, 1, b"\0\3\0" + b"1330\0\1\1" + b"1" * 230 + bytes(2), status=0x00F60000, length=256),
    ],
)
def test_what_is_malformed_is_found_before_a_plain_one_after_it_is_taken(octets):
    assert both([frames(3) + octets + frames(2)]) in (3, 5)
    assert both([octets]) == 0


def test_what_was_learned_of_one_message_is_not_believed_of_a_shorter_one():
    whole = frames(1)
    for cut in range(16, len(whole)):
        short = whole[:cut]
        lying = len(short).to_bytes(4, "big") + short[4:]
        assert both([whole + lying + whole]) in (1, 2)


def test_a_peer_that_never_repeats_itself_is_remembered_no_further_than_some():
    reader = PlainReader()
    stream = b"".join(frames(1, source_addr=str(n), short_message=b"x" * (n % 254)) for n in range(1000))
    assert len(reader.read(stream, 0, 1000).frames) == 1000
    assert len(reader._openings) <= 256
    every = [(code, size) for code in range(40) for size in range(0, 250, 2)]
    shapes = b"".join(frames(1, data_coding=code, short_message=bytes(size)) for code, size in every)
    assert len(reader.read(shapes, 0, 10_000).frames) == len(every)
    assert len(reader._silent) <= 4096


@pytest.mark.parametrize("why", ["receiver", "submit fault", "receipt fault", "shown", "decimal", "number", "3.3"])
def test_the_quick_road_is_closed_when_somebody_must_look(why):
    async def story():
        smsc = Smsc({"gateway": "secret"}, clock=VirtualClock())
        session = Session(smsc)
        session.connection_made(Line())
        session.data_received(BIND.replace(b"\0\0\0\x09", b"\0\0\0\x01", 1) if why == "receiver" else BIND)
        if "fault" in why:
            smsc.faults.arm(Fault("silent" if why == "submit fault" else "receipt_never", number="+31699999999"))
        if why == "shown":
            smsc.centre.on_delivered = lambda _: None
        if why in ("decimal", "number"):
            whose = {"account": "gateway"} if why == "decimal" else {"number": "+316"}
            smsc.centre.profiles.choose("hex", **whose)
        if why == "3.3":
            session.interface_version = 0x33
        return smsc.centre.plain_room(session)

    assert asyncio.run(story()) == 0


def test_a_cleared_fault_opens_it_again():
    async def story():
        smsc = Smsc({"gateway": "secret"}, clock=VirtualClock())
        session = Session(smsc)
        session.connection_made(Line())
        session.data_received(BIND)
        fault = smsc.faults.arm(Fault("silent"))
        smsc.faults.clear(fault)
        return smsc.centre.plain_room(session)

    assert asyncio.run(story()) > 0


# --- the answers


@given(st.integers(0x1000, 2**50), st.integers(0, 3 * BLOCK))
@settings(max_examples=40, deadline=None)
def test_answers_are_those_that_the_tables_write(first_id, count):
    written = PlainAnswers().write(first_id, [n.to_bytes(4, "big") for n in range(1, count + 1)])
    whole = b"".join(
        encode(Pdu("submit_sm_resp", n + 1, 0, {"message_id": f"{first_id + n:X}"})) for n in range(count)
    )
    assert written == whole


def test_the_reader_stops_at_the_most_it_may_take():
    plain = PlainReader().read(frames(5), 0, 2)
    assert isinstance(plain, Plain)
    assert (len(plain.frames), plain.sequences, plain.end) == (2, [b"\0\0\0\1", b"\0\0\0\2"], len(frames(2)))
    assert decode(plain.frames[1]).status == Status.ROK
