"""One line for a PDU."""

import pytest

from simulator.pdu import Pdu, encode, raw, tlv
from simulator.traffic import summary


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (encode(Pdu("enquire_link", 1)), None),
        (encode(Pdu("unbind", 2)), "unbind #2"),
        (encode(Pdu("submit_sm_resp", 3, 0x58)), "submit_sm_resp #3 ESME_RTHROTTLED"),
        (
            encode(Pdu("bind_transceiver", 4, 0, {"system_id": "gateway", "password": "secret"})),
            "bind_transceiver #4 system_id=gateway",
        ),
        (
            encode(
                Pdu(
                    "deliver_sm",
                    5,
                    0,
                    {"source_addr": "31610000001", "short_message": b"INFO UIT"},
                    (tlv("user_message_reference", 7), (0x1401, b"\xab")),
                )
            ),
            "deliver_sm #5 source_addr=31610000001 'INFO UIT' user_message_reference=0007 TLV 0x1401=ab",
        ),
        (
            encode(Pdu("submit_sm", 6, 0, {"esm_class": 0x40, "short_message": b"\x05\x00\x03\x01\x02\x01hi"})),
            "submit_sm #6 esm_class=64 'hi'",
        ),
        (
            encode(Pdu("submit_sm", 6, 0, {"esm_class": 0x40, "short_message": b"\x09h"})),
            "submit_sm #6 esm_class=64 '09 68'",
        ),
        (raw(0x999, 7, b"\x01"), "0x00000999 #7 MALFORMED command_id 0x00000999 is not in SMPP 3.4: "),
    ],
)
def test_lines(frame, line):
    told = summary(frame)
    assert told == line or (line is not None and line.endswith(": ") and told.startswith(line))
