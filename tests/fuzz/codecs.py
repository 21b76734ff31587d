"""Both codecs on one frame: only `Malformed` where it is none, and the same fields where both read it.

The two were written apart, from the specification; here each is the other's oracle. That one is stricter than the
other is no fault, but each such case must be of a kind that is named here, by what the stricter one says: a new
kind is looked at by a person. Must not be put here: streams and sessions.
"""

import re
import time
from typing import NamedTuple

from gateway.smpp import pdu as ours
from gateway.smpp.frames import read, write
from simulator.commands import COMMANDS, FIELDS, NAMES
from simulator.pdu import Malformed, SubmitSm, decode, encode, find_tlv

LONGEST = ours.FRAME_MAX_BYTES
# What the gateway reads and the simulator refuses, by what it says; and the other way about. Each is meant.
GATEWAY_ALONE = (
    ("not ASCII", "C-octet strings in Latin-1: an SMSC's own characters are no reason to refuse its message"),
    ("octets, allowed are 1 and 17", "times of another length: nothing that an ESME reads"),
    (r"TLV (dest|source)_telematics_id|TLV alert_on_message_delivery", "a length on which the clauses differ"),
)
SIMULATOR_ALONE = (("found more than 200", "more TLVs than any PDU has a use for"),)
OPAQUE = "an opaque body: a command that no ESME meets"
BARE = "a response without its body"
TYPED = frozenset(name for name, row in ours.ROWS.items() if row.body is not ours.Opaque)


class Disagreement(AssertionError):  # noqa: N818 - what it is
    """A case that shows a fault of ours. `kind` is its class, for the figures."""

    def __init__(self, kind, detail):
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class Judged(NamedTuple):
    """`outcome` by name; what each reader took of the processor."""

    outcome: str
    gateway_ns: int
    simulator_ns: int


def judged(frame):
    """How both sides take a frame whose command_length is true.

    Disagreement where the two read different things, where one raises anything but its own refusal, or where one
    refuses what the other reads for a reason that nobody has looked at.
    """
    began = time.thread_time_ns()
    here = read(frame)
    between = time.thread_time_ns()
    try:
        there = decode(frame)
    except Malformed as malformed:
        there = malformed
    ended = time.thread_time_ns()
    _fast_reader(frame, there)
    return Judged(_outcome(frame, here, there), between - began, ended - between)


def _outcome(frame, here, there):
    if isinstance(here, ours.Malformed):
        return _refused_here(frame, here, there)
    if isinstance(there, Malformed):
        return _refused_there(frame, here, there)
    _same(frame, here, there)
    return "read by both"


def _refused_here(frame, here, there):
    header = (here.command_id, here.status, here.sequence)
    expected = tuple(int.from_bytes(frame[at : at + 4], "big") for at in (4, 8, 12))
    if header != expected or here.fatal:
        raise Disagreement("header not kept", f"{here!r} of {frame[:16].hex()}")
    if isinstance(there, Malformed):
        if (there.command_id, there.sequence) != (here.command_id, here.sequence):
            raise Disagreement("header not kept", f"{there.reason} of {frame[:16].hex()}")
        return "refused by both"
    return _one_sided("simulator", SIMULATOR_ALONE, here.reason)


def _refused_there(frame, here, there):
    if here.command not in TYPED:
        return f"read by gateway alone: {OPAQUE}"
    if len(frame) == ours.HEADER_BYTES and COMMANDS[here.command] & ours.RESPONSE_BIT:
        return f"read by gateway alone: {BARE}"
    return _one_sided("gateway", GATEWAY_ALONE, there.reason)


def _one_sided(reader, known, reason):
    for pattern, why in known:
        if re.search(pattern, reason):
            return f"read by {reader} alone: {why}"
    raise Disagreement("read by one", f"{reader} reads it, the other says: {reason}")


# --- what both read ----------------------------------------------------------------------------------------


def _same(frame, here, there):
    differ = [
        f"{name}: gateway {mine!r}, simulator {yours!r}"
        for name, mine, yours in (
            ("command", here.command, there.command),
            ("status", here.status, there.status),
            ("sequence", here.sequence, there.sequence),
            *_fields(here, there),
            *_tlvs(here, there),
        )
        if mine != yours
    ]
    if differ:
        raise Disagreement("fields differ", "; ".join(differ))
    if here.command in TYPED and not any(map(_fills_its_field, here.tlvs)) and read(write(here)) != here:
        raise Disagreement("not written as read", f"{here!r}")
    if _bare(there):
        return
    if encode(there) != frame:
        raise Disagreement("not written as read", f"{there.command}: {encode(there).hex()} of {frame.hex()}")


def _fills_its_field(pair):
    """A string TLV that came without the NUL it would be written with, and so is an octet too long for that."""
    tag, value = pair
    return isinstance(value, str) and len(value) == ours.TLVS[tag].max_bytes


def _bare(pdu):
    """An error response whose body says nothing is written without it."""
    return pdu.status and COMMANDS[pdu.command] & ours.RESPONSE_BIT and not pdu.fields


def _fields(here, there):
    if here.command not in TYPED or here.body is None:
        octets = here.body.octets if here.body is not None else b""
        if here.command not in TYPED and not _bare(there):
            yield "body", octets, encode(there)[16:]
        return
    for spec in FIELDS[here.command]:
        kind = {"int": 0, "message": b""}.get(spec.kind, "")
        yield spec.name, getattr(here.body, spec.name), there.fields.get(spec.name, kind)


def _tlvs(here, there):
    if here.command not in TYPED:
        return
    yield "number of TLVs", len(here.tlvs), len(there.tlvs)
    for (tag, mine), (other, octets) in zip(here.tlvs, there.tlvs, strict=False):
        yield "tag", tag, other
        kind = ours.TLVS[tag].kind if tag in ours.TLVS else "octets"
        yield f"TLV 0x{tag:04X}", mine, _as(kind, octets)


def _as(kind, octets):
    match kind:
        case "integer":
            return int.from_bytes(octets, "big")
        case "string":
            return octets.split(b"\0")[0].decode("latin-1")
        case _:
            return octets


# --- the reader of the hot path ----------------------------------------------------------------------------


def _fast_reader(frame, slow):
    """`SubmitSm` reads what `decode` reads, and refuses what it refuses, for the same reason."""
    if NAMES.get(int.from_bytes(frame[4:8], "big")) != "submit_sm":
        return
    try:
        fast = SubmitSm(frame)
    except Malformed as malformed:
        if not isinstance(slow, Malformed) or (slow.reason, slow.status) != (malformed.reason, malformed.status):
            raise Disagreement("fast reader", f"refuses ({malformed.reason}) what decode takes") from None
        return
    if isinstance(slow, Malformed):
        raise Disagreement("fast reader", f"takes what decode refuses: {slow.reason}")
    pairs = {
        "source": (fast.source, slow.text("source_addr").encode()),
        "destination": (fast.destination, slow.text("destination_addr").encode()),
        "short_message": (fast.short_message, slow.octets()),
        "esm_class": (fast.esm_class, slow.integer("esm_class")),
        "registered_delivery": (fast.registered_delivery, slow.integer("registered_delivery")),
        "data_coding": (fast.data_coding, slow.integer("data_coding")),
        "priority_flag": (fast.priority_flag, slow.integer("priority_flag")),
        "replace_if_present": (fast.replace_if_present, bool(slow.integer("replace_if_present_flag"))),
        "schedule": (fast.schedule.decode(), slow.text("schedule_delivery_time")),
        "validity": (fast.validity.decode(), slow.text("validity_period")),
        "tlvs": (fast.tlvs, slow.tlvs),
        "payload": (fast.payload, slow.octets() or find_tlv(slow.tlvs, 0x0424) or b""),
        "sequence": (fast.sequence, frame[12:16]),
    }
    for name, (one, other) in pairs.items():
        if one != other:
            raise Disagreement("fast reader", f"{name}: found {one!r}, decode {other!r}")
