"""What deliver_sm and data_sm are read as: texts, parts, receipts in every coding, and what cannot be read."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.message_ids import message_id_keys, same_message_id
from gateway.smpp import alphabet
from gateway.smpp.inbound import (
    OUTCOMES,
    MoPart,
    MoText,
    Receipt,
    Unreadable,
    e164,
    is_receipt,
    join,
    read,
)
from gateway.smpp.pdu import DataMessage, Message, MessageId, Pdu, tlv

SENDER = "31612345678"


def deliver(octets=b"", *tlvs, **fields):
    body = Message(source_addr_ton=1, source_addr=SENDER, destination_addr="1330", short_message=octets)
    return Pdu("deliver_sm", 0, 1, body._replace(**fields), tuple(itertools.starmap(tlv, tlvs)))


def text(words):
    return MoText("+31612345678", "1330", words)


def part(reference, total, number, octets, data_coding=0):
    return MoPart("+31612345678", "1330", reference, total, number, data_coding, octets)


# ------------------------------------------------------------------------------------------------ texts
@pytest.mark.parametrize(
    ("pdu", "expected"),
    [
        (deliver(b"INFO UIT"), text("INFO UIT")),
        (deliver(b"\x1be 5"), text("€ 5")),
        (deliver("ja ï".encode("utf-16-be"), data_coding=8), text("ja ï")),
        (deliver(b"caf\xe9", data_coding=3), text("café")),
        (deliver(b""), text("")),
        (deliver(b"", ("message_payload", b"INFO AAN")), text("INFO AAN")),
        (deliver(b"not this", ("message_payload", b"INFO AAN")), text("INFO AAN")),
        (deliver(b"hi", ("user_message_reference", 5)), text("hi")),
        # a subscriber may write what a receipt looks like
        (deliver(b"id:1 stat:DELIVRD err:000"), text("id:1 stat:DELIVRD err:000")),
        # a reply path and a mode say nothing about the message
        (deliver(b"hi", esm_class=0x83), text("hi")),
    ],
)
def test_a_text(pdu, expected):
    assert read(pdu) == expected
    assert not is_receipt(pdu)


def test_a_data_sm_reads_like_a_deliver_sm():
    body = DataMessage(source_addr_ton=1, source_addr=SENDER, destination_addr="1330")
    assert read(Pdu("data_sm", 0, 1, body, (tlv("message_payload", b"HELP"),))) == text("HELP")
    assert read(Pdu("data_sm", 0, 1, body)) == text("")


@pytest.mark.parametrize(
    ("pdu", "reason"),
    [
        (deliver(b"\1\2", data_coding=4), "data_coding: found 4, which carries no text"),
        (deliver(b"hi", esm_class=0x08), "esm_class: found message type 0x08, allowed 0x00, 0x04, 0x20"),
        (deliver(b"\x05\0\3", esm_class=0x40), "user data header: found length 6, allowed 3"),
        (deliver(b"", esm_class=0x40), "user data header: found length 1, allowed 0"),
    ],
)
def test_what_is_no_text(pdu, reason):
    assert read(pdu) == Unreadable("+31612345678", "1330", reason)


def test_other_pdus_carry_no_message():
    assert not is_receipt(Pdu("submit_sm_resp", body=MessageId("1")))
    with pytest.raises(AssertionError, match="enquire_link carries no message"):
        read(Pdu("enquire_link"))


# ------------------------------------------------------------------------------------------------ parts
@pytest.mark.parametrize(
    ("pdu", "expected"),
    [
        (deliver(b"\5\0\3\x2a\3\2abc", esm_class=0x40), part(0x2A, 3, 2, b"abc")),
        (deliver(b"\6\x08\4\x12\x34\2\1abc", esm_class=0x40), part(0x1234, 2, 1, b"abc")),
        # elements that are not known stand before and behind
        (deliver(b"\x0c\x23\1\1\0\3\x2a\3\2\x70\2\0\0abc", esm_class=0x40), part(0x2A, 3, 2, b"abc")),
        (deliver(b"\5\0\3\x2a\2\1\0a", esm_class=0x40, data_coding=8), part(0x2A, 2, 1, b"\0a", 8)),
        # the header stands in the message_payload too
        (deliver(b"", ("message_payload", b"\5\0\3\7\2\2abc"), esm_class=0x40), part(7, 2, 2, b"abc")),
        (
            deliver(b"abc", ("sar_msg_ref_num", 258), ("sar_total_segments", 3), ("sar_segment_seqnum", 3)),
            part(258, 3, 3, b"abc"),
        ),
    ],
)
def test_a_part(pdu, expected):
    assert read(pdu) == expected


@pytest.mark.parametrize(
    "pdu",
    [
        deliver(b"\5\0\3\x2a\3\0abc", esm_class=0x40),  # number 0
        deliver(b"\5\0\3\x2a\3\4abc", esm_class=0x40),  # beyond the total
        deliver(b"\5\0\3\x2a\0\0abc", esm_class=0x40),  # none of none
        deliver(b"\5\0\3\x2a\1\1abc", esm_class=0x40),  # one of one
        deliver(b"\4\0\2\x2a\2abc", esm_class=0x40),  # an element of the wrong size
        deliver(b"\5\0\4\x2a\3\1abc", esm_class=0x40),  # an element longer than the header
        deliver(b"\1\0abc", esm_class=0x40),  # half an element
        deliver(b"\0abc", esm_class=0x40),  # no element
        deliver(b"\3\x25\1\2abc", esm_class=0x40),  # a national language: not known here
        deliver(b"abc", ("sar_msg_ref_num", 258), ("sar_total_segments", 3)),
        deliver(b"abc", ("sar_msg_ref_num", 258), ("sar_segment_seqnum", 3)),
        deliver(b"abc", ("sar_total_segments", 3), ("sar_segment_seqnum", 3)),
        deliver(b"abc", ("sar_msg_ref_num", 258), ("sar_total_segments", 1), ("sar_segment_seqnum", 1)),
    ],
)
def test_what_is_no_part_is_a_text(pdu):
    assert read(pdu) == text("abc")


@given(st.text(min_size=200, max_size=700), st.randoms(use_true_random=False))
def test_parts_of_a_sent_text_come_together_in_any_order(words, rng):
    parts = [
        read(deliver(sent.short_message, esm_class=sent.esm_class, data_coding=sent.data_coding))
        for sent in alphabet.split(alphabet.encode(words), 99)
    ]
    rng.shuffle(parts)
    assert join(parts) == words


def test_a_pair_across_the_cut_is_joined_before_it_is_read():
    assert join([part(1, 2, 2, b"e 5"), part(1, 2, 1, b"kost \x1b")]) == "kost € 5"
    octets = "a😀b".encode("utf-16-be")
    assert join([part(1, 2, 1, octets[:4], 8), part(1, 2, 2, octets[4:], 8)]) == "a😀b"


def test_a_text_may_change_its_alphabet():
    parts = [part(1, 3, 1, b"\x00\x1b"), part(1, 3, 2, b"e"), part(1, 3, 3, b"\x20\xac", 8)]
    assert join(parts) == "@€€"


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(1, 2, 1, b"a")],
        [part(1, 2, 1, b"a"), part(1, 2, 1, b"a")],
        [part(1, 3, 1, b"a"), part(1, 3, 3, b"a")],
    ],
)
def test_an_incomplete_set_is_not_joined(parts):
    with pytest.raises(ValueError, match=r"^parts: found \[.*\], allowed 1 to ., each once$"):
        join(parts)


# ------------------------------------------------------------------------------------------------ receipts
RECEIPT = (
    "id:0012aF sub:001 dlvrd:001 submit date:2611020900 done date:2611020901 stat:DELIVRD err:000"
    " text:id:9 stat:REJECTD"
)
FIELDS = (("sub", "001"), ("dlvrd", "001"), ("submit_date", "2611020900"), ("done_date", "2611020901"))


@pytest.mark.parametrize(
    ("data_coding", "octets"),
    [
        (0, RECEIPT.encode()),
        (1, RECEIPT.encode()),
        (3, RECEIPT.encode("latin-1")),
        (8, RECEIPT.encode("utf-16-be")),
        (4, RECEIPT.encode()),  # "octets", and text all the same
    ],
)
def test_a_receipt_in_every_coding(data_coding, octets):
    found = read(deliver(octets, esm_class=0x04, data_coding=data_coding))
    assert found == Receipt(("0012aF",), "DELIVRD", "000", "+31612345678", fields=FIELDS)
    assert found.outcome == "delivered"


def test_a_receipt_by_its_tlvs_alone():
    found = read(
        deliver(
            b"",
            ("receipted_message_id", "77"),
            ("message_state", 5),
            ("network_error_code", b"\3\1\2"),
            ("user_message_reference", 4660),
        )
    )
    assert found == Receipt(("77",), "UNDELIV", "3:258", "+31612345678", 4660)
    assert found.outcome == "failed"


def test_a_tlv_is_believed_before_the_text_and_every_id_is_given():
    octets = RECEIPT.encode()
    found = read(deliver(octets, ("receipted_message_id", "12AF"), ("message_state", 3), esm_class=0x04))
    assert (found.message_ids, found.state, found.outcome) == (("12AF", "0012aF"), "EXPIRED", "expired")


@pytest.mark.parametrize("digits", [65, 5_000, 60_000])
def test_what_is_too_long_for_an_id_is_none(digits):
    octets = b"id:" + b"7" * digits + b" stat:DELIVRD"
    found = read(deliver(b"", ("message_payload", octets), esm_class=0x04))
    assert (found.message_ids, found.state) == ((), "DELIVRD")


def test_an_id_in_ascii_under_gsm_is_given_both_ways():
    found = read(deliver(b"id:a_1 stat:DELIVRD", esm_class=0x04))
    assert found.message_ids == ("a§1", "a_1")


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"Id: 5 Stat: Undeliv Err: 0b1", Receipt(("5",), "UNDELIV", "0b1", "+31612345678")),
        (b"mid:5 stat:ACCEPTD", Receipt((), "ACCEPTD", "", "+31612345678")),
        (b"delivered, thank you", Receipt((), "", "", "+31612345678")),
        (b"\5\0\3\1\2\1id:5 stat:EXPIRED", Receipt(("5",), "EXPIRED", "", "+31612345678")),
    ],
)
def test_receipts_as_they_come(octets, expected):
    esm_class = 0x44 if octets.startswith(b"\5") else 0x04
    assert read(deliver(octets, esm_class=esm_class)) == expected


@pytest.mark.parametrize(
    ("number", "word", "outcome"),
    [
        (1, "ENROUTE", None),
        (2, "DELIVRD", "delivered"),
        (3, "EXPIRED", "expired"),
        (4, "DELETED", "failed"),
        (5, "UNDELIV", "failed"),
        (6, "ACCEPTD", None),
        (7, "UNKNOWN", "failed"),
        (8, "REJECTD", "failed"),
    ],
)
def test_what_a_state_means(number, word, outcome):
    in_tlv = read(deliver(b"", ("receipted_message_id", "1"), ("message_state", number), esm_class=0x04))
    in_text = read(deliver(f"id:1 stat:{word}".encode(), esm_class=0x04))
    assert (in_tlv.state, in_tlv.outcome) == (in_text.state, in_text.outcome) == (word, outcome)
    assert OUTCOMES.get(word) == outcome


def test_a_state_that_is_none_leaves_the_word_of_the_text():
    found = read(deliver(b"id:1 stat:VENDOR", ("message_state", 9), esm_class=0x04))
    assert (found.state, found.outcome) == ("VENDOR", None)


def test_an_intermediate_notification_changes_nothing():
    found = read(deliver(b"id:1 stat:UNDELIV", esm_class=0x20))
    assert (found.state, found.intermediate, found.outcome) == ("UNDELIV", True, None)


def test_words_of_the_message_do_not_stay():
    found = read(deliver(RECEIPT.encode() + b" geheim", esm_class=0x04))
    assert "geheim" not in repr(found)
    assert "geheim" not in repr(read(deliver(b"geheim")))
    assert "geheim" not in repr(read(deliver(b"\5\0\3\1\2\1geheim", esm_class=0x40)))


# ------------------------------------------------------------------------------------------------ ids
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1234", "1234"),
        ("1234", "00001234"),
        ("abc", "ABC"),
        ("0xyz", "XYZ"),
        ("4660", "1234"),
        ("255", "0000FF"),
        ("00000255", "ff"),
        ("18446744073709551615", "ffffffffffffffff"),
        ("0", "0000"),
        (" 12", "12"),
    ],
)
def test_ids_that_are_the_same(one, other):
    assert same_message_id(one, other)
    assert same_message_id(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("1234", "1235"), ("abc", "abd"), ("10", "100"), ("x1", "1"), ("a-1", "1")]
)
def test_ids_that_differ(one, other):
    assert not same_message_id(one, other)
    assert not same_message_id(other, one)


def test_the_keys_of_an_id_begin_with_itself():
    assert message_id_keys("00291") == ("291", "123", "657")
    assert message_id_keys("00FF") == ("ff", "255")
    assert message_id_keys("5") == ("5",)
    assert message_id_keys("b7e-1_2") == ("b7e-1_2",)
    assert message_id_keys("") == ("0",)


@given(st.text(max_size=64), st.text(max_size=64))
def test_sameness_has_no_direction(one, other):
    assert same_message_id(one, one)
    assert same_message_id(one, other) == same_message_id(other, one)


@given(st.integers(0, 2**128))
def test_a_number_is_found_in_decimal_and_hexadecimal(number):
    assert same_message_id(str(number), f"{number:x}")
    assert same_message_id(f"{number:032X}", f"{number:045d}")


# ------------------------------------------------------------------------------------------------ addresses
@pytest.mark.parametrize(
    ("address", "ton", "expected"),
    [
        ("31612345678", 1, "+31612345678"),
        ("+31612345678", 1, "+31612345678"),
        ("+31612345678", 0, "+31612345678"),
        ("0031612345678", 1, "+31612345678"),
        ("0031612345678", 0, "+31612345678"),
        ("0612345678", 2, "+31612345678"),
        ("612345678", 2, "+31612345678"),
        ("0612345678", 0, "+31612345678"),
        ("31612345678", 0, "+31612345678"),
        ("1330", 0, "1330"),
        ("1330", 3, "1330"),
        ("31612345678", 3, "31612345678"),
        ("Bank", 5, "Bank"),
        ("", 1, ""),
    ],
)
def test_addresses(address, ton, expected):
    assert e164(address, ton) == expected
