"""Rounds of one question: when both sides say that they are quiet, is everything there?

In each round a handset texts twice and must have two answers, the second of which is sent only when the first is
answered; the SMSC takes each message up to 40 ms late, by a seeded chance, and every core has something else to do.
The control waits a fixed 50 ms instead of settling, which two delays often exceed: it must be wrong, or the rounds
prove nothing. Must not be put here: figures that were not counted here.
"""

import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from simulator.clock import START, VirtualClock
from simulator.faults import Fault
from simulator.gateway_client import GatewayClient
from simulator.gateway_process import GatewayProcess
from simulator.smsc import SmscSettings
from simulator.world import World, WorldSettings

DELAY_S = 0.04
NAP_S = 0.05
HANDSETS = 40
SETTLE_S = 30.0
"""A round of a busy machine; far beyond what any takes."""
CONFIG = """\
[http]
port = 0
[smpp]
port = {smpp_port}
[store]
url = "sqlite:///gateway.db"
[clock]
mode = "virtual"
start = {start}
"""


@dataclass
class Rounds:
    """`wrong` are the numbers of the rounds in which a text was missing, or one too many."""

    played: int = 0
    wrong: list[int] = field(default_factory=list)
    longest_s: float = 0.0
    total_s: float = 0.0


@contextlib.contextmanager
def busy_cores():
    """One process for each core that does nothing else."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in spinning:
            one.kill()
        for one in spinning:
            one.wait()


@contextlib.asynccontextmanager
async def joined(folder: Path, seed):
    """A world whose SMSC dawdles, with a gateway of its own."""
    settings = WorldSettings(settle_timeout_s=SETTLE_S, smsc=SmscSettings(receipt_delay_s=1.0))
    async with World(settings, VirtualClock(START)) as world:
        config = folder / "config.toml"
        config.write_text(CONFIG.format(smpp_port=world.smsc.port, start=START.isoformat()), encoding="utf-8")
        gateway = await GatewayProcess.start(config, cwd=folder)
        try:
            port = await gateway.ready(timeout_s=60)
            async with GatewayClient(f"http://127.0.0.1:{port}") as client:
                world.connect(client, fresh=True)
                world.faults.chance = random.Random(seed)
                world.faults.arm(Fault("dawdle", times=None, spread_s=DELAY_S))
                yield world
        finally:
            await gateway.kill()


async def play(world, count, rest, *, until_wrong=False):
    """So many rounds, each ended by `rest`."""
    rounds = Rounds()
    handsets = [world.handset(f"+316200000{number:02d}") for number in range(HANDSETS)]
    for one in handsets:
        await world.subscribe(one)
    for number in range(count):
        handset = handsets[number % HANDSETS]
        if number % HANDSETS == 0:
            # The same text again within half a minute would be a handset's repeat.
            await world.advance(by=timedelta(minutes=1))
        had = len(handset.inbox)
        world.smsc.post_mo(handset.number, world.service, "HELP")
        world.smsc.post_mo(handset.number, world.service, "INFO")
        began_s = time.monotonic()
        await rest()
        took_s = time.monotonic() - began_s
        rounds.total_s += took_s
        rounds.longest_s = max(rounds.longest_s, took_s)
        rounds.played += 1
        if len(handset.inbox) - had != 2:
            rounds.wrong.append(number)
            if until_wrong:
                break
            await world.settle()
    return rounds


async def settles(folder, count, seed):
    async with joined(folder, seed) as world:
        return await play(world, count, world.settle)


async def naps(folder, count, seed, *, until_wrong=False):
    """The control: nobody is asked, a fixed time is waited."""
    async with joined(folder, seed) as world:
        return await play(world, count, nap, until_wrong=until_wrong)


async def nap():
    """What a test must not do: wait, and hope. Here it is what is looked at."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    loop.call_later(NAP_S, over.set_result, None)
    await over
