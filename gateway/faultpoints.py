"""Named places where the process may be told to die, and faults of the database that it may be told to meet.

Only `[control] kill_at` and `db_fault` arm them, and only under the virtual clock, so that tests can prove what a
crash or a failing disk leaves behind; otherwise passing costs a comparison.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Mapping
from typing import Final

POINTS: Final = (
    "after_event_commit",
    "after_decide_before_outbox",
    "after_submit_before_resp",
    "after_resp_before_commit",
    "during_period_roll",
)
# Faults of the database, in its own words.
DB_FAULTS: Final[Mapping[str, str]] = {
    "locked": "database is locked",
    "full": "database or disk is full",
    "readonly": "attempt to write a readonly database",
    "io": "disk I/O error",
}
# The one that is no error: the transaction takes so much longer, as on a disk that is busy with something else.
SLOW: Final = "slow"
SLOW_S: Final = 0.4
DB_FAULT_NAMES: Final = (*DB_FAULTS, SLOW)


class FaultPoints:
    """Each is "" or "name" or "name:n" for its n-th passing; a database fault is met by the n-th transaction."""

    def __init__(self, kill_at: str = "", db_fault: str = "") -> None:
        self._point, self._passings = _parsed(kill_at)
        self._fault, self._transactions = _parsed(db_fault)

    def passing(self, name: str) -> None:
        """Die here, if this is the place and the time."""
        if name != self._point:
            return
        self._passings -= 1
        if self._passings == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def transaction(self) -> None:
        """Raises sqlite3.OperationalError in the transaction that is to fail, or holds the slow one up."""
        if not self._fault:
            return
        self._transactions -= 1
        if self._transactions:
            return
        if self._fault == SLOW:
            time.sleep(SLOW_S)  # in the writer's thread, where a slow disk would hold it up too
        else:
            raise sqlite3.OperationalError(DB_FAULTS[self._fault])


def _parsed(armed: str) -> tuple[str, int]:
    name, _, nth = armed.partition(":")
    return name, int(nth or 1)
