"""One run of a load: flows begin when the plan says, and what comes back is put to them.

Flows begin when they are due, however many are under way. Only in a soak that plays an hour in minutes the schedule
waits while `in_flight_max` are: at full speed for `full_speed_s`, then at PACE of what that was, so that what follows
is even and no new peak takes memory. How long it waited is told.

Not here: the process and what it is told (generator.py), the SMSC's side (operator.py), HTTP (posting.py).
"""

import asyncio
import heapq
import json
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.load.flows import Book, Flow
from simulator.load.mix import KINDS, Mix
from simulator.load.operator import Operator
from simulator.load.people import Crowd, Subscriber
from simulator.load.posting import NO_ANSWER
from simulator.load.schedule import Spacing, Stage, arrivals, length_s
from simulator.load.tally import Tally
from simulator.network import CloudEvent

TURN_FLOWS: Final = 64
"""So many flows begin before the loop has its turn, however late they are."""
PACE: Final = 0.6
"""A soak goes on at this share of what it did at full speed."""
CATCH_UP_S: Final = 0.1
"""A schedule that waits for room is moved when it is later than this; less is caught up with."""
LOOK_S: Final = 0.05
"""While a run drains, receipts are looked for this often."""
HOME: Final = "HOME"
SERVICE: Final = "1330"

Send = Callable[[Sequence[CloudEvent], Callable[[int, bytes], None]], None]
Say = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run. `burst_at_s`: so many SIMs register within a second; `on_at_s`: the phones that are off come on.
    `full_speed_s`: the first part of a soak.
    """

    stages: tuple[Stage, ...]
    spacing: Spacing
    seed: int
    drain_s: float
    gather_s: float = 0.0
    in_flight_max: int = 0
    full_speed_s: float = 0.0
    burst_at_s: float = 0.0
    burst: int = 0
    on_at_s: float = 0.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Plan":
        return cls(**{**value, "stages": tuple(Stage(*one) for one in value["stages"])})

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "stages": [[one.seconds, one.rate, one.rate_end] for one in self.stages]}


@dataclass
class Run:
    """One run of a plan. `send` posts events, `say` is told of every second."""

    plan: Plan
    operator: Operator
    crowd: Crowd
    mix: Mix
    send: Send
    say: Say
    held_s: float = 0.0
    crowded: int = 0
    _gathered: list[tuple[Flow, CloudEvent]] = field(default_factory=list)
    _waiting: deque[Flow] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.tally = Tally()
        self.book = self.operator.book = Book(self.tally, self._somebody_is_free)
        self._loop = asyncio.get_running_loop()
        self._chance = random.Random(f"load {self.plan.seed}")
        now = self.operator.clock.now()
        places = self.operator.network.places.all
        self._home = next(place for place in places if place.zone(now) == HOME)
        wanted = set(self.mix.places)
        self._abroad = [
            place
            for place in places
            if place is not self._home and (not wanted or not wanted.isdisjoint((place.iso, place.key)))
        ]
        # Where the plane of a burst lands: outside the EU, where there is most to tell.
        self._landing = next((place for place in self._abroad if place.zone(now) == "A"), self._abroad[0])
        self._off = [who for who in self.crowd.people if who.off]
        self._came_on = 0
        self._pace = 0.0
        self._last_end_s = 0.0
        self._room = asyncio.Event()
        self._ticking: asyncio.TimerHandle | None = None

    # --- the schedule ------------------------------------------------------------------------------------

    async def play(self) -> dict[str, Any]:
        """Begins every flow when it is due, then waits until all is over, at most `drain_s`. What came of it."""
        before, began_at = self._wire(), self.operator.clock.now()
        self.tally.begin_s = self._loop.time()
        clock = self.operator.clock
        self.tally.clock_offset_s = (clock.now() - clock.shift).timestamp() - self.tally.begin_s
        self._ticking = self._loop.call_later(1.0, self._tick)
        try:
            await self._soak() if self.plan.full_speed_s else await self._dispatch(self.plan.stages)
            await self._drain()
        finally:
            self._ticking.cancel()
        took_s, never_begun = self._loop.time() - self.tally.begin_s, len(self._waiting)
        # Nothing begins after its run.
        self._waiting.clear()
        return {
            **self.tally.to_json(),
            "closed": self.tally.closed(self._loop.time(), keep=-1),
            "took_s": round(took_s, 3),
            # Without the wait for the last receipts.
            "flows_took_s": round(max(self._last_end_s - self.tally.begin_s, length_s(self.plan.stages)), 3),
            "open": len(self.book.under_way),
            "never_begun": never_begun,
            "crowded": self.crowded,
            "held_s": round(self.held_s, 3),
            "strays": self.book.strays,
            "overdue": self.book.overdue,
            "wire": {name: count - before[name] for name, count in self._wire().items()},
            "began_at": began_at.isoformat(),
            "came_on": self._came_on,
            "pace_per_s": round(self._pace, 1),
            "complaints": list(self.operator.smsc.complaints)[-20:],
        }

    def _wire(self) -> dict[str, int]:
        counters = self.operator.smsc.counters
        return {
            "submits": counters.submits_in,
            "receipts": counters.receipts_out,
            "mo": counters.mo_out,
            "policies": self.operator.policies,
        }

    async def _soak(self) -> None:
        """Full speed for a while, then an even pace below it for the rest."""
        (whole,) = self.plan.stages
        first = min(self.plan.full_speed_s, whole.seconds / 2)
        await self._dispatch((Stage(first, whole.rate, whole.rate),))
        self._pace = max(min(self.tally.finished / first * PACE, whole.rate), 1.0)
        await self._dispatch((Stage(whole.seconds - first, self._pace, self._pace),))

    def _due(self, stages: Sequence[Stage]) -> Iterator[tuple[float, str]]:
        """(offset, what) in order: flows of the mix, the burst, phones that come on."""
        plan, off = self.plan, len(self._off) if self.plan.on_at_s else 0
        usual = ((at, "") for at in arrivals(stages, plan.spacing, random.Random(f"arrivals {plan.seed}")))
        burst = ((plan.burst_at_s + n / plan.burst, "burst") for n in range(plan.burst))
        coming_on = ((plan.on_at_s + n / off, "on") for n in range(off))
        return heapq.merge(usual, burst, coming_on)

    async def _dispatch(self, stages: Sequence[Stage]) -> None:
        turn, weights = 0, [self.mix.weights[kind] for kind in KINDS]
        begin_s, held_before_s = self._loop.time(), self.held_s
        for offset, what in self._due(stages):
            due_s = begin_s + offset + self.held_s - held_before_s
            if self.plan.in_flight_max:
                if self._loop.time() - begin_s > length_s(stages):
                    return
                due_s = await self._room_for_one(due_s)
            turn += 1
            wait_s = due_s - self._loop.time()
            if wait_s > 0 or turn % TURN_FLOWS == 0:
                await asyncio.sleep(max(wait_s, 0))
            if what == "on":
                self.operator.switch_on(self._off.pop())
                self._came_on += 1
                continue
            kind = "roam" if what == "burst" else self._chance.choices(KINDS, weights)[0]
            self._begin(Flow(kind, due_s, burst=what == "burst"))

    async def _room_for_one(self, due_s: float) -> float:
        """Holds the schedule while too much is under way; the flow's instant then."""
        while len(self.book.under_way) + len(self._waiting) >= self.plan.in_flight_max:
            self._room.clear()
            await self._room.wait()
        late_s = self._loop.time() - due_s
        if late_s < CATCH_UP_S:
            return due_s
        self.held_s += late_s
        return due_s + late_s

    async def _drain(self) -> None:
        """Until every flow is over and every receipt has its answer."""
        until_s = self._loop.time() + self.plan.drain_s
        while self._loop.time() < until_s and (self.book.under_way or self._waiting or self.operator.receipts_due):
            self._room.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._room.wait()
            except TimeoutError:
                self.book.sweep(self._loop.time())

    # --- flows -------------------------------------------------------------------------------------------

    def _begin(self, flow: Flow) -> None:
        now_s = self._loop.time()
        self.tally.started(flow.kind, flow.due_s, now_s)
        who = self._draw(flow, now_s)
        if who is None:
            self.crowded += 1
            self._waiting.append(flow)
        else:
            self._act(flow, who, now_s)

    def _draw(self, flow: Flow, now_s: float) -> Subscriber | None:
        """Whom it is about: for usage somebody whose data works, for a reply rather somebody who is blocked."""
        if flow.kind == "roam":
            return self.crowd.draw(lambda _: True)
        if flow.kind == "usage":
            network, now = self.operator.network, self.operator.clock.now()
            return self.crowd.draw(lambda one: not network.is_blocked(one.number, now))
        if flow.kind == "reply":
            for one in self.crowd.blocked.values():
                if one.flow is None and one.may_say(flow.kind, now_s):
                    return one
        return self.crowd.draw(lambda one: one.may_say(flow.kind, now_s))

    def _act(self, flow: Flow, who: Subscriber, now_s: float) -> None:
        self.book.begin(flow, who, now_s)
        if flow.is_text:
            self._text(flow, who, now_s)
            return
        event = self._roam(flow, who) if flow.kind == "roam" else self._use(flow, who)
        flow.event_id = str(event["id"])
        if not self.plan.gather_s:
            self._post([(flow, event)])
            return
        self._gathered.append((flow, event))
        if len(self._gathered) == 1:
            self._loop.call_later(self.plan.gather_s, self._post_gathered)

    def _roam(self, flow: Flow, who: Subscriber) -> CloudEvent:
        now = self.operator.clock.now()
        here = self.operator.network.location(who.number, now).place
        at = self._chance.randrange(len(self._abroad))
        goes_home = self._chance.random() * 100 < self.mix.home_pct
        place = self._abroad[at] if self._abroad[at] is not here else self._abroad[at - 1]
        if flow.burst:
            place = self._landing
        elif goes_home and here is not self._home:
            place = self._home
        flow.told = f"registers in {place.en} ({place.plmn})"
        return self.operator.network.register(who.number, place, place.plmn, now)

    def _use(self, flow: Flow, who: Subscriber) -> CloudEvent:
        now = self.operator.clock.now()
        flow.volume = round(math.exp(self._chance.uniform(math.log(self.mix.bytes_min), math.log(self.mix.bytes_max))))
        flow.month = f"{now:%Y-%m}"
        used = self.operator.network.use(who.number, flow.volume, now, leak=True)
        assert used.event is not None
        flow.told = f"uses {flow.volume / 1e6:.2f} MB ({used.event['data']['visited_plmn']})"
        return used.event

    def _text(self, flow: Flow, who: Subscriber, now_s: float) -> None:
        text = who.says(flow.kind, now_s)
        flow.told = f"texts {text}"
        delivery = self.operator.smsc.post_mo(who.number, SERVICE, text)

        def finished(_: object) -> None:
            bad = next((status for status in delivery.statuses if status), 0)
            error = f"deliver_sm_resp 0x{bad:02X}" if bad else ""
            self.book.answered(flow, self._loop.time(), outcome="taken", error=error)

        delivery.on_finished = finished

    # --- answers -----------------------------------------------------------------------------------------

    def _post_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._post(gathered)

    def _post(self, gathered: Sequence[tuple[Flow, CloudEvent]]) -> None:
        flows = [flow for flow, _ in gathered]
        self.send([event for _, event in gathered], lambda status, body: self._answered(flows, status, body))

    def _answered(self, flows: Sequence[Flow], status: int, body: bytes) -> None:
        now_s = self._loop.time()
        results = json.loads(body).get("results", ()) if status in (200, 409, 422) else ()
        if len(results) != len(flows):
            told = "no answer" if status == NO_ANSWER else f"HTTP {status}"
            for flow in flows:
                if status == NO_ANSWER:
                    self.tally.uncertain[""] += 1
                    if flow.volume:
                        self.tally.uncertain[flow.month] += flow.volume
                self.book.answered(flow, now_s, outcome="", error=told)
            return
        for flow, result in zip(flows, results, strict=True):
            self._judged(flow, result, now_s)

    def _judged(self, flow: Flow, result: Mapping[str, Any], now_s: float) -> None:
        status = str(result.get("status"))
        # A request that was sent again may meet its own first coming: that is no error.
        if status not in ("accepted", "duplicate"):
            codes = [str(one.get("code", "")) for one in result.get("errors", ())]
            self.book.answered(flow, now_s, outcome="", error=" ".join((status, *codes)))
            return
        if flow.volume:
            self.tally.volumes[flow.month] += flow.volume
        self.book.answered(flow, now_s, outcome=str(result.get("outcome")), kinds=tuple(result.get("kinds") or ()))

    def _somebody_is_free(self) -> None:
        self._last_end_s = self._loop.time()
        self._room.set()
        while self._waiting:
            now_s = self._loop.time()
            who = self._draw(self._waiting[0], now_s)
            if who is None:
                return
            self._act(self._waiting.popleft(), who, now_s)

    # --- telling -----------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now_s = self._loop.time()
        self._ticking = self._loop.call_later(1.0, self._tick)
        self.book.sweep(now_s)
        self.say(
            {
                "at_s": round(now_s - self.tally.begin_s, 3),
                "latest": self.tally.latest(now_s),
                "closed": self.tally.closed(now_s),
                "offered": sum(self.tally.offered.values()),
                "finished": self.tally.finished,
                "errors": sum(self.tally.errors.values()),
                "texts": self.tally.texts,
                "blocked": len(self.crowd.blocked),
                "receipts": self.operator.smsc.counters.receipts_out,
                "in_flight": len(self.book.under_way) + len(self._waiting),
                # A schedule that is held says nothing of the generator.
                "lag_p99_ms": 0.0 if self.plan.in_flight_max else self.tally.lag.at(99) / 1000,
            }
        )
