"""Latencies in a few numbers: a log-linear histogram with three significant digits and the exact maximum.

Buckets are as wide as 1/1024 of the power of two they lie in (the layout of HdrHistogram), so a value is known to
0.1 % whatever its size, and recording costs the same. Only buckets that were hit take room. Values are whole
microseconds. The extremes and the sum are exact.

Pure. Not here: what is measured.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

SUB_BITS: Final = 10
SUB: Final = 1 << SUB_BITS
PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9)


@dataclass(slots=True)
class Histogram:
    """`record` values, ask `at(99)`; `merge` adds another one."""

    counts: dict[int, int] = field(default_factory=dict)
    count: int = 0
    sum_us: int = 0
    min_us: int = 0
    max_us: int = 0

    def record(self, value_us: int) -> None:
        """One value; below nought there is no latency, only a clock's rounding."""
        value_us = max(value_us, 0)
        index = _index(value_us)
        self.counts[index] = self.counts.get(index, 0) + 1
        if not self.count or value_us < self.min_us:
            self.min_us = value_us
        self.count += 1
        self.sum_us += value_us
        self.max_us = max(self.max_us, value_us)

    def record_s(self, seconds: float) -> None:
        self.record(round(seconds * 1e6))

    def at(self, percent: float) -> int:
        """The value that `percent` of all are not above; 0 when there is none. At 100 the exact maximum."""
        wanted = -(-self.count * percent // 100)  # rounded up: the nearest rank
        seen = 0
        for index in sorted(self.counts):
            seen += self.counts[index]
            if seen >= wanted:
                return min(_highest(index), self.max_us)
        return self.max_us

    @property
    def mean_us(self) -> float:
        return self.sum_us / self.count if self.count else 0.0

    def merge(self, other: "Histogram") -> None:
        for index, count in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + count
        if other.count:
            self.min_us = min(self.min_us, other.min_us) if self.count else other.min_us
        self.count += other.count
        self.sum_us += other.sum_us
        self.max_us = max(self.max_us, other.max_us)

    def buckets(self) -> Iterable[tuple[int, int, int]]:
        """(lowest value, highest value, how many), in order."""
        for index in sorted(self.counts):
            yield _lowest(index), _highest(index), self.counts[index]

    def summary_ms(self) -> dict[str, float]:
        """What a table shows."""
        shown: dict[str, float] = {"count": self.count}
        shown |= {percentile_name(percent): round(self.at(percent) / 1000, 3) for percent in PERCENTILES}
        return shown | {"max": round(self.max_us / 1000, 3), "mean": round(self.mean_us / 1000, 3)}

    def to_json(self) -> dict[str, Any]:
        ordered = sorted(self.counts.items())
        return {
            "count": self.count,
            "sum_us": self.sum_us,
            "min_us": self.min_us,
            "max_us": self.max_us,
            "buckets": [[_lowest(index), count] for index, count in ordered],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        one = cls()
        one.counts = {_index(lowest): count for lowest, count in value["buckets"]}
        one.count, one.sum_us = value["count"], value["sum_us"]
        one.min_us, one.max_us = value["min_us"], value["max_us"]
        return one


def percentile_name(percent: float) -> str:
    """`p50`, `p99.9`."""
    return f"p{percent:g}"


def _index(value_us: int) -> int:
    if value_us < 2 * SUB:
        return value_us
    shift = value_us.bit_length() - SUB_BITS - 1
    return (shift << SUB_BITS) + (value_us >> shift)


def _lowest(index: int) -> int:
    if index < 2 * SUB:
        return index
    shift = (index >> SUB_BITS) - 1
    return (index - (shift << SUB_BITS)) << shift


def _highest(index: int) -> int:
    return _lowest(index + 1) - 1
