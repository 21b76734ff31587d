"""Deliveries with odd or broken bodies: what cannot be read is refused, what can be is taken, and the next one is.

Each row is one deliver_sm or data_sm. A body that is broken may be refused or, where it still says something, taken;
what a standard allows has to be taken, since the SMSC brings a text that is refused again and again.

Must not be put here: frames whose length is wrong (framing.py).
"""

from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, TLVS
from simulator.torture.cases import ANSWERED, LEFT, REFUSED, TAKEN, Build, Case, Kind, odd, stays_sound
from simulator.torture.play import Failed, Play, Text

UDHI: Final = 0x40
UCS2: Final = 8
BINARY: Final = 4
PAYLOAD_TAG: Final = TLVS["message_payload"][0]
VENDOR_TAG: Final = 0x1401
RESERVED_TAG: Final = 0x0666
_LEFT_OR_TAKEN: Final = LEFT | frozenset[Kind]({"taken"})


def _deliver(text: Text, body: bytes, *, status: int = 0) -> bytes:
    return smpp.raw(COMMANDS["deliver_sm"], text.sequence, body, status=status)


def _tlv(tag: int, value: bytes, length: int | None = None) -> bytes:
    """With any length at all."""
    return tag.to_bytes(2, "big") + (len(value) if length is None else length).to_bytes(2, "big") + value


def _with(tlvs: bytes) -> Build:
    """A sound text with these octets behind it."""
    return lambda play, text: _deliver(text, play.mo_body(text.number) + tlvs)


def _no_text(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number, short_message=b""))


def _payload(play: Play, text: Text) -> bytes:
    octets = play.expected.text.encode("ascii")
    return _deliver(text, play.mo_body(text.number, ((PAYLOAD_TAG, octets),), short_message=b""))


def _payload_64_kb(play: Play, text: Text) -> bytes:
    octets = play.expected.text.encode("ascii").ljust(0xFFFF)
    return _deliver(text, play.mo_body(text.number, ((PAYLOAD_TAG, octets),), short_message=b""))


def _cut_text(play: Play, text: Text) -> bytes:
    body = play.mo_body(text.number, short_message=b"")
    return _deliver(text, body[:-1] + b"\xff" + b"HELP HELP ")


def _long_addresses(play: Play, text: Text) -> bytes:
    body = play.mo_body(text.number)
    sender = text.number.removeprefix("+").encode()
    return _deliver(text, body.replace(sender, sender.ljust(30, b"0")))


def _unterminated(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number).rstrip(b"\0").replace(b"\0", b"\1"))


def _cut_body(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number)[:9])


def _empty_body(_play: Play, text: Text) -> bytes:
    return _deliver(text, b"")


def _long_header(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number, esm_class=UDHI, short_message=b"\xc8\x00\x03\x01HELP"))


def _odd_ucs2(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number, data_coding=UCS2, short_message=b"\0H\0E\0L\0P\0"))


def _binary(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number, data_coding=BINARY, short_message=bytes(range(140))))


def _reserved_coding(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number, data_coding=0x7F))


def _many_tlvs(play: Play, text: Text) -> bytes:
    tlvs = b"".join(_tlv(VENDOR_TAG + number, bytes(250)) for number in range(250))
    return _deliver(text, play.mo_body(text.number) + tlvs)


def _with_status(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number), status=0x58)


def _sound(play: Play, text: Text) -> bytes:
    return _deliver(text, play.mo_body(text.number))


def _data_sm(play: Play, text: Text) -> bytes:
    fields = {name: value for name, value in play.mo_fields(text.number).items() if name != "short_message"}
    payload = (PAYLOAD_TAG, play.expected.text.encode("ascii"))
    return smpp.raw(COMMANDS["data_sm"], text.sequence, smpp.body_octets("data_sm", fields, (payload,)))


async def _parts(play: Play) -> None:
    """Three parts in the wrong order, one of them twice."""
    line = await play.bound()
    number = play.new_number()
    texts = []
    for part in (2, 0, 2, 1):
        octets = (play.expected.text.encode("ascii"), b" " * 20, b" " * 20)[part]
        text = Text(line, number, line.next_sequence())
        header = bytes((5, 0, 3, 77, 3, part + 1))
        line.say(play.mo(number, text.sequence, esm_class=UDHI, short_message=header + octets))
        texts.append(text)
    answers = [await play.answered(text) for text in texts]
    if not all(answer is not None and not answer.status for answer in answers):
        raise Failed(", ".join(answer.words if answer else "no answer" for answer in answers))
    play.did("answered every part")
    if play.expected.replies:
        await play.replied(texts[-1])
    await stays_sound(play, line)
    play.did("in step")
    replies = len(play.sent_to(number))
    if play.expected.replies and replies != 1:
        play.tolerable(f"{replies} replies to one text")


CASES: Final = (
    odd("deliver-no-text", "a deliver_sm with sm_length 0 and no message_payload",
        "answers it: an empty text is a text", "§4.6.1", _no_text, best=ANSWERED),
    odd("deliver-payload", "a text in message_payload, short_message empty",
        "reads it like any text", "§5.3.2.32", _payload, best=TAKEN, tolerable=REFUSED, readable=True),
    odd("deliver-payload-beside-text", "a text in short_message and another in message_payload",
        "answers it; only one of the two may be used", "§5.3.2.32",
        _with(_tlv(PAYLOAD_TAG, b"another")), best=ANSWERED),
    odd("deliver-payload-64-kb", "a message_payload of 65,535 octets, as long as one may be",
        "takes it or refuses it, in step", "§5.3.2.32", _payload_64_kb, best=ANSWERED),
    odd("deliver-tlvs-64-kb", "250 unknown TLVs of 250 octets each behind a text",
        "takes it or refuses it, in step", "§3.3: unknown TLVs are passed over", _many_tlvs, best=ANSWERED),
    odd("deliver-text-cut", "sm_length 255, ten octets of text, then the PDU ends",
        "refuses it, in step", "§5.2.21; a field may not leave its PDU", _cut_text,
        best=REFUSED, tolerable=_LEFT_OR_TAKEN),
    odd("deliver-body-cut", "a deliver_sm that ends inside its source address",
        "refuses it, in step", "§4.6.1; a field may not leave its PDU", _cut_body,
        best=REFUSED, tolerable=_LEFT_OR_TAKEN),
    odd("deliver-no-body", "a deliver_sm that is its header only",
        "refuses it, in step", "§4.6.1: the fields are mandatory", _empty_body,
        best=REFUSED, tolerable=_LEFT_OR_TAKEN),
    odd("deliver-address-30", "a source address of 30 octets, where 21 are allowed",
        "refuses it or takes it, in step", "§4.6.1", _long_addresses, best=ANSWERED, tolerable=LEFT),
    odd("deliver-no-nul", "strings that are nowhere terminated",
        "refuses it, in step", "§3.1: a C-octet string ends with NUL", _unterminated,
        best=REFUSED, tolerable=_LEFT_OR_TAKEN),
    odd("deliver-header-beyond-text", "a user data header that claims 200 octets of a text of 8",
        "answers it, in step", "3GPP TS 23.040 §9.2.3.24", _long_header, best=ANSWERED, tolerable=LEFT),
    odd("deliver-ucs2-odd", "nine octets under data_coding 8",
        "answers it, in step", "§5.2.19: UCS-2 has two octets a character", _odd_ucs2, best=ANSWERED, tolerable=LEFT),
    odd("deliver-binary", "140 octets under data_coding 4",
        "answers it, in step", "§5.2.19", _binary, best=ANSWERED, tolerable=LEFT),
    odd("deliver-coding-reserved", "a text under data_coding 0x7F, which is reserved",
        "answers it, in step", "§5.2.19", _reserved_coding, best=ANSWERED, tolerable=LEFT),
    odd("deliver-tlv-cut", "a TLV whose length goes 90 octets beyond the PDU",
        "refuses it or takes the text, in step", "§3.2.4.1", _with(_tlv(VENDOR_TAG, b"0123456789", 100)),
        best=ANSWERED, tolerable=LEFT),
    odd("deliver-tlv-header-cut", "three octets behind the text: no TLV",
        "refuses it or takes the text, in step", "§3.2.4.1", _with(b"\x14\x01\0"), best=ANSWERED, tolerable=LEFT),
    odd("deliver-tlv-length-wrong", "source_port with 3 octets, where 2 are allowed",
        "refuses it or takes the text, in step", "§5.3.2.20; ESME_RINVPARLEN",
        _with(_tlv(TLVS["source_port"][0], b"\0\1\2")), best=ANSWERED, tolerable=LEFT),
    odd("deliver-tlv-unknown", "a vendor's TLV and a reserved one behind a text",
        "passes over them and takes the text", "§3.3",
        _with(_tlv(VENDOR_TAG, b"vendor") + _tlv(RESERVED_TAG, b"\1")), best=TAKEN, readable=True),
    odd("deliver-tlv-of-another-pdu", "set_dpf and sc_interface_version, which belong to other PDUs",
        "passes over them and takes the text", "§3.3",
        _with(_tlv(TLVS["set_dpf"][0], b"\1") + _tlv(TLVS["sc_interface_version"][0], b"\x34")),
        best=TAKEN, tolerable=REFUSED, readable=True),
    odd("deliver-status", "a deliver_sm with command_status ESME_RTHROTTLED",
        "takes it: in a request the field says nothing", "§5.1.3", _with_status,
        best=TAKEN, tolerable=REFUSED, readable=True),
    odd("deliver-sequence-0", "a deliver_sm with sequence number 0",
        "answers it with the same number", "§5.1.4", _sound, best=ANSWERED, tolerable=LEFT, sequence=0),
    odd("deliver-sequence-max", "a deliver_sm with sequence number 0xFFFFFFFF",
        "answers it with the same number", "§5.1.4", _sound, best=ANSWERED, tolerable=LEFT, sequence=0xFFFFFFFF),
    odd("data-sm", "a text as data_sm",
        "answers data_sm_resp and reads it", "§4.7.1", _data_sm, best=TAKEN, tolerable=REFUSED, readable=True),
    Case("deliver-parts", "three parts of one text, out of order, one of them twice",
         "answers each, and replies once", "3GPP TS 23.040 §9.2.3.24.1", _parts),
)  # fmt: skip
