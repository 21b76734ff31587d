"""How fast virtual time passes: a month in which something falls due at a hundred moments, and an empty year.

Half of them are the gateway's, cost blocks that end at moments of their own after the 1st, and half are the
SMSC's, messages that wait until their hour. Each moment is an exchange of both sides and a settle; an empty year is
the same two steps as an empty second. Counted too is what it took, which no machine changes.
Must not be put here: what falls due (the gateway's store, the simulator's agenda).
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator.clock import START, VirtualClock
from simulator.gateway_client import GatewayClient
from simulator.gateway_process import GatewayProcess
from simulator.world import World, WorldSettings

BLOCKED = 55
WAITING = 55
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
LIMIT_BYTES = 20_000_000
"""In zone A € 50, the limit: data is off until the month ends."""
CONFIG = """\
[http]
port = 0
[smpp]
port = {smpp_port}
[store]
url = "sqlite:///gateway.db"
[network]
url = "{policies_url}"
[clock]
mode = "virtual"
start = {start}
"""


@dataclass
class Counting(GatewayClient):
    """Counts the requests."""

    requests: int = 0

    async def request(self, *arguments: Any, **named: Any) -> Any:
        self.requests += 1
        return await super().request(*arguments, **named)


@dataclass
class Passed:
    """One advance: in how many moments something fell due, and what it took."""

    days: int
    moments: int
    seconds: float
    requests: int


async def _advanced(world: World, client: Counting, by: timedelta) -> Passed:
    requests, began_s = client.requests, time.perf_counter()
    moments = await world.advance(by=by)
    return Passed(by.days, len(set(moments)), time.perf_counter() - began_s, client.requests - requests)


async def _blocked(world: World) -> None:
    """Subscribers whose data is off until their month ends, each told of it at a second of its own after the 1st."""
    for number in range(BLOCKED):
        handset = world.handset(f"+3162100{number:04d}")
        await world.subscribe(handset, bundles={"B": {"enabled": True}})
        await world.roam(handset, "US")
        await world.use(handset, volume_bytes=LIMIT_BYTES)
    # Receipts are no part of what is measured.
    await world.advance(by=timedelta(minutes=1))


def _waiting(world: World) -> None:
    """Messages for hours that lie apart, spread over the month."""
    for number in range(WAITING):
        at = world.clock.now() + MONTH * (number + 1) / (WAITING + 1)
        world.smsc.agenda.add(at, _nothing)


def _nothing() -> None:
    """The moment is what counts."""


async def pass_time(folder: Path) -> dict[str, Passed]:
    """A month with a hundred moments, then a year without any."""
    async with World(WorldSettings(settle_timeout_s=30.0), VirtualClock(START)) as world:
        config = folder / "config.toml"
        urls = {"smpp_port": world.smsc.port, "policies_url": world.control.policies_url}
        config.write_text(CONFIG.format(start=START.isoformat(), **urls), encoding="utf-8")
        gateway = await GatewayProcess.start(config, cwd=folder)
        try:
            port = await gateway.ready(timeout_s=60)
            async with Counting(f"http://127.0.0.1:{port}") as client:
                world.connect(client, fresh=True)
                await _blocked(world)
                _waiting(world)
                month = await _advanced(world, client, MONTH)
                year = await _advanced(world, client, YEAR)
        finally:
            await gateway.kill()
    return {"month": month, "year": year}


def figures(folder: Path) -> dict[str, dict[str, float]]:
    folder.mkdir()
    passed = asyncio.run(pass_time(folder))
    return {
        name: {"days": one.days, "moments": one.moments, "seconds": round(one.seconds, 3), "requests": one.requests}
        for name, one in passed.items()
    }


def lines(found: dict[str, dict[str, float]]) -> list[str]:
    """The figures for people."""
    return [
        f"virtual time: {one['days']} days with {one['moments']} moments due in {one['seconds']:.2f} s, "
        f"{one['requests']} requests"
        for one in found.values()
    ]
