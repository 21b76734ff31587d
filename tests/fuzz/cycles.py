"""Bind and close over real TCP, many times, in every manner that a client has: what is left over in the SMSC.

Sixty clients come and go at the same time; some unbind, some only close, some break off in the middle of a PDU, are
refused, or leave what they asked for unanswered. Must not be put here: figures that were not counted here.
"""

import asyncio
import gc
import random
import socket
import struct
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

from simulator.clock import VirtualClock
from simulator.commands import Status
from simulator.pdu import Deframer, Pdu, decode, encode
from simulator.smsc import Smsc, SmscSettings

ACCOUNT = {"system_id": "gateway", "password": "secret", "interface_version": 0x34}
BINDS = ("bind_transceiver", "bind_transmitter", "bind_receiver")
WAIT_S = 30.0
WARM_UP_CYCLES = 5
TEXTS = 20
GROWN_MAX_BYTES = 64 * 1024


@dataclass
class Left:
    """What was there before the cycles and after them."""

    cycles: int
    clients: int
    fds: tuple[int, int]
    tasks: tuple[int, int]
    memory_bytes: tuple[int, int]
    sessions: int
    unanswered: int
    texts_lost: int
    most_sessions: int

    @property
    def clean(self):
        """Nothing was left over: no descriptor, session or task, no text lost, and less memory than a session has."""
        grown = self.memory_bytes[1] - self.memory_bytes[0]
        same = self.fds[0] == self.fds[1] and self.tasks[0] == self.tasks[1]
        return same and not (self.sessions or self.unanswered or self.texts_lost) and grown < GROWN_MAX_BYTES


class Client:
    def __init__(self, port, chance):
        self.port, self.chance = port, chance
        self.frames = Deframer()

    async def cycle(self, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.frames = Deframer()
        how = WAYS[(number + self.chance.randrange(len(WAYS))) % len(WAYS)]
        try:
            await how(self, reader, writer)
        finally:
            writer.close()
            try:
                await writer.wait_closed()
            except ConnectionError:
                return  # it was broken off on purpose

    async def ask(self, reader, writer, pdu):
        """The answer to this request, whatever comes before it."""
        writer.write(encode(pdu))
        async with asyncio.timeout(WAIT_S):
            while True:
                for frame in self.frames.feed(await reader.read(65_536)):
                    answer = decode(frame)
                    if answer.command == f"{pdu.command}_resp":
                        return answer

    async def bound(self, reader, writer, command=""):
        answer = await self.ask(reader, writer, Pdu(command or self.chance.choice(BINDS), 1, 0, ACCOUNT))
        assert answer.status == Status.ROK, answer

    async def unbinds(self, reader, writer):
        await self.bound(reader, writer)
        await self.ask(reader, writer, Pdu("unbind", 2))

    async def closes(self, reader, writer):
        await self.bound(reader, writer)

    async def answers_nothing(self, reader, writer):
        """What it is given must come back to the queue."""
        await self.bound(reader, writer, "bind_receiver")
        await self.ask(reader, writer, Pdu("enquire_link", 2))

    async def breaks_off(self, reader, writer):
        """RST in the middle of a PDU."""
        await self.bound(reader, writer)
        writer.write(encode(Pdu("submit_sm", 2, 0, {"short_message": b"x" * 100}))[:50])
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def is_refused(self, reader, writer):
        answer = await self.ask(reader, writer, Pdu("bind_transceiver", 1, 0, {**ACCOUNT, "password": "wrong"}))
        assert answer.status == Status.RINVPASWD, answer

    async def says_nothing(self, reader, writer):
        """Connects and goes."""

    async def loses_its_way(self, reader, writer):
        await self.bound(reader, writer)
        writer.write(b"\xff" * 64)
        async with asyncio.timeout(WAIT_S):
            while await reader.read(65_536):
                """What it is told before the line is closed."""


WAYS = (
    Client.unbinds,
    Client.closes,
    Client.answers_nothing,
    Client.breaks_off,
    Client.is_refused,
    Client.says_nothing,
    Client.loses_its_way,
)


async def cycles(count, clients, seed=0):
    """`count` cycles from `clients` clients at once; what is left over."""
    settings = SmscSettings(receipt_delay_s=0)
    moved = asyncio.Event()
    async with Smsc({"gateway": "secret"}, clock=VirtualClock(), settings=settings, on_change=moved.set) as smsc:
        for number in range(TEXTS):
            smsc.post_mo(f"+316100000{number:02d}", "1330", "HELP")
        await _come_and_go(smsc, clients, WARM_UP_CYCLES, seed)
        await _gone(smsc, moved)
        before = _now(smsc)
        most = await _come_and_go(smsc, clients, count // clients, seed + 1)
        await _gone(smsc, moved)
        fds, tasks, memory = zip(before, _now(smsc), strict=True)
        return Left(
            cycles=count // clients * clients,
            clients=clients,
            fds=fds,
            tasks=tasks,
            memory_bytes=memory,
            sessions=len(smsc.sessions),
            unanswered=smsc.counters.unanswered,
            texts_lost=TEXTS - smsc.deliveries.queued,
            most_sessions=most,
        )


async def _come_and_go(smsc, clients, each, seed):
    """The most sessions that were open at one time."""
    most = 0

    async def come_and_go(number):
        nonlocal most
        client = Client(smsc.port, random.Random((seed << 16) + number))
        for cycle in range(each):
            await client.cycle(cycle)
            most = max(most, len(smsc.sessions))

    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(come_and_go(number))
    return most


async def _gone(smsc, moved):
    """Until the SMSC has seen the end of them all."""
    async with asyncio.timeout(WAIT_S):
        while smsc.sessions:
            moved.clear()
            await moved.wait()


def _now(smsc):
    # The report of what peers did wrong has a bound of its own.
    smsc.complaints.clear()
    gc.collect()
    memory = tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else 0
    return len([*Path("/proc/self/fd").iterdir()]), len(asyncio.all_tasks()), memory
