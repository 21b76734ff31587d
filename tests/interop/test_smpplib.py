"""smpplib's client as an ESME of our SMSC: text, message and receipt, on a thread of its own since it blocks."""

import asyncio

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from simulator.clock import VirtualClock
from simulator.faults import Fault
from simulator.smsc import Smsc, SmscSettings

NUMBER = "+31620000001"
ACCOUNTS = {"foreign": "word"}


class Esme:
    """One smpplib client; `heard` holds the deliver_sm it has read."""

    def __init__(self, port):
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True)
        self.heard, self.answers = [], []
        self.client.set_message_received_handler(self._on_message)
        self.client.set_message_sent_handler(lambda pdu, **_: self.answers.append(pdu))

    def _on_message(self, pdu, **_):
        self.heard.append(pdu)
        return smpplib.consts.SMPP_ESME_ROK

    def bind(self, mode="transceiver", password=ACCOUNTS["foreign"]):
        self.client.connect()
        getattr(self.client, f"bind_{mode}")(system_id="foreign", password=password)

    def send(self, text, **fields):
        """One text in as many parts as it takes."""
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=3,
                source_addr="1330",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=NUMBER.removeprefix("+"),
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=1,
                **fields,
            )
        return len(parts)

    def read_until(self, condition):
        """Reads PDU after PDU; each read is bounded by the client's own timeout."""
        while not condition():
            self.client.read_once()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.client.disconnect()


@pytest.fixture
def played():
    """Runs a story with an SMSC of ours."""

    def _played(story, **options):
        async def _story():
            settings = SmscSettings(receipt_delay_s=0)
            async with Smsc(ACCOUNTS, clock=VirtualClock(), settings=settings, **options) as smsc:
                await story(smsc)

        asyncio.run(asyncio.wait_for(_story(), 60))

    return _played


def test_a_text_a_message_and_its_receipt(played):
    delivered = []

    async def story(smsc):
        with Esme(smsc.port) as esme:
            await asyncio.to_thread(esme.bind)
            mo = asyncio.ensure_future(smsc.send_mo(NUMBER, "1330", "HELP {€}"))
            await asyncio.to_thread(esme.read_until, lambda: esme.heard)
            assert await mo == [0]
            (heard,) = esme.heard
            assert heard.source_addr == NUMBER.removeprefix("+").encode()
            assert (heard.destination_addr, heard.dest_addr_ton) == (b"1330", 3)
            assert heard.short_message == b"HELP \x1b(\x1be\x1b)"
            await asyncio.to_thread(esme.send, "Codes voor 1330")
            await asyncio.to_thread(esme.read_until, lambda: len(esme.heard) == 2 and esme.answers)
            (answer,) = esme.answers
            assert answer.status == 0
            receipt = esme.heard[1]
            assert receipt.esm_class == 0x04
            assert receipt.short_message.startswith(b"id:" + answer.message_id)
            assert b"stat:DELIVRD" in receipt.short_message
            assert receipt.receipted_message_id.rstrip(b"\0") == answer.message_id
            (message,) = delivered
            assert (message.number, message.submit.payload) == (NUMBER, b"Codes voor 1330")
            await asyncio.to_thread(esme.client.unbind)
            assert not smsc.complaints

    played(story, on_delivered=delivered.append)


@pytest.mark.parametrize("text", ["lang " * 60, "Ελλάδα κόσμε " * 12])
def test_its_long_texts_are_whole_on_the_handset(played, text):
    delivered = []

    async def story(smsc):
        with Esme(smsc.port) as esme:
            await asyncio.to_thread(esme.bind)
            parts = await asyncio.to_thread(esme.send, text)
            assert parts > 1
            await asyncio.to_thread(esme.read_until, lambda: len(esme.heard) == len(esme.answers) == parts)
            assert len(delivered) == parts
            assert len({answer.message_id for answer in esme.answers}) == parts
            await asyncio.to_thread(esme.client.unbind)
            assert not smsc.complaints

    played(story, on_delivered=delivered.append)


def test_transmitter_and_receiver_are_two_sessions(played):
    async def story(smsc):
        with Esme(smsc.port) as sender, Esme(smsc.port) as reader:
            await asyncio.to_thread(sender.bind, "transmitter")
            await asyncio.to_thread(reader.bind, "receiver")
            await asyncio.to_thread(sender.send, "hallo")
            await asyncio.to_thread(sender.read_until, lambda: sender.answers)
            await asyncio.to_thread(reader.read_until, lambda: reader.heard)
            assert b"stat:DELIVRD" in reader.heard[0].short_message
            assert sender.heard == []
            for esme in (sender, reader):
                await asyncio.to_thread(esme.client.unbind)

    played(story)


@pytest.mark.parametrize(("password", "status"), [("nope", 0x0E), ("", 0x0E)])
def test_a_wrong_password_is_refused(played, password, status):
    async def story(smsc):
        with Esme(smsc.port) as esme:
            with pytest.raises(smpplib.exceptions.PDUError) as caught:
                await asyncio.to_thread(esme.bind, "transceiver", password)
            assert caught.value.args[1] == status
            assert smsc.bound_sessions == []

    played(story)


def test_a_status_comes_through(played):
    async def story(smsc):
        smsc.faults.arm(Fault("status", NUMBER))
        with Esme(smsc.port) as esme:
            await asyncio.to_thread(esme.bind)
            with pytest.raises(smpplib.exceptions.PDUError, match="Throttling"):
                await asyncio.to_thread(lambda: (esme.send("hallo"), esme.client.read_once()))
            await asyncio.to_thread(esme.send, "hallo")
            await asyncio.to_thread(esme.read_until, lambda: [one for one in esme.answers if one.status == 0])
            await asyncio.to_thread(esme.client.unbind)

    played(story)
