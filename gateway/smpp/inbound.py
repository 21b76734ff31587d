"""What a deliver_sm or a data_sm says: a text, a part of a text, a receipt, or nothing that can be read. Pure.

Rules of this module:
* A receipt is known by esm_class or by its TLV, never by how its text looks: a subscriber may write "id:1".
* Parts are joined as octets, before they are read: an ESC pair or a surrogate pair may lie across a cut.
* A TLV is believed before the text. Every id that a receipt may mean is given, in the order of trust.
* An information element or a TLV that is not known is passed over.

Must not be put here: who the sender is, what the text wants, which message a receipt belongs to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from gateway.smpp import alphabet
from gateway.smpp.pdu import DataMessage, Message, Pdu

# SMPP 3.4 §5.2.12: bits 5-2 of esm_class, the message type.
_TYPE_MASK: Final = 0x3C
_TYPE_RECEIPT: Final = 0x04
_TYPE_INTERMEDIATE: Final = 0x20
_UDH_INDICATOR: Final = 0x40

# 3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8: information elements of concatenation, and where their reference ends.
_CONCATENATION: Final[Mapping[int, int]] = {0x00: 1, 0x08: 2}
# 3GPP TS 23.040 §9.2.3.24.15, §9.2.3.24.16: one octet, the national language.
_SINGLE_SHIFT: Final = 0x24
_LOCKING_SHIFT: Final = 0x25

# SMPP 3.4 §5.2.28 message_state → the words of Appendix B.
_STATES: Final[Mapping[int, str]] = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
# What a state means for a notification; the others change nothing.
OUTCOMES: Final[Mapping[str, str]] = {
    "DELIVRD": "delivered",
    "UNDELIV": "failed",
    "REJECTD": "failed",
    "DELETED": "failed",
    "UNKNOWN": "failed",
    "EXPIRED": "expired",
}
_RECEIPT_FIELDS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"\b{name.replace('_', ' ')}:\s*(\S+)", re.IGNORECASE)
    for name in ("id", "sub", "dlvrd", "submit_date", "done_date", "stat", "err")
}
_RECEIPT_TEXT: Final = re.compile(r"\btext:.*", re.IGNORECASE | re.DOTALL)

# SMPP 3.4 §5.2.23: with its NUL a message_id has 65 octets. A message_payload has room for a number that takes the
# machine a second to convert.
_MESSAGE_ID_MAX: Final = 64

# SMPP 3.4 §5.2.5
_TON_INTERNATIONAL: Final = 1
_TON_NATIONAL: Final = 2
_DECIMAL: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class MoText:
    """A whole text. `sender` is E.164 with "+" where the address allows it; `destination` as it came."""

    sender: str
    destination: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MoPart:
    """Part `number` (from 1) of `total`; the parts of one text share sender, destination, reference and total.

    `data_coding` is as `alphabet.decode` takes it: with the national shifts of this part.
    """

    sender: str
    destination: str
    reference: int
    total: int
    number: int
    data_coding: int
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that was sent.

    `message_ids`: ids it may mean, the most trusted first (`message_ids` for how to look one up). `state`: a word
    of SMPP 3.4 Appendix B, or "" where it says none. `subscriber`: whom the message was for. `fields`: what else its
    text says (sub, dlvrd, submit_date, done_date), never the message's own words.
    """

    message_ids: tuple[str, ...]
    state: str
    error: str = ""
    subscriber: str = ""
    user_message_reference: int | None = None
    intermediate: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def outcome(self) -> str | None:
        """delivered, failed or expired; None where it changes nothing."""
        return None if self.intermediate else OUTCOMES.get(self.state)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Taken from the wire in good order, but no text: why not."""

    sender: str
    destination: str
    reason: str


Inbound = MoText | MoPart | Receipt | Unreadable


def is_receipt(pdu: Pdu) -> bool:
    """Whether a deliver_sm or data_sm tells of a message that was sent (SMPP 3.4 §5.2.12, §5.3.2.12)."""
    body = pdu.body
    if not isinstance(body, Message | DataMessage):
        return False
    kind = body.esm_class & _TYPE_MASK
    return kind in (_TYPE_RECEIPT, _TYPE_INTERMEDIATE) or bool(pdu.tlvs and pdu.tlv("receipted_message_id"))


def read(pdu: Pdu) -> Inbound:
    """Read a deliver_sm or data_sm."""
    body = pdu.body
    assert isinstance(body, Message | DataMessage), f"{pdu.command} carries no message"
    sender = e164(body.source_addr, body.source_addr_ton)
    # SMPP 3.4 §5.3.2.32: short_message is empty where message_payload is used.
    octets = pdu.tlv_octets("message_payload") if pdu.tlvs else None
    if octets is None:
        octets = body.short_message if isinstance(body, Message) else b""
    elements: Mapping[int, bytes] = {}
    if body.esm_class & _UDH_INDICATOR:
        length = 1 + octets[0] if octets else 1
        if length > len(octets):
            reason = f"user data header: found length {length}, allowed {len(octets)}"
            return Unreadable(sender, body.destination_addr, reason)
        elements = dict(_elements(octets[1:length]))
        octets = octets[length:]
    if is_receipt(pdu):
        return _receipt(pdu, body, sender, octets)
    if body.esm_class & _TYPE_MASK:
        reason = f"esm_class: found message type 0x{body.esm_class & _TYPE_MASK:02X}, allowed 0x00, 0x04, 0x20"
        return Unreadable(sender, body.destination_addr, reason)
    return _text(pdu, body, sender, elements, octets)


def _text(
    pdu: Pdu, body: Message | DataMessage, sender: str, elements: Mapping[int, bytes], octets: bytes
) -> MoText | MoPart | Unreadable:
    destination = body.destination_addr
    coding = _coding(body.data_coding, elements) if elements else body.data_coding
    text = alphabet.decode(coding, octets)
    if text is None:
        return Unreadable(sender, destination, f"data_coding: found {body.data_coding}, which carries no text")
    place = _place_in_udh(elements) or (_place_in_tlvs(pdu) if pdu.tlvs else None)
    if place is None:
        return MoText(sender, destination, text)
    reference, total, number = place
    return MoPart(sender, destination, reference, total, number, coding, octets)


def _coding(data_coding: int, elements: Mapping[int, bytes]) -> int:
    single, locking = elements.get(_SINGLE_SHIFT, b""), elements.get(_LOCKING_SHIFT, b"")
    return alphabet.shifted(
        data_coding,
        single=single[0] if len(single) == 1 else 0,
        locking=locking[0] if len(locking) == 1 else 0,
    )


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    """The information elements; what is cut off at the end is no element (3GPP TS 23.040 §9.2.3.24)."""
    position = 0
    while position + 2 <= len(header):
        end = position + 2 + header[position + 1]
        if end > len(header):
            return
        yield header[position], header[position + 2 : end]
        position = end


def _place_in_udh(elements: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    for identifier, reference_bytes in _CONCATENATION.items():
        value = elements.get(identifier, b"")
        if len(value) == reference_bytes + 2:
            reference = int.from_bytes(value[:reference_bytes], "big")
            return _place(reference, value[-2], value[-1])
    return None


def _place_in_tlvs(pdu: Pdu) -> tuple[int, int, int] | None:
    """SMPP 3.4 §5.3.2.22: the three of them, or none."""
    reference = pdu.tlv_integer("sar_msg_ref_num")
    total = pdu.tlv_integer("sar_total_segments")
    number = pdu.tlv_integer("sar_segment_seqnum")
    if reference is None or total is None or number is None:
        return None
    return _place(reference, total, number)


def _place(reference: int, total: int, number: int) -> tuple[int, int, int] | None:
    """3GPP TS 23.040 §9.2.3.24.1: a number of 0 or beyond the total means no concatenation; nor does one of one."""
    return (reference, total, number) if 1 <= number <= total and total > 1 else None


def join(parts: Sequence[MoPart]) -> str:
    """The text of a complete set of parts, in any order.

    Raises ValueError where a part is missing or there twice.
    """
    ordered = sorted(parts, key=lambda part: part.number)
    numbers = [part.number for part in ordered]
    if not ordered or numbers != list(range(1, ordered[0].total + 1)):
        raise ValueError(f"parts: found {numbers}, allowed 1 to {ordered[0].total if ordered else 'n'}, each once")
    # One text may change its alphabet from part to part; within a run of one alphabet a pair may lie across the cut.
    text = []
    for data_coding, run in groupby(ordered, key=lambda part: part.data_coding):
        text.append(alphabet.decode(data_coding, b"".join(part.payload for part in run)) or "")
    return "".join(text)


def _receipt(pdu: Pdu, body: Message | DataMessage, sender: str, octets: bytes) -> Receipt:
    # Many peers write receipts in ASCII whatever data_coding says: an id like "a_1" shows the difference.
    in_latin1 = _receipt_fields(octets.decode("latin-1"))
    text = alphabet.decode(body.data_coding, octets)
    found = dict(in_latin1) if text is None else _receipt_fields(text)
    ids = (pdu.tlv_string("receipted_message_id"), found.pop("id", None), in_latin1.get("id"))
    state = _STATES.get(pdu.tlv_integer("message_state") or 0) or found.get("stat", "").upper()
    error = found.pop("err", "")
    network_error = pdu.tlv_octets("network_error_code")
    if network_error is not None and not error:
        error = f"{network_error[0]}:{int.from_bytes(network_error[1:], 'big')}"
    found.pop("stat", None)
    return Receipt(
        message_ids=tuple(dict.fromkeys(one for one in ids if one and len(one) <= _MESSAGE_ID_MAX)),
        state=state,
        error=error,
        subscriber=sender,
        user_message_reference=pdu.tlv_integer("user_message_reference"),
        intermediate=body.esm_class & _TYPE_MASK == _TYPE_INTERMEDIATE,
        fields=tuple(found.items()),
    )


def _receipt_fields(text: str) -> dict[str, str]:
    """SMPP 3.4 Appendix B; the words of the message itself are left out before anything is looked for."""
    head = _RECEIPT_TEXT.sub("", text)
    found = {}
    for name, pattern in _RECEIPT_FIELDS.items():
        match = pattern.search(head)
        if match:
            found[name] = match[1]
    return found


def e164(address: str, ton: int) -> str:
    """A sender's address as E.164 with "+", as far as its digits and type of number say; else as it came.

    A national number is Dutch. Networks give the international form under an unknown type of number too.
    """
    digits = address.removeprefix("+")
    if not _DECIMAL.fullmatch(digits):
        return address
    if address != digits or ton == _TON_INTERNATIONAL:
        return "+" + digits.removeprefix("00")
    if digits.startswith("00"):
        return "+" + digits[2:]
    if ton == _TON_NATIONAL or digits.startswith("0"):
        return "+31" + digits.removeprefix("0")
    # ITU-T E.164: a number with its country code has 8 to 15 digits here; a shorter one is a shortcode.
    return "+" + digits if ton == 0 and 8 <= len(digits) <= 15 else address
