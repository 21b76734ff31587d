"""The SMSC's end of real loopback connections, told step by step, and whoever owns the Esme at the other end."""

import asyncio
import random
from contextlib import asynccontextmanager

from gateway.smpp import pdu as p
from gateway.smpp.esme import Esme
from gateway.smpp.frames import read, split_frames, write
from gateway.smpp.pdu import Message, Pdu
from gateway.smpp.session import SmppSettings
from gateway.smpp.session_events import Bound

LIMIT_S = 10
MESSAGE = Message(source_addr="1330", destination_addr="31612345678", short_message=b"hallo")
DELIVER = Pdu("deliver_sm", 0, 501, Message(source_addr="31612345678", short_message=b"HELP"))
RECEIPT = Pdu("deliver_sm", 0, 502, Message(esm_class=4, short_message=b"id:1 stat:DELIVRD"))


class Link(asyncio.Protocol):
    """The SMSC's end of one connection."""

    def __init__(self, smsc):
        self.smsc = smsc
        self.buffer = bytearray()
        self.chunks = []
        self.heard = asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport
        self.smsc.links.put_nowait(self)

    def data_received(self, data):
        self.chunks.append(data)
        if self.smsc.plain:
            self.buffer += data
            for frame in split_frames(self.buffer)[0]:
                self.heard.put_nowait(read(frame))
        else:
            self.transport.abort()

    def connection_lost(self, _exc):
        self.heard.put_nowait(None)

    async def hears(self, command):
        """The next PDU, which must be this one; None: the end of the connection."""
        async with asyncio.timeout(LIMIT_S):
            pdu = await self.heard.get()
        assert (pdu and pdu.command) == command
        return pdu

    def says(self, *pdus):
        self.transport.write(b"".join(map(write, pdus)))

    async def binds(self, *more, bind_type="transceiver"):
        bind = await self.hears(f"bind_{bind_type}")
        self.says(Pdu(f"{bind.command}_resp", 0, bind.sequence, p.BindResp("SMSC")), *more)


class Smsc:
    plain = True

    def __init__(self):
        self.links = asyncio.Queue()

    async def listen(self, port=0, tls=None):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Link(self), "127.0.0.1", port, ssl=tls)
        return self.server.sockets[0].getsockname()[1]

    async def accepts(self):
        async with asyncio.timeout(LIMIT_S):
            return await self.links.get()


class Owner:
    """Who has the Esme: takes its events and its log."""

    def __init__(self, **settings):
        values = {"reconnect_min_s": 0.001, "reconnect_max_s": 0.01, "window": 8, **settings}
        self.events = asyncio.Queue()
        self.lines = asyncio.Queue()
        self.esme = Esme(SmppSettings(**values), self.told, log=self.log, rng=random.Random(1))

    @property
    def connection(self):
        return self.esme.connections[0]

    def told(self, events):
        for event in events:
            self.events.put_nowait(event)

    def log(self, name, **fields):
        self.lines.put_nowait((name, fields))

    async def gets(self, kind):
        """The next event, which must be of this kind."""
        async with asyncio.timeout(LIMIT_S):
            event = await self.events.get()
        assert isinstance(event, kind), event
        return event

    async def logs(self, name):
        async with asyncio.timeout(LIMIT_S):
            found, fields = await self.lines.get()
        assert found == name, (found, fields)
        return fields


@asynccontextmanager
async def running(*, smsc_tls=None, **settings):
    """An SMSC, and an Esme that runs towards it; both gone at the end."""
    smsc = Smsc()
    owner = Owner(port=await smsc.listen(tls=smsc_tls), **settings)
    try:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(owner.esme.run())
            try:
                yield owner, smsc
            finally:
                task.cancel()
    finally:
        smsc.server.close()
        await smsc.server.wait_closed()


@asynccontextmanager
async def bound(**settings):
    async with running(**settings) as (owner, smsc):
        link = await smsc.accepts()
        await link.binds()
        await owner.gets(Bound)
        await owner.logs("smpp.bound")
        yield owner, smsc, link


async def turns(count):
    """Of the loop: what was put off to the end of one has happened."""
    for _ in range(count):
        await asyncio.sleep(0)


def played(conversation):
    asyncio.run(conversation())
