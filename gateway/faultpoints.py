"""Named places where the process may be told to die, so that tests can prove what a crash leaves behind.

Only `[control] kill_at` arms one, and only under the virtual clock; otherwise passing costs a comparison.
"""

import os
import signal

POINTS = (
    "after_event_commit",
    "after_decide_before_outbox",
    "after_submit_before_resp",
    "after_resp_before_commit",
    "during_period_roll",
)


class FaultPoints:
    """`kill_at` is "" or "point" or "point:n" for its n-th passing."""

    def __init__(self, kill_at: str = "") -> None:
        self._name, _, nth = kill_at.partition(":")
        self._left = int(nth or 1)

    def passing(self, name: str) -> None:
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
