"""A generator and a gateway, joined and with subscribers, on which runs are made.

Not here: what a run's figures are held against (run.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from simulator.clock import AMSTERDAM, SystemClock
from simulator.gateway_client import GatewayClient, Tokens
from simulator.load import audit, growth, result, stories
from simulator.load.kinds import HALF
from simulator.load.options import Job
from simulator.load.people import Crowd
from simulator.load.play import Plan
from simulator.load.sampling import Sampler
from simulator.load.schedule import length_s, rate_at
from simulator.load.steering import Steering, generator
from simulator.load.subject import PASSWORD, SYSTEM_ID, Subject

QUIET_S: Final = 20.0
JOURNAL: Final = "journal.jsonl"
WINDOW_DEFAULT: Final = 64
PREPARE_S: Final = 10.0
PREPARE_EACH_S: Final = 0.01
"""What starting, and creating one subscriber, take at most on a busy machine."""
Json = dict[str, Any]


class NoPair(Exception):  # noqa: N818 - what it says
    """There is nothing to make a run on; the message says why."""


@dataclass
class Watcher:
    """Who is told how far it is. Each does nothing unless somebody listens."""

    stage: Callable[[str], None] = lambda told: None  # noqa: ARG005
    tick: Callable[[Json, Json], None] = lambda tick, row: None  # noqa: ARG005


@dataclass
class LoadedPair:
    """`run` makes a run and gives its parts; `audit` compares the books of all runs so far."""

    job: Job
    subject: Subject
    client: GatewayClient
    steering: Steering
    folder: Path
    watcher: Watcher
    shift_s: float = 0.0
    """The gateway's clock before ours."""

    @property
    def window(self) -> int | None:
        if self.subject.child is None:
            return None
        return int(self.job.settings.get("smpp.window", WINDOW_DEFAULT))

    async def run(self, plan: Plan) -> Json:
        """One run: what came of it, what was sampled meanwhile."""
        sampler = Sampler(self.subject, self.client, self.steering.pid)
        closed: list[Json] = []
        self.steering.tell(run=plan.to_json())
        async with asyncio.TaskGroup() as group:
            sampling = group.create_task(sampler.run())
            ended = await self._ticks(sampler, closed)
            sampling.cancel()
        await self.client.quiet(QUIET_S)
        # What a soak asks for is settled on the way.
        planned = () if plan.full_speed_s else range(int(length_s(plan.stages)))
        seconds = [rate_at(plan.stages, second + 0.5) for second in planned]
        rows = [row for row in sampler.rows if row["at_s"] <= ended["flows_took_s"] + 1] or sampler.rows
        return {
            "ended": ended,
            "rows": rows,
            "series": result.series([*closed, *ended["closed"]], rows, seconds),
            "saturation": result.saturation(rows, sampler.loop_late, self.window),
            "growth": [found.to_json() for found in self._growth(rows)],
        }

    async def _ticks(self, sampler: Sampler, closed: list[Json]) -> Json:
        latest: Json = {}

        def note(row: Json) -> None:
            row["flows"] = latest.get("finished", 0)
            row |= {name: latest[name] for name in ("blocked", "receipts") if name in latest}

        sampler.on_row = note
        while True:
            answer = await self.steering.hear()
            if "ended" in answer:
                ended: Json = answer["ended"]
                return ended
            tick = answer["tick"]
            latest |= tick
            closed += tick["closed"]
            self.watcher.tick(tick, sampler.rows[-1] if sampler.rows else {})

    @staticmethod
    def _growth(rows: list[Json]) -> list[growth.Growth]:
        judged = (growth.judge(limit, *growth.column(rows, limit.name)) for limit in growth.LIMITS)
        return [one for one in judged if one is not None]

    async def audit(self) -> Json:
        """Every text and every counter of these subscribers, against the journal of all runs."""
        people = self.crowd().people
        self.watcher.stage("comparing the books")
        self.steering.tell(books={})
        books = (await self.steering.hear())["books"]
        journal = await asyncio.to_thread(audit.Journal.read, self.folder / JOURNAL)
        found = await audit.fetch(self.client, people, journal, books)
        return found.to_json()

    def crowd(self) -> Crowd:
        """Who they are: the same as the generator made from the same seed."""
        return Crowd.of(self.job.subscribers, self.job.first_number, self.job.mix, self.job.seed)

    async def stories(self, ended: Json) -> list[Json]:
        """The slowest flows with the gateway's decision and log."""
        told = await stories.decisions(self.client, ended["slowest"], self.shift_s)
        paths = self.subject.child.logged() if self.subject.child is not None else []
        return await asyncio.to_thread(stories.with_log, told, paths)


@asynccontextmanager
async def joined(job: Job, folder: Path, watcher: Watcher) -> AsyncIterator[LoadedPair]:
    """A pair that is up, bound and has its subscribers. NoPair, GatewayDied or GeneratorDied when it cannot be."""
    async with generator() as steering:
        watcher.stage("starting")
        steering.tell(job=_job(job, folder))
        listening = (await steering.hear())["listening"]
        subject = await _subject(job, folder, listening)
        try:
            options = job.options
            tokens = Tokens(options.events_token, options.portal_token, options.control_token)
            async with GatewayClient(subject.url, tokens) as client:
                pair = LoadedPair(job, subject, client, steering, folder, watcher)
                await _prepare(pair, tokens)
                yield pair
        finally:
            await subject.end()


async def _subject(job: Job, folder: Path, listening: Json) -> Subject:
    if job.options.gateway:
        return Subject.running(job.options.gateway, folder)
    return await Subject.started(
        folder,
        smpp_port=listening["smpp_port"],
        policies_url=f"http://127.0.0.1:{listening['policies_port']}/policies",
        settings={**job.settings, **(_before_the_edge(job) if job.kind.edge else {})},
        cores=set(job.cores[0]) if job.cores else None,
    )


async def _prepare(pair: LoadedPair, tokens: Tokens) -> None:
    """Waits for the session, and creates the subscribers."""
    steering, url = pair.steering, pair.subject.url
    pair.shift_s = await _shift_s(pair.client)
    theirs = {"events": tokens.events, "portal": tokens.portal}
    steering.tell(gateway={"url": url, "tokens": theirs, "shift_s": pair.shift_s})
    if not (await steering.hear())["bound"]:
        port = pair.job.options.smpp_port
        raise NoPair(f"no gateway has bound to our SMSC (port {port or 'of its configuration'})")
    pair.subject.bound()
    pair.watcher.stage(f"creating {pair.job.subscribers:,} subscribers")
    steering.tell(subscribe={})
    statuses = (await steering.hear())["subscribed"]
    if statuses != {"201": pair.job.subscribers}:
        first = pair.job.first_number
        hint = " (200: the number is taken; name another block with --numbers)" if "200" in statuses else ""
        raise NoPair(f"subscribers from {first} on: the gateway answered {statuses}, expected 201 for each{hint}")
    if pair.job.kind.blocked_pct:
        pair.watcher.stage(f"{pair.job.kind.blocked_pct:g} % of them use up their cost limit")
        steering.tell(block={"pct": pair.job.kind.blocked_pct})
        await steering.hear()
    await pair.client.quiet(QUIET_S)
    if pair.job.kind.edge:
        await _until_before_the_edge(pair)


def _before_the_edge(job: Job) -> dict[str, str]:
    """A clock that comes to a month's end at half time of a run that begins when everything is prepared."""
    edge = _next_month(SystemClock().now())
    start = edge - timedelta(seconds=job.seconds * HALF + PREPARE_S + job.subscribers * PREPARE_EACH_S)
    return {"clock.mode": "shifted", "clock.start": start.isoformat()}


def _next_month(now: datetime) -> datetime:
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    return datetime(year, month, 1, tzinfo=AMSTERDAM)


async def _until_before_the_edge(pair: "LoadedPair") -> None:
    """Waits until half a run is left of the month."""
    now = SystemClock(timedelta(seconds=pair.shift_s)).now()
    left_s = (_next_month(now) - now).total_seconds() - pair.job.seconds * HALF
    pair.watcher.stage(f"waiting {max(left_s, 0):.0f} s for the month's end")
    await asyncio.sleep(max(left_s, 0))


async def _shift_s(client: GatewayClient) -> float:
    """By how much the gateway's clock is before ours. NoPair when it does not run by itself."""
    clock = await client.clock()
    if clock["mode"] == "virtual":
        raise NoPair('the gateway\'s clock is virtual; a load needs one that runs: [clock] mode = "system"')
    if clock["mode"] == "system":
        return 0.0
    return (datetime.fromisoformat(clock["now"]) - SystemClock().now()).total_seconds()


def _job(job: Job, folder: Path) -> Json:
    options = job.options
    system_id, _, password = options.account.partition(":")
    if not options.gateway:
        system_id, password = SYSTEM_ID, PASSWORD
    return {
        "seed": job.seed,
        "core": job.cores[1] if job.cores else None,
        "mix_name": job.mix.name,
        "mix": job.mix.tables(),
        "subscribers": job.subscribers,
        "first_number": job.first_number,
        "customer": f"load-{job.seed}",
        "journal": str(folder / JOURNAL),
        "operator": {
            "host": "127.0.0.1",
            "smpp_port": options.smpp_port,
            "policies_port": options.policies_port,
            "accounts": {system_id: password},
            # Events of an earlier run must not look like repeats of this one's.
            "source": f"urn:sms1330:load:{job.seed}:{job.first_number}",
        },
    }
