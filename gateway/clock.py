"""The only reader of time.

The *business* clock is what the rules speak of: the real one, or in tests a virtual one that moves when told, or one
that runs like the real one from another instant on (shifted). It never runs back: not behind what was committed last,
even if the machine's clock does. The *transport* clock is
always real and monotonic: SMPP timers and back-off.
APScheduler wakes the gateway in real time to look whether something is due; it carries no meaning of time, since
its own triggers skip and drop (design). The one door to apscheduler.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler

# How late something due may be noticed in real time.
TICK_S: Final = 1.0
_NO_SHIFT: Final = timedelta(0)


class NotVirtual(Exception):  # noqa: N818 - what is the case
    """The clock is the real one: it cannot be moved."""


class Backwards(Exception):  # noqa: N818 - what is the case
    """The clock was asked to go back."""


class Clock:
    """Business time, real, virtual or shifted. `start` is the first instant of a virtual or shifted clock."""

    def __init__(self, *, start: datetime | None = None, runs: bool = False) -> None:
        self.virtual = start is not None and not runs
        self._at = (start or datetime.now(UTC)).astimezone(UTC)
        self._shift = self._at - datetime.now(UTC) if start is not None and runs else None

    @property
    def mode(self) -> str:
        return "virtual" if self.virtual else "system" if self._shift is None else "shifted"

    def now(self) -> datetime:
        """Business now, in UTC; never before an earlier answer or `not_before`."""
        if not self.virtual:
            self._at = max(self._at, datetime.now(UTC) + (self._shift or _NO_SHIFT))
        return self._at

    def not_before(self, at: datetime | None) -> None:
        """Take over the last committed instant of the store. A shifted clock runs on from there."""
        if at is not None and at.astimezone(UTC) > self._at:
            if self._shift is not None:
                self._shift += at - self._at
            self._at = at.astimezone(UTC)

    def set(self, to: datetime) -> None:
        """Move the virtual clock forward."""
        self.check(to)
        self._at = to.astimezone(UTC)

    def check(self, to: datetime) -> None:
        """Raises NotVirtual or Backwards where the clock cannot be moved there."""
        if not self.virtual:
            raise NotVirtual("the clock is the system's; only a virtual one can be moved")
        if to < self._at:
            raise Backwards(f"the clock is at {self._at.isoformat()}, {to.isoformat()} is before that")

    @staticmethod
    def transport_now() -> float:
        """Monotonic seconds for timers and back-off."""
        return time.monotonic()


class WakeUps:
    """Calls `look` once a second while the business clock is real."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            look, "interval", seconds=TICK_S, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
