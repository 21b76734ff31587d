"""Octets to SMPP 3.4 PDUs and back: strict, pure, and fast enough to stand in every message's way.

Rules of this module:
* Reading never raises: what cannot be read is a value, `Malformed`, that says where, what was found, what is allowed.
* A header is believed apart from its body: `Malformed` keeps command and sequence, so that the peer can be answered
  and frame alignment is kept. Only a command_length that cannot be is fatal: then nobody knows where a PDU begins.
* A TLV that is not in the table is kept as octets. C-octet strings are read as Latin-1: no octet is lost.
* Writing raises ValueError: a field that does not fit is a fault on this side. No value is quoted in the message: it
  may be a number, a text or a password.

The fields themselves are tables (`pdu.ROWS`, `pdu.TLVS`). Must not be put here: knowledge of a single command.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from gateway.smpp.pdu import (
    ESME_RINVCMDID,
    ESME_RINVCMDLEN,
    ESME_RINVMSGLEN,
    ESME_RINVOPTPARSTREAM,
    ESME_RINVPARLEN,
    FRAME_MAX_BYTES,
    HEADER_BYTES,
    RESPONSE_BIT,
    ROWS,
    SHORT_MESSAGE_MAX_BYTES,
    TLVS,
    TLVS_MAX,
    Body,
    Malformed,
    Opaque,
    Pdu,
    Row,
    Step,
    Tlv,
    Tlvs,
    TlvValue,
)

_ROWS_BY_ID: Final[Mapping[int, Row]] = {row.command_id: row for row in ROWS.values()}
_HEADER: Final = struct.Struct(">LLLL")
_TLV_HEADER: Final = struct.Struct(">HH")
_LENGTH: Final = struct.Struct(">L")
# SMPP 3.4 §3.1: a C-octet string of at most so many octets with its NUL; a run of integers.
_PATTERNS: Final[Mapping[str, bytes]] = {"string": rb"([^\0]{0,%d})\0", "integers": rb"(.{%d})"}
# The fields of a command and their bounds are one regular expression, a group a step: it checks and cuts in one call.
_GRAMMARS: Final[Mapping[str, tuple[re.Pattern[bytes], tuple[bool, ...]]]] = {
    row.command: (
        re.compile(
            b"".join(_PATTERNS[step.kind] % (step.size - (step.kind == "string")) for step in row.steps), re.DOTALL
        ),
        tuple(step.kind == "string" for step in row.steps),
    )
    for row in ROWS.values()
}


def _runs(row: Row) -> Iterator[tuple[int, int, tuple[Step, ...]]]:
    """The steps of a command, apart where the receiver is named, and which of the fields each run has."""
    start = end = 0
    run: list[Step] = []
    for step in row.steps:
        receiver = "destination_addr" in step.names
        if receiver and run:
            yield start, end, tuple(run)
            start, run = end, []
        run.append(step)
        end += 1 if step.kind == "string" else step.size
        if receiver:
            yield start, end, tuple(run)
            start, run = end, []
    if run:
        yield start, end, tuple(run)


_STEPS: Final = {(row.command, start): steps for row in ROWS.values() for start, _, steps in _runs(row)}
# A text is like many others but for whom it goes to: what stands before and behind that is mostly known.
_RUNS: Final = {
    row.command: tuple((start, end, "destination_addr" not in steps[0].names) for start, end, steps in _runs(row))
    for row in ROWS.values()
}
_TLV_TYPES: Final[Mapping[str, type]] = {"integer": int, "string": str, "octets": bytes}
_UNKNOWN_TLV: Final = Tlv("TLV", "octets", 0, 0xFFFF, "3.2.4.1")


# ------------------------------------------------------------------------------------------------ reading
def split_frames(buffer: bytearray) -> tuple[list[bytes], Malformed | None]:
    """Take the complete frames off the front of `buffer`; an incomplete one stays in it.

    With a command_length that cannot be, alignment is lost for good: the fault comes with the frames before it.
    """
    frames: list[bytes] = []
    fault = None
    start = 0
    end = len(buffer)
    while end - start >= _LENGTH.size:
        (length,) = _LENGTH.unpack_from(buffer, start)
        if not HEADER_BYTES <= length <= FRAME_MAX_BYTES:
            reason = f"command_length: found {length}, allowed {HEADER_BYTES} to {FRAME_MAX_BYTES}"
            octets = bytes(buffer[start : start + HEADER_BYTES])
            fault = Malformed(reason, ESME_RINVCMDLEN, fatal=True, octets=octets)
            break
        if end - start < length:
            break
        frames.append(bytes(buffer[start : start + length]))
        start += length
    if start:
        del buffer[:start]
    return frames, fault


def read(frame: bytes) -> Pdu | Malformed:
    """Read one frame, as `split_frames` gives it."""
    end = len(frame)
    if end < HEADER_BYTES:
        reason = f"header: found {end} octets, allowed {HEADER_BYTES}"
        return Malformed(reason, ESME_RINVCMDLEN, fatal=True, octets=frame)
    length, command_id, status, sequence = _HEADER.unpack_from(frame)
    row = _ROWS_BY_ID.get(command_id)
    if length != end:
        return _malformed(row, frame, ESME_RINVCMDLEN, f"command_length: found {length} in {end} octets", fatal=True)
    if row is None:
        return _malformed(row, frame, ESME_RINVCMDID, f"command_id: found 0x{command_id:08X}, not one of SMPP 3.4")
    # SMPP 3.4 §4.4.2: a negative response has no body. Some peers leave it out of positive ones too.
    if end == HEADER_BYTES and (command_id & RESPONSE_BIT or row.body is None):
        return Pdu(row.command, status, sequence)
    if row.body is Opaque:
        return Pdu(row.command, status, sequence, Opaque(frame[HEADER_BYTES:]))
    return _read_body(row, frame, status, sequence)


def _read_body(row: Row, frame: bytes, status: int, sequence: int) -> Pdu | Malformed:
    grammar, strings = _GRAMMARS[row.command]
    found = grammar.match(frame, HEADER_BYTES)
    if found is None:
        return _explain(row, frame)
    values: list[Any] = []
    for is_string, octets in zip(strings, found.groups(), strict=True):
        if is_string:
            values.append(octets.decode("latin-1"))
        else:
            values += octets
    position = found.end()
    if row.has_text:
        length = values.pop()
        text = frame[position : position + length]
        if len(text) < length or length > SHORT_MESSAGE_MAX_BYTES:
            allowed = min(SHORT_MESSAGE_MAX_BYTES, len(text))
            return _malformed(row, frame, ESME_RINVMSGLEN, f"sm_length: found {length}, allowed {allowed}")
        values.append(text)
        position += length
    body = row.body._make(values) if row.body is not None else None
    if position == len(frame):
        return Pdu(row.command, status, sequence, body)
    tlvs = _read_tlvs(row, frame, position)
    return tlvs if isinstance(tlvs, Malformed) else Pdu(row.command, status, sequence, body, tlvs)


def _explain(row: Row, frame: bytes) -> Malformed:
    """Walk the fields that the grammar did not match, to the one that is wrong."""
    end = len(frame)
    position = HEADER_BYTES
    fields = iter(row.fields)
    while True:
        name, kind, size = next(fields)
        if kind == "string":
            stop = frame.find(0, position, position + size)
            if stop < 0:
                reason = f"{name}: no NUL in {min(size, end - position)} octets, allowed {size}"
                return _malformed(row, frame, ESME_RINVMSGLEN, reason)
            position = stop + 1
        elif position == end:
            return _malformed(row, frame, ESME_RINVMSGLEN, f"{name}: the PDU ends before it")
        else:
            position += size


def _read_tlvs(row: Row, frame: bytes, position: int) -> Tlvs | Malformed:
    """SMPP 3.4 §3.2.4.1: tag, length, value, to the end of the frame."""
    end = len(frame)
    found: list[tuple[int, TlvValue]] = []
    while position < end:
        if len(found) == TLVS_MAX:
            reason = f"TLV: found more than {TLVS_MAX}"
            return _malformed(row, frame, ESME_RINVOPTPARSTREAM, reason)
        if end - position < _TLV_HEADER.size:
            reason = f"TLV: found {end - position} octets, allowed {_TLV_HEADER.size} for tag and length"
            return _malformed(row, frame, ESME_RINVOPTPARSTREAM, reason)
        tag, size = _TLV_HEADER.unpack_from(frame, position)
        position += _TLV_HEADER.size
        if size > end - position:
            reason = f"TLV 0x{tag:04X}: found length {size}, allowed {end - position}"
            return _malformed(row, frame, ESME_RINVOPTPARSTREAM, reason)
        # SMPP 3.4 §3.3: what is not known is no fault.
        kind = TLVS.get(tag, _UNKNOWN_TLV)
        if not kind.min_bytes <= size <= kind.max_bytes:
            allowed = f"{kind.min_bytes} to {kind.max_bytes}"
            reason = f"{kind.name}: found {size} octets, allowed {allowed} (SMPP 3.4 §{kind.clause})"
            return _malformed(row, frame, ESME_RINVPARLEN, reason)
        found.append((tag, _tlv_value(kind, frame[position : position + size])))
        position += size
    return tuple(found)


def _tlv_value(kind: Tlv, octets: bytes) -> TlvValue:
    if kind.kind == "integer":
        return int.from_bytes(octets, "big")
    if kind.kind == "string":
        # Peers leave the NUL out, or fill up to a fixed size with NULs; neither can be misread.
        return octets.partition(b"\0")[0].decode("latin-1")
    return octets


def _malformed(row: Row | None, frame: bytes, answer: int, reason: str, *, fatal: bool = False) -> Malformed:
    _, command_id, status, sequence = _HEADER.unpack_from(frame)
    command = row.command if row else None
    if command:
        reason = f"{command}.{reason}"
    return Malformed(reason, answer, command, command_id, status, sequence, fatal, frame)


# ------------------------------------------------------------------------------------------------ writing
def write(pdu: Pdu) -> bytes:
    """The octets of one PDU.

    Raises ValueError with the place, what was found and what is allowed.
    """
    command, status, sequence, values, tlvs = pdu
    row = ROWS[command]
    body = b"" if values is None else _write_body(row, values)
    for tag, value in tlvs:
        octets = _write_tlv(command, tag, value)
        body += _TLV_HEADER.pack(tag, len(octets)) + octets
    length = HEADER_BYTES + len(body)
    if length > FRAME_MAX_BYTES:
        raise ValueError(f"{command}: found {length} octets, allowed {FRAME_MAX_BYTES}")
    return _HEADER.pack(length, row.command_id, status, sequence) + body


def _write_body(row: Row, body: Body) -> bytes:
    if type(body) is not row.body:
        allowed = row.body.__name__ if row.body else "none"
        raise ValueError(f"{row.command}: found a body {type(body).__name__}, allowed {allowed}")
    if isinstance(body, Opaque):
        return body.octets
    values: list[Any] = list(body)
    text = b""
    if row.has_text:
        text = values.pop()
        values.append(len(text))
        if len(text) > SHORT_MESSAGE_MAX_BYTES:
            found = f"found {len(text)} octets, allowed {SHORT_MESSAGE_MAX_BYTES}"
            raise ValueError(f"{row.command}.short_message: {found}; a longer text goes in message_payload")
    command = row.command
    pieces = [
        (_known if known else _spelled)(command, start, tuple(values[start:end]))
        for start, end, known in _RUNS[command]
    ]
    pieces.append(text)
    return b"".join(pieces)


def _spelled(command: str, start: int, values: tuple[Any, ...]) -> bytes:
    """The fields of one run."""
    pieces: list[bytes] = []
    index = 0
    for kind, names, size in _STEPS[command, start]:
        if kind == "string":
            pieces.append(_string(command, names[0], values[index], size))
            index += 1
            continue
        try:
            pieces.append(bytes(values[index : index + size]))
        except ValueError as error:
            raise ValueError(f"{command}.{'/'.join(names)}: found a number outside 0 to 255") from error
        index += size
    return b"".join(pieces)


_known: Final = lru_cache(maxsize=1024)(_spelled)


def _string(command: str, name: str, value: str, size: int) -> bytes:
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"{command}.{name}: found a character outside Latin-1") from None
    if "\0" in value:
        raise ValueError(f"{command}.{name}: found a NUL inside the string")
    if len(octets) >= size:
        raise ValueError(f"{command}.{name}: found {len(octets)} octets, allowed {size - 1}")
    return octets + b"\0"


def _write_tlv(command: str, tag: int, value: TlvValue) -> bytes:
    kind = TLVS.get(tag, _UNKNOWN_TLV)
    if type(value) is not _TLV_TYPES[kind.kind]:
        found = f"found {type(value).__name__}, allowed {_TLV_TYPES[kind.kind].__name__}"
        raise ValueError(f"{command}.{kind.name}: {found}")
    if isinstance(value, str):
        return _string(command, kind.name, value, kind.max_bytes)
    if isinstance(value, int):
        try:
            return value.to_bytes(kind.max_bytes, "big")
        except OverflowError:
            found = f"found a number that does not fit {kind.max_bytes} octets"
            raise ValueError(f"{command}.{kind.name}: {found}") from None
    if not kind.min_bytes <= len(value) <= kind.max_bytes:
        allowed = f"{kind.min_bytes} to {kind.max_bytes}"
        raise ValueError(f"{command}.{kind.name}: found {len(value)} octets, allowed {allowed}")
    return value
