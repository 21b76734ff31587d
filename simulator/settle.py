"""When is the played world quiet? Decided by counting, on both sides of the wire, and never by waiting a while.

Quiet is: each of our counters equals its twin in the gateway's `GET /v1/quiet`, nothing of ours is unanswered or
about to go, the gateway is busy with nothing, no retry of its is due within RETRY_SOON_S, and the next look shows
the identical vector (two equal waves: message counting after Mattern). What still lies in a socket makes the two
sides differ, so it can not be overlooked.

Counters belong to one boot of the gateway. When a boot begins of which we did not see the beginning, or a request
of ours ended without an answer, the sums mean nothing; then two equal idle waves give the difference to start from.

Not here: what is done before and after a settle (world.py). The only wait is for an event, bounded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from simulator.counters import TWINS, Counters
from simulator.gateway_client import GatewayClient

TIMEOUT_S: Final = 5.0
RETRY_SOON_S: Final = 1.0
"""A retry nearer than this is waited for, so that a test of a fault sees it; a later one is not."""
LOOK_AGAIN_S: Final = 0.02
"""The sides differ and nothing of ours moves: the gateway is asked again after this."""


class NotQuiet(Exception):  # noqa: N818 - what it says
    """The world did not come to rest in time; the message names the counters that differ and the work still open."""


@dataclass(frozen=True, slots=True)
class Wave:
    """One look at both sides. `ours` and `theirs` are in the order of TWINS."""

    boot: Any
    ours: tuple[int, ...]
    theirs: tuple[int, ...]
    unanswered: int
    waiting: int
    busy: int
    is_idle: bool
    retry_in_s: float | None
    answer: dict[str, Any]

    @property
    def at_rest(self) -> bool:
        """Nothing under way on either side, as far as each can see."""
        soon = self.retry_in_s is not None and self.retry_in_s < RETRY_SOON_S
        return self.is_idle and not (self.busy or self.unanswered or self.waiting or soon)

    def same_as(self, other: "Wave | None") -> bool:
        return other is not None and (self.boot, self.ours, self.theirs) == (other.boot, other.ours, other.theirs)


@dataclass
class Settling:
    """`counters` gives our side's counters of now, `waiting` what will still go by itself. `moved` is set whenever
    one of ours may have changed.
    """

    client: GatewayClient
    counters: Callable[[], Counters]
    waiting: Callable[[], int] = lambda: 0
    timeout_s: float = TIMEOUT_S
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    _boot: Any = None
    _base: tuple[int, ...] | None = None

    def new_life(self) -> None:
        """A gateway is about to start whose every frame we shall see: both sides count from nought."""
        self._boot, self._base = None, (0,) * len(TWINS)

    async def settle(self) -> Wave:
        """Returns the last look once the world is quiet. NotQuiet after `timeout_s` real seconds."""
        deadline_s = asyncio.get_running_loop().time() + self.timeout_s
        before: Wave | None = None
        trouble = "it was not asked"
        while (left_s := deadline_s - asyncio.get_running_loop().time()) > 0:
            self.moved.clear()
            try:
                wave = await self._look(left_s)
            except (aiohttp.ClientError, TimeoutError) as error:
                before, trouble = None, f"the gateway does not answer: {error or type(error).__name__}"
                await self._until_moved(left_s, None)
                continue
            trouble = ""
            self._notice(wave)
            rests = wave.at_rest and self._balanced(wave)
            if rests and wave.same_as(before):
                self._learn(wave)
                return wave
            before = wave if rests else None
            if not rests:
                await self._until_moved(left_s, wave.retry_in_s)
            last = wave
        raise NotQuiet(trouble or self._explain(last))

    async def _look(self, left_s: float) -> Wave:
        is_idle, answer = await self.client.quiet(left_s)
        counters = self.counters()
        return Wave(
            boot=answer.get("boot"),
            ours=tuple(getattr(counters, name) for name in TWINS),
            theirs=tuple(int(answer.get(twin, -1)) for twin in TWINS.values()),
            unanswered=counters.unanswered,
            waiting=self.waiting(),
            busy=int(answer.get("busy", 0)),
            is_idle=is_idle,
            retry_in_s=answer.get("retry_in_s"),
            answer=answer,
        )

    def _notice(self, wave: Wave) -> None:
        """Sees a boot we know nothing of, or a request of which we do not know the end."""
        if self._boot is None:
            self._boot = wave.boot
        elif self._boot != wave.boot:
            self._boot, self._base = wave.boot, None
        if self.client.uncertain:
            self.client.uncertain, self._base = False, None

    def _balanced(self, wave: Wave) -> bool:
        if self._base is None:
            return True
        return all(
            theirs - ours == base for ours, theirs, base in zip(wave.ours, wave.theirs, self._base, strict=True)
        )

    def _learn(self, wave: Wave) -> None:
        self._base = tuple(theirs - ours for ours, theirs in zip(wave.ours, wave.theirs, strict=True))

    async def _until_moved(self, left_s: float, retry_in_s: float | None) -> None:
        bounds = [LOOK_AGAIN_S, left_s]
        if retry_in_s is not None and retry_in_s < RETRY_SOON_S:
            bounds[0] = max(retry_in_s, LOOK_AGAIN_S)
        try:
            async with asyncio.timeout(min(bounds)):
                await self.moved.wait()
        except TimeoutError:
            return

    def _explain(self, wave: Wave) -> str:
        lines = [f"the world did not become quiet within {self.timeout_s:g} s (gateway boot {wave.boot})"]
        base = self._base or tuple(t - o for o, t in zip(wave.ours, wave.theirs, strict=True))
        for (name, twin), ours, theirs, gap in zip(TWINS.items(), wave.ours, wave.theirs, base, strict=True):
            if theirs - ours != gap:
                lines.append(f"  {name} {ours + gap} here, {twin} {theirs} at the gateway")
        if wave.unanswered:
            lines.append(f"  simulator: {wave.unanswered} unanswered")
        if wave.waiting:
            lines.append(f"  simulator: {wave.waiting} still to be brought to the gateway")
        if wave.busy or not wave.is_idle:
            shown = {key: value for key, value in wave.answer.items() if key not in TWINS.values()}
            lines.append(f"  gateway: busy with {wave.busy}; it says {shown}")
        if wave.retry_in_s is not None:
            lines.append(f"  gateway: next retry in {wave.retry_in_s:.2f} s")
        if len(lines) == 1:
            lines.append("  the counters agree but never twice in a row")
        return "\n".join(lines)
