"""The codec: round trips, strictness, and smpplib's codec as an oracle where it is known to be right.

smpplib shares the order of the fields with ours, so it checks values only. Its faults are named below, each with a
test that shows it: should a later version mend one, the test says so.
"""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from smpplib import command as smpplib_command
from smpplib import exceptions as smpplib_exceptions

from gateway.smpp import pdu as p
from gateway.smpp.frames import read, split_frames, write
from gateway.smpp.pdu import FRAME_MAX_BYTES, ROWS, TLVS, DataMessage, Malformed, Message, MessageId, Opaque, Pdu, tlv

DELIVER = Pdu(
    "deliver_sm",
    sequence=77,
    body=Message(
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="31612345678",
        destination_addr="1330",
        short_message=b"INFO UIT",
    ),
)


# ------------------------------------------------------------------------------------------------ values
def strings(size):
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=size - 1)


def bodies(row):
    if row.body is None:
        return st.none()
    if row.body is Opaque:
        return st.builds(Opaque, st.binary(max_size=300).filter(len))
    kinds = {
        "string": strings,
        "integer": lambda _: st.integers(0, 255),
        "octets": lambda size: st.binary(max_size=size),
    }
    values = [kinds[kind](size) for name, kind, size in row.fields if name != "sm_length"]
    return st.tuples(*values).map(row.body._make)


def values(row):
    if row.kind == "integer":
        return st.integers(0, 256**row.max_bytes - 1)
    if row.kind == "string":
        return strings(row.max_bytes)
    return st.binary(min_size=row.min_bytes, max_size=min(row.max_bytes, 300))


KNOWN_TLVS = st.sampled_from(sorted(TLVS)).flatmap(lambda code: st.tuples(st.just(code), values(TLVS[code])))
UNKNOWN_TLVS = st.tuples(st.integers(0, 0xFFFF).filter(lambda code: code not in TLVS), st.binary(max_size=40))
PDUS = st.sampled_from(sorted(ROWS)).flatmap(
    lambda command: st.builds(
        Pdu,
        st.just(command),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        bodies(ROWS[command]),
        st.just(()) if ROWS[command].body is Opaque else st.lists(KNOWN_TLVS | UNKNOWN_TLVS, max_size=4).map(tuple),
    )
)


@given(PDUS)
def test_what_is_written_is_read(pdu):
    frame = write(pdu)
    assert struct.unpack_from(">L", frame)[0] == len(frame)
    assert read(frame) == pdu


@given(st.lists(PDUS, max_size=4), st.lists(st.integers(1, 50), min_size=1))
def test_frames_come_whole_however_they_are_cut(pdus, cuts):
    stream = b"".join(map(write, pdus))
    buffer = bytearray()
    found = []
    position = turn = 0
    while position < len(stream):
        cut = cuts[turn % len(cuts)]
        buffer += stream[position : position + cut]
        frames, fault = split_frames(buffer)
        assert fault is None
        found += frames
        position += cut
        turn += 1
    assert [read(frame) for frame in found] == pdus
    assert not buffer


# ------------------------------------------------------------------------------------------------ the oracle
def foreign(pdu):
    """The same values in an object of smpplib."""
    made = smpplib_command.factory(pdu.command, client=None, sequence=0)
    made.sequence = pdu.sequence
    made.status = pdu.status
    for name, value in pdu.body._asdict().items() if pdu.body else ():
        setattr(made, name, value)
    return made


def with_short_addresses(body):
    """Those of 65 octets, cut to the 21 that smpplib gives them everywhere."""
    if body is None:
        return None
    return body._replace(**{name: value[:20] for name, value in body._asdict().items() if name.endswith("_addr")})


ORACLE_PDUS = st.sampled_from(
    sorted(command for command, row in ROWS.items() if row.body is not Opaque and command != "outbind")
).flatmap(lambda command: bodies(ROWS[command]).map(lambda body: Pdu(command, 0, 7, with_short_addresses(body))))


@given(ORACLE_PDUS)
def test_smpplib_writes_the_same_octets(pdu):
    assert foreign(pdu).generate() == write(pdu)


@given(ORACLE_PDUS)
def test_smpplib_reads_the_same_values(pdu):
    made = smpplib_command.factory(pdu.command, client=None, sequence=0)
    made.parse(write(pdu._replace(sequence=5, status=8)))
    assert (made.sequence, made.status) == (5, 8)
    for name, value in pdu.body._asdict().items() if pdu.body else ():
        # its fault: it stops at the end of the PDU, so an empty text is None
        octets = b"" if name == "short_message" and not value else getattr(made, name)
        assert (octets.decode("latin-1") if isinstance(value, str) else octets) == value


@pytest.mark.parametrize(
    ("name", "value", "foreign_value"),
    [
        ("user_message_reference", 513, 513),
        ("sar_msg_ref_num", 65535, 65535),
        ("message_state", 2, 2),
        ("receipted_message_id", "a1b2", b"a1b2"),
        ("message_payload", b"\0\x1b\xff", b"\0\x1b\xff"),
        ("network_error_code", b"\x03\x00\x0b", b"\x03\x00\x0b"),
    ],
)
def test_smpplib_reads_the_same_optional_parameters(name, value, foreign_value):
    made = smpplib_command.factory("deliver_sm", client=None, sequence=0)
    made.parse(write(DELIVER._replace(tlvs=(tlv(name, value),))))
    assert getattr(made, name) == foreign_value


# ------------------------------------------------------------------------------------------------ its faults
def smpplib_deliver(**values):
    return smpplib_command.factory("deliver_sm", client=None, sequence=0, **values)


def test_fault_of_smpplib_a_given_sequence_is_ignored():
    assert smpplib_command.factory("enquire_link", sequence=7).sequence == 0
    assert read(write(Pdu("enquire_link", sequence=7))).sequence == 7


def test_fault_of_smpplib_a_long_address_is_cut():
    address = "3161234567890123456789"
    made = smpplib_deliver(source_addr=address)
    made.generate()
    assert made.source_addr == address[:20]
    with pytest.raises(ValueError, match=r"^deliver_sm.source_addr: found 22 octets, allowed 20$"):
        write(Pdu("deliver_sm", body=Message(source_addr=address)))


def test_fault_of_smpplib_a_text_shorter_than_sm_length_is_no_error():
    frame = bytearray(write(DELIVER))
    frame[-9] = 200  # sm_length
    made = smpplib_deliver()
    made.parse(bytes(frame))
    assert made.short_message == b"INFO UIT"
    found = read(bytes(frame))
    assert found.reason == "deliver_sm.sm_length: found 200, allowed 8"


def test_fault_of_smpplib_a_string_without_end_is_read_as_something_else():
    frame = framed(0x80000004, b"abc")
    with pytest.raises(struct.error):  # from the TLVs it looks for at the begin of the body
        smpplib_command.factory("submit_sm_resp", client=None).parse(frame)
    assert read(frame).reason == "submit_sm_resp.message_id: no NUL in 3 octets, allowed 65"


def test_fault_of_smpplib_an_empty_text_is_none():
    empty = DELIVER._replace(body=DELIVER.body._replace(short_message=b""))
    made = smpplib_deliver()
    made.parse(write(empty))
    assert made.short_message is None
    assert read(write(empty)).body.short_message == b""


def test_fault_of_smpplib_a_known_tlv_kills_it_where_it_does_not_expect_it():
    pdu = DELIVER._replace(tlvs=(tlv("dest_addr_subunit", 1),))
    with pytest.raises(KeyError):
        smpplib_deliver().parse(write(pdu))
    assert read(write(pdu)) == pdu


def test_fault_of_smpplib_an_unknown_tlv_kills_it():
    pdu = DELIVER._replace(tlvs=((0x1401, b"vendor"),))
    with pytest.raises(smpplib_exceptions.UnknownCommandError):
        smpplib_deliver().parse(write(pdu))
    assert read(write(pdu)) == pdu


def test_fault_of_smpplib_no_class_for_these():
    for command in ("submit_multi", "cancel_sm", "replace_sm", "outbind"):
        with pytest.raises(smpplib_exceptions.UnknownCommandError):
            smpplib_command.factory(command)
        assert isinstance(read(write(Pdu(command, body=ROWS[command].body()))), Pdu | Malformed)
    outbind = Pdu("outbind", sequence=1, body=p.Outbind("smsc", "secret"))
    assert read(write(outbind)) == outbind


# ------------------------------------------------------------------------------------------------ strictness
def framed(command_id, body, status=0, sequence=9):
    return struct.pack(">LLLL", 16 + len(body), command_id, status, sequence) + body


GOOD = write(DELIVER)[16:]
MALFORMED = {
    "command_id: found 0x00000042, not one of SMPP 3.4": (framed(0x42, b""), p.ESME_RINVCMDID),
    "deliver_sm.service_type: no NUL in 0 octets, allowed 6": (framed(5, b""), p.ESME_RINVMSGLEN),
    "deliver_sm.service_type: no NUL in 6 octets, allowed 6": (framed(5, b"abcdef\0" + GOOD[1:]), p.ESME_RINVMSGLEN),
    "deliver_sm.source_addr: no NUL in 21 octets, allowed 21": (
        framed(5, b"\0\1\1" + b"1" * 21 + b"\0" * 40),
        p.ESME_RINVMSGLEN,
    ),
    "deliver_sm.source_addr_npi: the PDU ends before it": (framed(5, b"\0\1"), p.ESME_RINVMSGLEN),
    "deliver_sm.sm_length: the PDU ends before it": (framed(5, GOOD[: -len("INFO UIT") - 1]), p.ESME_RINVMSGLEN),
    "deliver_sm.sm_length: found 8, allowed 7": (framed(5, GOOD[:-1]), p.ESME_RINVMSGLEN),
    "deliver_sm.sm_length: found 255, allowed 254": (
        framed(5, GOOD[:-9] + b"\xff" + b"x" * 255),
        p.ESME_RINVMSGLEN,
    ),
    "deliver_sm.TLV: found 3 octets, allowed 4 for tag and length": (
        framed(5, GOOD + b"\x04\x24\0"),
        p.ESME_RINVOPTPARSTREAM,
    ),
    "deliver_sm.TLV 0x0424: found length 9, allowed 2": (
        framed(5, GOOD + b"\x04\x24\0\x09ab"),
        p.ESME_RINVOPTPARSTREAM,
    ),
    "deliver_sm.message_state: found 2 octets, allowed 1 to 1 (SMPP 3.4 §5.3.2.35)": (
        framed(5, GOOD + b"\x04\x27\0\x02\0\2"),
        p.ESME_RINVPARLEN,
    ),
    "deliver_sm.user_message_reference: found 0 octets, allowed 2 to 2 (SMPP 3.4 §5.3.2.17)": (
        framed(5, GOOD + b"\x02\x04\0\0"),
        p.ESME_RINVPARLEN,
    ),
    "enquire_link.TLV: found 1 octets, allowed 4 for tag and length": (framed(0x15, b"x"), p.ESME_RINVOPTPARSTREAM),
}


@pytest.mark.parametrize("reason", MALFORMED)
def test_what_cannot_be_read_says_where_and_keeps_the_header(reason):
    frame, answer_status = MALFORMED[reason]
    found = read(frame)
    assert isinstance(found, Malformed)
    assert found.reason == reason
    assert found.answer_status == answer_status
    assert (found.sequence, found.fatal, found.octets) == (9, False, frame)
    assert found.command == (reason.split(".", maxsplit=1)[0] if not reason.startswith("command_id") else None)


def test_octets_of_what_cannot_be_read_do_not_print():
    assert "INFO" not in repr(read(framed(5, GOOD[:-1])))


@pytest.mark.parametrize("length", [0, 8, 15, FRAME_MAX_BYTES + 1, 2**32 - 1])
def test_a_length_that_cannot_be_is_fatal_and_the_frames_before_it_count(length):
    good = write(Pdu("enquire_link", sequence=3))
    bad = struct.pack(">L", length) + b"\0\0\0\x15"
    frames, fault = split_frames(bytearray(good + bad))
    assert frames == [good]
    assert fault.fatal
    assert fault.answer_status == p.ESME_RINVCMDLEN
    assert fault.reason == f"command_length: found {length}, allowed 16 to {FRAME_MAX_BYTES}"


def test_the_longest_payload_that_the_standard_allows_is_read():
    longest = tlv("message_payload", bytes(0xFFFF))
    frame = write(Pdu("deliver_sm", sequence=9, body=Message(source_addr="31612345678"), tlvs=(longest,)))
    assert split_frames(bytearray(frame)) == ([frame], None)
    assert read(frame).tlvs == (longest,)


def test_more_tlvs_than_anybody_has_are_not_read():
    def pdu(count):
        return framed(5, GOOD + b"\x14\0\0\0" * count)

    assert len(read(pdu(p.TLVS_MAX)).tlvs) == p.TLVS_MAX
    found = read(pdu(p.TLVS_MAX + 1))
    assert (found.reason, found.answer_status) == ("deliver_sm.TLV: found more than 200", p.ESME_RINVOPTPARSTREAM)


@pytest.mark.parametrize("length", [16, FRAME_MAX_BYTES])
def test_a_length_at_the_edge_is_waited_for(length):
    buffer = bytearray(struct.pack(">L", length))
    assert split_frames(buffer) == ([], None)
    buffer += bytes(length - 4)
    frames, fault = split_frames(buffer)
    assert [len(frame) for frame in frames] == [length]
    assert fault is None


def test_a_frame_is_believed_only_with_its_own_length():
    assert read(b"\0\0\0\x10").reason == "header: found 4 octets, allowed 16"
    found = read(struct.pack(">LLLL", 17, 0x15, 0, 1))
    assert (found.reason, found.fatal) == ("enquire_link.command_length: found 17 in 16 octets", True)


@pytest.mark.parametrize("command", ["submit_sm_resp", "bind_transceiver_resp", "data_sm_resp"])
@pytest.mark.parametrize("status", [0, p.ESME_RTHROTTLED, 0x400])
def test_a_response_may_come_without_its_body(command, status):
    assert read(framed(ROWS[command].command_id, b"", status)) == Pdu(command, status, 9)


@pytest.mark.parametrize(
    ("octets", "value"),
    [(b"a1\0", "a1"), (b"a1", "a1"), (b"a1" + bytes(63), "a1"), (b"\0", ""), (b"\xe9\0", "é")],
)
def test_a_string_in_a_tlv_is_read_with_its_nul_without_it_and_filled_up(octets, value):
    frame = framed(5, GOOD + struct.pack(">HH", 0x1E, len(octets)) + octets)
    assert read(frame).tlv("receipted_message_id") == value


def test_telematics_ids_are_read_in_one_octet_and_two():
    for octets in (b"\x07", b"\0\x07"):
        assert read(framed(5, GOOD + struct.pack(">HH", 0x08, len(octets)) + octets)).tlv("dest_telematics_id") == 7


@given(st.binary(max_size=400))
@example(b"")
def test_reading_never_raises(octets):
    assert isinstance(read(octets), Pdu | Malformed)
    frames, fault = split_frames(bytearray(octets))
    assert isinstance(fault, Malformed | None)
    assert b"".join(frames) == octets[: sum(map(len, frames))]


@given(PDUS, st.data())
def test_reading_a_damaged_pdu_never_raises(pdu, data):
    frame = bytearray(write(pdu))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(4, len(frame) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(16, len(frame)))
    damaged = struct.pack(">L", cut) + bytes(frame[4:cut])
    found = read(damaged)
    if isinstance(found, Malformed):
        assert found.reason
        assert not found.fatal
    else:
        # what was read is what the octets say: written again it reads the same
        assert read(write(found)) == found


# ------------------------------------------------------------------------------------------------ writing
@pytest.mark.parametrize(
    ("pdu", "fault"),
    [
        (
            Pdu("submit_sm", body=Message(short_message=bytes(255))),
            "submit_sm.short_message: found 255 octets, allowed 254; a longer text goes in message_payload",
        ),
        (
            Pdu("bind_receiver", body=p.Bind(password="ninechars")),
            "bind_receiver.password: found 9 octets, allowed 8",
        ),
        (
            Pdu("submit_sm", body=Message(destination_addr="316\0")),
            "submit_sm.destination_addr: found a NUL inside the string",
        ),
        (
            Pdu("submit_sm", body=Message(destination_addr="€")),
            "submit_sm.destination_addr: found a character outside Latin-1",
        ),
        (
            Pdu("submit_sm", body=Message(source_addr_ton=256)),
            "submit_sm.source_addr_ton/source_addr_npi: found a number outside 0 to 255",
        ),
        (
            Pdu("submit_sm", body=DataMessage()),
            "submit_sm: found a body DataMessage, allowed Message",
        ),
        (
            Pdu("enquire_link", body=MessageId("1")),
            "enquire_link: found a body MessageId, allowed none",
        ),
        (
            Pdu("submit_sm", tlvs=(tlv("user_message_reference", 65536),)),
            "submit_sm.user_message_reference: found a number that does not fit 2 octets",
        ),
        (
            Pdu("submit_sm", tlvs=(tlv("user_message_reference", -1),)),
            "submit_sm.user_message_reference: found a number that does not fit 2 octets",
        ),
        (
            Pdu("submit_sm", tlvs=(tlv("user_message_reference", b"\0\1"),)),
            "submit_sm.user_message_reference: found bytes, allowed int",
        ),
        (
            Pdu("submit_sm", tlvs=((0x1400, 1),)),
            "submit_sm.TLV: found int, allowed bytes",
        ),
        (
            Pdu("submit_sm", tlvs=(tlv("receipted_message_id", "x" * 65),)),
            "submit_sm.receipted_message_id: found 65 octets, allowed 64",
        ),
        (
            Pdu("submit_sm", tlvs=(tlv("network_error_code", b"xx"),)),
            "submit_sm.network_error_code: found 2 octets, allowed 3 to 3",
        ),
        (
            Pdu("data_sm", body=DataMessage(), tlvs=((0x1400, bytes(40_000)), (0x1401, bytes(40_000)))),
            "data_sm: found 80034 octets, allowed 69632",
        ),
    ],
)
def test_writing_says_what_does_not_fit(pdu, fault):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole message is compared
        write(pdu)
    assert str(caught.value) == fault
