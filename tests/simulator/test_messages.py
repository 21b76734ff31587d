"""Message states, SMPP times and the text of a receipt."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator import alphabet
from simulator.messages import MessageStore, State, instant, smpp_period, smpp_time
from simulator.pdu import Pdu, SubmitSm, decode, encode, raw
from simulator.receipts import receipt_body

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def submit(**fields):
    base = {"source_addr": "1330", "dest_addr_ton": 1, "destination_addr": "31610000001", "registered_delivery": 1}
    return SubmitSm(encode(Pdu("submit_sm", 1, 0, {**base, **fields})))


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("000000040000000R", timedelta(hours=4)),
        ("000001000000000R", timedelta(days=1)),
        ("261102091500000+", timedelta(hours=1, minutes=15)),
        ("261102091500504+", timedelta(minutes=15, seconds=0.5)),
        ("261102091500004-", timedelta(hours=2, minutes=15)),
    ],
)
def test_smpp_times(value, after):
    assert instant(value, NOW) == NOW + after


@pytest.mark.parametrize(
    "value", ["soon", "26110209150000", "26110209150000x+", "261102091500000?", "261102091500099+"]
)
def test_what_is_no_smpp_time(value):
    with pytest.raises(ValueError, match="no SMPP time"):
        instant(value, NOW)


def test_an_empty_time_is_none_and_a_written_one_reads_back():
    assert instant("", NOW) is None
    assert instant(smpp_time(NOW), NOW) == NOW


@pytest.mark.parametrize("seconds", [0, 1, 59, 3600, 86_399, 86_400, 29 * 86_400, 364 * 86_400, 400 * 86_400 + 5])
def test_a_period_reads_back(seconds):
    assert instant(smpp_period(seconds), NOW) == NOW + timedelta(seconds=seconds)


def test_a_period_is_a_century_at_most():
    assert smpp_period(2**32 - 1) == "990000000000000R"


def test_a_message_leaves_enroute_once():
    message = MessageStore().accept(submit(), "gateway", NOW)
    assert message.settle(State.EXPIRED, NOW)
    assert not message.settle(State.DELIVERED, NOW)
    assert (message.state, message.number, message.source) == (State.EXPIRED, "+31610000001", "1330")


@pytest.mark.parametrize(
    ("asked", "state", "wanted"),
    [
        (0, State.DELIVERED, False),
        (1, State.DELIVERED, True),
        (1, State.EXPIRED, True),
        (2, State.DELIVERED, False),
        (2, State.EXPIRED, True),
    ],
)
def test_who_wants_a_receipt(asked, state, wanted):
    message = MessageStore().accept(submit(registered_delivery=asked), "gateway", NOW)
    message.settle(state, NOW)
    assert message.wants_receipt is wanted


def test_old_messages_are_forgotten():
    store = MessageStore(first_id=0xABCDEF12345, messages_max=2)
    ids = [store.accept(submit(), "gateway", NOW).message_id for _ in range(3)]
    assert ids == ["ABCDEF12345", "ABCDEF12346", "ABCDEF12347"]
    assert [store.find(one.lower(), "1330") is not None for one in ids] == [False, True, True]
    assert store.find(ids[-1], "9999") is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"short_message": b"a" * 30}, "a" * 20),
        ({"short_message": b"\x1b\x65 vijf"}, "€ vijf"),
        ({"short_message": "жук!".encode("utf-16-be"), "data_coding": 8}, "???!"),
        ({"short_message": b"\x05\x00\x03\x01\x02\x01hi", "esm_class": 0x40}, "hi"),
        ({"short_message": b"\x09x", "esm_class": 0x40}, ""),
    ],
)
def test_a_receipt_repeats_how_the_text_begins(fields, text):
    message = MessageStore(first_id=1).accept(submit(**fields), "gateway", NOW)
    message.settle(State.DELIVERED, NOW)
    receipt = decode(raw(5, 1, receipt_body(message, with_tlvs=True)[1]))
    told = alphabet.gsm_text(receipt.octets())
    assert told.endswith(f" stat:DELIVRD err:000 text:{text}")
    assert told.startswith("id:1 sub:001 dlvrd:001 submit date:2611020900 done date:2611020900")


def test_a_receipt_may_say_another_stat():
    message = MessageStore().accept(submit(), "gateway", NOW)
    message.settle(State.DELIVERED, NOW)
    receipt = decode(raw(5, 1, receipt_body(message, with_tlvs=True, stat="REJECTD")[1]))
    assert b"stat:REJECTD err:034" in receipt.octets()
    assert receipt.tlv("message_state") == bytes([State.REJECTED])
