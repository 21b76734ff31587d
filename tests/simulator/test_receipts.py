"""What a receipt is made of, profile by profile."""

from datetime import UTC, datetime

import pytest

from simulator import alphabet
from simulator.commands import COMMANDS
from simulator.messages import MessageStore, State
from simulator.pdu import Pdu, SubmitSm, decode, encode, raw, tlv
from simulator.profiles import PROFILES
from simulator.receipts import INTERMEDIATE, receipt_body

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
NUMBER = 0xABCDEF12345


def told(name, *, with_tlvs=True, state=State.DELIVERED, error=0, **more):
    """The message and the PDU that reports on it."""
    fields = {
        "source_addr_ton": 3,
        "source_addr": "1330",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "31610000001",
        "registered_delivery": 1,
        "short_message": b"hello",
    }
    submit = SubmitSm(encode(Pdu("submit_sm", 1, 0, fields, (tlv("user_message_reference", 7),))))
    message = MessageStore(first_id=NUMBER).accept(submit, "gateway", NOW, PROFILES[name])
    message.settle(state, NOW)
    message.error = error
    command, body = receipt_body(message, with_tlvs=with_tlvs, **more)
    return message, decode(raw(COMMANDS[command], 1, body))


def text_of(pdu):
    octets = pdu.octets() or pdu.tlv("message_payload") or b""
    return alphabet.text_of(octets, pdu.integer("data_coding"))


@pytest.mark.parametrize(
    ("name", "answered", "in_text", "in_tlv"),
    [
        ("standard", "ABCDEF12345", "ABCDEF12345", b"ABCDEF12345\0"),
        ("hex", "11806310474565", "ABCDEF12345", None),
        ("decimal", "ABCDEF12345", "11806310474565", None),
        ("zero_padded", "11806310474565", "00000011806310474565", None),
        ("hex_lower", "ABCDEF12345", "abcdef12345", None),
        ("tlv_only", "ABCDEF12345", None, b"ABCDEF12345\0"),
        ("text_only", "ABCDEF12345", "ABCDEF12345", None),
        ("data_sm", "ABCDEF12345", "ABCDEF12345", b"ABCDEF12345\0"),
        ("ucs2", "ABCDEF12345", "ABCDEF12345", b"ABCDEF12345\0"),
        ("payload", "ABCDEF12345", "ABCDEF12345", b"ABCDEF12345\0"),
    ],
)
def test_the_id_is_where_and_as_the_profile_has_it(name, answered, in_text, in_tlv):
    message, pdu = told(name)
    assert message.message_id == answered
    assert pdu.integer("esm_class") == 0x04
    assert pdu.tlv("receipted_message_id") == in_tlv
    assert pdu.tlv("message_state") == (None if in_tlv is None else b"\x02")
    text = text_of(pdu)
    if in_text is None:
        assert text == ""
    else:
        assert text.startswith(f"id:{in_text} sub:001 dlvrd:001 ")
        assert text.endswith(" stat:DELIVRD err:000 text:hello")


@pytest.mark.parametrize("name", PROFILES)
def test_addresses_are_turned_and_the_command_is_the_profiles(name):
    _, pdu = told(name)
    assert pdu.command == ("data_sm" if name == "data_sm" else "deliver_sm")
    assert (pdu.text("source_addr"), pdu.integer("source_addr_ton")) == ("31610000001", 1)
    assert (pdu.text("destination_addr"), pdu.integer("dest_addr_ton")) == ("1330", 3)


@pytest.mark.parametrize("name", PROFILES)
def test_who_may_be_sent_no_tlvs_gets_the_text_in_a_deliver_sm(name):
    _, pdu = told(name, with_tlvs=False)
    assert (pdu.command, pdu.tlvs) == ("deliver_sm", ())
    assert "stat:DELIVRD" in text_of(pdu)


def test_ucs2_text_fits_a_short_message():
    _, pdu = told("ucs2")
    assert pdu.integer("data_coding") == 8
    assert len(pdu.octets()) <= 254


@pytest.mark.parametrize(
    ("state", "error", "text", "code"),
    [
        (State.EXPIRED, 32, "stat:EXPIRED err:032", b"\x03\x00\x20"),
        (State.EXPIRED, 0, "stat:EXPIRED err:027", b"\x03\x00\x1b"),
        (State.UNDELIVERABLE, 0, "stat:UNDELIV err:001", b"\x03\x00\x01"),
        (State.DELETED, 0, "stat:DELETED err:000", None),
        (State.DELIVERED, 0, "stat:DELIVRD err:000", None),
    ],
)
def test_a_failure_carries_the_networks_error(state, error, text, code):
    _, pdu = told("standard", state=state, error=error)
    assert text in text_of(pdu)
    assert pdu.tlv("network_error_code") == code


def test_an_intermediate_notification_says_that_it_is_under_way():
    _, pdu = told("standard", state=State.ENROUTE, error=27, kind=INTERMEDIATE)
    assert pdu.integer("esm_class") == 0x20
    assert "dlvrd:000" in text_of(pdu)
    assert "stat:ENROUTE err:027" in text_of(pdu)
    assert (pdu.tlv("message_state"), pdu.tlv("network_error_code")) == (b"\x01", b"\x03\x00\x1b")
    assert pdu.tlv("user_message_reference") == b"\0\x07"
