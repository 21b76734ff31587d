"""SMPP 3.4 PDUs to bytes and back, strictly, and broken ones on purpose.

The field tables are the specification's (commands.py); the code here only walks them.
`decode` refuses whatever the specification does not allow and says which status to answer; `encode` writes what
the tables allow; `raw` writes anything, for tests of the other side. TLVs are kept as octets, unknown ones too.
`SubmitSm` is the hot path: five searches and one slice, the rest of the body is read when somebody asks.

Frames out of a stream are frames.py's; what it has is to be had from here too.

Not here: sessions, sockets, what a PDU leads to (session.py), texts (alphabet.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from simulator.commands import COMMANDS, FIELDS, NAMES, TAGS, TLVS, Field, Status
from simulator.frames import HEADER, HEADER_BYTES, PDU_BYTES_MAX, RESPONSE_BIT, SEQUENCE_MAX, Deframer, Malformed

__all__ = [
    "HEADER",
    "HEADER_BYTES",
    "PDU_BYTES_MAX",
    "RESPONSE_BIT",
    "SEQUENCE_MAX",
    "Address",
    "Deframer",
    "Failure",
    "Malformed",
    "Pdu",
    "SubmitSm",
    "Tlv",
    "Value",
    "body_octets",
    "decode",
    "encode",
    "find_tlv",
    "raw",
    "tlv",
    "tlv_octets",
    "without_tlvs",
]

_TLV_HEAD: Final = Struct(">HH").unpack_from
TLVS_MAX: Final = 1000
"""The standard has 44 and vendors some more. A frame full of empty ones would hold every other session up."""


# --- values --------------------------------------------------------------------------------------------------

Tlv = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Address:
    """One destination of a submit_multi: an SME address, or the name of a distribution list (`dl=True`)."""

    addr: str
    ton: int = 0
    npi: int = 0
    dl: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One entry of submit_multi_resp's unsuccess_sme."""

    addr: str
    ton: int
    npi: int
    status: int


Value = int | str | bytes | tuple[Address, ...] | tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU by name. `fields` holds the mandatory parameters that differ from 0, "" and b""."""

    command: str
    sequence: int = 0
    status: int = 0
    fields: Mapping[str, Value] = field(default_factory=dict)
    tlvs: tuple[Tlv, ...] = ()

    def tlv(self, name: str) -> bytes | None:
        """The value of the first TLV of that name, None when there is none."""
        return find_tlv(self.tlvs, TLVS[name][0])

    def integer(self, name: str) -> int:
        """A mandatory integer, 0 when it was not given."""
        value = self.fields.get(name, 0)
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        """A mandatory C-octet string, "" when it was not given."""
        value = self.fields.get(name, "")
        assert isinstance(value, str)
        return value

    def octets(self, name: str = "short_message") -> bytes:
        value = self.fields.get(name, b"")
        assert isinstance(value, bytes)
        return value


def find_tlv(tlvs: Iterable[Tlv], tag: int) -> bytes | None:
    return next((value for have, value in tlvs if have == tag), None)


# --- reading -------------------------------------------------------------------------------------------------


class _Reader:
    """Walks one body by its table; every step is bounds checked."""

    __slots__ = ("at", "command_id", "frame", "sequence")

    def __init__(self, frame: bytes, command_id: int, sequence: int) -> None:
        self.frame = frame
        self.at = HEADER_BYTES
        self.command_id = command_id
        self.sequence = sequence

    def fail(self, status: Status, reason: str) -> Malformed:
        return Malformed(status, reason, command_id=self.command_id, sequence=self.sequence)

    def integer(self, octets: int, name: str) -> int:
        piece = self.frame[self.at : self.at + octets]
        if len(piece) < octets:
            raise self.fail(Status.RINVCMDLEN, f"{name}: the body ends at octet {len(self.frame)}")
        self.at += octets
        return int.from_bytes(piece, "big")

    def text(self, spec: Field) -> str:
        end = self.frame.find(0, self.at)
        if end < 0:
            raise self.fail(Status.RINVCMDLEN, f"{spec.name}: no closing NUL")
        size = end + 1 - self.at
        if size > spec.octets:
            raise self.fail(spec.status, f"{spec.name}: {size} octets, allowed are {spec.octets}")
        if spec.kind == "when" and size not in (1, 17):
            raise self.fail(spec.status, f"{spec.name}: {size} octets, allowed are 1 and 17")
        try:
            value = self.frame[self.at : end].decode("ascii")
        except UnicodeDecodeError:
            raise self.fail(spec.status, f"{spec.name}: not ASCII") from None
        self.at = end + 1
        return value

    def message(self, spec: Field) -> bytes:
        length = self.integer(1, "sm_length")
        if length > spec.octets:
            raise self.fail(spec.status, f"sm_length {length}, allowed are {spec.octets}")
        value = self.frame[self.at : self.at + length]
        if len(value) < length:
            raise self.fail(Status.RINVMSGLEN, f"sm_length {length}, but {len(value)} octets follow")
        self.at += length
        return value

    def destinations(self, spec: Field) -> tuple[Address, ...]:
        count = self.integer(1, "number_of_dests")
        if not 1 <= count <= 254:  # §5.2.24
            raise self.fail(Status.RINVNUMDESTS, f"number_of_dests {count}, allowed are 1 to 254")
        return tuple(self._destination(spec) for _ in range(count))

    def _destination(self, spec: Field) -> Address:
        flag = self.integer(1, "dest_flag")
        if flag == 1:
            ton, npi = self.integer(1, "dest_addr_ton"), self.integer(1, "dest_addr_npi")
            return Address(self.text(spec), ton, npi)
        if flag == 2:
            return Address(self.text(Field("dl_name", "text", 21, Status.RINVDLNAME)), dl=True)
        raise self.fail(Status.RINVDESTFLAG, f"dest_flag {flag}, allowed are 1 and 2")

    def failures(self, spec: Field) -> tuple[Failure, ...]:
        count = self.integer(1, "no_unsuccess")
        result = []
        for _ in range(count):
            ton, npi = self.integer(1, "dest_addr_ton"), self.integer(1, "dest_addr_npi")
            address = self.text(spec)
            result.append(Failure(address, ton, npi, self.integer(4, "error_status_code")))
        return tuple(result)

    def value(self, spec: Field) -> Value:
        match spec.kind:
            case "int":
                return self.integer(1, spec.name)
            case "message":
                return self.message(spec)
            case "destinations":
                return self.destinations(spec)
            case "failures":
                return self.failures(spec)
            case _:
                return self.text(spec)

    def tlvs(self) -> tuple[Tlv, ...]:
        frame, at = self.frame, self.at
        result: list[Tlv] = []
        while at < len(frame):
            if len(frame) - at < 4:
                raise self.fail(Status.RINVOPTPARSTREAM, f"{len(frame) - at} octets are no TLV")
            if len(result) == TLVS_MAX:
                raise self.fail(Status.RINVOPTPARSTREAM, f"more TLVs than {TLVS_MAX}")
            tag, length = int.from_bytes(frame[at : at + 2], "big"), int.from_bytes(frame[at + 2 : at + 4], "big")
            value = frame[at + 4 : at + 4 + length]
            if len(value) < length:
                reason = f"TLV 0x{tag:04X}: length {length}, but {len(value)} octets follow"
                raise self.fail(Status.RINVOPTPARSTREAM, reason)
            name, least, most = TAGS.get(tag, ("", 0, 0xFFFF))
            if not least <= length <= most:
                reason = f"TLV {name}: {length} octets, allowed are {least} to {most}"
                raise self.fail(Status.RINVPARLEN, reason)
            result.append((tag, value))
            at += 4 + length
        return tuple(result)


def decode(frame: bytes) -> Pdu:
    """One whole frame as a value. Raises Malformed with the status to answer."""
    _, command_id, status, sequence = HEADER.unpack_from(frame)
    reader = _Reader(frame, command_id, sequence)
    command = NAMES.get(command_id)
    if command is None:
        raise reader.fail(Status.RINVCMDID, f"command_id 0x{command_id:08X} is not in SMPP 3.4")
    # A response that reports an error may come without its body (§4.1.2, §4.4.2).
    if status and command_id & RESPONSE_BIT and len(frame) == HEADER_BYTES:
        return Pdu(command, sequence, status)
    fields = {spec.name: reader.value(spec) for spec in FIELDS[command]}
    return Pdu(command, sequence, status, {name: v for name, v in fields.items() if v}, reader.tlvs())


# --- writing -------------------------------------------------------------------------------------------------


def raw(command_id: int, sequence: int, body: bytes = b"", *, status: int = 0, length: int | None = None) -> bytes:
    """A frame with any header and body at all; `length` lies about command_length."""
    size = HEADER_BYTES + len(body) if length is None else length
    return HEADER.pack(size, command_id, status, sequence) + body


def tlv_octets(tlvs: Iterable[Tlv]) -> bytes:
    """TLVs as they go on the wire. ValueError when a known one has a length the specification forbids."""
    pieces = []
    for tag, value in tlvs:
        name, least, most = TAGS.get(tag, (f"0x{tag:04X}", 0, 0xFFFF))
        if not least <= len(value) <= most:
            raise ValueError(f"TLV {name}: {len(value)} octets, allowed are {least} to {most}")
        pieces.append(tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value)
    return b"".join(pieces)


def tlv(name: str, value: int | bytes | str) -> Tlv:
    """A TLV by name: integers in the size the table gives, strings with their closing NUL."""
    tag, _, most = TLVS[name]
    if isinstance(value, int):
        return tag, value.to_bytes(most, "big")
    return tag, value if isinstance(value, bytes) else value.encode("ascii") + b"\0"


def _text_octets(spec: Field, value: Value) -> bytes:
    octets = str(value).encode("ascii") + b"\0"
    if b"\0" in octets[:-1]:
        raise ValueError(f"{spec.name}: holds a NUL")
    if len(octets) > spec.octets or (spec.kind == "when" and len(octets) not in (1, 17)):
        raise ValueError(f"{spec.name}: {len(octets)} octets with the NUL, allowed are {spec.octets}")
    return octets


def _list_octets(spec: Field, value: Value) -> bytes:
    assert isinstance(value, tuple)
    pieces = [bytes((len(value),))]
    for item in value:
        if isinstance(item, Address) and item.dl:
            pieces.append(b"\x02" + _text_octets(spec, item.addr))
            continue
        flag = b"\x01" if isinstance(item, Address) else b""
        pieces.append(flag + bytes((item.ton, item.npi)) + _text_octets(spec, item.addr))
        if isinstance(item, Failure):
            pieces.append(item.status.to_bytes(4, "big"))
    return b"".join(pieces)


def _field_octets(spec: Field, fields: Mapping[str, Value]) -> bytes:
    value = fields.get(spec.name)
    match spec.kind:
        case "int":
            return bytes((value,)) if isinstance(value, int) else b"\0"
        case "message":
            octets = value if isinstance(value, bytes) else b""
            if len(octets) > spec.octets:
                raise ValueError(f"{spec.name}: {len(octets)} octets, allowed are {spec.octets}")
            return bytes((len(octets),)) + octets
        case "destinations" | "failures":
            return _list_octets(spec, () if value is None else value)
        case _:
            return _text_octets(spec, "" if value is None else value)


def body_octets(command: str, fields: Mapping[str, Value], tlvs: Iterable[Tlv] = ()) -> bytes:
    """The body of a PDU, to be sent under any sequence number. ValueError names a field out of bounds."""
    specs = FIELDS[command]
    unknown = fields.keys() - {spec.name for spec in specs}
    if unknown:
        raise ValueError(f"{command} has no field {', '.join(sorted(unknown))}")
    return b"".join(_field_octets(spec, fields) for spec in specs) + tlv_octets(tlvs)


def without_tlvs(body: bytes) -> bytes:
    """The body of a deliver_sm for an ESME that may be sent none; what was in message_payload is the text then, as far
    as it fits.
    """
    pdu = decode(raw(COMMANDS["deliver_sm"], 0, body))
    if not pdu.tlvs:
        return body
    text = pdu.octets() or (pdu.tlv("message_payload") or b"")[:254]
    return body_octets("deliver_sm", {**pdu.fields, "short_message": text})


def encode(pdu: Pdu) -> bytes:
    """A PDU as a frame. ValueError names a field out of bounds."""
    # §3.2, §5.1.3: an error response carries its header only.
    bare = bool(pdu.status) and COMMANDS[pdu.command] & RESPONSE_BIT and not pdu.fields
    body = tlv_octets(pdu.tlvs) if bare else body_octets(pdu.command, pdu.fields, pdu.tlvs)
    return raw(COMMANDS[pdu.command], pdu.sequence, body, status=pdu.status)


# --- the hot path --------------------------------------------------------------------------------------------


class SubmitSm:
    """A submit_sm as it came, checked, with the few parts the SMSC itself needs at hand.

    The rest (`pdu`) is decoded on demand: an SMSC answers hundreds of thousands a second and reads few of them.
    `schedule` and `validity` are schedule_delivery_time and validity_period, empty or 16 octets.
    """

    __slots__ = (
        "_flag_at",
        "_options_at",
        "data_coding",
        "destination",
        "esm_class",
        "frame",
        "registered_delivery",
        "schedule",
        "sequence",
        "short_message",
        "source",
        "tlvs",
        "validity",
    )

    def __init__(self, frame: bytes) -> None:
        """Raises Malformed as `decode` does."""
        self.frame = frame
        try:
            service_end = frame.index(0, HEADER_BYTES)
            source_end = frame.index(0, service_end + 3)
            dest_end = frame.index(0, source_end + 3)
            schedule_end = frame.index(0, dest_end + 4)
            validity_end = frame.index(0, schedule_end + 1)
            registered, _, coding, _, length = frame[validity_end + 1 : validity_end + 6]
        except ValueError:
            raise _why(frame) from None
        end = validity_end + 6 + length
        self.source = frame[service_end + 3 : source_end]
        self.destination = frame[source_end + 3 : dest_end]
        self.schedule = frame[dest_end + 4 : schedule_end]
        self.validity = frame[schedule_end + 1 : validity_end]
        self.tlvs: tuple[Tlv, ...] = ()
        if (
            end > len(frame)
            or service_end > HEADER_BYTES + 5
            or len(self.source) > 20
            or len(self.destination) > 20
            or len(self.schedule) not in (0, 16)
            or len(self.validity) not in (0, 16)
            or length > 254
            or not (frame[HEADER_BYTES:dest_end].isascii() and frame[dest_end + 4 : validity_end].isascii())
        ):
            # Rare: something is wrong, or a TON or NPI is a strange one. The table says which.
            self.tlvs = decode(frame).tlvs
        elif end != len(frame):
            tlvs = _sound_tlvs(frame, end)
            if tlvs is None:
                raise _why(frame)
            self.tlvs = tlvs
        self.sequence = frame[12:16]
        self.esm_class = frame[dest_end + 1]
        self.registered_delivery = registered
        self.data_coding = coding
        self.short_message = frame[validity_end + 6 : end]
        self._options_at = dest_end
        self._flag_at = validity_end + 2

    @property
    def pdu(self) -> Pdu:
        return decode(self.frame)

    @property
    def priority_flag(self) -> int:
        return self.frame[self._options_at + 3]

    @property
    def replace_flag(self) -> int:
        return self.frame[self._flag_at]

    @property
    def replace_if_present(self) -> bool:
        return self.replace_flag != 0

    @property
    def default_message(self) -> int:
        """sm_default_msg_id."""
        return self.frame[self._flag_at + 2]

    @property
    def payload(self) -> bytes:
        """The user data: message_payload when short_message is empty (§4.4.1, sm_length)."""
        return self.short_message or find_tlv(self.tlvs, 0x0424) or b""


def _sound_tlvs(frame: bytes, at: int) -> tuple[Tlv, ...] | None:
    """The TLVs from there to the end, None when anything is wrong with them."""
    found: list[Tlv] = []
    size = len(frame)
    while size - at >= 4 and len(found) < TLVS_MAX:
        tag, length = _TLV_HEAD(frame, at)
        start, at = at + 4, at + 4 + length
        known = TAGS.get(tag)
        if known is not None and not known[1] <= length <= known[2]:
            return None
        found.append((tag, frame[start:at]))
    return tuple(found) if at == size else None


def _why(frame: bytes) -> Malformed:
    try:
        decode(frame)
    except Malformed as malformed:
        return malformed
    raise AssertionError("the fast reader refused what the tables allow")
