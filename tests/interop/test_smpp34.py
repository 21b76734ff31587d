"""smpp34, another hand's SMPP with a core in Rust: its server as our gateway's SMSC, its client as an ESME of ours."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import smpp34

from simulator.alphabet import concat_of, gsm_octets, split_header, text_of
from tests.interop import matrix
from tests.interop.esme import ACCOUNT, PASSWORD, WAIT_S, Answer, at_table
from tests.interop.esme_features import bound, bring_data, play
from tests.interop.pdu_esme import PduEsme, heard
from tests.interop.ports import free_port
from tests.interop.smsc import FEATURES, ROK, UCS2, Submit, joined, many_at_once
from tests.interop.tap import TO_ESME, TO_SMSC

MODES = {"transmitter": "TX", "receiver": "RX", "transceiver": "TRX"}


class Smpp34Esme(PduEsme):
    """Its client sends submit_sm, and ends."""

    def __init__(self, port):
        self._port = port
        self._client = self._smsc = None

    @classmethod
    @asynccontextmanager
    async def at(cls, port):
        esme = cls(port)
        try:
            yield esme
        finally:
            if esme._client is not None:
                await esme._client.stop()

    async def bind(self, mode="transceiver", password=PASSWORD):
        # A refusal is not told before this has run out.
        wait_ms = 5000 if password == PASSWORD else 500
        self._client = smpp34.Client(
            "127.0.0.1",
            self._port,
            ACCOUNT,
            password,
            bind_type=MODES[mode],
            connect_timeout_ms=wait_ms,
        )
        try:
            async with asyncio.timeout(WAIT_S):
                self._smsc = await self._client.connect()
        except smpp34.SmppError:
            return None  # it says that the bind timed out, whatever the answer was
        return ROK

    async def request(self, command, tlvs=None, **fields):
        assert command == "submit_sm"
        given = [smpp34.Tlv(tag, octets) for tag, octets in (tlvs or {}).items()]
        if (payload := fields.pop("message_payload", None)) is not None:
            given.append(smpp34.Tlv(smpp34.TLV_MESSAGE_PAYLOAD, payload))
        to, octets = fields.pop("destination_addr"), fields.pop("short_message", b"")
        async with asyncio.timeout(WAIT_S):
            answer = await self._smsc.submit_sm(to, octets, tlvs=given, **fields)
        return Answer(answer.command_status, answer.message_id or "")

    async def next_heard(self):
        async with asyncio.timeout(WAIT_S):
            event = await self._smsc.next()
        assert isinstance(event, smpp34.DeliverSmEvent), event
        tlvs = {tlv.tag: tlv.value for tlv in event.tlvs}
        return heard(
            event.short_message or tlvs.get(smpp34.TLV_MESSAGE_PAYLOAD, b""),
            event.data_coding,
            event.esm_class,
            source=event.source_addr,
            destination=event.destination_addr,
            receipted_message_id=tlvs.get(smpp34.TLV_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode(),
            tlvs=tlvs,
        )

    async def unbind(self):
        await self._smsc.unbind()

    async def ended(self):
        async with asyncio.timeout(WAIT_S):
            while not isinstance(await self._smsc.next(), smpp34.Disconnected):
                pass


class Smpp34Smsc:
    """Its server; sockets, sessions and PDUs are its own."""

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

    async def _next(self, kind):
        """The next event of that kind; a session's end may come in between."""
        async with asyncio.timeout(WAIT_S):
            while isinstance(event := await self._server.next(), smpp34.Unbound) and kind is not smpp34.Unbound:
                pass
        assert isinstance(event, kind), event
        return event

    async def bound(self):
        self._esme = await self._next(smpp34.Esme)
        return self._esme.system_id

    async def deliver(
        self,
        sender,
        text,
        *,
        esm_class=0,
        data_coding=0,
        header=b"",
        payload=False,
        tlvs=None,
        receipted_message_id="",
    ):
        octets = header + (text.encode("utf-16-be") if data_coding == UCS2 else gsm_octets(text))
        given = dict(tlvs or {})
        if receipted_message_id:
            given[smpp34.TLV_RECEIPTED_MESSAGE_ID] = receipted_message_id.encode() + b"\0"
        if payload:
            given[smpp34.TLV_MESSAGE_PAYLOAD], octets = octets, b""
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
                tlvs=[smpp34.Tlv(tag, value) for tag, value in given.items()],
            )
        return answer.command_status

    async def next_submit(self):
        event = await self._next(smpp34.SubmitSmEvent)
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

    async def unbind(self):
        async with asyncio.timeout(WAIT_S):
            await self._esme.unbind()


# --- what it does wrong ------------------------------------------------------------------------------------------


async def its_client_closes_without_answer():
    """Now and then the answer leaves in time; so it is played until one did not."""
    for _ in range(20):
        async with at_table(Smpp34Esme.at) as t:
            await bound(t)
            (session,) = t.smsc.bound_sessions
            session.unbind()
            await t.esme.ended()
            await t.until(lambda session=session, smsc=t.smsc: session not in smsc.sessions)
            assert t.tap.of(TO_ESME, "unbind")
            if not t.tap.of(TO_SMSC, "unbind_resp"):
                return
    raise AssertionError("it answered every time")


async def its_client_takes_no_data_sm():
    async with at_table(Smpp34Esme.at) as t:
        await bound(t)
        bring_data(t)
        assert await t.tap.answered(TO_ESME, "data_sm", 1) == [smpp34.ESME_RSYSERR]


async def its_server_nacks_an_answer(tmp_path, smsc):
    """Its call waits for the answer that it has refused."""
    async with joined(tmp_path, smsc, SMPP__BIND="receiver") as j, asyncio.TaskGroup() as group:
        number = await j.stage.subscribed()
        bringing = group.create_task(smsc.deliver(number, "HELP"))
        await j.tap.until(lambda: j.tap.of(TO_ESME, "generic_nack"))
        (answer,) = j.tap.of(TO_SMSC, "deliver_sm_resp")
        assert (answer.status, answer.sequence) == (ROK, j.tap.of(TO_ESME, "deliver_sm")[0].sequence)
        assert j.tap.of(TO_ESME, "generic_nack")[0].sequence == answer.sequence
        bringing.cancel()


async def its_server_closes_without_answer(tmp_path, smsc):
    async with joined(tmp_path, smsc) as j:
        assert await j.stage.child.stop() == 0
        assert j.tap.of(TO_SMSC, "unbind")
        assert j.tap.of(TO_ESME, "unbind_resp") == []
        (line,) = j.stage.child.events("smpp.unbound")
        assert line["reason"] == "connection_lost"


CLIENT_PROOFS = {
    "unbind to the peer": its_client_closes_without_answer,
    "data_sm MO": its_client_takes_no_data_sm,
}
SERVER_PROOFS = {
    "bind as receiver": its_server_nacks_an_answer,
    "unbind to the peer": its_server_closes_without_answer,
}

# --- the cells ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", matrix.ESMES["smpp34"].played)
def test_its_client_and_our_smsc(row, cell):
    story = CLIENT_PROOFS[row]() if row in CLIENT_PROOFS else play(row, Smpp34Esme.at)
    cell("bound to our SMSC", "smpp34", row, story)


async def with_its_server(story, tmp_path):
    async with Smpp34Smsc.started() as smsc:
        await story(tmp_path, smsc)


@pytest.mark.parametrize("row", matrix.SMSCS["smpp34"].played)
def test_our_gateway_and_its_server(row, cell, tmp_path):
    story = SERVER_PROOFS.get(row) or FEATURES[row]
    cell("our gateway bound to it", "smpp34", row, with_its_server(story, tmp_path))


def test_our_gateway_and_many_at_once(tmp_path):
    asyncio.run(asyncio.wait_for(with_its_server(many_at_once, tmp_path), 60))
