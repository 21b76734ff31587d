"""Inputs that once showed a fault, by name; each is played against both codecs and all sessions in every test run.

A new one comes from the report of `python -m tests.fuzz`: its chunks, and in a comment what was wrong and where.
"""

import struct

from simulator.commands import COMMANDS
from tests.fuzz.cases import replayed


def _frame(command, body, sequence=7):
    return struct.pack(">IIII", 16 + len(body), COMMANDS[command], 0, sequence) + body


def _tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


_LONG = b"8" * 64 + b"\0"
_RECEIPT_HEAD = b"\0\x01\x0131610000001\0\x03\x001330\0"
_SUBMIT = b"\0\x05\x001330\0\x01\x0131610000001\0\0\0\0\0\0\x01\0\0\0\x05HELLO"

FOUND = {
    # gateway.smpp.pdu: addresses of data_sm were held to 21 octets, SMPP 3.4 §4.7.1 gives them 65.
    "data_sm_with_long_addresses": [
        _frame("data_sm", b"\0\x01\x01" + _LONG + b"\x03\0" + _LONG + b"\0\0\0" + _tlv(0x0424, b"HELP")),
    ],
    # The same in §4.12.1.
    "alert_notification_with_long_addresses": [
        _frame("alert_notification", b"\x01\x01" + _LONG + b"\x01\x01" + _LONG)
    ],
    # gateway.smpp.inbound: an id of more digits than Python converts ended the whole gateway.
    "receipt_for_a_number_of_5000_digits": [
        _frame(
            "deliver_sm",
            _RECEIPT_HEAD + b"\x04\0\0\0\0\0\0\0\0\0" + _tlv(0x0424, b"id:" + b"7" * 5_000 + b" stat:DELIVRD"),
        ),
    ],
    # simulator.pdu: what came after a lost alignment was kept as long as the session.
    "a_read_full_of_nothing_after_a_lost_alignment": [b"\xff" * 200_000],
    # simulator.pdu: the fast reader made all 17,000 empty TLVs of a submit_sm before it refused more than 1,000. What
    # fails here is the work: the play appends the octets that the length promises.
    "submit_sm_of_which_the_rest_is_empty_tlvs": [struct.pack(">I", 0x11000) + _frame("submit_sm", _SUBMIT)[4:]],
}


def found():
    """Name → case."""
    return {name: replayed(chunks) for name, chunks in FOUND.items()}
