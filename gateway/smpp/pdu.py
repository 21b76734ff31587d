"""Typed SMPP 3.4 PDUs and the tables behind them; the only door to smpplib.

What is taken from smpplib is its tables: the order, type and size of the mandatory fields, the command ids, the TLV
codes and the names of the statuses. They are compiled once, when this module is loaded, into the steps that `frames`
walks; its codec and its client are not used. The types of TLV values are a table of our own (`TLVS`), since several
rows of smpplib's are wrong. A command that no ESME meets, or that has lists inside, keeps its body as octets.

PDUs are named tuples, because they are made some thousand times a second; they print without numbers, texts and
passwords. Must not be put here: octets (`frames`), states and time (`session`), the meaning of a message (`inbound`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from smpplib import command as smpplib_command
from smpplib import command_codes, consts
from smpplib.ptypes import ostr

HEADER_BYTES: Final = 16
# A message_payload has up to 65,535 octets (SMPP 3.4 §5.3.2.32), and the other fields stand beside it: to leave the
# session for a text that the standard allows would only bring it again. More is not SMPP.
FRAME_MAX_BYTES: Final = 68 * 1024
# The standard has 44 and vendors some more. Without a bound, one frame of empty ones holds the loop up for 10 ms.
TLVS_MAX: Final = 200
# SMPP 3.4 §5.1.4
SEQUENCE_MAX: Final = 0x7FFFFFFF
RESPONSE_BIT: Final = 0x80000000
VERSION_34: Final = 0x34
# SMPP 3.4 §5.2.21: a longer text travels in message_payload.
SHORT_MESSAGE_MAX_BYTES: Final = 254

# The statuses that this side decides on (SMPP 3.4 §5.1.3); all others only have a name, by `status_name`.
ESME_ROK: Final = 0x00
ESME_RINVMSGLEN: Final = 0x01
ESME_RINVCMDLEN: Final = 0x02
ESME_RINVCMDID: Final = 0x03
ESME_RINVBNDSTS: Final = 0x04
ESME_RSYSERR: Final = 0x08
ESME_RMSGQFUL: Final = 0x14
ESME_RTHROTTLED: Final = 0x58
ESME_RINVOPTPARSTREAM: Final = 0xC0
ESME_RINVPARLEN: Final = 0xC2
ESME_RUNKNOWNERR: Final = 0xFF


class Bind(NamedTuple):
    """SMPP 3.4 §4.1.1, §4.1.3, §4.1.5: bind_transmitter, bind_receiver, bind_transceiver."""

    system_id: str = ""
    password: str = ""
    system_type: str = ""
    interface_version: int = VERSION_34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""

    def __repr__(self) -> str:
        return f"Bind(system_id={self.system_id!r}, password=…)"


class BindResp(NamedTuple):
    """SMPP 3.4 §4.1.2: the answer to any bind."""

    system_id: str = ""


class Outbind(NamedTuple):
    """SMPP 3.4 §4.1.7."""

    system_id: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Outbind(system_id={self.system_id!r}, password=…)"


class Message(NamedTuple):
    """SMPP 3.4 §4.4.1 submit_sm and §4.6.1 deliver_sm: the same fields in the same order.

    sm_length is not kept: it is the length of `short_message`.
    """

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = b""

    def __repr__(self) -> str:
        return f"Message(data_coding={self.data_coding}, short_message={len(self.short_message)} octets, …)"


class DataMessage(NamedTuple):
    """SMPP 3.4 §4.7.1 data_sm; its text is the TLV message_payload."""

    service_type: str = ""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: str = ""
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0

    def __repr__(self) -> str:
        return f"DataMessage(data_coding={self.data_coding}, …)"


class MessageId(NamedTuple):
    """The answer to submit_sm, deliver_sm and data_sm (SMPP 3.4 §4.4.2, §4.6.2, §4.7.2)."""

    message_id: str = ""


class Alert(NamedTuple):
    """SMPP 3.4 §4.12.1 alert_notification."""

    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: str = ""
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: str = ""


class Opaque(NamedTuple):
    """A body kept as octets."""

    octets: bytes = b""


Body = Bind | BindResp | Outbind | Message | DataMessage | MessageId | Alert | Opaque
TlvValue = int | str | bytes
Tlvs = tuple[tuple[int, TlvValue], ...]


class Pdu(NamedTuple):
    """One PDU. `body` is None for a command that is a header only, and for a response that came without its body."""

    command: str
    status: int = ESME_ROK
    sequence: int = 0
    body: Body | None = None
    tlvs: Tlvs = ()

    def __repr__(self) -> str:
        return f"Pdu({self.command}, {status_name(self.status)}, sequence={self.sequence}, {self.body!r})"

    def tlv(self, name: str) -> TlvValue | None:
        """The first value of the TLV with this name of `TLVS`, or None."""
        code = TLV_CODES[name]
        for tag, value in self.tlvs:
            if tag == code:
                return value
        return None

    def tlv_integer(self, name: str) -> int | None:
        value = self.tlv(name)
        return value if isinstance(value, int) else None

    def tlv_string(self, name: str) -> str | None:
        value = self.tlv(name)
        return value if isinstance(value, str) else None

    def tlv_octets(self, name: str) -> bytes | None:
        value = self.tlv(name)
        return value if isinstance(value, bytes) else None


@dataclass(frozen=True, slots=True)
class Malformed:
    """Octets that cannot be read as a PDU.

    `answer_status` is what the peer should be told. `command` is None where the id is unknown; `status` is the
    header's own, which settles a response however bad its body is. `fatal`: frame alignment is lost.
    """

    reason: str
    answer_status: int
    command: str | None = None
    command_id: int = 0
    status: int = ESME_ROK
    sequence: int = 0
    fatal: bool = False
    octets: bytes = field(default=b"", repr=False)


# --------------------------------------------------------------------------------------------- the tables
@dataclass(frozen=True, slots=True)
class Tlv:
    """One optional parameter: how its value is read, how many octets it may have (with the NUL of a string)."""

    name: str
    kind: Literal["integer", "string", "octets"]
    min_bytes: int
    max_bytes: int
    clause: str


def _tlvs(*rows: tuple[str, Literal["integer", "string", "octets"], int, int, str]) -> dict[int, Tlv]:
    return {consts.OPTIONAL_PARAMS[row[0]]: Tlv(*row) for row in rows}


TLVS: Final[Mapping[int, Tlv]] = _tlvs(
    ("dest_addr_subunit", "integer", 1, 1, "5.3.2.1"),
    ("source_addr_subunit", "integer", 1, 1, "5.3.2.2"),
    ("dest_network_type", "integer", 1, 1, "5.3.2.3"),
    ("source_network_type", "integer", 1, 1, "5.3.2.4"),
    ("dest_bearer_type", "integer", 1, 1, "5.3.2.5"),
    ("source_bearer_type", "integer", 1, 1, "5.3.2.6"),
    ("dest_telematics_id", "integer", 1, 2, "5.3.2.7"),  # the clauses differ (2 and 1), so do the peers
    ("source_telematics_id", "integer", 1, 2, "5.3.2.8"),
    ("qos_time_to_live", "integer", 4, 4, "5.3.2.9"),
    ("payload_type", "integer", 1, 1, "5.3.2.10"),
    ("additional_status_info_text", "string", 1, 256, "5.3.2.11"),
    ("receipted_message_id", "string", 1, 65, "5.3.2.12"),
    ("ms_msg_wait_facilities", "integer", 1, 1, "5.3.2.13"),
    ("privacy_indicator", "integer", 1, 1, "5.3.2.14"),
    ("source_subaddress", "octets", 2, 23, "5.3.2.15"),
    ("dest_subaddress", "octets", 2, 23, "5.3.2.16"),
    ("user_message_reference", "integer", 2, 2, "5.3.2.17"),
    ("user_response_code", "integer", 1, 1, "5.3.2.18"),
    ("language_indicator", "integer", 1, 1, "5.3.2.19"),
    ("source_port", "integer", 2, 2, "5.3.2.20"),
    ("destination_port", "integer", 2, 2, "5.3.2.21"),
    ("sar_msg_ref_num", "integer", 2, 2, "5.3.2.22"),
    ("sar_total_segments", "integer", 1, 1, "5.3.2.23"),
    ("sar_segment_seqnum", "integer", 1, 1, "5.3.2.24"),
    ("sc_interface_version", "integer", 1, 1, "5.3.2.25"),
    ("display_time", "integer", 1, 1, "5.3.2.26"),
    ("ms_validity", "integer", 1, 1, "5.3.2.27"),
    ("dpf_result", "integer", 1, 1, "5.3.2.28"),
    ("set_dpf", "integer", 1, 1, "5.3.2.29"),
    ("ms_availability_status", "integer", 1, 1, "5.3.2.30"),
    ("network_error_code", "octets", 3, 3, "5.3.2.31"),
    ("message_payload", "octets", 0, 0xFFFF, "5.3.2.32"),
    ("delivery_failure_reason", "integer", 1, 1, "5.3.2.33"),
    ("more_messages_to_send", "integer", 1, 1, "5.3.2.34"),
    ("message_state", "integer", 1, 1, "5.3.2.35"),
    ("callback_num", "octets", 4, 19, "5.3.2.36"),
    ("callback_num_pres_ind", "integer", 1, 1, "5.3.2.37"),
    ("callback_num_atag", "octets", 0, 65, "5.3.2.38"),
    ("number_of_messages", "integer", 1, 1, "5.3.2.39"),
    ("sms_signal", "integer", 2, 2, "5.3.2.40"),
    ("alert_on_message_delivery", "octets", 0, 1, "5.3.2.41"),  # no value; later versions give it one octet
    ("its_reply_type", "integer", 1, 1, "5.3.2.42"),
    ("its_session_info", "octets", 2, 2, "5.3.2.43"),
    ("ussd_service_op", "integer", 1, 1, "5.3.2.44"),
)
TLV_CODES: Final[Mapping[str, int]] = {row.name: code for code, row in TLVS.items()}

# A mandatory field as smpplib's tables give it: name, kind, size (of a string: the most octets, with its NUL).
Field = tuple[str, Literal["integer", "string", "octets"], int]


class Step(NamedTuple):
    """What is read and written in one go: one string, or a run of one-octet integers."""

    kind: Literal["string", "integers"]
    names: tuple[str, ...]
    size: int


class Row(NamedTuple):
    """One command: its id, the type of its body, its fields, and the steps that read and write them.

    `has_text`: the last integer is sm_length, and that many octets of short_message follow the steps.
    """

    command: str
    command_id: int
    body: type[Body] | None
    fields: tuple[Field, ...]
    steps: tuple[Step, ...]
    has_text: bool


# SMPP 3.4 §4.7.1, §4.12.1: these may name more than a telephone number; smpplib gives them 21 octets as elsewhere.
_LONG_ADDRESSES: Final = frozenset({"data_sm", "alert_notification"})
_LONG_ADDRESS_BYTES: Final = 65
# SMPP 3.4 §4.1.7; smpplib has no class for it.
_OUTBIND_FIELDS: Final[tuple[Field, ...]] = (("system_id", "string", 16), ("password", "string", 9))
_BODIES: Final[Mapping[str, type[Body] | None]] = {
    "generic_nack": None,
    "unbind": None,
    "unbind_resp": None,
    "enquire_link": None,
    "enquire_link_resp": None,
    "bind_transmitter": Bind,
    "bind_receiver": Bind,
    "bind_transceiver": Bind,
    "bind_transmitter_resp": BindResp,
    "bind_receiver_resp": BindResp,
    "bind_transceiver_resp": BindResp,
    "outbind": Outbind,
    "submit_sm": Message,
    "deliver_sm": Message,
    "data_sm": DataMessage,
    "submit_sm_resp": MessageId,
    "deliver_sm_resp": MessageId,
    "data_sm_resp": MessageId,
    "alert_notification": Alert,
}


def _fields_of(command: str) -> tuple[Field, ...]:
    """The mandatory fields of a command: those before smpplib's first optional parameter."""
    if command == "outbind":
        return _OUTBIND_FIELDS
    fields: list[Field] = []
    source = smpplib_command.factory(command, sequence=0, client=None)
    for name in source.params_order:
        if name in consts.OPTIONAL_PARAMS:
            break
        param = source.params[name]
        if param.type is int:
            # every mandatory integer of these commands has one octet: a run of them is a slice
            assert param.size == 1, f"{command}.{name}: {param.size} octets"
            fields.append((name, "integer", 1))
        else:
            size = _LONG_ADDRESS_BYTES if command in _LONG_ADDRESSES and name.endswith("_addr") else param.max
            fields.append((name, "octets" if param.type is ostr else "string", size))
    return tuple(fields)


def _steps_of(fields: tuple[Field, ...]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for name, kind, size in fields:
        if kind == "string":
            steps.append(Step("string", (name,), size))
        elif kind == "integer":
            before = steps.pop().names if steps and steps[-1].kind == "integers" else ()
            steps.append(Step("integers", (*before, name), len(before) + 1))
    return tuple(steps)


def _compile() -> dict[str, Row]:
    rows = {}
    for command, command_id in command_codes.commands.items():
        body = _BODIES.get(command, Opaque)
        fields = () if body is Opaque else _fields_of(command)
        names = [name for name, _, _ in fields]
        has_text = "sm_length" in names
        if has_text:
            names.remove("sm_length")
        assert body is Opaque or tuple(names) == (body._fields if body else ()), f"{command}: {names}"
        rows[command] = Row(command, command_id, body, fields, _steps_of(fields), has_text)
    return rows


ROWS: Final[Mapping[str, Row]] = _compile()
_STATUS_NAMES: Final[Mapping[int, str]] = {
    value: name.removeprefix("SMPP_") for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")
}


def status_name(status: int) -> str:
    """The name, as ESME_ROK; a reserved or a vendor's status (SMPP 3.4 §5.1.3) reads as 0x00000400."""
    return _STATUS_NAMES.get(status) or f"0x{status:08X}"


def tlv(name: str, value: TlvValue) -> tuple[int, TlvValue]:
    """One optional parameter for `Pdu.tlvs`, by its name in `TLVS`."""
    return TLV_CODES[name], value
