"""Does something grow with the traffic? The judge of a soak, on samples of memory, descriptors and file sizes.

A process that has just started grows by rights: caches fill, the allocator takes its arenas. So the first part of the
samples is left aside, and the rest must not lead upwards. The slope is Theil-Sen's (the median of the slopes of all
pairs), which a checkpoint or a collection does not bend, counted per flow and not per second: a soak may play an hour
in minutes. One that is steeper than allowed is growth only where it is also more than the samples' scatter and than
what an allocator does in a step, so the more flows a soak has, the smaller the leak that it finds.

Pure. The limits are T13's of the guarantees: 1 MB in 10 minutes at 300 flows a second, descriptors that stay, a
write-ahead log below 64 MB. Not here: taking samples (sampling.py).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import median
from typing import Any, Final

WARM_UP: Final = 0.4
"""The share of the flows before which nothing is judged."""
PER_FLOWS: Final = 180_000
"""10 minutes at 300 flows a second: what slopes are told for."""
PAIRS_MAX: Final = 160
"""Samples that are paired; of more every n-th is taken."""
SAMPLES_MIN: Final = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """`slope` per PER_FLOWS flows; a rise of not more than `floor` over the judged part is none. `most` is a bound of
    its own, whatever the slope.
    """

    name: str
    told: str
    unit: str
    divisor: float
    slope: float | None = None
    floor: float = 0.0
    most: float | None = None


ARENAS_MB: Final = 2.1
"""Python's allocator takes and gives back memory by the MiB: one busier second may cost two of them for good."""
LIMITS: Final = (
    Limit("gateway.rss_bytes", "gateway memory", "MB", 1e6, slope=1.0, floor=ARENAS_MB),
    Limit("gateway.descriptors", "gateway descriptors", "", 1, slope=1.0, floor=1.0),
    Limit("generator.rss_bytes", "simulator memory", "MB", 1e6, slope=1.0, floor=ARENAS_MB),
    Limit("generator.descriptors", "simulator descriptors", "", 1, slope=1.0, floor=1.0),
    Limit("wal_bytes", "write-ahead log", "MB", 1e6, most=64.0),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """One judged series. `slope` per PER_FLOWS flows, `rise` over the judged part, in the limit's unit."""

    name: str
    told: str
    unit: str
    slope: float
    rise: float
    scatter: float
    first: float
    last: float
    most: float
    limit: str
    ok: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(limit: Limit, flows: Sequence[float], values: Sequence[float]) -> Growth | None:
    """None where there are too few samples to say anything."""
    pairs = [(x, y / limit.divisor) for x, y in zip(flows, values, strict=True)]
    if not pairs:
        return None
    warm = pairs[0][0] + (pairs[-1][0] - pairs[0][0]) * WARM_UP
    judged = _thinned([pair for pair in pairs if pair[0] >= warm])
    if len(judged) < SAMPLES_MIN:
        return None
    slope = theil_sen(judged)
    level = median(y - slope * x for x, y in judged)
    scatter = 3 * median(abs(y - slope * x - level) for x, y in judged)
    rise = slope * (judged[-1][0] - judged[0][0])
    most = max(y for _, y in pairs)
    grows = limit.slope is not None and slope * PER_FLOWS > limit.slope and rise > max(scatter, limit.floor)
    too_much = limit.most is not None and most > limit.most
    unit = f" {limit.unit}" if limit.unit else ""
    allowed = (
        f"< {limit.slope:g}{unit} in {PER_FLOWS:,} flows" if limit.slope is not None else f"< {limit.most:g}{unit}"
    )
    return Growth(
        name=limit.name,
        told=limit.told,
        unit=limit.unit,
        slope=slope * PER_FLOWS,
        rise=rise,
        scatter=scatter,
        first=judged[0][1],
        last=judged[-1][1],
        most=most,
        limit=allowed,
        ok=not (grows or too_much),
    )


def theil_sen(points: Sequence[tuple[float, float]]) -> float:
    """The median slope of all pairs; 0 where every point has the same place."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] != a[0]]
    return median(slopes) if slopes else 0.0


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    step = -(-len(points) // PAIRS_MAX)
    return points[::step] if step > 1 else points


def column(rows: Sequence[dict[str, Any]], name: str) -> tuple[list[float], list[float]]:
    """(flows so far, values) of the samples that have this figure; `gateway.rss_bytes` looks inside."""
    flows, values = [], []
    for row in rows:
        value: Any = row
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None and "flows" in row:
            flows.append(float(row["flows"]))
            values.append(float(value))
    return flows, values
