"""The SMSC's own door, and a client of another make: bind, text out, receipt, text in."""

import asyncio
from collections import deque

import pytest
import smpplib.client
import smpplib.exceptions
import smpplib.gsm

from simulator import alphabet
from simulator.commands import Status
from simulator.handset import Handset

SECRET = "secret"
NUMBER = "31610000001"
HANDSET = "+31610000001"

# --- the port


def test_a_port_in_use_is_an_oserror(bench, run):
    async def story():
        async with bench() as world:
            with pytest.raises(OSError, match=r"(?i)address already in use"):
                async with bench(port=world.smsc.port):
                    raise AssertionError("two may not listen")

    run(story())


def test_outbind_asks_an_esme_to_bind(bench, run):
    async def story():
        called = asyncio.Queue()

        async def take(reader, writer):
            await called.put((reader, writer))

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        async with bench() as world:
            await world.smsc.outbind("127.0.0.1", server.sockets[0].getsockname()[1], "smsc", "pw")
            peer = type(await world.peer())(*await called.get())
            request = await peer.read()
            assert (request.command, request.text("system_id")) == ("outbind", "smsc")
            await peer.bind("bind_receiver")
            assert len(world.smsc.bound_sessions) == 1
            await peer.close()
        server.close()
        await server.wait_closed()

    run(story())


# --- smpplib, a client of another make


class Foreign:
    """smpplib's blocking client, to be used from a thread."""

    def __init__(self, port):
        self.client = smpplib.client.Client("127.0.0.1", port, allow_unknown_opt_params=True, timeout=5)
        self.got, self.sent = [], []
        # Lambdas, since the client calls by keyword.
        self.client.set_message_received_handler(lambda pdu: self.got.append(pdu))  # noqa: PLW0108
        self.client.set_message_sent_handler(lambda pdu: self.sent.append(pdu))  # noqa: PLW0108

    def bind(self, password=SECRET):
        self.client.connect()
        self.client.bind_transceiver(system_id="gateway", password=password)

    def submit(self, text):
        parts, coding, message_type = smpplib.gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=3,
                source_addr="1330",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=NUMBER,
                short_message=part,
                data_coding=coding,
                esm_class=message_type,
                registered_delivery=True,
            )

    def read_until(self, condition):
        while not condition():
            self.client.read_once()

    def leave(self):
        self.client.unbind()
        self.client.disconnect()


def test_smpplib_exchanges_texts_and_receipts_with_us(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append, settings={"receipt_delay_s": 0}) as world:
            esme = Foreign(world.smsc.port)
            await asyncio.to_thread(esme.bind)
            await asyncio.to_thread(esme.submit, "Hallo €, een lange tekst. " * 10)
            delivery = world.smsc.post_mo(HANDSET, "1330", "INFO UIT {}")
            await asyncio.to_thread(esme.read_until, lambda: len(esme.sent) == 2 and len(esme.got) == 3)
            await world.until(lambda: delivery.finished and not world.smsc.counters.unanswered)
            await asyncio.to_thread(esme.leave)
        handset = Handset(HANDSET)
        for message in got:
            handset.receive(world.clock.now(), message.source, message.submit.payload, 0, has_header=True)
        assert [line.text for line in handset.inbox] == ["Hallo €, een lange tekst. " * 10]
        ids = [pdu.message_id.decode() for pdu in esme.sent]
        assert ids == [message.message_id for message in got]
        receipts = [pdu for pdu in esme.got if pdu.esm_class == 0x04]
        assert [pdu.receipted_message_id.decode().rstrip("\0") for pdu in receipts] == ids
        assert all(f"id:{one} ".encode() in pdu.short_message for one, pdu in zip(ids, receipts, strict=True))
        (text,) = [pdu for pdu in esme.got if pdu.esm_class == 0]
        assert alphabet.gsm_text(text.short_message) == "INFO UIT {}"
        assert (text.source_addr, text.destination_addr) == (NUMBER.encode(), b"1330")
        assert world.smsc.complaints == deque()

    run(story())


def test_smpplib_with_a_wrong_password_is_refused(bench, run):
    async def story():
        async with bench() as world:
            esme = Foreign(world.smsc.port)
            with pytest.raises(smpplib.exceptions.PDUError) as refused:
                await asyncio.to_thread(esme.bind, "wrong")
            assert refused.value.args[1] == Status.RINVPASWD
            await asyncio.to_thread(esme.client.disconnect)

    run(story())
