"""How fast an account may send: a token bucket on the event loop's clock.

Pure: `now_s` is an argument. Not here: what a message too many is answered with (session.py).
"""

from math import ceil


class TokenBucket:
    """`rate_per_s` tokens come in a second, `burst` fit in; one message takes one."""

    __slots__ = ("_burst", "_filled_at_s", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: int, now_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst or ceil(rate_per_s)
        self._tokens = float(self._burst)
        self._filled_at_s = now_s

    def left(self, now_s: float) -> int:
        """How many messages may come now."""
        self._tokens = min(self._burst, self._tokens + (now_s - self._filled_at_s) * self._rate_per_s)
        self._filled_at_s = now_s
        # A sum of fractions may stop just short of the token it has made.
        return int(self._tokens + 1e-9)

    def take(self, count: int) -> None:
        """They came; `left` was asked before."""
        self._tokens -= count
