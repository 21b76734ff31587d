"""A generator and a gateway, joined and with subscribers, on which runs are made.

Not here: what a run's figures are held against (run.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from simulator.gateway_client import GatewayClient, Tokens
from simulator.load import audit, growth, result, stories
from simulator.load.options import Job
from simulator.load.people import Crowd
from simulator.load.play import Plan
from simulator.load.sampling import Sampler
from simulator.load.schedule import rate_at
from simulator.load.steering import Steering, generator
from simulator.load.subject import PASSWORD, SYSTEM_ID, Subject

QUIET_S: Final = 20.0
WINDOW_DEFAULT: Final = 64
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
    shift_s: float
    watcher: Watcher
    journals: list[Path] = field(default_factory=list)
    answered: int = 0
    volumes: dict[str, int] = field(default_factory=dict)

    @property
    def window(self) -> int | None:
        if self.subject.child is None:
            return None
        return int(self.job.settings.get("smpp.window", WINDOW_DEFAULT))

    async def run(self, plan: Plan) -> Json:
        """One run: what came of it, what was sampled meanwhile."""
        journal = self.folder / f"journal-{len(self.journals) + 1}.jsonl"
        self.journals.append(journal)
        sampler = Sampler(self.subject, self.client, self.steering.pid)
        closed: list[Json] = []
        self.steering.tell(run=replace(plan, journal=str(journal)).to_json())
        async with asyncio.TaskGroup() as group:
            sampling = group.create_task(sampler.run())
            ended = await self._ticks(sampler, closed)
            sampling.cancel()
        await self.client.quiet(QUIET_S)
        kinds = sum(ended["told"].values())
        self.answered += kinds
        for month, volume in ended["volumes"].items():
            self.volumes[month] = self.volumes.get(month, 0) + volume
        seconds = [rate_at(plan.stages, second + 0.5) for second in range(int(sum(s.seconds for s in plan.stages)))]
        rows = [row for row in sampler.rows if row["at_s"] <= ended["took_s"]] or sampler.rows
        return {
            "ended": ended,
            "rows": rows,
            "series": result.series([*closed, *ended["closed"]], rows, seconds),
            "saturation": result.saturation(rows, sampler.loop_late, self.window),
            "growth": [found.to_json() for found in self._growth(rows)],
        }

    async def _ticks(self, sampler: Sampler, closed: list[Json]) -> Json:
        finished = 0
        sampler.on_row = lambda row: row.update(flows=finished)
        while True:
            answer = await self.steering.hear()
            if "ended" in answer:
                ended: Json = answer["ended"]
                return ended
            tick = answer["tick"]
            finished = tick["finished"]
            closed += tick["closed"]
            self.watcher.tick(tick, sampler.rows[-1] if sampler.rows else {})

    @staticmethod
    def _growth(rows: list[Json]) -> list[growth.Growth]:
        judged = (growth.judge(limit, *growth.column(rows, limit.name)) for limit in growth.LIMITS)
        return [one for one in judged if one is not None]

    async def audit(self) -> Json:
        """Every text and every counter of these subscribers, against the journals of all runs."""
        people = self.crowd().people
        self.watcher.stage("comparing the books")
        journal = await asyncio.to_thread(audit.Journal.read, self.journals)
        found = await audit.fetch(self.client, people, journal, self.volumes)
        found.told(self.answered)
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
async def joined(job: Job, folder: Path, *, shift_s: float = 0.0, watcher: Watcher) -> AsyncIterator[LoadedPair]:
    """A pair that is up, bound and has its subscribers. NoPair, GatewayDied or GeneratorDied when it cannot be."""
    async with generator() as steering:
        watcher.stage("starting")
        steering.tell(job=_job(job, shift_s))
        listening = (await steering.hear())["listening"]
        subject = await _subject(job, folder, listening)
        try:
            options = job.options
            tokens = Tokens(options.events_token, options.portal_token, options.control_token)
            async with GatewayClient(subject.url, tokens) as client:
                pair = LoadedPair(job, subject, client, steering, folder, shift_s, watcher)
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
        settings=job.settings,
        cores=set(job.cores[0]) if job.cores else None,
    )


async def _prepare(pair: LoadedPair, tokens: Tokens) -> None:
    """Waits for the session, and creates the subscribers."""
    steering, url = pair.steering, pair.subject.url
    steering.tell(gateway={"url": url, "tokens": {"events": tokens.events, "portal": tokens.portal}})
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
    await pair.client.quiet(QUIET_S)


def _job(job: Job, shift_s: float) -> Json:
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
        "operator": {
            "host": "127.0.0.1",
            "smpp_port": options.smpp_port,
            "policies_port": options.policies_port,
            "accounts": {system_id: password},
            # Events of an earlier run must not look like repeats of this one's.
            "source": f"urn:sms1330:load:{job.seed}:{job.first_number}",
            "shift_s": shift_s,
        },
    }
