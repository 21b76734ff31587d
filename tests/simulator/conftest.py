"""What the simulator's tests share: a bare ESME that writes any octets and reads frames one by one."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp
import pytest
from aiohttp import web

from simulator.clock import VirtualClock
from simulator.commands import Status
from simulator.counters import TWINS
from simulator.gateway_client import GatewayClient
from simulator.pdu import Deframer, Pdu, decode, encode
from simulator.smsc import Smsc, SmscSettings
from simulator.world import World, WorldSettings

WAIT_S = 5.0
SECRET = "secret"
ACCOUNTS = {"gateway": SECRET, "other": "word"}


class Peer:
    """An ESME in the hand of a test: no behaviour of its own."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.frames = Deframer()
        self.waiting = []
        self.sequence = 0

    @classmethod
    async def connect(cls, port):
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def write(self, octets):
        self.writer.write(octets)

    def send(self, command, *, status=0, sequence=None, tlvs=(), **fields):
        """Writes a PDU; its sequence number."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        self.write(encode(Pdu(command, sequence, status, fields, tuple(tlvs))))
        return sequence

    async def read(self):
        """The next PDU; None when the other side has closed."""
        async with asyncio.timeout(WAIT_S):
            while not self.waiting:
                data = await self.reader.read(65536)
                if not data:
                    return None
                self.waiting += self.frames.feed(data)
        return decode(self.waiting.pop(0))

    async def ask(self, command, **kwargs):
        """Writes a request and reads the next PDU."""
        self.send(command, **kwargs)
        return await self.read()

    async def bind(self, command="bind_transceiver", system_id="gateway", password=SECRET, version=0x34):
        answer = await self.ask(command, system_id=system_id, password=password, interface_version=version)
        assert answer.status == Status.ROK, answer
        return answer

    async def submit(self, text=b"hello", number="31610000001", **fields):
        return await self.ask(
            "submit_sm",
            **{
                "source_addr_ton": 3,
                "source_addr": "1330",
                "dest_addr_ton": 1,
                "dest_addr_npi": 1,
                "destination_addr": number,
                "registered_delivery": 1,
                "short_message": text,
                **fields,
            },
        )

    async def close(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return  # The other side was first.


class Bench:
    """An SMSC on a free port with a virtual clock and the peers that called it."""

    def __init__(self, **options):
        settings = {"receipt_delay_s": 1.0, **options.pop("settings", {})}
        self.clock = options.pop("clock", None) or VirtualClock()
        accounts = options.pop("accounts", ACCOUNTS)
        self.smsc = Smsc(accounts, clock=self.clock, settings=SmscSettings(**settings), **options)
        self.peers = []
        self.moved = asyncio.Event()
        self.smsc.on_change = self.moved.set

    async def __aenter__(self):
        await self.smsc.start()
        return self

    async def __aexit__(self, *exc):
        for peer in self.peers:
            await peer.close()
        await self.smsc.stop()

    async def peer(self):
        self.peers.append(await Peer.connect(self.smsc.port))
        return self.peers[-1]

    def peer_of(self, reader, writer):
        """A peer on a connection that the test made itself."""
        self.peers.append(Peer(reader, writer))
        return self.peers[-1]

    def play(self, to=None):
        """Sets the clock on to an instant, the next due one when none is given, and plays what falls due."""
        self.clock.set(to or self.smsc.agenda.next_due)
        self.smsc.agenda.play()

    async def bound(self, *args, **kwargs):
        peer = await self.peer()
        await peer.bind(*args, **kwargs)
        return peer

    async def until(self, condition):
        """Waits until the condition holds; looks whenever something of the SMSC moved."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                self.moved.clear()
                await self.moved.wait()


class EchoGateway:
    """A gateway that is none: over real SMPP and HTTP it answers each text with "echo: …", takes every event, and
    counts frames as the contract says.
    """

    def __init__(self):
        self.boot = 1
        self.counts = dict.fromkeys(TWINS.values(), 0)
        self.requests = []
        self.due = []
        self.now = None
        self.answers = {}
        self.texts = []
        self.peer = None
        self._responses = asyncio.Queue()

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc):
        if self.peer is not None:
            await self.peer.close()
        await self.runner.cleanup()

    # --- HTTP

    async def handle(self, request):
        text = await request.text()
        body = json.loads(text) if text else None
        self.requests.append((request.method, request.path, request.content_type, body, dict(request.headers)))
        if request.path in self.answers:
            status, answer = self.answers[request.path]
            return web.json_response(answer, status=status)
        match request.path:
            case "/v1/quiet":
                self.due = [due for due in self.due if self.now is None or due > self.now]
                due = min(self.due).isoformat() if self.due else None
                vector = {"boot": self.boot, **self.counts, "busy": 0, "next_due": due, "retry_in_s": None}
                return web.json_response(vector)
            case "/v1/events":
                events = body if isinstance(body, list) else [body]
                self.counts["events_in"] += len(events)
                results = [{"id": event["id"], "status": "accepted"} for event in events]
                return web.json_response({"results": results})
            case "/v1/clock/advance":
                self.now = datetime.fromisoformat(body["to"])
                return web.json_response({"now": body["to"]})
            case _:
                return web.json_response({"path": request.path})

    # --- SMPP

    async def serve(self, port):
        """Binds and answers until the line ends."""
        self.peer = await Peer.connect(port)
        await self.peer.bind()
        while (pdu := await self.next_pdu()) is not None:
            if pdu.command == "submit_sm_resp":
                self._responses.put_nowait(pdu)
            if pdu.command not in ("deliver_sm", "data_sm"):
                continue
            self.counts["receipts_in" if pdu.integer("esm_class") & 0x3C else "mo_in"] += 1
            self.peer.send(f"{pdu.command}_resp", sequence=pdu.sequence)
            if not pdu.integer("esm_class") & 0x3C:
                self.texts.append(pdu)
                self.send(pdu.text("source_addr"), (b"echo: " + pdu.octets())[:160])

    async def next_pdu(self):
        try:
            while not self.peer.waiting:
                data = await self.peer.reader.read(65536)
                if not data:
                    return None
                self.peer.waiting += self.peer.frames.feed(data)
        except ConnectionResetError:
            return None
        return decode(self.peer.waiting.pop(0))

    def send(self, number, text, tlvs=()):
        self.counts["submits_out"] += 1
        return self.peer.send(
            "submit_sm",
            source_addr="1330",
            dest_addr_ton=1,
            destination_addr=number.removeprefix("+"),
            registered_delivery=1,
            short_message=text,
            tlvs=tlvs,
        )

    async def submitted(self, number, text, tlvs=()):
        """Sends a text; the answer."""
        sequence = self.send(number, text, tlvs)
        async with asyncio.timeout(WAIT_S):
            while (answer := await self._responses.get()).sequence != sequence:
                pass
        return answer


@pytest.fixture
def echo_gateway():
    return EchoGateway


@pytest.fixture
def played():
    """World and EchoGateway joined, as an asynchronous context."""

    @asynccontextmanager
    async def _played(**settings):
        async with (
            EchoGateway() as gateway,
            World(WorldSettings(**settings)) as world,
            GatewayClient(gateway.url) as client,
            asyncio.TaskGroup() as group,
        ):
            world.connect(client, fresh=True)
            serving = group.create_task(gateway.serve(world.smsc.port))
            async with asyncio.timeout(WAIT_S):
                while not world.smsc.bound_sessions:
                    world.settling.moved.clear()
                    await world.settling.moved.wait()
            yield world, gateway
            serving.cancel()

    return _played


@pytest.fixture
def bench():
    return Bench


@pytest.fixture
def run():
    """Runs a coroutine to its end, with a bound."""

    def _run(coroutine):
        return asyncio.run(asyncio.wait_for(coroutine, 30))

    return _run


@pytest.fixture
def door(played, run):
    """Runs a story with a world and a function that asks its door."""

    def _door(story):
        async def _story():
            async with played() as (world, gateway), aiohttp.ClientSession() as http:

                async def ask(method, path, body=None, **kwargs):
                    async with http.request(method, world.control.url + path, json=body, **kwargs) as response:
                        text = await response.text()
                        return response.status, await response.json(content_type=None) if text else None

                await story(world, gateway, ask)

        run(_story())

    return _door
