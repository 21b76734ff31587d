"""What a run has shown so far: histograms, figures for each second, outcomes, the slowest flows.

A second's figures belong to the flows that were meant to begin in it, so a stall stands where it began. Seconds are
handed out once and forgotten (`closed`), a while after they have passed: a run of hours takes the room of a minute.

Pure: instants are arguments. Not here: what a flow is (flows.py).
"""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.load.histogram import Histogram

SLOWEST: Final = 10
OPEN_SECONDS: Final = 20
"""A flow that ends later than this after its second counts in the totals only."""


@dataclass(slots=True)
class Second:
    """One second's flows."""

    offered: int = 0
    done: int = 0
    errors: int = 0
    texts: int = 0
    measures: dict[str, Histogram] = field(default_factory=dict)

    def to_json(self, second: int) -> dict[str, Any]:
        return {
            "second": second,
            "offered": self.offered,
            "done": self.done,
            "errors": self.errors,
            "texts": self.texts,
            "measures": {
                name: [one.count, *(round(one.at(percent) / 1000, 3) for percent in (50, 99, 100))]
                for name, one in self.measures.items()
            },
        }


@dataclass
class Tally:
    """One run's. `begin_s` is the instant of offset 0."""

    begin_s: float = 0.0
    clock_offset_s: float = 0.0
    """From the generator's clock to seconds since 1970."""
    measures: dict[str, Histogram] = field(default_factory=dict)
    lag: Histogram = field(default_factory=Histogram)
    """How late the generator itself was: its validity."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    offered: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    texts: int = 0
    segments: int = 0
    told: Counter[str] = field(default_factory=Counter)
    """Texts that answers spoke of, by kind; a text to the service number brings one."""
    volumes: Counter[str] = field(default_factory=Counter)
    """Bytes of accepted usage, by month."""
    uncertain: Counter[str] = field(default_factory=Counter)
    """Of usage whose event got no answer: counted or not, nobody here knows. "" counts the flows."""
    burst: Histogram = field(default_factory=Histogram)
    _seconds: dict[int, Second] = field(default_factory=dict)
    _closed_before: int = 0
    _slow: list[tuple[float, int, dict[str, Any]]] = field(default_factory=list)
    _told: int = 0

    def _second(self, at_s: float) -> Second | None:
        number = int(at_s - self.begin_s)
        if number < self._closed_before:
            return None
        return self._seconds.setdefault(number, Second())

    def started(self, kind: str, due_s: float, now_s: float) -> None:
        """A flow has come up; `now_s` is when the generator got round to it."""
        self.offered[kind] += 1
        self.lag.record_s(now_s - due_s)
        second = self._second(due_s)
        if second is not None:
            second.offered += 1

    def measured(self, name: str, due_s: float, took_s: float) -> None:
        took_us = round(took_s * 1e6)
        self.measures.setdefault(name, Histogram()).record(took_us)
        second = self._second(due_s)
        if second is not None:
            second.measures.setdefault(name, Histogram()).record(took_us)

    def answered_submit(self, took_s: float) -> None:
        """The SMSC's own time for one submit_sm."""
        self.measures.setdefault("submit-resp", Histogram()).record_s(took_s)

    def text_shown(self, now_s: float) -> None:
        self.texts += 1
        second = self._second(now_s)
        if second is not None:
            second.texts += 1

    def done(self, kind: str, due_s: float, now_s: float, *, outcome: str, error: str, burst: bool) -> None:
        """A flow is over."""
        self.finished += 1
        second = self._second(now_s)
        if second is not None:
            second.done += 1
            second.errors += bool(error)
        if error:
            self.errors[error] += 1
            return
        self.outcomes[kind, outcome] += 1
        self.measured("flow", due_s, now_s - due_s)
        if burst:
            self.burst.record_s(now_s - due_s)

    def is_slow(self, took_s: float) -> bool:
        return len(self._slow) < SLOWEST or took_s > self._slow[0][0]

    def keep_slow(self, took_s: float, story: dict[str, Any]) -> None:
        self._told += 1
        heapq.heappush(self._slow, (took_s, self._told, story))
        if len(self._slow) > SLOWEST:
            heapq.heappop(self._slow)

    def closed(self, now_s: float, *, keep: int = OPEN_SECONDS) -> list[dict[str, Any]]:
        """The seconds that lie `keep` seconds back or more, each handed out once."""
        before = int(now_s - self.begin_s) - keep
        ready = sorted(number for number in self._seconds if number < before)
        self._closed_before = max(self._closed_before, before)
        return [self._seconds.pop(number).to_json(number) for number in ready]

    def latest(self, now_s: float) -> dict[str, Any]:
        """The second that has just passed, for a progress line."""
        number = int(now_s - self.begin_s) - 1
        return self._seconds.get(number, Second()).to_json(number)

    def to_json(self) -> dict[str, Any]:
        return {
            "measures": {name: one.to_json() for name, one in self.measures.items()},
            "lag": self.lag.to_json(),
            "burst": self.burst.to_json(),
            "outcomes": [[kind, outcome, count] for (kind, outcome), count in sorted(self.outcomes.items())],
            "errors": dict(self.errors),
            "offered": dict(self.offered),
            "finished": self.finished,
            "texts": self.texts,
            "segments": self.segments,
            "told": dict(self.told),
            "volumes": dict(self.volumes),
            "slowest": [story for _, _, story in sorted(self._slow, key=lambda kept: -kept[0])],
        }
