"""Which values of a submit_sm the SMSC takes: a table of what earns which status, in the order it is looked at.

Values only: octets that are no PDU were refused before (pdu.py). Times are judged against the clock where they are
read (centre.py).
"""

from collections.abc import Callable
from typing import Final

from simulator import alphabet
from simulator.commands import TLVS, Status
from simulator.pdu import SubmitSm, find_tlv

SUCCESS_ONLY: Final = 3
"""registered_delivery bits 1-0: reserved in SMPP 3.4 §5.2.17, a receipt for success only in 5.0 §4.7.21."""
DATAGRAM: Final = 0x01
TRANSACTION: Final = 0x02
MODE: Final = 0x03
"""esm_class bits 1-0 (SMPP 3.4 §5.2.12): how hard the SMSC tries; 0 and 3 are store and forward."""

_PAYLOAD: Final = TLVS["message_payload"][0]

RULES: Final[tuple[tuple[Status, Callable[[SubmitSm], bool]], ...]] = (
    (Status.RINVREGDLVFLG, lambda s: bool(s.registered_delivery & 0xE0)),  # §5.2.17
    (Status.RINVDSTADR, lambda s: not s.destination.removeprefix(b"+").isdigit()),
    (Status.RINVPRTFLG, lambda s: s.priority_flag > 3),  # §5.2.14
    (Status.RINVREPFLAG, lambda s: s.replace_flag > 1),  # §5.2.18
    (Status.RINVDFTMSGID, lambda s: bool(s.default_message)),  # §5.2.20: this SMSC has none prepared
    (Status.RINVESMCLASS, lambda s: s.esm_class & 0x3C not in (0x00, 0x08, 0x10)),  # §5.2.12: from an ESME
    (Status.RINVESMCLASS, lambda s: bool(s.esm_class & alphabet.UDHI) and not _has_header(s.payload)),
    # §5.3.2.32: short_message or message_payload, not both.
    (
        Status.ROPTPARNOTALLWD,
        lambda s: bool(s.tlvs and s.short_message) and find_tlv(s.tlvs, _PAYLOAD) is not None,
    ),
)


def check(submit: SubmitSm, *, success_only: bool = False) -> Status:
    """What is wrong with the values of a submit_sm; ROK when nothing is. `success_only`: its ESME knows SMPP 5.0."""
    if submit.registered_delivery & 3 == SUCCESS_ONLY and not success_only:
        return Status.RINVREGDLVFLG
    # Nearly every message is as plain as this, and the table costs more than all the rest of taking it.
    if (
        submit.esm_class == 0
        and submit.registered_delivery <= 3
        and submit.priority_flag <= 3
        and not submit.replace_flag
        and not submit.default_message
        and (not submit.tlvs or not submit.short_message or find_tlv(submit.tlvs, _PAYLOAD) is None)
        and submit.destination.isdigit()
    ):
        return Status.ROK
    return next((status for status, wrong in RULES if wrong(submit)), Status.ROK)


def _has_header(payload: bytes) -> bool:
    return bool(payload) and payload[0] < len(payload)
