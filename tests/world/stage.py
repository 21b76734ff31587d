"""A real gateway process beside the played world: both halves of the wire, in one hand.

`staged()` starts the world and a gateway on free loopback ports with a database of its own; `Stage.http` is one
plain HTTP exchange with it, `restart` and `kill` give it another life on the same database. Nothing here waits for
time to pass: for a log line, for quiet, or for the process's end.

Not here: what is expected of the gateway.
"""

import asyncio
import contextlib
import io
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from simulator.clock import START, VirtualClock
from simulator.faults import Fault
from simulator.gateway_client import GatewayClient, Tokens
from simulator.gateway_process import GatewayDied, GatewayProcess
from simulator.handset import Handset
from simulator.smsc import SmscSettings
from simulator.world import World, WorldSettings

WAIT_S = 20.0
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MERGE_PATCH = "application/merge-patch+json"
LOCATION = "nl.sms1330.location.updated.v1"
USAGE = "nl.sms1330.usage.reported.v1"
SOURCE = "/proof"
UNKNOWN = "+31699000001"
"""A number that no subscription ever has."""
MB = 1_000_000
"""In zone A € 2.50 (excluding VAT)."""
OPTION_B = {"B": {"enabled": True}}
"""Data outside the EU is on (B17), and zone A is charged at the list rate (B18)."""

CONFIG = """\
[http]
port = 0
[smpp]
port = {smpp_port}
reconnect_min_s = 0.05
reconnect_max_s = 0.2
retry_min_s = 0.02
retry_max_s = 0.2
[store]
url = "sqlite:///gateway.db"
[network]
url = "{policies_url}"
[clock]
mode = "virtual"
start = {start}
"""

_NUMBERS = itertools.count(31_620_000_001)
_IMSIS = itertools.count(204_081_000_000_001)
_IDS = itertools.count(1)


def new_number() -> str:
    """A number nobody had before in this run."""
    return f"+{next(_NUMBERS)}"


def new_imsi() -> str:
    return str(next(_IMSIS))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is the JSON, or the text of what is none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def problem(self) -> dict[str, Any]:
        """The body, checked to be problem details (RFC 9457) of this status."""
        assert self.headers["Content-Type"].partition(";")[0] == "application/problem+json", (self.status, self.body)
        assert {"type", "title", "status", "detail"} <= self.body.keys(), self.body
        assert self.body["status"] == self.status
        return dict(self.body)

    @property
    def pointers(self) -> list[str]:
        """Of the errors in a problem."""
        errors = self.problem.get("errors", [])
        assert all(error["message"] for error in errors), errors
        return [error["pointer"] for error in errors]

    @property
    def results(self) -> list[dict[str, Any]]:
        assert self.status == 200, (self.status, self.body)
        return list(self.body["results"])

    @property
    def result(self) -> dict[str, Any]:
        (one,) = self.results
        return one


@dataclass
class Stage:
    """`world` plays the operator, `child` is the gateway, `client` its HTTP side as the simulator uses it."""

    world: World
    folder: Path
    env: dict[str, str]
    tokens: Tokens = field(default_factory=Tokens)
    lives: list[GatewayProcess] = field(default_factory=list)
    _client: GatewayClient | None = None
    _http: aiohttp.ClientSession | None = None

    @property
    def child(self) -> GatewayProcess:
        return self.lives[-1]

    @property
    def client(self) -> GatewayClient:
        assert self._client is not None
        return self._client

    # --- lives -------------------------------------------------------------------------------------------

    async def start(self, **env: str) -> GatewayProcess:
        """Starts a gateway on the stage's database and waits for nothing."""
        self.world.new_gateway()
        life = await GatewayProcess.start(self.folder / "config.toml", {**self.env, **env}, cwd=self.folder)
        self.lives.append(life)
        return life

    async def launch(self, *, bound: bool = True, **env: str) -> None:
        """Starts a gateway and joins it to the world."""
        await self.start(**env)
        await self.join()
        if bound:
            await self.child.wait_for("smpp.bound", timeout_s=WAIT_S)

    async def join(self) -> None:
        """Waits until the started gateway takes requests, and speaks with it from now on."""
        line = await self.child.wait_for("gateway.ready", timeout_s=WAIT_S)
        await self._disconnect()
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAIT_S))
        self._client = GatewayClient(f"http://127.0.0.1:{line['http_port']}", tokens=self.tokens)
        await self._client.__aenter__()
        self.world.connect(self._client, fresh=True)

    async def restart(self, **env: str) -> None:
        """Stops it politely and starts it again."""
        assert await self.child.stop() == 0, self.child.last_lines()
        await self.launch(**env)

    async def kill(self) -> None:
        assert await self.child.kill() == -9, self.child.last_lines()

    async def dead(self) -> int:
        """Waits until the gateway has ended by itself, or by a signal sent past us; its exit code."""
        with contextlib.suppress(GatewayDied):
            await self.child.wait_for("no such event", timeout_s=WAIT_S)
        assert self.child.exit_code is not None, self.child.last_lines()
        return self.child.exit_code

    async def end(self) -> None:
        await self._disconnect()
        for life in self.lives:
            await life.kill()

    async def _disconnect(self) -> None:
        if self._client is not None:
            await self._client.__aexit__()
            self._client = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    def log_lines(self, event: str) -> Iterator[dict[str, Any]]:
        """The lines of that event in all lives."""
        for life in self.lives:
            yield from life.events(event)

    # --- HTTP --------------------------------------------------------------------------------------------

    async def http(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One exchange, whatever the status. aiohttp.ClientError when there is no answer."""
        assert self._http is not None
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = dict(headers or {})
        if data is not None:
            sent["Content-Type"] = content_type
        if path.startswith("/v1/events"):
            # What the simulator did not post itself it cannot have counted.
            self.client.uncertain = True
        # As a stream: aiohttp warns of large bodies given whole.
        stream = None if data is None else io.BytesIO(data)
        async with self._http.request(method, self.client.url + path, data=stream, headers=sent) as response:
            text = await response.text()
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(response.status, json.loads(text) if text and is_json else text, response.headers)

    async def post(self, event: Mapping[str, Any]) -> Answer:
        """One event in structured mode."""
        return await self.http("POST", "/v1/events", event, content_type=EVENT)

    async def post_batch(self, events: list[Any]) -> Answer:
        return await self.http("POST", "/v1/events", events, content_type=BATCH)

    async def put(self, number: str, body: Mapping[str, Any] | None = None) -> Answer:
        return await self.http("PUT", path_of(number), {} if body is None else body)

    async def patch(self, number: str, body: Mapping[str, Any]) -> Answer:
        return await self.http("PATCH", path_of(number), body, content_type=MERGE_PATCH)

    async def get(self, number: str, query: str = "") -> dict[str, Any]:
        answer = await self.http("GET", path_of(number) + query)
        assert answer.status == 200, answer
        return dict(answer.body)

    async def subscribed(self, **settings: Any) -> str:
        """A new subscription; its number."""
        number = new_number()
        answer = await self.put(number, settings)
        assert answer.status == 201, answer
        return number

    async def roamer(self, **settings: Any) -> str:
        """A new subscription whose data outside the EU is on."""
        return await self.subscribed(**({"bundles": OPTION_B} | settings))

    async def notices(self, number: str) -> list[dict[str, Any]]:
        return await self.client.notifications(number)

    async def now(self) -> datetime:
        """The gateway's business clock."""
        return datetime.fromisoformat((await self.http("GET", "/v1/clock")).body["now"])

    # --- events ------------------------------------------------------------------------------------------

    def event(self, kind: str, at: datetime, data: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
        event = {
            "specversion": "1.0",
            "id": f"e-{next(_IDS)}",
            "source": SOURCE,
            "type": kind,
            "time": at.isoformat(),
            "data": dict(data),
        }
        return event | attributes

    def usage(self, number: str, volume_bytes: int, plmn: str = "310-410", **data: Any) -> dict[str, Any]:
        """A usage event at the world's instant."""
        now = self.world.clock.now()
        members = {"msisdn": number, "visited_plmn": plmn, "bytes": volume_bytes, "used_at": now.isoformat()} | data
        return self.event(USAGE, now, {name: value for name, value in members.items() if value is not None})

    def location(self, number: str, plmn: str) -> dict[str, Any]:
        return self.event(LOCATION, self.world.clock.now(), {"msisdn": number, "visited_plmn": plmn})

    # --- the link ----------------------------------------------------------------------------------------

    async def unbind(self) -> Fault:
        """Drops the session and refuses binds until the fault is cleared."""
        refusal = self.world.faults.arm(Fault("bind_status", times=None, status=0x0D))
        ended = len(self.child.events("smpp.unbound"))
        for session in list(self.world.smsc.sessions):
            session.abort()
        await self.child.wait_for("smpp.unbound", count=ended + 1, timeout_s=WAIT_S)
        return refusal

    async def rebind(self, refusal: Fault) -> None:
        bound = len(self.child.events("smpp.bound"))
        self.world.faults.clear(refusal)
        await self.child.wait_for("smpp.bound", count=bound + 1, timeout_s=WAIT_S)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds; looks whenever something of the world moved."""
        settling = self.world.settling
        assert settling is not None
        async with asyncio.timeout(WAIT_S):
            while not condition():
                settling.moved.clear()
                await settling.moved.wait()


def path_of(number: str) -> str:
    return "/v1/subscriptions/" + number.replace("+", "%2B")


def conversation(handset: Handset) -> str:
    """For a failure's message."""
    return "\n".join(f"{line.at:%d-%m %H:%M} {line.direction:>3} {line.text}" for line in handset.conversation)


def full_numbers(lines: list[dict[str, Any]]) -> list[str]:
    """Log lines that hold a whole number of a subscriber or a SIM."""
    whole = re.compile(r"316\d{8}(?!\d)|20408\d{10}")
    return [text for line in lines if whole.search(text := json.dumps(line))]


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    start: datetime = START,
    policies_url: str | None = None,
    settings: WorldSettings | None = None,
    tokens: Tokens | None = None,
    bound: bool = True,
    first: Mapping[str, str] | None = None,
    **env: str,
) -> AsyncIterator[Stage]:
    """A world and a gateway. `env` overrides keys of the configuration (`GATEWAY__SECTION__KEY`); `first` does so
    for the first life alone.
    """
    chosen = settings or WorldSettings(smsc=SmscSettings(receipt_delay_s=0), settle_timeout_s=WAIT_S)
    async with World(chosen, VirtualClock(start)) as world:
        url = world.control.policies_url if policies_url is None else policies_url
        config = CONFIG.format(smpp_port=world.smsc.port, policies_url=url, start=start.isoformat())
        (folder / "config.toml").write_text(config, encoding="utf-8")
        stage = Stage(world, folder, dict(env), tokens or Tokens())
        try:
            await stage.launch(bound=bound, **(first or {}))
            yield stage
        finally:
            await stage.end()
