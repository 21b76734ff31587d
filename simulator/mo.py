"""A handset's text to a service number, as the PDUs an SMSC may bring it in: whole or in parts, told in four ways.

    udh16    deliver_sm in parts, a user data header with a 16-bit reference (3GPP TS 23.040 §9.2.3.24.8)
    udh8     the same with an 8-bit reference (§9.2.3.24.1)
    sar      deliver_sm in parts, told by the TLVs sar_msg_ref_num, sar_total_segments, sar_segment_seqnum
    payload  one deliver_sm with the whole text in the TLV message_payload
    data_sm  one data_sm with the whole text in the TLV message_payload

Not here: who gets it, and when (deliveries.py).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from simulator import alphabet
from simulator.alphabet import Part
from simulator.deliveries import Delivery
from simulator.pdu import Tlv, Value, body_octets, tlv


def mo_fields(sender: str, destination: str, part: Part) -> dict[str, Value]:
    """deliver_sm from a handset: international source, network specific destination (§5.2.5)."""
    return {
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": sender.removeprefix("+"),
        "dest_addr_ton": 3,
        "destination_addr": destination,
        "esm_class": part.esm_class,
        "data_coding": part.data_coding,
        "short_message": part.octets,
    }


Pieces = list[tuple[Part, list[Tlv]]]


def _udh16(text: str, reference: int) -> Pieces:
    return [(part, []) for part in alphabet.cut(text, reference)]


def _udh8(text: str, reference: int) -> Pieces:
    parts = alphabet.cut(text, reference)
    if len(parts) > 1:
        # 06 08 04 reference(2) total number → 05 00 03 reference(1) total number
        parts = [Part(b"\x05\x00\x03" + part.octets[4:], part.data_coding, part.esm_class) for part in parts]
    return [(part, []) for part in parts]


def _sar(text: str, reference: int) -> Pieces:
    parts = alphabet.cut(text, reference)
    if len(parts) == 1:
        return [(parts[0], [])]
    return [
        (
            Part(part.octets[7:], part.data_coding, 0),
            [
                tlv("sar_msg_ref_num", reference),
                tlv("sar_total_segments", len(parts)),
                tlv("sar_segment_seqnum", number),
            ],
        )
        for number, part in enumerate(parts, 1)
    ]


def _whole(text: str, reference: int) -> Pieces:
    del reference
    septets = alphabet.gsm_octets(text)
    coding = alphabet.UCS2 if septets is None else alphabet.GSM
    octets = text.encode("utf-16-be", "surrogatepass") if septets is None else septets
    return [(Part(b"", coding, 0), [tlv("message_payload", octets)])]


FORMS: Final[Mapping[str, Callable[[str, int], Pieces]]] = {
    "udh16": _udh16,
    "udh8": _udh8,
    "sar": _sar,
    "payload": _whole,
    "data_sm": _whole,
}


def mo_delivery(
    sender: str, destination: str, text: str, *, reference: int, form: str = "udh16", tlvs: Iterable[Tlv] = ()
) -> Delivery:
    """A text ready to be brought. `tlvs` go with every part. ValueError for a form there is not, or too many parts."""
    if form not in FORMS:
        raise ValueError(f"no form {form!r}: {', '.join(FORMS)} are known")
    command = "data_sm" if form == "data_sm" else "deliver_sm"
    return _delivery(sender, destination, FORMS[form](text, reference), list(tlvs), command)


def mo_parts(sender: str, destination: str, parts: Iterable[Part], tlvs: Iterable[Tlv] = ()) -> Delivery:
    """Parts that somebody else has made, in the order in which they shall come."""
    return _delivery(sender, destination, [(part, []) for part in parts], list(tlvs), "deliver_sm")


def _delivery(sender: str, destination: str, pieces: Pieces, more: list[Tlv], command: str) -> Delivery:
    bodies, needs_tlvs = [], False
    for part, own in pieces:
        fields = mo_fields(sender, destination, part)
        if command == "data_sm":
            del fields["short_message"]
        bodies.append(body_octets(command, fields, [*own, *more]))
        needs_tlvs = needs_tlvs or bool(own)
    return Delivery(bodies, sender=sender, destination=destination, command=command, needs_tlvs=needs_tlvs)
