"""Whether a handset can be brought a message now, and what the network tells the SMSC when it can not: as a table.

    on        takes a message at once
    roaming   takes it through a foreign network, which takes ROAMING_S of business time
    off       switched off: the network knows, and tells when it is on again
    full      on, but its memory is full: it tells when there is room
    detached  out of coverage: nobody tells anything, the SMSC finds it again at one of its retries

Not here: what is done with a message that has to wait (centre.py), who holds the handset (handset.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

ROAMING_S: Final = 30


class Reach(Enum):
    """How a handset can be reached."""

    ON = "on"
    ROAMING = "roaming"
    OFF = "off"
    FULL = "full"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`takes` a message, `after` that long; `tells` says that the network lets the SMSC know when that changes.
    `error` is the code of 3GPP TS 29.002 §17.6.6, `availability` the ms_availability_status of SMPP 3.4 §5.3.2.30.
    """

    takes: bool = False
    after: timedelta = timedelta(0)
    tells: bool = True
    error: int = 0
    availability: int = 0


CONDITIONS: Final[Mapping[Reach, Condition]] = {
    Reach.ON: Condition(takes=True),
    Reach.ROAMING: Condition(takes=True, after=timedelta(seconds=ROAMING_S)),
    Reach.OFF: Condition(error=27, availability=2),  # absentSubscriber
    Reach.FULL: Condition(error=32),  # sm-DeliveryFailure: memory capacity exceeded
    Reach.DETACHED: Condition(error=27, tells=False, availability=2),
}

RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 180, 360))
"""From one failed attempt to the next, where nobody tells; the last one goes on until the message expires."""


def retry_after(failures: int) -> timedelta:
    """How long to wait after the n-th failure, counted from 1."""
    return RETRIES[min(failures, len(RETRIES)) - 1]
