"""Valid PDUs of every command of SMPP 3.4, with where each of their fields lies, so that a mutation can aim.

Values are drawn from what a field may hold, with what its readers care about: the shortest and the longest, addresses,
user data headers, receipts, payloads. The corpus is the same in every run. Must not be put here: what is done to it.
"""

import random
from dataclasses import dataclass
from functools import cache

from simulator.commands import COMMANDS, FIELDS, TLVS
from simulator.pdu import HEADER_BYTES, RESPONSE_BIT, Address, Failure, Pdu, encode, raw

VARIANTS = 24
TLV_SHARE = 0.6
PAYLOAD_MAX_BYTES = 700
WORDS = (b"HELP", b"INFO UIT", b"\x1be", b"\x00H\x00E\x00L\x00P", b"\xd8\x3d\xde\x00", b"")
HEADERS = (
    b"\x05\x00\x03\x11\x02\x01",
    b"\x05\x00\x03\x11\x02\x02",
    b"\x06\x08\x04\x01\x02\x02\x01",
    b"\x05\x00\x03\x11\x00\x00",
    b"\x03\x24\x01\x01",
    b"\xff",
    b"\x02\x00\x09",
)
RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2611020900 done date:2611020901 stat:{stat} err:000 text:hallo"
STATS = ("DELIVRD", "UNDELIV", "EXPIRED", "ACCEPTD", "delivrd", "?")
IDS = ("1", "0A1F", "00000000123", "a_1", "9" * 64, "f" * 64, "")
NUMBERS = ("31610000001", "31610000002", "1330", "+31610000001", "0031610000001", "0610000001", "")
# Small numbers meet what waits for an answer.
SEQUENCES = (*range(1, 9), 0x7FFFFFFF)


@dataclass(frozen=True)
class Sample:
    """`spans`: kind, first octet and end of each field; a TLV's kind is "tlv", and its span holds tag and length."""

    command: str
    frame: bytes
    spans: tuple[tuple[str, int, int], ...]


@cache
def corpus():
    chance = random.Random("corpus")
    return tuple(_sample(command, chance) for command in COMMANDS for _ in range(VARIANTS))


def _sample(command, chance):
    fields = {spec.name: _value(spec, chance) for spec in FIELDS[command]}
    if "esm_class" in fields:
        fields["esm_class"] = chance.choice((0, 0, 0, 4, 4, 0x20, 0x40, 0x40, 0x3C, 0xFF))
    if "data_coding" in fields:
        fields["data_coding"] = chance.choice((0, 0, 1, 3, 8, 8, 4, 0xF0, 0xFF))
    if fields.get("esm_class") == 0x40 and "short_message" in fields:
        fields["short_message"] = chance.choice(HEADERS) + fields["short_message"][:200]
    tlvs = tuple(_tlvs(chance)) if chance.random() < TLV_SHARE else ()
    status = chance.choice((0, 0, 0, 0x08, 0x14, 0x58, 0x400, 0xFFFFFFFF)) if COMMANDS[command] & RESPONSE_BIT else 0
    frame = encode(Pdu(command, chance.choice(SEQUENCES), status, fields, tlvs))
    return Sample(command, frame, spans_of(command, frame))


def plain_run(chance):
    """Messages as most of them are, in a row: an SMSC may have a road of its own for them."""
    frames = []
    for _ in range(chance.choice((1, 2, 5, 20))):
        fields = {
            "source_addr_ton": 3,
            "source_addr": chance.choice(("1330", "1330", "GATEWAY")),
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": chance.choice(NUMBERS[:2]),
            "registered_delivery": chance.choice((0, 1, 1, 2)),
            "data_coding": chance.choice((0, 0, 8)),
            "short_message": chance.choice(WORDS),
        }
        frames.append(encode(Pdu("submit_sm", chance.choice(SEQUENCES), 0, fields)))
    return frames


def _value(spec, chance):
    match spec.kind:
        case "int":
            return chance.choice((0, 0, 1, 1, 3, 255))
        case "message":
            return _text(chance)[: spec.octets]
        case "when":
            return chance.choice(("", "", "000000001000000R", "261102090000004+", "991399999999999-", "x" * 16))
        case "destinations":
            count = chance.choice((1, 1, 2, 5, 254))
            return tuple(_destination(chance) for _ in range(count))
        case "failures":
            one = Failure("31610000001", 1, 1, 0x0B)
            return (one,) * chance.choice((0, 1, 3, 255))
        case _:
            return _string(spec, chance)


def _string(spec, chance):
    if spec.name.endswith("addr"):
        choices = NUMBERS
    elif spec.name == "message_id":
        choices = IDS
    elif spec.name == "system_id":
        choices = ("gateway", "gateway", "other", "nobody")
    elif spec.name == "password":
        choices = ("secret", "secret", "wrong")
    else:
        choices = ("", "", "CMT", "~" * 40)
    longest = chance.random() < 0.1
    return ("8" * spec.octets if longest else chance.choice(choices))[: spec.octets - 1]


def _destination(chance):
    if chance.random() < 0.1:
        return Address("friends", dl=True)
    return Address(chance.choice(NUMBERS[:4]), 1, 1)


def _text(chance):
    if chance.random() < 0.25:
        return RECEIPT.format(id=chance.choice(IDS), stat=chance.choice(STATS)).encode()
    return chance.choice(WORDS) * chance.choice((1, 1, 2, 20, 80))


def _tlvs(chance):
    for name in chance.choices(tuple(TLVS), k=chance.choice((1, 1, 2, 3, 8))):
        tag, least, most = TLVS[name]
        yield tag, _tlv_value(name, chance)[:most].ljust(least, b"\0")
    if chance.random() < 0.2:
        yield chance.choice((0x0000, 0x1400, 0x3FFF, 0xFFFF)), chance.randbytes(chance.choice((0, 1, 40)))


def _tlv_value(name, chance):
    match name:
        case "message_payload":
            return (_text(chance) * chance.choice((1, 1, 10)))[:PAYLOAD_MAX_BYTES]
        case "receipted_message_id":
            return chance.choice(IDS).encode() + b"\0"
        case "sar_total_segments" | "sar_segment_seqnum":
            return bytes((chance.choice((0, 1, 2, 2, 255)),))
        case "message_state":
            return bytes((chance.randrange(10),))
        case _:
            return chance.randbytes(chance.choice((1, 2, 3, 4, 20)))


def spans_of(command, frame):
    """Where the fields of a valid frame lie: a reader of its own, so that no codec under test says where to strike."""
    spans, at = [], HEADER_BYTES
    if len(frame) == HEADER_BYTES:
        return ()
    for spec in FIELDS[command]:
        start = at
        match spec.kind:
            case "int":
                at += 1
            case "message":
                spans.append(("length", at, at + 1))
                start, at = at + 1, at + 1 + frame[at]
            case "destinations":
                spans.append(("count", at, at + 1))
                start, at = at + 1, _after_destinations(frame, at)
            case "failures":
                spans.append(("count", at, at + 1))
                start, at = at + 1, _after_failures(frame, at)
            case _:
                at = frame.index(0, at) + 1
        spans.append((spec.kind, start, at))
    while at < len(frame):
        end = at + 4 + int.from_bytes(frame[at + 2 : at + 4], "big")
        spans.append(("tlv", at, end))
        at = end
    assert at == len(frame), f"{command}: read {at} of {len(frame)} octets"
    return tuple(spans)


def _after_destinations(frame, at):
    count, at = frame[at], at + 1
    for _ in range(count):
        at = frame.index(0, at + 3 if frame[at] == 1 else at + 1) + 1
    return at


def _after_failures(frame, at):
    count, at = frame[at], at + 1
    for _ in range(count):
        at = frame.index(0, at + 2) + 5
    return at


def enquiry(sequence):
    """An enquire_link: who answers it still knows where a PDU begins."""
    return raw(COMMANDS["enquire_link"], sequence)
