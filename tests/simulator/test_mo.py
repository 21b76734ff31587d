"""A handset's text in each of its forms says the same."""

import pytest

from simulator import alphabet
from simulator.commands import COMMANDS
from simulator.handset import Handset
from simulator.mo import FORMS, mo_delivery
from simulator.pdu import decode, raw, tlv

LONG = "Een lange tekst, met é en € erin. " * 12
UCS2 = "жук 🐞 " * 40


def pdus(form, text, **more):
    delivery = mo_delivery("+31610000001", "1330", text, reference=0x1234, form=form, **more)
    return delivery, [decode(raw(COMMANDS[delivery.command], 1, body)) for body in delivery.bodies]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["HELP", LONG, UCS2])
def test_the_text_is_read_back_whole(form, text):
    delivery, parts = pdus(form, text)
    reader, said = Handset("+1330"), None
    for pdu in parts:
        sar = None
        if pdu.tlv("sar_total_segments"):
            names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
            sar = alphabet.Concat(*(int.from_bytes(pdu.tlv(name), "big") for name in names))
        said = reader.receive(
            None,
            pdu.text("source_addr"),
            pdu.octets() or pdu.tlv("message_payload"),
            pdu.integer("data_coding"),
            has_header=bool(pdu.integer("esm_class") & alphabet.UDHI),
            sar=sar,
        )
    assert (said.text, said.peer) == (text, "31610000001")
    assert delivery.command == ("data_sm" if form == "data_sm" else "deliver_sm")
    assert delivery.needs_tlvs is (form in ("payload", "data_sm") or (form == "sar" and len(parts) > 1))
    assert delivery.destination == "1330"


def test_an_eight_bit_reference_is_the_low_octet():
    _, parts = pdus("udh8", LONG)
    assert [pdu.octets()[:6] for pdu in parts] == [bytes((5, 0, 3, 0x34, 3, n)) for n in (1, 2, 3)]


def test_other_tlvs_go_with_every_part():
    delivery, parts = pdus("udh16", LONG, tlvs=[(0x1401, b"vendor"), tlv("source_port", 1)])
    assert {pdu.tlvs for pdu in parts} == {((0x1401, b"vendor"), (0x020A, b"\0\1"))}
    assert not delivery.needs_tlvs


def test_a_form_there_is_not():
    with pytest.raises(ValueError, match="udh16, udh8, sar, payload, data_sm are known"):
        mo_delivery("+316", "1330", "x", reference=1, form="fax")
