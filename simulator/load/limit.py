"""`--find-limit`: the highest rate that keeps every threshold, step by step on one pair.

The rate doubles until a threshold breaks, goes back to the last good one and rises by a tenth until one breaks again.
A step that breaks is made once more, since a machine that others share has bad seconds; a rate is good if one of the
two was. A rate at which the generator came late twice ends the search: the next would only measure the generator.
Between two steps everything under way comes to its end.

Not here: making a run (pair.py), what stood at its limit (result.py).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.load import result
from simulator.load.histogram import Histogram
from simulator.load.schedule import RATE_MAX
from simulator.load.thresholds import Threshold

Json = dict[str, Any]
DOUBLE: Final = 2.0
TENTH: Final = 1.1
STEPS_MAX: Final = 40
UNAUDITED: Final = ("lost", "duplicates", "out of order", "garbled", "untold")
"""The books are compared once, at the end: no step is judged by them."""


@dataclass
class Search:
    """`run` makes a step at a rate; `steps` are those made."""

    run: Callable[[float], Awaitable[Json]]
    thresholds: Sequence[Threshold]
    lag_max_ms: float
    say: Callable[[str], None]
    steps: list[Json] = field(default_factory=list)
    parts: Json = field(default_factory=dict)
    last_good: float = 0.0
    bottleneck: list[str] = field(default_factory=list)

    async def go(self, rate: float) -> None:
        """From `rate` on."""
        factor = DOUBLE
        while len(self.steps) < STEPS_MAX and rate <= RATE_MAX:
            step = await self._step(rate)
            if not step["ok"]:
                step = await self._step(rate)
            if step["ok"]:
                self.last_good = rate
            elif factor == DOUBLE and self.last_good and step["valid"]:
                factor, rate = TENTH, self.last_good
            else:
                return
            rate *= factor

    async def _step(self, rate: float) -> Json:
        parts = await self.run(rate)
        found = result.figures(parts["ended"], None)
        judged = [one.judge(found) for one in self.thresholds if one.name not in UNAUDITED]
        lag_ms = Histogram.from_json(parts["ended"]["lag"]).at(99) / 1000
        valid = lag_ms <= self.lag_max_ms
        broken = [f"{one['told']}: {one['actual']:,.1f} {one['unit']}" for one in judged if one["ok"] is False]
        if not valid:
            broken.insert(0, f"generator late: lag p99 {lag_ms:.1f} ms")
        step = {
            "rate": rate,
            "ok": not broken,
            "valid": valid,
            "broken": broken,
            "done_per_s": parts["ended"]["finished"] / max(parts["ended"]["flows_took_s"], 0.001),
            "p50_ms": found.get("p50 flow"),
            "p99_ms": found.get("p99 flow"),
            "gateway_pct": parts["saturation"].get("gateway", {}).get("core_pct"),
        }
        if broken:
            self.bottleneck = result.bottleneck(parts["saturation"], valid=valid)
        if step["ok"] or not self.parts:
            # What the report shows in full is the last good step.
            self.parts = parts
        self.steps.append(step)
        self.say(_told(step))
        return step

    def to_json(self) -> Json:
        return {"steps": self.steps, "last_good": self.last_good, "bottleneck": self.bottleneck}


def _told(step: Json) -> str:
    mark = "✓" if step["ok"] else "✗"
    p99 = f"p99 flow {step['p99_ms']:,.1f} ms" if step["p99_ms"] is not None else ""
    rates = f"{step['rate']:>8,.0f}/s  done {step['done_per_s']:>8,.1f}/s"
    return f" {mark} {rates}  {p99}  {'; '.join(step['broken'])}".rstrip()
