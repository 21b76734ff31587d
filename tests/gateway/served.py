"""The API served on a real port, with a scripted stand-in for everything behind it.

`serving()` gives an `Api`: `api.call(...)` is one HTTP exchange, `api.back` records what came through and says what is
answered.
"""

import asyncio
import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from yarl import URL

from gateway import tariffs
from gateway.http.api import ApiServer, ApiSettings, Services
from gateway.items import EventItem, EventResult, Item, PortalResult, Result
from handlers.policy import Policy

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATEST = NOW + timedelta(minutes=5)
POLICY = Policy(tariffs.load(tariffs.PACKAGED).tariffs)
NUMBER = "+31612345678"
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
# What GET shows of a subscription, as far as the API itself looks at it.
VIEW: Mapping[str, Any] = {
    "period": "2026-11",
    "sims": [{"imsi": None, "role": "primary", "msisdn": NUMBER}],
    "usage_alert_gb": None,
    "roaming_limit_mb": None,
    "bundles": {name: {"enabled": False, "max_per_month": 10} for name in ("A", "B", "ROW", "WORLD")},
    "bundle_instances": [],
    "usage": {"domestic_eu_bytes": 0, "outside_eu_bytes": 0, "leakage_bytes": 0},
    "cost": {"state": "OPEN", "charged_eur": "0.00", "limit_eur": 50, "pending_limit": None},
    "data": {"reasons": []},
}
USAGE = "nl.sms1330.usage.reported.v1"
LOCATION = "nl.sms1330.location.updated.v1"


def usage(number: int = 1, **data: Any) -> dict[str, Any]:
    """A usage event; a member of data given as None is left out."""
    members = {
        "msisdn": NUMBER,
        "visited_plmn": "310-410",
        "bytes": 1000,
        "used_at": "2026-11-02T09:00:00+01:00",
    } | data
    return {
        "specversion": "1.0",
        "id": f"u-{number}",
        "source": "/mediation/1",
        "type": USAGE,
        "time": "2026-11-02T09:00:01+01:00",
        "data": {name: value for name, value in members.items() if value is not None},
    }


def location(number: int = 1, plmn: str = "310-410") -> dict[str, Any]:
    return usage(number) | {"type": LOCATION, "data": {"imsi": "204080000000001", "visited_plmn": plmn}}


@dataclass
class Back:
    """What stands behind the API: a script of results, and what was asked."""

    items: list[Item] = field(default_factory=list)
    results: dict[str, EventResult] = field(default_factory=dict)
    portal: PortalResult = field(default_factory=lambda: PortalResult(200, {"customer": "acme"}))
    error: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    known: bool = True
    ready: bool = True
    quiet: bool = True
    seen: int = 0
    held: int = 0
    held_at_accept: int = 0
    calmed: int = 0
    failures: list[tuple[str, Exception]] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    wakes: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, items: Sequence[Item]) -> list[Result | None]:
        self.held_at_accept = self.held
        if self.error is not None:
            raise self.error
        self.items.extend(items)
        return [self._result(item) for item in items]

    def _result(self, item: Item) -> Result:
        if not isinstance(item, EventItem):
            return self.portal
        return self.results.get(item.id) or EventResult(item.id, "accepted", "counted")

    async def _read(self, *asked: Any) -> Mapping[str, Any] | None:
        self.asked.append(asked)
        if self.error is not None:
            raise self.error
        if not self.known:
            return None
        return VIEW if asked[0] == "subscription" else {"items": [], "cursor": "7"}

    async def subscriptions(self, customer: str | None, cursor: str | None, limit: int) -> Mapping[str, Any]:
        self.asked.append(("subscriptions", customer, cursor, limit))
        return {"items": [], "cursor": None}

    async def wait_notifications(self, number: str, after: str | None, wait_s: float) -> Mapping[str, Any] | None:
        self.asked.append(("wait", number, after, wait_s))
        if not self.known:
            return None
        self.waiting.set()
        await self.wakes.wait()
        return {"items": ["n-1"], "cursor": "8"}

    async def advance(self, to: datetime | None, by_s: float | None) -> Mapping[str, Any]:
        self.asked.append(("advance", to, by_s))
        if self.error is not None:
            raise self.error
        return {"now": "2026-12-01T00:00:00Z", "mode": "virtual"}

    async def is_quiet(self, timeout_s: float) -> tuple[bool, Mapping[str, Any]]:
        self.asked.append(("quiet", timeout_s))
        return self.quiet, {"boot": 1, "busy": 0} if self.quiet else {"boot": 1, "busy": 3, "open": {"inbox": 3}}

    async def is_ready(self) -> tuple[bool, Mapping[str, Any]]:
        return self.ready, {"delivery": "degraded"}

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1

    async def calm(self) -> None:
        self.calmed += 1

    def events_seen(self, count: int) -> None:
        self.seen += count

    def services(self) -> Services:
        return Services(
            accept=self.accept,
            subscription=lambda *asked: self._read("subscription", *asked),
            subscriptions=self.subscriptions,
            notifications=lambda *asked: self._read("notifications", *asked),
            decisions=lambda *asked: self._read("decisions", *asked),
            wait_notifications=self.wait_notifications,
            pools=lambda *asked: self._read("pools", *asked),
            clock=lambda: {"now": "2026-11-02T09:00:00Z", "mode": "virtual"},
            advance=self.advance,
            quiet=self.is_quiet,
            ready=self.is_ready,
            metrics=lambda: b"events_total 1\n",
            now=lambda: NOW,
            languages=frozenset({"nl", "en"}),
            policy=POLICY,
            events_seen=self.events_seen,
            hold=self.hold,
            calm=self.calm,
            new_flow_id=lambda: "made-here",
            failed=lambda flow_id, error: self.failures.append((flow_id, error)),
        )


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def pointers(self) -> list[str]:
        return [error["pointer"] for error in self.json["errors"]]


@dataclass
class Api:
    runner: asyncio.Runner
    server: ApiServer
    back: Back
    port: int
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, method: str, path: str | URL, **options: Any) -> Reply:
        return self.runner.run(self.ask(method, path, **options))

    async def ask(self, method: str, path: str | URL, **options: Any) -> Reply:
        """A path, or a whole URL where its quoting matters."""
        url = path if isinstance(path, URL) else self.url + path
        async with self.session.request(method, url, **options) as response:
            reply = Reply(response.status, dict(response.headers), await response.read())
        if reply.status >= 400 and method != "HEAD":
            assert reply.headers["Content-Type"] == "application/problem+json", reply
            assert {"type", "title", "status", "detail"} <= reply.json.keys()
            assert reply.json["status"] == reply.status
        return reply

    def post(self, body: Any, media_type: str, **headers: str) -> Reply:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", "/v1/events", data=io.BytesIO(raw), headers={"Content-Type": media_type} | headers)

    def batch(self, *events: Any) -> list[dict[str, Any]]:
        """The results of a batch that was answered 200."""
        reply = self.post(list(events), BATCH)
        assert reply.status == 200, reply
        return list(reply.json["results"])

    def event(self, event: Any) -> Reply:
        return self.post(event, EVENT)

    def send(self, raw: bytes) -> bytes:
        """Bytes on a connection of their own → all that comes back until it is closed."""

        async def exchange() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(raw)
                return await asyncio.wait_for(reader.read(), 10)
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

        return self.runner.run(exchange())


@contextlib.contextmanager
def serving(**settings: Any) -> Iterator[Api]:
    """The API on a free port; nothing may have failed inside that a test did not take out of `failures`."""
    with asyncio.Runner() as runner:
        back = Back()
        server = ApiServer(back.services(), ApiSettings(port=0, **settings))
        port = runner.run(server.start())
        session = runner.run(_session())
        try:
            yield Api(runner, server, back, port, session)
        finally:
            runner.run(session.close())
            runner.run(server.stop())
        assert back.failures == []
        assert back.held == 0


async def until(condition: Callable[[], bool]) -> None:
    """Turn the loop until it holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0)


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(auto_decompress=False)
