"""What the special moment of a run did: a plane that landed, phones that came on, a month that ended.

How the seconds before it were, what its worst second was, and after how many seconds they were like before again.

Pure: parts of a run in, figures out. Not here: what happens at that moment (play.py), how it is shown.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from simulator.load.histogram import Histogram
from simulator.load.kinds import HALF, KINDS, Kind

Json = dict[str, Any]
HOUR_PER_S: Final = 300
BACK_TIMES: Final = 2.0
"""A second is like before when its p99 is at most so many times the median of those before."""
BACK_SECONDS: Final = 2
"""So many of them running."""


def figures(
    name: str, seconds: float, ended: Json, series: Sequence[Json], settings: Mapping[str, Any]
) -> Json | None:
    """None for a kind without a special moment, or a run that is too short for one."""
    kind = KINDS[name]
    if kind.soak:
        return {"told": kind.told, "at_s": None, "facts": _soak(seconds, ended)}
    if not (kind.burst or kind.come_on or kind.edge) or seconds < 4:
        return None
    at_s = seconds * HALF
    return {
        "told": kind.told,
        "at_s": at_s,
        "facts": [*_facts(kind, ended, series, at_s, settings), *_course(series, at_s)],
    }


def _facts(kind: Kind, ended: Json, series: Sequence[Json], at_s: float, settings: Mapping[str, Any]) -> list[Json]:
    if kind.burst:
        burst = Histogram.from_json(ended["burst"])
        told = [_fact("SIMs that registered within a second", burst.count, "")]
        return (
            told
            + [_fact(f"p{percent} of their flows", burst.at(percent) / 1000, "ms") for percent in (50, 99)]
            + [_fact("the last of them", burst.max_us / 1000, "ms")]
        )
    if kind.come_on:
        after = [one for one in series if one["second"] >= at_s]
        return [
            _fact("phones that came on", ended["came_on"], ""),
            _fact("texts on handsets in the busiest second", max((one["texts"] for one in after), default=0), ""),
            _fact("receipts in the busiest second", max((one.get("receipts", 0) for one in after), default=0), ""),
        ]
    before = [one["blocked"] for one in series if "blocked" in one and one["second"] < at_s]
    after = [one for one in series if one.get("blocked") is not None and one["second"] >= at_s]
    least = min(after, key=lambda one: one["blocked"], default=None)
    return [
        _fact("blocked for their costs when the month ended", before[-1] if before else 0, ""),
        _fact("fewest blocked after it", least["blocked"] if least else 0, ""),
        _fact("reached after", least["second"] - at_s if least else 0, "s"),
        _fact("the network hears of it within", float(settings.get("policy.period_lift_spread_s", 600)), "s"),
    ]


def _soak(seconds: float, ended: Json) -> list[Json]:
    """How much of an hour it was."""
    return [
        _fact("flows", ended["finished"], ""),
        _fact(f"of an hour at {HOUR_PER_S} a second", ended["finished"] / HOUR_PER_S / 60, "min"),
        _fact("played in", seconds / 60, "min"),
        _fact("its pace after the first seconds", ended["pace_per_s"], "/s"),
    ]


def _course(series: Sequence[Json], at_s: float) -> list[Json]:
    """Latency around that moment, by the seconds' p99."""
    slow = {one["second"]: one["measures"]["flow"][2] for one in series if "flow" in one["measures"]}
    before = [value for second, value in slow.items() if second < int(at_s)]
    after = [(second, value) for second, value in sorted(slow.items()) if second >= int(at_s)]
    if not before or not after:
        return []
    usual = median(before)
    return [
        _fact("p99 flow of a usual second before", usual, "ms"),
        _fact("of the worst one after", max(value for _, value in after), "ms"),
        _fact("like before again after", _back_s(after, usual, at_s), "s"),
    ]


def _back_s(after: Sequence[tuple[int, float]], usual: float, at_s: float) -> float | None:
    running = 0
    for second, value in after:
        running = running + 1 if value <= usual * BACK_TIMES else 0
        if running == BACK_SECONDS:
            return max(second - BACK_SECONDS + 1 - at_s, 0.0)
    return None


def _fact(told: str, value: float | None, unit: str) -> Json:
    return {"told": told, "value": value, "unit": unit}
