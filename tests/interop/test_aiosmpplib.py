"""aiosmpplib's client as an ESME of our SMSC. It queues what it is given and tells a hook what comes of it."""

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import aiosmpplib
import pytest
from aiosmpplib.hook import AbstractHook

from simulator import alphabet
from tests.interop import matrix
from tests.interop.esme import ACCOUNT, LONG, NUMBER, PASSWORD, SERVICE, WAIT_S, Answer, Heard, at_table
from tests.interop.esme_features import bound, bring_data, deliver, nacked, play

MODES = {mode.description: mode for mode in aiosmpplib.BindMode}
UDHI = 0x40


class Watch(AbstractHook):
    """What was sent and what came, as the library shows it."""

    def __init__(self):
        self.bound = asyncio.Queue()
        self.sent = asyncio.Queue()
        self.answers = {}
        self.heard = asyncio.Queue()
        self.enquired = asyncio.Event()
        self.unbound = asyncio.Event()

    async def sending(self, smpp_message, pdu, client_id):
        if isinstance(smpp_message, aiosmpplib.SubmitSm):
            self.sent.put_nowait(smpp_message.sequence_num)

    async def received(self, smpp_message, pdu, client_id):
        command, status, sequence = (int.from_bytes(pdu[at : at + 4], "big") for at in (4, 8, 12))
        match command:
            case 0x80000001 | 0x80000002 | 0x80000009:
                self.bound.put_nowait(status)
            case 0x80000004:
                message_id = pdu[16:].split(b"\0")[0].decode()
                self.answers.setdefault(sequence, asyncio.get_running_loop().create_future()).set_result(
                    Answer(status, message_id)
                )
            case 0x80000015:
                self.enquired.set()
            case 6:
                self.unbound.set()
            case 5 if smpp_message is not None:
                self.heard.put_nowait(smpp_message)

    async def send_error(self, smpp_message, error, client_id):
        raise error


class Tidy(aiosmpplib.ESME):
    """Keeps hold of the connections that the library leaves open, so that somebody closes them."""

    writers = ()

    async def connect(self):
        try:
            await super().connect()
        finally:
            self.writers = (*self.writers, self._writer)

    async def close(self):
        for writer in filter(None, self.writers):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


class AioEsme:
    tries_again = False

    def __init__(self, port, group):
        self._port, self._group = port, group
        self._watch = Watch()
        self._broker = aiosmpplib.broker.SimpleBroker()
        self._esme = self._running = None

    @classmethod
    @asynccontextmanager
    async def at(cls, port):
        async with asyncio.TaskGroup() as group:
            esme = cls(port, group)
            try:
                yield esme
            finally:
                if esme._running is not None:
                    # Its tasks may swallow a cancellation, so it is told first.
                    await esme._esme.stop()
                    esme._running.cancel()
                    await asyncio.wait([esme._running])
                    await esme._esme.close()

    async def bind(self, mode="transceiver", password=PASSWORD):
        self._esme = Tidy(
            "127.0.0.1",
            self._port,
            ACCOUNT,
            password,
            bind_mode=MODES[mode],
            enquire_link_interval=0.2,
            hook=self._watch,
            broker=self._broker,
            log_level=logging.CRITICAL,
        )
        self._running = self._group.create_task(self._esme.start())
        async with asyncio.timeout(WAIT_S):
            return await self._watch.bound.get()

    async def _submit(self, parts=1, **fields):
        await self._broker.enqueue(
            aiosmpplib.SubmitSm(
                source=aiosmpplib.PhoneNumber(SERVICE, aiosmpplib.TON.NETWORK_SPECIFIC, aiosmpplib.NPI.UNKNOWN),
                destination=aiosmpplib.PhoneNumber(NUMBER.removeprefix("+")),
                **fields,
            )
        )
        async with asyncio.timeout(WAIT_S):
            sent = [await self._watch.sent.get() for _ in range(parts)]
            loop = asyncio.get_running_loop()
            return [await self._watch.answers.setdefault(one, loop.create_future()) for one in sent]

    async def submit(self, text, *, receipt=False, tlvs=None):
        given = [aiosmpplib.OptionalParam(tag, octets.decode()) for tag, octets in (tlvs or {}).items()]
        (answer,) = await self._submit(
            short_message=text, registered_delivery=int(receipt), optional_params=given or None
        )
        return answer

    submit_plain = submit

    async def submit_long(self, text):
        await self._submit(3, short_message=text, esm_class=UDHI, auto_message_payload=False)

    async def submit_payload(self, text):
        (answer,) = await self._submit(message_payload=text)
        return answer

    async def next_heard(self):
        async with asyncio.timeout(WAIT_S):
            message = await self._watch.heard.get()
        tlvs = {one.tag: str(one.value) for one in message.optional_params}
        return Heard(
            message.source.number,
            message.destination.number,
            message.short_message or message.message_payload,
            message.esm_class,
            receipted_message_id=tlvs.pop(0x001E, ""),
            tlvs={tag: value.encode() for tag, value in tlvs.items()},
        )

    async def enquire(self):
        async with asyncio.timeout(WAIT_S):
            await self._watch.enquired.wait()

    async def unbind(self):
        async with asyncio.timeout(WAIT_S):
            await self._esme.stop()

    async def ended(self):
        async with asyncio.timeout(WAIT_S):
            await self._watch.unbound.wait()


async def parts_with_a_long_reference_are_lost():
    """All parts are answered, and no text comes of them; of the same with a short reference one does."""
    async with at_table(AioEsme.at) as t:
        await bound(t)
        assert await t.brought(LONG) == [0] * 3
        parts = alphabet.cut(LONG, 0x0107)
        for part in parts:
            short = b"\x05\x00\x03\x07" + part.octets[5:]
            await deliver(t, replace(part, octets=short))
        assert await t.whole() == LONG


async def data_sm_is_nacked():
    async with at_table(AioEsme.at) as t:
        await bound(t)
        bring_data(t)
        await nacked(t, "data_sm")


PROOFS = {
    "long MO in parts, joined": parts_with_a_long_reference_are_lost,
    "data_sm MO": data_sm_is_nacked,
}


@pytest.mark.parametrize("row", matrix.ESMES["aiosmpplib"].played)
def test_its_client_and_our_smsc(row, cell):
    cell("bound to our SMSC", "aiosmpplib", row, PROOFS[row]() if row in PROOFS else play(row, AioEsme.at))
