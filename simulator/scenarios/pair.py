"""A played world and a gateway process of its own, for one scenario: fresh folder, database, ports and clock.

The link's back-off is small, and so is the response timer where a scenario needs it; business time is virtual. What
ends with a month is told to the network at once and not over ten minutes, so that "on the 1st, 00:00" can be said.

Not here: what is played (acts.py), what is expected (checks.py).
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from simulator.clock import SystemClock, VirtualClock
from simulator.gateway_client import GatewayClient, Json
from simulator.gateway_process import GatewayDied, GatewayProcess
from simulator.scenarios.nursery import Nursery
from simulator.smsc import SmscSettings
from simulator.world import World, WorldSettings

READY_S: Final = 60.0
"""A gateway starts in a second; with many beside it on a busy machine in several."""
SETTLE_S: Final = 5.0
RESPONSE_TIMEOUT_S: Final = 10.0
QUICK_TIMEOUT_S: Final = 1.0
"""For scenarios in which an answer is late or never comes: long enough for a busy machine to give the others."""

CONFIG: Final = """\
[http]
host = "127.0.0.1"
port = 0
[smpp]
host = "127.0.0.1"
port = {smpp_port}
reconnect_min_s = 0.05
reconnect_max_s = 0.2
retry_min_s = 0.05
retry_max_s = 0.2
[store]
url = "sqlite:///gateway.db"
[network]
url = "{policies_url}"
[policy]
period_lift_spread_s = 0
{policy}
[clock]
{clock}
"""


@dataclass(frozen=True, kw_only=True)
class PairSettings:
    """What may differ from pair to pair. `receipt_delay_s` is business time, `policy` the operator's readings: keys of
    that section and what stands behind them.
    """

    response_timeout_s: float = RESPONSE_TIMEOUT_S
    receipt_delay_s: float = 1.0
    policy: Mapping[str, str] = field(default_factory=dict)


DEFAULTS: Final = PairSettings()


@dataclass
class RememberingClient(GatewayClient):
    """Keeps the last event, to send it again, and the results of all of them."""

    last_event: Json | None = None
    results: list[Json] = field(default_factory=list)

    async def post_event(self, event: Json) -> Json:
        self.last_event = event
        result = await super().post_event(event)
        self.results.append(result)
        return result


@dataclass
class Pair:
    """`world` plays the operator, `child` is the gateway, `lives` all gateways there were on this database."""

    world: World
    folder: Path
    nursery: Nursery
    response_timeout_s: float = RESPONSE_TIMEOUT_S
    """Of the gateways that are launched from now on."""
    kept: bool = False
    """Whether the folder outlives the pair."""
    lives: list[GatewayProcess] = field(default_factory=list)
    down: bool = False
    """There is no gateway: it was made impossible to start one."""
    mend: Callable[[], Awaitable[None]] | None = None
    """What makes it possible again."""
    _client: RememberingClient | None = None

    @property
    def child(self) -> GatewayProcess:
        return self.lives[-1]

    @property
    def client(self) -> RememberingClient:
        assert self._client is not None
        return self._client

    async def launch(self, env: Mapping[str, str] | None = None) -> None:
        """Starts a gateway on the folder's database, with `env` too, and joins it to the world.

        GatewayDied when it does not come.
        """
        self.world.new_gateway()
        await self._start(env or {})
        port = await self.child.ready(timeout_s=READY_S)
        before = self._client or RememberingClient("")
        await self.disconnect()
        self._client = RememberingClient(f"http://127.0.0.1:{port}")
        self._client.last_event, self._client.results = before.last_event, before.results
        await self._client.__aenter__()
        self.world.connect(self._client, fresh=True)

    async def _start(self, env: Mapping[str, str]) -> None:
        own = {"GATEWAY__SMPP__RESPONSE_TIMEOUT_S": str(self.response_timeout_s)}
        config = self.folder / "config.toml"
        self.lives.append(await self.nursery.start(config, cwd=self.folder, env={**own, **env}))

    async def try_start(self, env: Mapping[str, str]) -> int | None:
        """A start that shall fail: the gateway's exit code, None when it came up all the same."""
        self.world.new_gateway()
        await self._start(env)
        try:
            await self.child.wait_for("gateway.ready", timeout_s=READY_S)
        except GatewayDied:
            self.down = not self.child.is_running
        return self.child.exit_code

    async def recover(self) -> None:
        """What kept the gateway from starting is mended, and it starts."""
        if self.mend is not None:
            await self.mend()
            self.mend = None
        self.down = False
        await self.launch()

    async def restart(self, env: Mapping[str, str] | None = None) -> None:
        await self.child.stop()
        await self.launch(env)

    async def crash(self) -> None:
        await self.child.kill()
        await self.launch()

    async def died(self) -> None:
        """Returns when the gateway has ended by itself."""
        while self.child.is_running:
            with suppress(GatewayDied):
                await self.child.wait_for("(no line has this name)", timeout_s=READY_S)

    async def disconnect(self) -> None:
        if self._client is not None:
            await self._client.__aexit__()
            self._client = None

    async def end(self) -> None:
        await self.disconnect()
        for life in self.lives:
            await life.kill()


@asynccontextmanager
async def paired(nursery: Nursery, start: datetime | None, settings: PairSettings = DEFAULTS) -> AsyncIterator[Pair]:
    """A world with a gateway that is up and bound, at `start`, or on the system clock when there is none."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="sms1330-scenario-"))
    kept = False
    try:
        async with World(_world_settings(settings), VirtualClock(start) if start else SystemClock()) as world:
            config = CONFIG.format(
                smpp_port=world.smsc.port,
                policies_url=world.control.policies_url,
                policy="\n".join(f"{key} = {value}" for key, value in settings.policy.items()),
                clock=f'mode = "virtual"\nstart = {start.isoformat()}' if start else 'mode = "system"',
            )
            (folder / "config.toml").write_text(config, encoding="utf-8")
            pair = Pair(world, folder, nursery, settings.response_timeout_s)
            try:
                await pair.launch()
                yield pair
            finally:
                kept = pair.kept
                await pair.end()
    finally:
        if not kept:
            # Not in another thread: a process that is at its end gives out none, and it is a handful of files.
            shutil.rmtree(folder, ignore_errors=True)


def _world_settings(settings: PairSettings) -> WorldSettings:
    return WorldSettings(
        settle_timeout_s=SETTLE_S,
        settles_in_real_time=True,
        smsc=SmscSettings(receipt_delay_s=settings.receipt_delay_s),
    )
