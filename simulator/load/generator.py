"""The process that makes the traffic: SMSC, network, handsets and an HTTP client on one loop.

It is told what to do by JSON lines on its input and answers by JSON lines on its output:

    {"job": …}        who and where                → {"listening": {"smpp_port", "policies_port"}}
    {"gateway": …}    waits for its session        → {"bound": system_id}
    {"subscribe": {}} creates the subscribers      → {"subscribed": {status: how many}}
    {"block": {pct}}  so many of them use up their cost limit → {"blocked": how many}
    {"run": …}        one run (play.py)            → {"tick": …} each second, then {"ended": …}
    {"books": {}}     puts the journal on disk     → {"books": what was answered in all runs so far}
    end of input      it ends

How late this process itself was is part of every run's answer: a run whose generator came late measured the
generator.

Not here: judging (run.py), what a run does (play.py).
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from simulator.load.flows import Book
from simulator.load.mix import Mix
from simulator.load.operator import Operator, OperatorSettings
from simulator.load.people import Crowd
from simulator.load.play import Plan, Run
from simulator.load.posting import Pool
from simulator.load.tally import Tally
from simulator.network import CloudEvent

EVENT: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
BLOCKING_PLACE, BLOCKING_BYTES = "US", 40_000_000
"""Where and how much: at the sample sheet's rate more than the highest limit of any mix that blocks."""
LINE_BYTES_MAX: Final = 1 << 24
BOUND_S: Final = 60.0
PRIORITY: Final = -10
SUBSCRIBING: Final = 32
"""Requests at once while subscribers are created."""


def say(**what: Any) -> None:  # noqa: ANN401 - any JSON
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


@dataclass
class Generator:
    """What the process holds between two commands."""

    mix: Mix
    crowd: Crowd
    operator: Operator
    customer: str
    group: asyncio.TaskGroup
    pool: Pool | None = None
    tokens: Mapping[str, str] | None = None
    tallies: list[Tally] = field(default_factory=list)

    async def obey(self, command: Mapping[str, Any]) -> None:
        """One line of the input."""
        match command:
            case {"gateway": {"url": url, "tokens": tokens, "shift_s": shift_s}}:
                self.pool, self.tokens = Pool(url, self.group), tokens
                self.operator.clock.shift = timedelta(seconds=shift_s)
                self.pool.start()
                say(bound=await self._bound())
            case {"subscribe": _}:
                say(subscribed=await self._subscribe())
            case {"block": {"pct": pct}}:
                say(blocked=await self._block(round(len(self.crowd.people) * pct / 100)))
            case {"run": plan}:
                await self._run(Plan.from_json(plan))
            case {"books": _}:
                say(books=self._books())
            case _:
                raise ValueError(f"{command}: allowed are gateway, subscribe, block, run and books")

    async def _bound(self) -> str:
        """Waits for the gateway's session; "" when none comes."""
        bound = asyncio.Event()
        self.operator.smsc.on_change = bound.set
        with suppress(TimeoutError):
            async with asyncio.timeout(BOUND_S):
                while not self.operator.smsc.bound_sessions:
                    bound.clear()
                    await bound.wait()
        self.operator.smsc.on_change = lambda: None
        return next((one.account for one in self.operator.smsc.bound_sessions), "")

    async def _subscribe(self) -> dict[str, int]:
        """Every subscriber at the portal; how many answers of each status."""
        assert self.pool is not None
        assert self.tokens is not None
        statuses: Counter[str] = Counter()
        done = asyncio.Event()
        settings = self.crowd.settings(self.mix, self.customer)
        left = len(self.crowd.people)

        def answered(status: int, _: bytes) -> None:
            nonlocal left
            statuses[str(status)] += 1
            left -= 1
            begin()
            if not left:
                done.set()

        def begin() -> None:
            one = next(settings, None)
            if one is not None and self.pool is not None and self.tokens is not None:
                path = "/v1/subscriptions/" + quote(one[0].number, safe="")
                body = json.dumps(one[1]).encode()
                token = self.tokens["portal"]
                self.pool.request("PUT", path, body, answered, content_type="application/json", token=token)

        for _ in range(SUBSCRIBING):
            begin()
        await done.wait()
        return dict(statuses)

    async def _block(self, count: int) -> int:
        """Each goes abroad and uses up its limit at once; all of it counts in the books."""
        tally, network, done = Tally(), self.operator.network, asyncio.Event()
        self.tallies.append(tally)
        left, blocked = count, 0

        def answered(status: int, body: bytes) -> None:
            nonlocal left, blocked
            left -= 1
            for result in json.loads(body)["results"] if status == HTTPStatus.OK else ():
                tally.told.update(result["kinds"])
                blocked += any("block" in kind for kind in result["kinds"])
            if not left:
                done.set()

        for who in self.crowd.people[:count]:
            now = self.operator.clock.now()
            place, plmn = network.places.find(BLOCKING_PLACE)
            there = network.register(who.number, place, plmn, now)
            used = network.use(who.number, BLOCKING_BYTES, now)
            assert used.event is not None, who.number
            tally.volumes[f"{now:%Y-%m}"] += BLOCKING_BYTES
            self._send([there, used.event], answered)
        if count:
            await done.wait()
        return blocked

    async def _run(self, plan: Plan) -> None:
        run = Run(plan, self.operator, self.crowd, self.mix, self._send, lambda tick: say(tick=tick))
        self.tallies.append(run.tally)
        say(ended=await run.play())

    def _books(self) -> dict[str, Any]:
        """Also of flows that came to their end after their run."""
        self.operator.flush()
        volumes: Counter[str] = Counter()
        uncertain: Counter[str] = Counter()
        for tally in self.tallies:
            volumes.update(tally.volumes)
            uncertain.update(tally.uncertain)
        told = sum(tally.told.total() for tally in self.tallies)
        return {"told": told, "volumes": dict(volumes), "uncertain": dict(uncertain)}

    def _send(self, events: Sequence[CloudEvent], on_answer: Callable[[int, bytes], None]) -> None:
        assert self.pool is not None
        assert self.tokens is not None
        one = len(events) == 1
        body = json.dumps(events[0] if one else events).encode()
        kind, token = EVENT if one else BATCH, self.tokens["events"]
        self.pool.request("POST", "/v1/events", body, on_answer, content_type=kind, token=token)


async def serve(reader: asyncio.StreamReader) -> None:
    """Obeys line after line until the input ends."""
    job = json.loads(await reader.readline())["job"]
    if job["core"] is not None:
        os.sched_setaffinity(0, {job["core"]})
        with suppress(OSError):
            # Where it may, it goes before others on that core: its lateness would be told as the gateway's.
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    mix = Mix.from_tables(job["mix_name"], job["mix"])
    crowd = Crowd.of(job["subscribers"], job["first_number"], mix, job["seed"])
    settings = OperatorSettings(**job["operator"], answer_s=mix.answer_s, receipt_s=mix.receipt_s)
    async with (
        Operator(settings, crowd, Book(Tally()), Path(job["journal"])) as operator,
        asyncio.TaskGroup() as group,
    ):
        generator = Generator(mix, crowd, operator, job["customer"], group)
        say(listening={"smpp_port": operator.smsc.port, "policies_port": operator.policies_port})
        while line := await reader.readline():
            await generator.obey(json.loads(line))
        if generator.pool is not None:
            generator.pool.stop()


async def main() -> None:
    # Ctrl-C is the parent's: it ends this process by the end of its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        await serve(reader)
    except* OSError as errors:
        say(failed="; ".join(str(error) for error in errors.exceptions))


if __name__ == "__main__":
    asyncio.run(main())
