"""When flows arrive: stages of constant or rising rate, spaced evenly or as a Poisson process, from a seed.

An arrival's instant follows from the plan alone and never from how an earlier flow went: that is what makes the model
open. Both spacings are the same walk along the integral of the rate, in equal steps or in exponential ones.

Pure: offsets in seconds from the beginning. Not here: what arrives (mix.py), waiting for it (generator.py).
"""

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Spacing = Literal["poisson", "even"]
RATE_MAX: Final = 100_000.0
SECONDS_MAX: Final = 7 * 86_400.0
UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_STAGE: Final = re.compile(r"([^@]+)@(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?")


class BadPlan(ValueError):  # noqa: N818 - names the culprit
    """A plan nobody can follow; the message says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`seconds` long, from `rate` to `rate_end` flows a second, in a straight line."""

    seconds: float
    rate: float
    rate_end: float

    @property
    def flows(self) -> float:
        return self.seconds * (self.rate + self.rate_end) / 2

    def rate_at(self, offset_s: float) -> float:
        return self.rate + (self.rate_end - self.rate) * offset_s / self.seconds

    def when(self, flows: float) -> float:
        """The offset at which so many flows are due: the inverse of the rate's integral."""
        slope = (self.rate_end - self.rate) / self.seconds
        # In this form of the quadratic's root nothing cancels, and a constant rate is no special case.
        root = math.sqrt(max(self.rate * self.rate + 2 * slope * flows, 0.0))
        return 2 * flows / (self.rate + root) if flows else 0.0


def seconds_of(text: str) -> float:
    """`90`, `90s`, `2m`, `500ms`, `1h`. BadPlan for anything else."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * UNITS[match[2] or "s"] if match else 0.0
    if not 0 < seconds <= SECONDS_MAX:
        raise BadPlan(f"{text!r} is no duration: allowed are 120s, 2m, 500ms, 1h, at most 7d")
    return seconds


def stages_of(text: str) -> tuple[Stage, ...]:
    """`30s@100,1m@100..400,30s@400`: each stage with its rate, or with the rates it begins and ends with."""
    stages = []
    for piece in text.split(","):
        match = _STAGE.fullmatch(piece.strip())
        if match is None:
            raise BadPlan(
                f"{piece.strip()!r} is no stage: allowed is DURATION@RATE or DURATION@FROM..TO, as 1m@100..400"
            )
        stages.append(stage(seconds_of(match[1]), float(match[2]), float(match[3] or match[2])))
    return tuple(stages)


def stage(seconds: float, rate: float, rate_end: float | None = None) -> Stage:
    """One stage, its bounds checked."""
    end = rate if rate_end is None else rate_end
    if not (0 <= rate <= RATE_MAX and 0 <= end <= RATE_MAX and rate + end > 0):
        raise BadPlan(f"{rate:g}..{end:g} flows a second: allowed are 0 to {RATE_MAX:g}, and not 0 throughout")
    return Stage(seconds, rate, end)


def length_s(stages: Sequence[Stage]) -> float:
    return sum(one.seconds for one in stages)


def rate_at(stages: Sequence[Stage], offset_s: float) -> float:
    """What the plan asks for at that moment."""
    for one in stages:
        if offset_s < one.seconds:
            return one.rate_at(offset_s)
        offset_s -= one.seconds
    return 0.0


def arrivals(stages: Sequence[Stage], spacing: Spacing, chance: random.Random) -> Iterator[float]:
    """The offset of every flow, in order, one at a time: an hour's plan takes no more room than a second's."""
    due, began_s, done = 0.0, 0.0, 0.0
    remaining = iter(stages)
    current = next(remaining, None)
    while current is not None:
        due += chance.expovariate(1.0) if spacing == "poisson" else 1.0
        while current is not None and due - done > current.flows:
            done, began_s = done + current.flows, began_s + current.seconds
            current = next(remaining, None)
        if current is not None:
            yield began_s + current.when(due - done)
