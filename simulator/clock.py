"""The business clock of the played world, and what falls due on it.

`VirtualClock` stands still until somebody sets it; `SystemClock` is the wall clock and the only place in the
simulator that reads it. SMPP timers do not belong here: they run on the event loop's monotonic clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo

STALE_MAX: Final = 1000
"""Instants of which nothing is left that the agenda may keep before it puts them in order again."""
AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
START: Final = datetime(2026, 11, 2, 9, 0, tzinfo=AMSTERDAM)
"""Where a played world begins when nobody says otherwise: never "now"."""


class VirtualClock:
    """Time as an argument: it is what it was last set to."""

    virtual = True

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(AMSTERDAM)

    def now(self) -> datetime:
        return self._now

    def utc(self) -> datetime:
        """The same instant for reckoning: what is added to it counts hours, also over a change of summer time."""
        return self._now.astimezone(UTC)

    def set(self, to: datetime) -> None:
        """ValueError when that would be backwards."""
        # Compared in UTC: two local times of one zone compare by the clock face, wrong in the hour of a DST change.
        if to.astimezone(UTC) < self._now.astimezone(UTC):
            raise ValueError(f"the clock stands at {self._now.isoformat()}, it can not go back to {to.isoformat()}")
        self._now = to.astimezone(AMSTERDAM)


class SystemClock:
    """The wall clock, for a gateway that runs on it too; `shift` is for one whose clock is shifted."""

    virtual = False

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self.shift = shift

    def now(self) -> datetime:
        return self.utc().astimezone(AMSTERDAM)

    def utc(self) -> datetime:
        """The same instant for reckoning."""
        return datetime.now(UTC) + self.shift

    def set(self, to: datetime) -> None:
        raise ValueError(f"the system clock can not be set to {to.isoformat()}")


Clock = VirtualClock | SystemClock


async def pause(seconds: float) -> None:
    """Real seconds, for a fault that is slow; never to wait for something to happen."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(seconds, over.set_result, None)
    try:
        await over
    finally:
        timer.cancel()


@dataclass
class Agenda:
    """What falls due on a business clock, in order. On a virtual clock `play` is called by whoever moves it; on
    the system clock one event-loop timer calls it at the earliest due moment.
    """

    clock: Clock
    on_played: Callable[[], None] = lambda: None
    _due: dict[datetime, list[Callable[[], None]]] = field(default_factory=dict)
    _order: list[datetime] = field(default_factory=list)
    _timer: asyncio.TimerHandle | None = None

    @property
    def next_due(self) -> datetime | None:
        while self._order and self._order[0] not in self._due:
            heappop(self._order)  # what was due then was taken back
        return self._order[0] if self._order else None

    def add(self, at: datetime, action: Callable[[], None]) -> None:
        """Many actions of one instant share one entry, so a burst of receipts costs one."""
        at = at.astimezone(UTC)
        actions = self._due.get(at)
        if actions is not None:
            actions.append(action)
            return
        self._due[at] = [action]
        heappush(self._order, at)
        if not self.clock.virtual and self._order[0] == at:
            self._arm()

    def remove(self, at: datetime, action: Callable[[], None]) -> None:
        """Takes back what was added; nothing happens when it was played or taken back already."""
        at = at.astimezone(UTC)
        actions = self._due.get(at, [])
        if action not in actions:
            return
        actions.remove(action)
        if not actions:
            del self._due[at]
            if len(self._order) > 2 * len(self._due) + STALE_MAX:
                self._order = sorted(self._due)

    def play(self) -> int:
        """Runs what is due by now, in order; returns how many actions that were."""
        played = 0
        while (at := self.next_due) is not None and at <= self.clock.now():
            heappop(self._order)
            actions = self._due.pop(at)
            for action in actions:
                action()
            played += len(actions)
        if not self.clock.virtual:
            self._arm()
        if played:
            self.on_played()
        return played

    def clear(self) -> None:
        """Forgets everything, the timer too."""
        self._due.clear()
        self._order.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.next_due
        if due is not None:
            wait = max(due - self.clock.now(), timedelta(0)).total_seconds()
            self._timer = asyncio.get_running_loop().call_later(wait, self.play)
