"""The business clock in a test's hand.

Not here: what moving it leads to (outcome.py), how a moment is written (quantities.py).
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.clock import AMSTERDAM
from simulator.plugin.outcome import Outcome
from simulator.plugin.quantities import instant, span
from simulator.scenarios import acts
from simulator.scenarios.acts import Call

if TYPE_CHECKING:
    from simulator.plugin.stage import Stage


class ClockHand:
    """The business clock of world and gateway. It only moves when it is told; what falls due on the way happens."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    @property
    def now(self) -> datetime:
        """In Amsterdam."""
        return self._stage.world.clock.now()

    def to(self, moment: datetime | str) -> Outcome:
        """To an instant: "2026-03-31T23:59:50" is Amsterdam's. ValueError when it has gone by."""
        call = Call((instant(moment),))
        return self._stage.act(lambda: acts.becomes(self._stage.scene, call))

    def advance(self, by: timedelta | None = None, **units: float) -> Outcome:
        """By a timedelta, or `days=1, hours=2`: so much time, whatever the clock face does."""
        return self.to(self.now.astimezone(UTC) + span(by, **units))

    def to_month_end(self) -> Outcome:
        """To the last second of this month."""
        return self.to(self._first_of_next().astimezone(UTC) - timedelta(seconds=1))

    def next_month(self) -> Outcome:
        """To the 1st, 00:00."""
        return self.to(self._first_of_next())

    def _first_of_next(self) -> datetime:
        now = self.now
        year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
        return datetime(year, month, 1, tzinfo=AMSTERDAM)
