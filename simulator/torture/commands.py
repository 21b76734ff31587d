"""Commands that an ESME does not know, does not serve, or has not asked for.

An unknown request is answered by generic_nack with its own sequence number (SMPP 3.4 §4.3.1), a response never: two
sides that answer each other's answers never end.

Must not be put here: answers to what the ESME did ask (answers.py).
"""

from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.torture.cases import LEFT, REFUSED, SILENT, TAKEN, Build, odd
from simulator.torture.play import Play, Text

UNKNOWN: Final = 0x00000999
FOREIGN: Final = 0x01234567


def _unknown(_play: Play, text: Text) -> bytes:
    return smpp.raw(UNKNOWN, text.sequence, b"who knows what this is")


def _unknown_response(_play: Play, text: Text) -> bytes:
    return smpp.raw(UNKNOWN | smpp.RESPONSE_BIT, text.sequence)


def _submit(play: Play, text: Text) -> bytes:
    return smpp.raw(COMMANDS["submit_sm"], text.sequence, play.mo_body(text.number))


def _query(_play: Play, text: Text) -> bytes:
    body = smpp.body_octets("query_sm", {"message_id": "1", "source_addr": "1330"})
    return smpp.raw(COMMANDS["query_sm"], text.sequence, body)


def _bind(_play: Play, text: Text) -> bytes:
    body = smpp.body_octets("bind_transceiver", {"system_id": "smsc", "password": "secret", "interface_version": 0x34})
    return smpp.raw(COMMANDS["bind_transceiver"], text.sequence, body)


def _outbind(_play: Play, text: Text) -> bytes:
    body = smpp.body_octets("outbind", {"system_id": "smsc", "password": "secret"})
    return smpp.raw(COMMANDS["outbind"], text.sequence, body)


def _alert(_play: Play, text: Text) -> bytes:
    fields: dict[str, smpp.Value] = {"source_addr": text.number.removeprefix("+"), "esme_addr": "1330"}
    body = smpp.body_octets("alert_notification", fields, (smpp.tlv("ms_availability_status", 0),))
    return smpp.raw(COMMANDS["alert_notification"], text.sequence, body)


def _probe_with_body(_play: Play, text: Text) -> bytes:
    return smpp.raw(COMMANDS["enquire_link"], text.sequence, b"\x14\x01\0\6vendor")


def _stray(command: str) -> Build:
    body = b"\0" if command in ("submit_sm_resp", "deliver_sm_resp") else b""
    status = Status.RINVCMDLEN if command == "generic_nack" else Status.ROK
    return lambda _play, text: smpp.raw(COMMANDS[command], text.sequence, body, status=status)


CASES: Final = (
    odd("unknown-command", "a request with command_id 0x00000999",
        "answers generic_nack with its sequence number, in step", "§4.3.1; ESME_RINVCMDID", _unknown,
        best=REFUSED, tolerable=SILENT),
    odd("unknown-response", "a response with command_id 0x80000999",
        "passes over it: a response is not answered", "§4.3.1", _unknown_response,
        best=SILENT, tolerable=REFUSED, silence=True),
    odd("submit-to-the-esme", "a submit_sm, which only an SMSC may get",
        "refuses it, in step", "§2.2 table 2-1", _submit, best=REFUSED, tolerable=SILENT),
    odd("query-to-the-esme", "a query_sm, which only an SMSC may get",
        "refuses it, in step", "§2.2 table 2-1", _query, best=REFUSED, tolerable=SILENT),
    odd("bind-to-the-esme", "a bind_transceiver on the session that stands",
        "refuses it, in step", "§2.2 table 2-1", _bind, best=REFUSED, tolerable=SILENT),
    odd("outbind", "an outbind on the session that stands",
        "passes over it or refuses it, in step: it is bound", "§4.1.7", _outbind,
        best=SILENT | REFUSED, tolerable=LEFT, silence=True),
    odd("alert-notification", "an alert_notification",
        "passes over it: it has no response", "§4.12.1", _alert, best=SILENT, tolerable=REFUSED, silence=True),
    odd("enquire-link-with-body", "an enquire_link with a TLV behind its header",
        "answers it: what is unknown is passed over", "§3.3, §4.11.1", _probe_with_body,
        best=TAKEN, tolerable=REFUSED),
    odd("stray-submit-resp", "a submit_sm_resp that nobody waits for",
        "passes over it", "§5.1.4", _stray("submit_sm_resp"),
        best=SILENT, silence=True, sequence=FOREIGN),
    odd("stray-deliver-resp", "a deliver_sm_resp, though it never sent a deliver_sm",
        "passes over it", "§5.1.4", _stray("deliver_sm_resp"),
        best=SILENT, silence=True, sequence=FOREIGN),
    odd("stray-enquire-resp", "an enquire_link_resp that nobody waits for",
        "passes over it", "§5.1.4", _stray("enquire_link_resp"),
        best=SILENT, silence=True, sequence=FOREIGN),
    odd("stray-unbind-resp", "an unbind_resp, though it never asked to unbind",
        "passes over it", "§5.1.4", _stray("unbind_resp"),
        best=SILENT, tolerable=LEFT, silence=True, sequence=FOREIGN),
    odd("stray-nack", "a generic_nack ESME_RINVCMDLEN with a sequence number that nobody used",
        "passes over it", "§4.3.1", _stray("generic_nack"),
        best=SILENT, silence=True, sequence=FOREIGN),
    odd("stray-sequence-0", "a submit_sm_resp with sequence number 0",
        "passes over it", "§5.1.4", _stray("submit_sm_resp"),
        best=SILENT, silence=True, sequence=0),
    odd("stray-sequence-max", "a submit_sm_resp with sequence number 0xFFFFFFFF",
        "passes over it", "§5.1.4", _stray("submit_sm_resp"),
        best=SILENT, silence=True, sequence=0xFFFFFFFF),
)  # fmt: skip
