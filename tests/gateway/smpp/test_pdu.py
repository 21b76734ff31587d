"""The tables that smpplib gives are frozen here: a change in them is a change in what goes over the wire."""

import hashlib

import pytest
from smpplib import consts

from gateway.smpp import pdu
from gateway.smpp.pdu import ROWS, TLV_CODES, TLVS, Bind, Message, Opaque, Outbind, Pdu, status_name, tlv

MESSAGE_FIELDS = (
    ("service_type", "string", 6),
    ("source_addr_ton", "integer", 1),
    ("source_addr_npi", "integer", 1),
    ("source_addr", "string", 21),
    ("dest_addr_ton", "integer", 1),
    ("dest_addr_npi", "integer", 1),
    ("destination_addr", "string", 21),
    ("esm_class", "integer", 1),
    ("protocol_id", "integer", 1),
    ("priority_flag", "integer", 1),
    ("schedule_delivery_time", "string", 17),
    ("validity_period", "string", 17),
    ("registered_delivery", "integer", 1),
    ("replace_if_present_flag", "integer", 1),
    ("data_coding", "integer", 1),
    ("sm_default_msg_id", "integer", 1),
    ("sm_length", "integer", 1),
    ("short_message", "octets", 254),
)
BIND_FIELDS = (
    ("system_id", "string", 16),
    ("password", "string", 9),
    ("system_type", "string", 13),
    ("interface_version", "integer", 1),
    ("addr_ton", "integer", 1),
    ("addr_npi", "integer", 1),
    ("address_range", "string", 41),
)
# SMPP 3.4 §4.7.1, §4.12.1: 65 octets, where smpplib has 21.
SOURCE_LONG = (*MESSAGE_FIELDS[1:3], ("source_addr", "string", 65))
DESTINATION_LONG = (*MESSAGE_FIELDS[4:6], ("destination_addr", "string", 65))
EXPECTED_FIELDS = {
    "submit_sm": MESSAGE_FIELDS,
    "deliver_sm": MESSAGE_FIELDS,
    "data_sm": (
        *(MESSAGE_FIELDS[0], *SOURCE_LONG, *DESTINATION_LONG),
        *(MESSAGE_FIELDS[7], MESSAGE_FIELDS[12], MESSAGE_FIELDS[14]),
    ),
    "bind_transmitter": BIND_FIELDS,
    "bind_receiver": BIND_FIELDS,
    "bind_transceiver": BIND_FIELDS,
    "bind_transmitter_resp": BIND_FIELDS[:1],
    "bind_receiver_resp": BIND_FIELDS[:1],
    "bind_transceiver_resp": BIND_FIELDS[:1],
    "outbind": BIND_FIELDS[:2],
    "submit_sm_resp": (("message_id", "string", 65),),
    "deliver_sm_resp": (("message_id", "string", 65),),
    "data_sm_resp": (("message_id", "string", 65),),
    "alert_notification": (
        *SOURCE_LONG,
        ("esme_addr_ton", "integer", 1),
        ("esme_addr_npi", "integer", 1),
        ("esme_addr", "string", 65),
    ),
    **dict.fromkeys(("generic_nack", "unbind", "unbind_resp", "enquire_link", "enquire_link_resp"), ()),
}
OPAQUE = {
    *("submit_multi", "submit_multi_resp", "query_sm", "query_sm_resp"),
    *("cancel_sm", "cancel_sm_resp", "replace_sm", "replace_sm_resp"),
}


def digest(rows):
    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:16]


def test_the_order_and_size_of_the_mandatory_fields_are_frozen():
    assert {command: row.fields for command, row in ROWS.items() if row.body is not Opaque} == EXPECTED_FIELDS
    assert {command for command, row in ROWS.items() if row.body is Opaque} == OPAQUE


def test_command_ids_are_frozen():
    ids = {row.command: f"{row.command_id:08x}" for row in ROWS.values()}
    assert ids["deliver_sm"] == "00000005"
    assert ids["generic_nack"] == "80000000"
    assert ids["bind_transceiver_resp"] == "80000009"
    assert ids["outbind"] == "0000000b"
    assert ids["data_sm"] == "00000103"
    assert len(ids) == 27
    assert digest(ids.items()) == "0a68b8a14df4fa21"


def test_tlv_codes_are_frozen():
    assert TLV_CODES["sc_interface_version"] == 0x0210
    assert TLV_CODES["message_payload"] == 0x0424
    assert TLV_CODES["receipted_message_id"] == 0x001E
    assert TLV_CODES["its_session_info"] == 0x1383
    assert digest((code, row.name) for code, row in TLVS.items()) == "a252604a8e30c5ef"


def test_every_tlv_of_the_standard_has_a_type_and_a_clause_of_its_own():
    assert TLV_CODES == consts.OPTIONAL_PARAMS
    clauses = [row.clause for row in TLVS.values()]
    assert clauses == [f"5.3.2.{number}" for number in range(1, 45)]


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        # smpplib: two octets in submit_sm
        ("source_addr_subunit", "integer", (1, 1)),
        # smpplib: a string of 256
        ("delivery_failure_reason", "integer", (1, 1)),
        # smpplib: a string of 3 in data_sm_resp, octets in deliver_sm
        ("network_error_code", "octets", (3, 3)),
        # smpplib: at most 260 octets
        ("message_payload", "octets", (0, 0xFFFF)),
        # smpplib: a string, its NUL counted
        ("source_subaddress", "octets", (2, 23)),
        # smpplib: a flag that its codec cannot read
        ("alert_on_message_delivery", "octets", (0, 1)),
    ],
)
def test_types_that_smpplib_has_wrong(name, kind, size):
    row = TLVS[TLV_CODES[name]]
    assert (row.kind, (row.min_bytes, row.max_bytes)) == (kind, size)


def test_statuses_have_names_and_those_of_vendors_a_number():
    named = {name: value for name, value in vars(pdu).items() if name.startswith("ESME_")}
    assert len(named) == 11
    assert {name: getattr(consts, f"SMPP_{name}") for name in named} == named
    assert {status_name(value) for value in named.values()} == set(named)
    assert status_name(0x400) == "0x00000400"
    assert status_name(0xFFFFFFFF) == "0xFFFFFFFF"


def test_a_tlv_is_found_by_name_and_the_first_counts():
    found = Pdu("deliver_sm", 0, 1, Message(), (tlv("message_state", 2), (0x1400, b"\1"), tlv("message_state", 5)))
    assert found.tlv("message_state") == 2
    assert found.tlv("user_message_reference") is None
    assert found.tlv_integer("message_state") == 2
    assert found.tlv_string("message_state") is None
    assert found.tlv_octets("message_state") is None
    assert Pdu("x", tlvs=(tlv("receipted_message_id", "a"),)).tlv_string("receipted_message_id") == "a"
    assert Pdu("x", tlvs=(tlv("message_payload", b"a"),)).tlv_octets("message_payload") == b"a"
    assert Pdu("x", tlvs=(tlv("message_payload", b"a"),)).tlv_integer("message_payload") is None


@pytest.mark.parametrize(
    "body",
    [
        Bind(system_id="gateway", password="hunter22"),
        Outbind(system_id="gateway", password="hunter22"),
        Message(source_addr="31612345678", destination_addr="31687654321", short_message=b"hunter22"),
        pdu.DataMessage(source_addr="31612345678", destination_addr="31687654321"),
    ],
)
def test_numbers_texts_and_passwords_do_not_print(body):
    printed = repr(Pdu("deliver_sm", 0, 1, body, (tlv("message_payload", b"hunter22"),)))
    assert not any(secret in printed for secret in ("hunter22", "31612345678", "31687654321"))
