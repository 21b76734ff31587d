"""What counts as good, as data: `p99 flow < 100 ms`, `lost = 0`, `errors < 0.1 %`, and whether a run kept it.

A threshold on something of which a run has no figure (no text was sent, say) is not judged and says so; it is never
counted as kept.

Pure. Not here: the figures (result.py), exit codes (run.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from simulator.load.flows import MEASURES
from simulator.load.schedule import BadPlan

RANKS: Final = ("p50", "p90", "p99", "p99.9", "max")
COUNTS: Final = ("lost", "duplicates", "out of order", "garbled", "untold", "unfinished")
RATIOS: Final = ("errors",)
NAMES: Final = (*COUNTS, *RATIOS, *(f"{rank} {measure}" for measure in MEASURES for rank in RANKS))
_LIMIT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|%)?")
_WRITTEN: Final = re.compile(r"(.+?)\s*(<=|<|=)\s*(.+)")


@dataclass(frozen=True, slots=True)
class Threshold:
    """`name` must stay below `limit` (a latency in ms, a ratio in percent), or at it where it counts things."""

    name: str
    limit: float

    @property
    def unit(self) -> str:
        return "%" if self.name in RATIOS else "" if self.name in COUNTS else "ms"

    @property
    def told(self) -> str:
        """As a reader sees it."""
        sign = "=" if self.name in COUNTS and not self.limit else "≤" if self.name in COUNTS else "<"
        rank, _, measure = self.name.partition(" ")
        shown = f"{rank} {MEASURES[measure]}" if measure in MEASURES else self.name
        return f"{shown} {sign} {self.limit:g}{' ' + self.unit if self.unit else ''}"

    def judge(self, figures: Mapping[str, float]) -> dict[str, Any]:
        """`ok` is None when there is no figure."""
        actual = figures.get(self.name)
        kept = None
        if actual is not None:
            kept = actual <= self.limit if self.name in COUNTS or not self.limit else actual < self.limit
        return {
            "name": self.name,
            "told": self.told,
            "limit": self.limit,
            "unit": self.unit,
            "actual": actual,
            "ok": kept,
        }


def read_thresholds(table: Mapping[str, str], overrides: tuple[str, ...] = ()) -> tuple[Threshold, ...]:
    """A mix's thresholds with those of the command line over them. BadPlan names all that cannot be read."""
    wanted = {_known(name): limit for name, limit in table.items()}
    faults = []
    for written in overrides:
        match = _WRITTEN.fullmatch(written.strip())
        if match is None:
            faults.append(f"{written!r} is no threshold: allowed is NAME < LIMIT, as 'p99 flow < 100 ms'")
        else:
            wanted[_known(match[1])] = match[3]
    read = []
    for name, limit in wanted.items():
        try:
            read.append(_threshold(name, str(limit)))
        except BadPlan as fault:
            faults.append(str(fault))
    if faults:
        raise BadPlan("\n".join(faults))
    return tuple(read)


def _known(name: str) -> str:
    return " ".join(name.strip().casefold().split())


def _threshold(name: str, limit: str) -> Threshold:
    if name not in NAMES:
        near = get_close_matches(name, NAMES, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"allowed are {', '.join((*COUNTS, *RATIOS))}"
        raise BadPlan(f"no threshold {name!r}; {hint} (latencies: {', '.join(RANKS)} of {', '.join(MEASURES)})")
    match = _LIMIT.fullmatch(limit.strip())
    allowed = "%" if name in RATIOS else "a number" if name in COUNTS else "ms or s"
    unit = match[2] or "" if match else ""
    fits = {"%": ("%", ""), "a number": ("",), "ms or s": ("ms", "s")}[allowed]
    if match is None or unit not in fits:
        raise BadPlan(f"threshold {name!r}: {limit!r}; allowed is a limit in {allowed}")
    return Threshold(name, float(match[1]) * (1000 if unit == "s" else 1))
