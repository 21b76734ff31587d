"""How fast one SMSC is sent to, over all sessions: a token bucket, and slowing down when it asks for it. Pure.

Rules of this module:
* `rate_per_s` is the operator's bound. ESME_RTHROTTLED and ESME_RMSGQFUL (SMPP 3.4 §5.1.3) halve what was in force:
  the rate at which the SMSC was taking texts, and for a full queue also the window.
* Back to where it was by doubling once a second, from there by a tenth a second, up to the bound. Only texts that
  were taken raise it: an SMSC that refuses all is asked `FLOOR_PER_S` times a second and no more.
* What had left before the last slowing down slows nothing down again: it is the same bad news.
* A full queue may be one subscriber's: it counts only where more than one answer in ten says so.

Time is an argument. Must not be put here: which text is next, a text's own back-off, timers.
"""

import math
from typing import Final

from gateway.smpp.pdu import ESME_RMSGQFUL, ESME_RTHROTTLED

FLOOR_PER_S: Final = 20.0
# Over how long it is counted what the SMSC takes.
METER_S: Final = 0.1
# A burst is what the bound allows in this time.
BURST_S: Final = 0.1
# Beyond so many times the rate at which it complained it is not held back any more.
FORGET_TIMES: Final = 8
# Tokens come one by one, but nobody is woken more often than this.
WAKE_S: Final = 0.005
_FULL_QUEUE_SHARE: Final = 0.1


class Pace:
    """`window` is the most that may be open over all sessions; `burst` 0 is a tenth of a second's worth."""

    def __init__(self, rate_per_s: float = 0, burst: int = 0, window: int = 64) -> None:
        self._most = rate_per_s or math.inf
        self._burst = burst
        self._full = float(window)
        self._floor = min(FLOOR_PER_S, self._most / 4)
        self.rate_per_s = self._most
        self.window = self._full
        # The rate from which on it grows slowly.
        self._calm = self._most
        self._tokens = self._room_for_tokens()
        self._filled_at = 0.0
        self._slowed_at = -math.inf
        self._taken_since = True
        # Two slots of METER_S: when the newer began, and what was taken and refused in each.
        self._slot_at = -math.inf
        self._taken, self._taken_before = 0, 0
        self._refused, self._refused_before = 0, 0

    @property
    def holds(self) -> bool:
        """Whether there is a bound at all now beside the sessions' windows."""
        return self.rate_per_s != math.inf or self.window < self._full

    @property
    def slowed(self) -> bool:
        """Whether the SMSC's wish is in force, and not only the operator's bound."""
        return self.rate_per_s < self._most or self.window < self._full

    def room(self, now: float, submits_open: int) -> int:
        """How many may go now."""
        room = max(1.0, self.window) - submits_open
        if self.rate_per_s != math.inf:
            self._fill(now)
            room = min(room, self._tokens + 1e-9)
        return max(0, int(room))

    def next_at(self, now: float) -> float:
        """When it is worth asking again after there was no token."""
        self._fill(now)
        wait_s = max(0.0, 1 - self._tokens) / self.rate_per_s
        return now + max(wait_s, WAKE_S)

    def sent(self, now: float) -> None:
        if self.rate_per_s != math.inf:
            self._fill(now)
            self._tokens -= 1

    def answered(self, status: int, now: float, rtt_s: float) -> None:
        """The answer to a submit that left `rtt_s` ago."""
        if now >= self._slot_at + METER_S:
            self._next_slot(now)
        if status in (ESME_RTHROTTLED, ESME_RMSGQFUL):
            self._refused += 1
            if now - rtt_s >= self._slowed_at and (status == ESME_RTHROTTLED or self._many_refused()):
                self._slow_down(status, now)
        else:
            self._taken += 1
            self._taken_since = True
            if self.slowed:
                self._speed_up()

    # -------------------------------------------------------------------------------------------- inside
    def _many_refused(self) -> bool:
        refused = self._refused + self._refused_before
        return refused > _FULL_QUEUE_SHARE * (refused + self._taken + self._taken_before)

    def _slow_down(self, status: int, now: float) -> None:
        # As fast as it was sent to, which is no more than what was taken lately.
        taken_per_s = max(self._taken, self._taken_before) / METER_S
        was = min(self.rate_per_s, max(taken_per_s, 2 * self._floor))
        if self._taken_since:
            # Refused again and again it says nothing new about where the limit is.
            self._calm = max(self._floor, was / 2)
        self.rate_per_s = max(self._floor, was / 2)
        if status == ESME_RMSGQFUL:
            self.window = max(1.0, self.window / 2)
        self._tokens = min(self._tokens, 0.0)
        self._filled_at = self._slowed_at = now
        self._taken_since = False

    def _speed_up(self) -> None:
        """One text was taken, so `rate_per_s` of them are a second."""
        if self.window < self._full:
            self.window = min(self._full, self.window + 1 / self.window)
        if self.rate_per_s >= self._most:
            return
        rate = self.rate_per_s
        rate += 1.0 if rate < self._calm else max(1.0, self._calm / 10) / rate
        forgotten = self._most == math.inf and rate >= FORGET_TIMES * self._calm
        self.rate_per_s = self._most if forgotten else min(self._most, rate)

    def _room_for_tokens(self) -> float:
        if self.rate_per_s == math.inf:
            return 0.0
        # The operator's burst is for an SMSC that takes it.
        return max(1.0, self.rate_per_s * BURST_S if self.slowed or not self._burst else self._burst)

    def _fill(self, now: float) -> None:
        earned = (now - self._filled_at) * self.rate_per_s
        self._tokens = min(self._room_for_tokens(), self._tokens + earned)
        self._filled_at = now

    def _next_slot(self, now: float) -> None:
        followed = now < self._slot_at + 2 * METER_S
        self._taken_before = self._taken if followed else 0
        self._refused_before = self._refused if followed else 0
        self._taken = self._refused = 0
        self._slot_at = now
