"""How much one sender may have under way: what comes beyond is for the SMSC to bring again. Pure.

Rules of this module:
* `undecided_max`: of one sender, deliveries that are not committed yet. One sender cannot fill the inbox.
* `per_min`: of one sender, deliveries a minute, a minute's worth at once; 0 is no bound. Every part of a long text
  is a delivery.
* Nothing is dropped: the answer is ESME_RTHROTTLED, and the SMSC keeps the text (store and forward).

That machines which answer by themselves get no answer is decided elsewhere (rules 6.1, `handlers.shortcodes`).
Time is an argument. Must not be put here: what a text says.
"""

from typing import Final

# Senders that are remembered for their rate; who has been silent for a minute need not be.
SENDERS_MAX: Final = 10_000


class Flood:
    def __init__(self, undecided_max: int = 256, per_min: int = 0) -> None:
        self._undecided_max = undecided_max
        self._per_min = per_min
        self._undecided: dict[str, int] = {}
        # What each sender may still send, and when that was reckoned; the latest last.
        self._left: dict[str, tuple[float, float]] = {}
        self.refused = 0

    def admits(self, sender: str, now: float) -> bool:
        """Whether one more may come in; then it is under way until `decided`."""
        under_way = self._undecided.get(sender, 0)
        if under_way >= self._undecided_max or (self._per_min and not self._within_rate(sender, now)):
            self.refused += 1
            return False
        self._undecided[sender] = under_way + 1
        return True

    def decided(self, sender: str) -> None:
        """One that was admitted is committed, or could not be taken after all."""
        under_way = self._undecided.pop(sender) - 1
        if under_way:
            self._undecided[sender] = under_way

    def _within_rate(self, sender: str, now: float) -> bool:
        left, at = self._left.pop(sender, (float(self._per_min), now))
        left = min(float(self._per_min), left + (now - at) * self._per_min / 60)
        within = left >= 1
        self._left[sender] = (left - within, now)
        if len(self._left) > SENDERS_MAX:
            del self._left[next(iter(self._left))]  # the one that was silent longest
        return within
