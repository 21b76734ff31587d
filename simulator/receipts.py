"""What an SMSC tells an ESME about a message it took: the texts and TLVs of receipts and intermediate notifications.

The text is that of SMPP 3.4 appendix B, the TLVs are those of §4.6.1; the message's profile (profiles.py) decides
which of them there are, and in which PDU.

Not here: when something is told and to which session (reporter.py, deliveries.py).
"""

from typing import Final

from simulator import alphabet, ids
from simulator.clock import AMSTERDAM
from simulator.messages import STATES, STATS, Message, State
from simulator.pdu import Tlv, Value, body_octets, tlv

RECEIPT_TEXT_CHARS: Final = 20
"""SMPP 3.4 appendix B: the receipt repeats the first 20 characters."""
MESSAGE_OCTETS_MAX: Final = 254
ERRORS: Final = {
    State.ENROUTE: 0,
    State.DELIVERED: 0,
    State.EXPIRED: 27,
    State.DELETED: 0,
    State.UNDELIVERABLE: 1,
    State.REJECTED: 34,
}
"""Network error codes of our own; the specification leaves them to the SMSC."""

# esm_class, bits 5-2 (SMPP 3.4 §5.2.12)
RECEIPT: Final = 0x04
INTERMEDIATE: Final = 0x20


def receipt_text(message: Message, stat: str, error: int) -> str:
    """The text of SMPP 3.4 appendix B; its instants are on the SMSC's own clock face."""
    accepted = message.accepted_at.astimezone(AMSTERDAM)
    done = (message.done_at or message.accepted_at).astimezone(AMSTERDAM)
    delivered = 1 if stat == STATS[State.DELIVERED] else 0
    return (
        f"id:{told_id(message)} sub:001 dlvrd:{delivered:03d} submit date:{accepted:%y%m%d%H%M}"
        f" done date:{done:%y%m%d%H%M} stat:{stat} err:{error:03d} text:{_opening(message)}"
    )


def told_id(message: Message) -> str:
    return ids.FORMS[message.profile.told](message.told_number)


def receipt_body(
    message: Message, *, with_tlvs: bool, stat: str | None = None, kind: int = RECEIPT
) -> tuple[str, bytes]:
    """The command and the body that report a message's state (SMPP 3.4 §4.6, appendix B): a deliver_sm, or the data_sm
    of the profile. `with_tlvs` says whether the ESME may be sent any; `stat` is another one than the message's own.
    """
    profile = message.profile
    state = message.state if stat is None else STATES.get(stat, State.UNKNOWN)
    error = message.error if stat is None and message.error else ERRORS.get(state, 1)
    text = (
        receipt_text(message, STATS[state] if stat is None else stat, error)
        if profile.has_text or not with_tlvs
        else ""
    )
    octets = _encoded(text, profile.coding)
    as_data = profile.command == "data_sm" and with_tlvs
    in_payload = with_tlvs and (as_data or profile.in_payload) and bool(octets)
    tlvs: list[Tlv] = []
    if with_tlvs and (profile.has_tlvs or not profile.has_text):
        tlvs += [tlv("receipted_message_id", told_id(message)), tlv("message_state", int(state))]
        if kind == INTERMEDIATE or state not in (State.DELIVERED, State.DELETED):
            # §5.3.2.31: 3 is GSM
            tlvs.append(tlv("network_error_code", b"\x03" + error.to_bytes(2, "big")))
        # §4.6.1: a receipt may carry the reference of the message it reports.
        tlvs += [pair for pair in message.submit.tlvs if pair[0] == tlv("user_message_reference", 0)[0]]
    if in_payload:
        tlvs.append(tlv("message_payload", octets))
    fields: dict[str, Value] = {**_turned(message), "esm_class": kind, "data_coding": profile.coding}
    if as_data:
        return "data_sm", body_octets("data_sm", fields, tlvs)
    return "deliver_sm", body_octets("deliver_sm", {**fields, "short_message": b"" if in_payload else octets}, tlvs)


def _turned(message: Message) -> dict[str, Value]:
    """The addresses of the message, the other way round."""
    submit = message.submit
    at = submit.frame.index(0, 16) + 1
    to = at + 3 + len(submit.source)
    return {
        "source_addr_ton": submit.frame[to],
        "source_addr_npi": submit.frame[to + 1],
        "source_addr": submit.destination.decode("ascii"),
        "dest_addr_ton": submit.frame[at],
        "dest_addr_npi": submit.frame[at + 1],
        "destination_addr": message.source,
    }


def _encoded(text: str, coding: int) -> bytes:
    if coding == alphabet.UCS2:
        return text.encode("utf-16-be")[:MESSAGE_OCTETS_MAX]
    return (alphabet.gsm_octets(text) or b"")[:MESSAGE_OCTETS_MAX]


def _opening(message: Message) -> str:
    submit = message.submit
    octets = submit.payload
    if submit.esm_class & alphabet.UDHI:
        try:
            _, octets = alphabet.split_header(octets)
        except ValueError:
            return ""
    text = alphabet.text_of(octets[: RECEIPT_TEXT_CHARS * 4], submit.data_coding)[:RECEIPT_TEXT_CHARS]
    return "".join(char if alphabet.gsm_octets(char) else "?" for char in text)
