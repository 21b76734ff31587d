"""The simulator's codec: every PDU of SMPP 3.4 there and back, and nothing that is none."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.commands import COMMANDS, FIELDS, TLVS, Status, status_name
from simulator.pdu import (
    HEADER,
    PDU_BYTES_MAX,
    TLVS_MAX,
    Address,
    Deframer,
    Failure,
    Malformed,
    Pdu,
    SubmitSm,
    body_octets,
    decode,
    encode,
    raw,
    tlv,
)

SUBMIT = {
    "service_type": "CMT",
    "source_addr_ton": 3,
    "source_addr": "1330",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "31612345678",
    "priority_flag": 2,
    "registered_delivery": 1,
    "replace_if_present_flag": 1,
    "short_message": b"hello",
}


def sample(spec):
    match spec.kind:
        case "int":
            return st.integers(0, 255)
        case "message":
            return st.binary(max_size=254)
        case "when":
            return st.sampled_from(["", "261102090000000+", "000001000000000R"])
        case "destinations":
            one = st.builds(Address, addresses(20), st.integers(0, 255), st.integers(0, 255))
            lists = st.builds(Address, addresses(20), dl=st.just(True))
            return st.lists(one | lists, min_size=1, max_size=4).map(tuple)
        case "failures":
            one = st.builds(Failure, addresses(20), st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**32 - 1))
            return st.lists(one, max_size=4).map(tuple)
        case _:
            return addresses(spec.octets - 1)


def addresses(most):
    return st.text(string.ascii_letters + string.digits + "+-.", max_size=most)


@st.composite
def pdus(draw):
    command = draw(st.sampled_from(sorted(COMMANDS)))
    fields = {spec.name: draw(sample(spec)) for spec in FIELDS[command]}
    known = st.sampled_from(sorted(TLVS.values())).flatmap(
        lambda row: st.tuples(st.just(row[0]), st.binary(min_size=row[1], max_size=min(row[2], 70)))
    )
    unknown = st.tuples(st.integers(0x1400, 0x3FFF), st.binary(max_size=20))
    return Pdu(
        command,
        draw(st.integers(1, 0x7FFFFFFF)),
        0,
        {name: value for name, value in fields.items() if value},
        tuple(draw(st.lists(known | unknown, max_size=3))),
    )


@given(pdus())
def test_every_pdu_survives_the_wire(pdu):
    assert decode(encode(pdu)) == pdu


@given(st.binary(max_size=60))
def test_a_body_of_anything_is_a_pdu_or_malformed_with_a_status(body):
    for command_id in COMMANDS.values():
        frame = raw(command_id, 7, body)
        found = outcome(lambda frame=frame: decode(frame))
        assert found in Status if isinstance(found, int) else encode(found) == frame


@given(st.binary(max_size=60))
def test_the_fast_reader_of_submit_sm_agrees_with_the_tables(body):
    frame = raw(COMMANDS["submit_sm"], 7, body)
    assert outcome(lambda: fast(frame)) == outcome(lambda: slow(frame))


@given(st.fixed_dictionaries({spec.name: sample(spec) for spec in FIELDS["submit_sm"]}), st.data())
def test_the_fast_reader_agrees_also_where_one_octet_is_wrong(fields, data):
    body = bytearray(body_octets("submit_sm", fields, [tlv("user_message_reference", 5)]))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    frame = raw(COMMANDS["submit_sm"], 7, bytes(body))
    assert outcome(lambda: fast(frame)) == outcome(lambda: slow(frame))


def outcome(read):
    try:
        return read()
    except Malformed as malformed:
        return malformed.status


def fast(frame):
    submit = SubmitSm(frame)
    return (
        submit.source.decode(),
        submit.destination.decode(),
        submit.esm_class,
        submit.registered_delivery,
        submit.data_coding,
        submit.priority_flag,
        submit.replace_if_present,
        submit.short_message,
        submit.tlvs,
    )


def slow(frame):
    pdu = decode(frame)
    return (
        pdu.text("source_addr"),
        pdu.text("destination_addr"),
        pdu.integer("esm_class"),
        pdu.integer("registered_delivery"),
        pdu.integer("data_coding"),
        pdu.integer("priority_flag"),
        pdu.integer("replace_if_present_flag") != 0,
        pdu.octets(),
        pdu.tlvs,
    )


def test_a_submit_sm_is_the_octets_of_the_specification():
    """Written out by hand from SMPP 3.4 §4.4.1."""
    frame = encode(Pdu("submit_sm", 0x0102, 0, SUBMIT, (tlv("user_message_reference", 9),)))
    assert frame == (
        b"\x00\x00\x00\x3e\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x01\x02"
        b"CMT\0\x03\x00"
        b"1330\0\x01\x01"
        b"31612345678\0\x00\x00\x02\0\0\x01\x01\x00\x00\x05hello\x02\x04\x00\x02\x00\x09"
    )


def malformed(command, body):
    with pytest.raises(Malformed) as caught:
        decode(raw(COMMANDS[command], 1, body))
    return caught.value


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", Status.RINVCMDLEN, "no closing NUL"),
        (b"TOOLONG\0", Status.RINVSERTYP, "8 octets, allowed are 6"),
        (b"\0\x01\x01" + b"1" * 21 + b"\0", Status.RINVSRCADR, "22 octets"),
        (b"\0\x01\x01\xff\0", Status.RINVSRCADR, "not ASCII"),
        (b"\0\0\0\0\0\0" + b"1" * 30 + b"\0", Status.RINVDSTADR, "31 octets"),
        (b"\0\0\0\0\0\x001\0\0\0\0oops\0", Status.RINVSCHED, "allowed are 1 and 17"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0oops\0", Status.RINVEXPIRY, "allowed are 1 and 17"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0", Status.RINVCMDLEN, "sm_length: the body ends"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\xff", Status.RINVMSGLEN, "sm_length 255, allowed are 254"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\x05hi", Status.RINVMSGLEN, "but 2 octets follow"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\0\x04", Status.RINVOPTPARSTREAM, "1 octets are no TLV"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\x05a", Status.RINVOPTPARSTREAM, "but 1 octets follow"),
        (b"\0\0\0\0\0\x001\0\0\0\0\0\0\0\0\0\0\0\x02\x04\0\x01a", Status.RINVPARLEN, "allowed are 2 to 2"),
    ],
)
def test_what_is_wrong_with_a_submit_sm_is_said_with_its_status(body, status, reason):
    found = malformed("submit_sm", body)
    assert found.status is status
    assert reason in found.reason
    with pytest.raises(Malformed):
        SubmitSm(raw(COMMANDS["submit_sm"], 1, body))


@pytest.mark.parametrize(
    ("dests", "status"),
    [(b"\x00", Status.RINVNUMDESTS), (b"\xff", Status.RINVNUMDESTS), (b"\x01\x03", Status.RINVDESTFLAG)],
)
def test_a_submit_multi_needs_sane_destinations(dests, status):
    assert malformed("submit_multi", b"\0\0\0\0" + dests).status is status


def test_an_unknown_command_can_only_be_nacked():
    with pytest.raises(Malformed) as caught:
        decode(raw(0x0999, 5))
    assert (caught.value.status, caught.value.nack) == (Status.RINVCMDID, True)


def test_an_error_response_may_come_without_its_body():
    assert decode(raw(COMMANDS["submit_sm_resp"], 5, status=0x58)) == Pdu("submit_sm_resp", 5, 0x58)
    assert encode(Pdu("submit_sm_resp", 5, 0x58)) == raw(COMMANDS["submit_sm_resp"], 5, status=0x58)
    with pytest.raises(Malformed):
        decode(raw(COMMANDS["submit_sm_resp"], 5))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"service_type": "TOOLONG"}, "allowed are 6"),
        ({"source_addr": "a\0b"}, "NUL"),
        ({"validity_period": "soon"}, "allowed are 17"),
        ({"short_message": b"x" * 255}, "allowed are 254"),
        ({"colour": 1}, "no field colour"),
    ],
)
def test_the_writer_refuses_what_does_not_fit(fields, told):
    with pytest.raises(ValueError, match=told):
        encode(Pdu("submit_sm", 1, 0, fields))


def test_the_writer_refuses_a_tlv_of_the_wrong_length():
    with pytest.raises(ValueError, match="allowed are 2 to 2"):
        encode(Pdu("submit_sm", 1, 0, {}, ((0x0204, b"x"),)))


def test_a_frame_holds_a_bounded_number_of_tlvs():
    most = encode(Pdu("submit_sm", 1, 0, SUBMIT, ((0x1400, b""),) * TLVS_MAX))
    assert len(decode(most).tlvs) == len(SubmitSm(most).tlvs) == TLVS_MAX
    with pytest.raises(Malformed, match=f"more TLVs than {TLVS_MAX}") as caught:
        decode(encode(Pdu("submit_sm", 1, 0, SUBMIT, ((0x1400, b""),) * (TLVS_MAX + 1))))
    assert caught.value.status == Status.RINVOPTPARSTREAM


def test_a_raw_frame_may_lie():
    assert HEADER.unpack(raw(4, 9, status=3, length=5)) == (5, 4, 3, 9)


def test_what_a_submit_sm_carries_is_read_on_demand():
    submit = SubmitSm(encode(Pdu("submit_sm", 3, 0, SUBMIT | {"short_message": b""}, ((0x0424, b"payload"),))))
    assert submit.payload == b"payload"
    assert submit.pdu.text("service_type") == "CMT"
    assert submit.replace_if_present
    assert Pdu("submit_sm", tlvs=((0x0204, b"\0\x01"),)).tlv("user_message_reference") == b"\0\x01"
    assert Pdu("submit_sm").tlv("user_message_reference") is None


def test_status_names():
    assert status_name(0x58) == "ESME_RTHROTTLED"
    assert status_name(0x400) == "0x00000400"


# --- frames


FRAMES = [raw(0x15, 1), encode(Pdu("submit_sm", 2, 0, SUBMIT)), raw(0x15, 3), raw(0x06, 4)]


@given(st.lists(st.integers(1, 200), max_size=12).map(lambda cuts: sorted({c for c in cuts if c < 180})))
def test_frames_come_out_whole_however_the_stream_is_cut(cuts):
    stream = b"".join(FRAMES)
    deframer, found = Deframer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += deframer.feed(stream[start:end])
    assert found == FRAMES
    assert deframer.broken is None


@pytest.mark.parametrize("length", [0, 8, 15, PDU_BYTES_MAX + 1, 2**32 - 1])
def test_a_length_that_can_not_be_ends_the_reading(length):
    deframer = Deframer()
    assert deframer.feed(FRAMES[0] + raw(4, 77, length=length) + FRAMES[1]) == [FRAMES[0]]
    assert deframer.broken is not None
    assert (deframer.broken.status, deframer.broken.sequence) == (Status.RINVCMDLEN, 77)
    assert str(length) in deframer.broken.reason
    assert deframer.feed(FRAMES[0]) == []


def test_nothing_is_kept_after_the_reading_ended():
    deframer = Deframer()
    assert deframer.feed(FRAMES[0] + b"\xff" * 100_000) == [FRAMES[0]]
    assert deframer.buffer == b""


def test_a_bad_length_alone_is_answered_without_a_sequence():
    deframer = Deframer()
    assert deframer.feed(b"\0\0\0\x01") == []
    assert deframer.broken.sequence == 0
