"""The simulator of one process: its loop, the nursery of gateways, and the pair that tests are played on.

A pair (world and gateway, both on free ports) is handed from test to test while it is as good as new: its clock where
the next test wants it, its gateway in its first life, nothing broken, armed or waiting. Else the next test gets a new
one, which takes a tenth of a second. Each test has a block of numbers of its own, so that two tests on one pair never
meet.

Not here: what happens in one test (stage.py), when pytest starts and ends it (hooks.py).
"""

import asyncio
import atexit
import json
import random
import zlib
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from simulator.clock import START
from simulator.plugin.background import Background
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.pair import QUICK_TIMEOUT_S, RESPONSE_TIMEOUT_S, Pair, PairSettings, paired

T = TypeVar("T")

FIRST_NUMBER: Final = 31_610_000_001
BLOCK: Final = 100
"""Numbers for one test."""
BLOCKS_MAX: Final = 800
"""Tests on one pair."""
MAGIC_BLOCK: Final = 90
"""The SMSC's numbers that are faults by themselves end in 90NN (magic.py, one folder up)."""
LOG_LINES_MAX: Final = 10_000
"""A log longer than this begins to forget: the next test gets a new pair."""


@dataclass(frozen=True, kw_only=True)
class SimOptions:
    """What the command line says. `seed` draws what is left to chance, `keep` keeps the folders of failed tests."""

    seed: int = 0
    real_time: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test needs of its pair: where its clock stands, whether its gateway soon gives up on an answer, and what
    its `[policy]` says that differs, each key with its value as TOML.
    """

    start: datetime = START
    quick: bool = False
    policy: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class Lent:
    """A pair in the hands of a test. `given` are the numbers that had a subscription on it."""

    pair: Pair
    wanted: Wanted
    stack: AsyncExitStack
    given: set[str] = field(default_factory=set)
    blocks: int = 0

    def next_block(self) -> int:
        """The first number of a block that no test had on this pair."""
        self.blocks += self.blocks % BLOCK == MAGIC_BLOCK
        first = FIRST_NUMBER + BLOCK * self.blocks
        self.blocks += 1
        return first

    @property
    def as_new(self) -> bool:
        """Whether the next test would not notice the ones before."""
        world, child = self.pair.world, self.pair.child
        return (
            len(self.pair.lives) == 1
            and child.is_running
            and len(child.log) < LOG_LINES_MAX
            and self.blocks < BLOCKS_MAX
            and not world.faults.all
            and world.smsc.agenda.next_due is None
            and (not world.clock.virtual or world.clock.now() == self.wanted.start)
        )


class Sim:
    """Begins with `start`, ends with `close`."""

    def __init__(self, options: SimOptions) -> None:
        self.options = options
        self.kept: list[Path] = []
        self._background = Background()
        self._stack = AsyncExitStack()
        self._nursery: Nursery | None = None
        self._idle: Lent | None = None

    @property
    def seed(self) -> int:
        return self.options.seed

    @property
    def nursery(self) -> Nursery:
        assert self._nursery is not None, "start comes first"
        return self._nursery

    def start(self) -> None:
        self._background.start()
        self.run(self._open())

    async def _open(self) -> None:
        self._nursery = await self._stack.enter_async_context(Nursery())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs it in the simulator's loop, to its end."""
        return self._background.run(coroutine)

    def close(self) -> None:
        """Ends the gateways, the nursery and the loop."""
        try:
            self.run(self._close())
        finally:
            self._background.stop()

    async def _close(self) -> None:
        if self._idle is not None:
            await self._idle.stack.aclose()
        await self._stack.aclose()

    # --- pairs -------------------------------------------------------------------------------------------

    async def lend(self, wanted: Wanted, *, fresh: bool = False) -> Lent:
        """The pair that the test before left, when it will do; else a new one. GatewayDied when none comes up."""
        idle, self._idle = self._idle, None
        if idle is not None:
            if idle.wanted == wanted and not fresh:
                return idle
            await idle.stack.aclose()
        stack = AsyncExitStack()
        settings = PairSettings(
            response_timeout_s=QUICK_TIMEOUT_S if wanted.quick else RESPONSE_TIMEOUT_S,
            # At once: a test reads what became of a text without moving the clock.
            receipt_delay_s=0.0,
            policy=dict(wanted.policy),
        )
        start = None if self.options.real_time else wanted.start
        pair = await stack.enter_async_context(paired(self.nursery, start, settings))
        return Lent(pair, wanted, stack)

    async def give_back(self, lent: Lent, *, reusable: bool, keep: bool = False) -> None:
        """For the next test, or to its end; with its folder left where it is if it is to be kept."""
        if keep:
            lent.pair.kept = True
            await asyncio.to_thread(_write_log, lent.pair)
            self.kept.append(lent.pair.folder)
        if reusable and not keep and lent.as_new:
            self._idle = lent
        else:
            await lent.stack.aclose()


_shared: list[Sim] = []


def shared(options: SimOptions | None = None) -> Sim:
    """The simulator of this process, started when it is asked for first; it ends with `close_shared` or the process.

    `options` count for the first who asks.
    """
    if not _shared:
        sim = Sim(options or SimOptions())
        sim.start()
        _shared.append(sim)
        atexit.register(close_shared)
    return _shared[0]


def running() -> bool:
    """Whether anybody asked for it."""
    return bool(_shared)


def close_shared() -> None:
    """Ends it, if anybody asked for it."""
    while _shared:
        _shared.pop().close()


def _write_log(pair: Pair) -> None:
    """What the gateway said, beside its database."""
    with (pair.folder / "gateway.log").open("w", encoding="utf-8") as file:
        for life in pair.lives:
            for line in life.log:
                file.write(str(line.get("text") or json.dumps(line, ensure_ascii=False)) + "\n")


def chance(seed: int, name: str) -> random.Random:
    """What is left to chance in one test: the same whichever tests run beside it."""
    return random.Random(zlib.crc32(name.encode()) ^ seed)
