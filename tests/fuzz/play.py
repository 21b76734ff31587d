"""Plays cases against both codecs and both sessions, counts what came of them, and keeps what should not have.

A case that shows a fault is told by its number and its octets, so that it can be played again and kept (`found`).
Must not be put here: printing, processes.
"""

import asyncio
import gc
import resource
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from gateway.smpp.frames import read
from gateway.smpp.pdu import FRAME_MAX_BYTES, HEADER_BYTES, Malformed
from tests.fuzz.cases import case
from tests.fuzz.codecs import judged
from tests.fuzz.fuel import Fuel
from tests.fuzz.gateway_side import SessionPlay, StackPlay
from tests.fuzz.simulator_side import SmscPlay

CODECS = ("gateway codec", "simulator codec")
SESSIONS = {"gateway session": SessionPlay, "gateway, link to outbox": StackPlay, "simulator session": SmscPlay}
SIDES = (*CODECS, *SESSIONS)
# Lines of Python that a case may cost: for each read, for each octet. A submit_multi names a number in five octets
# and makes a message of each, which costs some three hundred lines; twice that is room enough.
LINES_PER_READ = 2_000
LINES_PER_OCTET = 120
KEPT_MAX = 20
LOOP_CASES = 200


@dataclass
class Cost:
    """Of one side: processor time in all and of the dearest call, lines of the dearest octet."""

    total_ns: int = 0
    most_ns: int = 0
    dearest: str = ""
    lines_per_octet: float = 0.0

    def add(self, ns, what):
        self.total_ns += ns
        if ns > self.most_ns:
            self.most_ns, self.dearest = ns, what


@dataclass
class Figures:
    """What came of many cases."""

    pdus: int = 0
    cases: int = 0
    octets: int = 0
    fuelled: int = 0
    outcomes: Counter = field(default_factory=Counter)
    mutations: Counter = field(default_factory=Counter)
    costs: dict = field(default_factory=lambda: {side: Cost() for side in SIDES})
    faults: list = field(default_factory=list)
    fault_count: int = 0
    # (PDUs played so far by this process, its memory)
    memory_kb: list = field(default_factory=list)

    def merge(self, other):
        for name in ("pdus", "cases", "octets", "fuelled", "fault_count"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.outcomes += other.outcomes
        self.mutations += other.mutations
        self.faults += other.faults
        for side, cost in other.costs.items():
            mine = self.costs[side]
            mine.total_ns += cost.total_ns
            if cost.most_ns > mine.most_ns:
                mine.most_ns, mine.dearest = cost.most_ns, cost.dearest
            mine.lines_per_octet = max(mine.lines_per_octet, cost.lines_per_octet)


@dataclass(frozen=True)
class Fault:
    """A case that showed what should not be."""

    case: str
    side: str
    error: str
    chunks: tuple[str, ...]


def play(seed, numbers, *, fuel_every=1):
    """Plays the cases with these numbers, one after the other. Those that the fuel divides are counted by the line."""
    figures = Figures()
    # A collection would be taken for a slow PDU: they have their turn between the loops.
    gc.disable()
    try:
        for some in batched(numbers, LOOP_CASES):
            # A loop that is never run on keeps the timers of what is long over.
            asyncio.run(_play_all((case(seed, number) for number in some), figures, fuel_every))
            gc.collect()
    finally:
        gc.enable()
    figures.memory_kb.append((figures.pdus, resident_kb()))
    return figures


def batched(numbers, size):
    numbers = list(numbers)
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def play_cases(cases):
    """The same for cases that were kept, all of them counted by the line."""
    figures = Figures()
    asyncio.run(_play_all(cases, figures, 1))
    return figures


async def _play_all(cases, figures, fuel_every):
    for one in cases:
        fuelled = one.number % fuel_every == 0
        figures.cases += 1
        figures.pdus += sum(done != ("plain",) for done in one.done)
        figures.octets += len(one.stream)
        figures.fuelled += fuelled
        for done in one.done:
            figures.mutations.update(name for name in done if name != "plain")
        for frame in one.frames:
            _guarded(figures, one, "codecs", _read, frame, fuelled)
        for side, kind in SESSIONS.items():
            _guarded(figures, one, side, _converse, side, kind, fuelled)


def _guarded(figures, one, side, act, *arguments):
    try:
        act(figures, one, *arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        figures.fault_count += 1
        if len(figures.faults) < KEPT_MAX:
            chunks = tuple(chunk.hex() for chunk in one.chunks)
            figures.faults.append(Fault(str(one), side, f"{type(error).__name__}: {error}", chunks))


def _read(figures, one, frame, fuelled):
    """A PDU at both codecs. One whose length lies is for the framers, and here with its length made true."""
    found = read(frame)
    if not HEADER_BYTES <= len(frame) <= FRAME_MAX_BYTES:
        if len(frame) < HEADER_BYTES:
            assert isinstance(found, Malformed)
        figures.outcomes["no frame at all"] += 1
        return
    true = len(frame).to_bytes(4, "big") + frame[4:]
    with Fuel(2 * (LINES_PER_READ + LINES_PER_OCTET * len(frame))) if fuelled else nullcontext():
        result = judged(true)
    figures.outcomes[result.outcome] += 1
    for side, ns in zip(CODECS, (result.gateway_ns, result.simulator_ns), strict=True):
        if not fuelled:
            figures.costs[side].add(ns, f"{one}, {len(frame)} octets")


def _converse(figures, one, side, kind, fuelled):
    """The whole stream at one session."""
    played = kind(one)
    limit = LINES_PER_READ * (len(one.chunks) + 8) + LINES_PER_OCTET * (len(one.stream) + 1)
    began = time.thread_time_ns()
    with Fuel(limit) if fuelled else nullcontext() as fuel:
        outcome = played.play()
    ns = time.thread_time_ns() - began
    figures.outcomes[f"{side}: {outcome}"] += 1
    cost = figures.costs[side]
    if fuel is None:
        cost.add(ns, f"{one}, {len(one.stream)} octets")
    elif fuel.lines:
        cost.lines_per_octet = max(cost.lines_per_octet, fuel.lines / (len(one.stream) + 16 * (len(one.chunks) + 1)))


def resident_kb():
    """What this process holds at this moment (its peak where the system does not say)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # not on Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() // 1024
