"""smpp34, another hand's SMPP with a core in Rust: its server as our gateway's SMSC, its client as an ESME of ours."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
import smpp34

from simulator.alphabet import concat_of, split_header, text_of
from simulator.clock import VirtualClock
from simulator.smsc import Smsc, SmscSettings
from tests.interop.foreign import RECEIPT, ROK, SCENARIOS, UCS2, Submit

WAIT_S = 20.0


def free_port():
    """smpp34 does not tell which port it got, so it is given one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Smpp34Smsc:
    """smpp34's server in the hand of a test; sockets, sessions and PDUs are its own."""

    def __init__(self):
        self.port = free_port()
        self._server = smpp34.Server("127.0.0.1", self.port, system_id="foreign")
        self._esme = None
        self._open = {}
        self._count = 0

    @classmethod
    @asynccontextmanager
    async def started(cls):
        smsc = cls()
        await smsc._server.start()
        try:
            yield smsc
        finally:
            await smsc._server.stop()

    async def bound(self):
        async with asyncio.timeout(WAIT_S):
            self._esme = await self._server.next()
        assert isinstance(self._esme, smpp34.Esme)
        return self._esme.system_id

    async def deliver(self, sender, text, *, esm_class=0, data_coding=0, header=b"", receipted_message_id=""):
        octets = header + text.encode("utf-16-be" if data_coding == UCS2 else "ascii")
        tlvs = []
        if receipted_message_id:
            tlvs.append(smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, receipted_message_id.encode() + b"\0"))
        async with asyncio.timeout(WAIT_S):
            answer = await self._esme.deliver_sm(
                "1330",
                octets,
                source_addr=sender.removeprefix("+"),
                source_addr_ton=1,
                source_addr_npi=1,
                dest_addr_ton=3,
                esm_class=esm_class,
                data_coding=data_coding,
                tlvs=tlvs,
            )
        return answer.command_status

    async def next_submit(self):
        async with asyncio.timeout(WAIT_S):
            event = await self._server.next()
        assert isinstance(event, smpp34.SubmitSmEvent), event
        octets, concat = event.short_message, None
        if event.esm_class & 0x40:
            elements, octets = split_header(octets)
            found = concat_of(elements)
            concat = (found.reference, found.total, found.number)
        self._count += 1
        self._open[self._count] = event
        references = [tlv.as_int() for tlv in event.tlvs if tlv.tag == smpp34.TLV_USER_MESSAGE_REFERENCE]
        return Submit(
            self._count,
            (event.source_addr_ton, event.source_addr_npi, event.source_addr),
            (event.dest_addr_ton, event.dest_addr_npi, event.destination_addr),
            text_of(octets, event.data_coding),
            event.esm_class,
            event.data_coding,
            event.registered_delivery,
            references[0] if references else None,
            concat,
        )

    async def answer(self, submit, *, status=ROK, message_id=""):
        event = self._open.pop(submit.number)
        if status == ROK:
            event.accept(message_id)
        else:
            event.reject(status)


@pytest.mark.parametrize("name", SCENARIOS)
def test_our_gateway_and_its_server(tmp_path, name):
    async def played():
        async with Smpp34Smsc.started() as smsc:
            await SCENARIOS[name](tmp_path, smsc)

    asyncio.run(asyncio.wait_for(played(), 60))


def test_its_client_and_our_smsc():
    """MO, MT and receipt; then the session ends as both sides say."""

    async def played():
        settings = SmscSettings(receipt_delay_s=0)
        heard = []
        async with Smsc(
            {"foreign": "word"}, clock=VirtualClock(), settings=settings, on_delivered=heard.append
        ) as smsc:
            client = smpp34.Client("127.0.0.1", smsc.port, "foreign", "word", bind_type="TRX")
            session = await client.connect()
            assert len(smsc.bound_sessions) == 1
            assert await smsc.send_mo("+31620000001", "1330", "HELP €") == [ROK]
            mo = await session.next()
            assert (mo.source_addr, mo.destination_addr, mo.short_message) == ("31620000001", "1330", b"HELP \x1be")
            sent = await session.submit_sm(
                "31620000001", b"hallo", source_addr="1330", dest_addr_ton=1, dest_addr_npi=1, registered_delivery=1
            )
            assert (sent.is_success, sent.command_status) == (True, ROK)
            receipt = await session.next()
            assert receipt.esm_class == RECEIPT
            assert f"id:{sent.message_id}".encode() in receipt.short_message
            assert b"stat:DELIVRD" in receipt.short_message
            (message,) = heard
            assert (message.number, message.submit.payload) == ("+31620000001", b"hallo")
            wrong = await session.submit_sm("31620000001", b"x", source_addr="1330", registered_delivery=3)
            assert not wrong.is_success
            await session.unbind()
            await client.stop()
            assert not smsc.complaints

    asyncio.run(asyncio.wait_for(played(), 60))


def test_our_smsc_refuses_its_client_with_a_wrong_password():
    async def played():
        async with Smsc({"foreign": "word"}, clock=VirtualClock()) as smsc:
            client = smpp34.Client("127.0.0.1", smsc.port, "foreign", "nope", connect_timeout_ms=5000)
            with pytest.raises((smpp34.SmppError, OSError, RuntimeError, TimeoutError)):
                await client.connect()
            assert smsc.bound_sessions == []
            await client.stop()

    asyncio.run(asyncio.wait_for(played(), 60))
