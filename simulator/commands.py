"""The tables of SMPP 3.4: commands, statuses, mandatory parameters and TLVs, each with its clause.

Data only; pdu.py walks it. What is not in the specification is not in these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """command_status values of SMPP 3.4 §5.1.3."""

    ROK = 0x00
    RINVMSGLEN = 0x01
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RINVPRTFLG = 0x06
    RINVREGDLVFLG = 0x07
    RSYSERR = 0x08
    RINVSRCADR = 0x0A
    RINVDSTADR = 0x0B
    RINVMSGID = 0x0C
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RCANCELFAIL = 0x11
    RREPLACEFAIL = 0x13
    RMSGQFUL = 0x14
    RINVSERTYP = 0x15
    RINVNUMDESTS = 0x33
    RINVDLNAME = 0x34
    RINVDESTFLAG = 0x40
    RINVSUBREP = 0x42
    RINVESMCLASS = 0x43
    RCNTSUBDL = 0x44
    RSUBMITFAIL = 0x45
    RINVSRCTON = 0x48
    RINVSRCNPI = 0x49
    RINVDSTTON = 0x50
    RINVDSTNPI = 0x51
    RINVSYSTYP = 0x53
    RINVREPFLAG = 0x54
    RINVNUMMSGS = 0x55
    RTHROTTLED = 0x58
    RINVSCHED = 0x61
    RINVEXPIRY = 0x62
    RINVDFTMSGID = 0x63
    RX_T_APPN = 0x64
    RX_P_APPN = 0x65
    RX_R_APPN = 0x66
    RQUERYFAIL = 0x67
    RINVOPTPARSTREAM = 0xC0
    ROPTPARNOTALLWD = 0xC1
    RINVPARLEN = 0xC2
    RMISSINGOPTPARAM = 0xC3
    RINVOPTPARAMVAL = 0xC4
    RDELIVERYFAILURE = 0xFE
    RUNKNOWNERR = 0xFF


def status_name(status: int) -> str:
    """`ESME_RTHROTTLED`, or the number for a vendor's own status."""
    try:
        return f"ESME_{Status(status).name}"
    except ValueError:
        return f"0x{status:08X}"


# --- tables --------------------------------------------------------------------------------------------------

COMMANDS: Final[Mapping[str, int]] = {  # SMPP 3.4 §5.1.2.1
    "generic_nack": 0x80000000,
    "bind_receiver": 0x00000001,
    "bind_receiver_resp": 0x80000001,
    "bind_transmitter": 0x00000002,
    "bind_transmitter_resp": 0x80000002,
    "query_sm": 0x00000003,
    "query_sm_resp": 0x80000003,
    "submit_sm": 0x00000004,
    "submit_sm_resp": 0x80000004,
    "deliver_sm": 0x00000005,
    "deliver_sm_resp": 0x80000005,
    "unbind": 0x00000006,
    "unbind_resp": 0x80000006,
    "replace_sm": 0x00000007,
    "replace_sm_resp": 0x80000007,
    "cancel_sm": 0x00000008,
    "cancel_sm_resp": 0x80000008,
    "bind_transceiver": 0x00000009,
    "bind_transceiver_resp": 0x80000009,
    "outbind": 0x0000000B,
    "enquire_link": 0x00000015,
    "enquire_link_resp": 0x80000015,
    "submit_multi": 0x00000021,
    "submit_multi_resp": 0x80000021,
    "alert_notification": 0x00000102,
    "data_sm": 0x00000103,
    "data_sm_resp": 0x80000103,
}
NAMES: Final[Mapping[int, str]] = {number: name for name, number in COMMANDS.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """One mandatory parameter: `kind` is int, text (C-octet string), when (0 or 16 characters), message (sm_length
    and short_message), destinations or failures; `octets` its size, the closing NUL included; `status` what a
    wrong one is answered with.
    """

    name: str
    kind: str
    octets: int = 1
    status: Status = Status.RINVCMDLEN


def _number(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "int") for name in names)


def _address(prefix: str, name: str, octets: int, status: Status) -> tuple[Field, ...]:
    return (*_number(f"{prefix}_ton", f"{prefix}_npi"), Field(name, "text", octets, status))


_SERVICE: Final = (Field("service_type", "text", 6, Status.RINVSERTYP),)
_ID: Final = (Field("message_id", "text", 65, Status.RINVMSGID),)
_SOURCE: Final = _address("source_addr", "source_addr", 21, Status.RINVSRCADR)
_DESTINATION: Final = _address("dest_addr", "destination_addr", 21, Status.RINVDSTADR)
_SOURCE_LONG: Final = _address("source_addr", "source_addr", 65, Status.RINVSRCADR)
_DESTINATION_LONG: Final = _address("dest_addr", "destination_addr", 65, Status.RINVDSTADR)
_TIMES: Final = (
    Field("schedule_delivery_time", "when", 17, Status.RINVSCHED),
    Field("validity_period", "when", 17, Status.RINVEXPIRY),
)
_MESSAGE: Final = Field("short_message", "message", 254, Status.RINVMSGLEN)
_TAIL: Final = (
    *_number("esm_class", "protocol_id", "priority_flag"),
    *_TIMES,
    *_number("registered_delivery", "replace_if_present_flag", "data_coding", "sm_default_msg_id"),
    _MESSAGE,
)
_BIND: Final = (
    Field("system_id", "text", 16, Status.RINVSYSID),
    Field("password", "text", 9, Status.RINVPASWD),
    Field("system_type", "text", 13, Status.RINVSYSTYP),
    *_number("interface_version", "addr_ton", "addr_npi"),
    Field("address_range", "text", 41, Status.RBINDFAIL),
)
_BIND_RESP: Final = (Field("system_id", "text", 16),)

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "generic_nack": (),  # §4.3.1
    "bind_receiver": _BIND,  # §4.1.3
    "bind_receiver_resp": _BIND_RESP,
    "bind_transmitter": _BIND,  # §4.1.1
    "bind_transmitter_resp": _BIND_RESP,
    "bind_transceiver": _BIND,  # §4.1.5
    "bind_transceiver_resp": _BIND_RESP,
    "outbind": _BIND[:2],  # §4.1.7
    "unbind": (),  # §4.2
    "unbind_resp": (),
    "submit_sm": (*_SERVICE, *_SOURCE, *_DESTINATION, *_TAIL),  # §4.4.1
    "submit_sm_resp": _ID,
    "submit_multi": (  # §4.5.1
        *_SERVICE,
        *_SOURCE,
        Field("dest_address", "destinations", 21, Status.RINVDSTADR),
        *_TAIL,
    ),
    "submit_multi_resp": (*_ID, Field("unsuccess_sme", "failures", 21)),
    "deliver_sm": (*_SERVICE, *_SOURCE, *_DESTINATION, *_TAIL),  # §4.6.1
    "deliver_sm_resp": _ID,
    "data_sm": (  # §4.7.1
        *_SERVICE,
        *_SOURCE_LONG,
        *_DESTINATION_LONG,
        *_number("esm_class", "registered_delivery", "data_coding"),
    ),
    "data_sm_resp": _ID,
    "query_sm": (*_ID, *_SOURCE),  # §4.8.1
    "query_sm_resp": (
        *_ID,
        Field("final_date", "when", 17),
        *_number("message_state", "error_code"),
    ),
    "cancel_sm": (*_SERVICE, *_ID, *_SOURCE, *_DESTINATION),  # §4.9.1
    "cancel_sm_resp": (),
    "replace_sm": (  # §4.10.1
        *_ID,
        *_SOURCE,
        *_TIMES,
        *_number("registered_delivery", "sm_default_msg_id"),
        _MESSAGE,
    ),
    "replace_sm_resp": (),
    "enquire_link": (),  # §4.11.1
    "enquire_link_resp": (),
    "alert_notification": (  # §4.12.1
        *_SOURCE_LONG,
        *_address("esme_addr", "esme_addr", 65, Status.RINVDSTADR),
    ),
}

TLVS: Final[Mapping[str, tuple[int, int, int]]] = {  # name: tag, octets at least, at most (SMPP 3.4 §5.3.2)
    "dest_addr_subunit": (0x0005, 1, 1),
    "dest_network_type": (0x0006, 1, 1),
    "dest_bearer_type": (0x0007, 1, 1),
    "dest_telematics_id": (0x0008, 2, 2),
    "source_addr_subunit": (0x000D, 1, 1),
    "source_network_type": (0x000E, 1, 1),
    "source_bearer_type": (0x000F, 1, 1),
    "source_telematics_id": (0x0010, 1, 1),
    "qos_time_to_live": (0x0017, 4, 4),
    "payload_type": (0x0019, 1, 1),
    "additional_status_info_text": (0x001D, 1, 256),
    "receipted_message_id": (0x001E, 1, 65),
    "ms_msg_wait_facilities": (0x0030, 1, 1),
    "privacy_indicator": (0x0201, 1, 1),
    "source_subaddress": (0x0202, 2, 23),
    "dest_subaddress": (0x0203, 2, 23),
    "user_message_reference": (0x0204, 2, 2),
    "user_response_code": (0x0205, 1, 1),
    "source_port": (0x020A, 2, 2),
    "destination_port": (0x020B, 2, 2),
    "sar_msg_ref_num": (0x020C, 2, 2),
    "language_indicator": (0x020D, 1, 1),
    "sar_total_segments": (0x020E, 1, 1),
    "sar_segment_seqnum": (0x020F, 1, 1),
    "sc_interface_version": (0x0210, 1, 1),
    "callback_num_pres_ind": (0x0302, 1, 1),
    "callback_num_atag": (0x0303, 0, 65),
    "number_of_messages": (0x0304, 1, 1),
    "callback_num": (0x0381, 4, 19),
    "dpf_result": (0x0420, 1, 1),
    "set_dpf": (0x0421, 1, 1),
    "ms_availability_status": (0x0422, 1, 1),
    "network_error_code": (0x0423, 3, 3),
    "message_payload": (0x0424, 0, 0xFFFF),
    "delivery_failure_reason": (0x0425, 1, 1),
    "more_messages_to_send": (0x0426, 1, 1),
    "message_state": (0x0427, 1, 1),
    "ussd_service_op": (0x0501, 1, 1),
    "display_time": (0x1201, 1, 1),
    "sms_signal": (0x1203, 2, 2),
    "ms_validity": (0x1204, 1, 1),
    "alert_on_message_delivery": (0x130C, 0, 0),
    "its_reply_type": (0x1380, 1, 1),
    "its_session_info": (0x1383, 2, 2),
}
TAGS: Final[Mapping[int, tuple[str, int, int]]] = {
    tag: (name, least, most) for name, (tag, least, most) in TLVS.items()
}
