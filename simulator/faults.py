"""What shall go wrong, as data: which effect, at which point, whom it strikes and how often.

A plan is a list of armed faults; who stands at a point asks `take` before it acts and obeys the first that fits, so a
fault is chosen before the answer is. Every fault counts its hits: one that never fired proves nothing. `awake` is
all that a busy road looks at: false while nothing is armed. New faults are rows here, one function where their point
is, and a name (faultnames.py), never a flag of their own.

Not here: what a fault does (misconduct.py, producer.py, control.py), the numbers that are faults (magic.py).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator import magic
from simulator.commands import Status
from simulator.limits import TokenBucket

Point = Literal["submit", "bind", "receipt", "handset", "mo", "event", "policy"]
Effect = Literal[
    # --- a submit_sm came
    "status",  # answer with `status`, take nothing
    "bucket",  # answer with `status` what comes faster than `rate_per_s`
    "silent",  # take nothing, answer nothing
    "slow",  # take it, answer after `delay_s` of real time
    "dawdle",  # take it after `delay_s` of real time, and by chance up to `spread_s` more
    "resp_lost",  # take and deliver it, then drop the connection instead of answering
    "disconnect",  # half an answer, then RST
    "hang_up",  # FIN between two PDUs, take nothing
    "half_open",  # the line stays up, and nothing is read or said any more
    "bad_pdu",  # take and answer it, after a PDU that nobody can read
    "bad_length",  # a PDU with a length that can not be: nobody knows where the next one begins
    # --- a bind came; `number` is then a system_id
    "bind_status",  # refuse it with `status`
    # --- a receipt is due
    "receipt_never",
    "receipt_twice",
    "receipt_before_resp",
    "receipt_reordered",  # it waits for the receipt after it
    "receipt_unknown_id",
    "receipt_garbled",
    "receipt_stat",  # the message fails: its receipt says `stat` and `error`
    # --- a message is brought to its handset
    "absent",  # not now; again after RETRY_AFTER. `error` is why, when it expires
    # --- a handset's text goes to the ESME
    "mo_twice",
    "mo_reordered",
    "mo_part_missing",
    "mo_ucs2",
    "mo_8bit",
    # --- the network posts an event
    "event_twice",
    "event_reordered",
    "event_late",
    "event_burst",
    "event_malformed",
    "event_huge",
    "event_slow_body",
    "event_gone",
    "event_future",
    # --- the gateway pushes a data policy
    "policy_down",
    "policy_slow",
    "policy_refuses",
    # --- at no point of the simulator: only counted here
    "elsewhere",
]

_EFFECTS_AT: Final[dict[Point, tuple[Effect, ...]]] = {
    "submit": (
        *("status", "bucket", "silent", "slow", "dawdle", "resp_lost", "disconnect", "hang_up", "half_open"),
        *("bad_pdu", "bad_length"),
    ),
    "bind": ("bind_status",),
    "receipt": (
        *("receipt_never", "receipt_twice", "receipt_before_resp", "receipt_reordered", "receipt_unknown_id"),
        *("receipt_garbled", "receipt_stat"),
    ),
    "handset": ("absent",),
    "mo": ("mo_twice", "mo_reordered", "mo_part_missing", "mo_ucs2", "mo_8bit"),
    "event": (
        *("event_twice", "event_reordered", "event_late", "event_burst", "event_malformed", "event_huge"),
        *("event_slow_body", "event_gone", "event_future"),
    ),
    "policy": ("policy_down", "policy_slow", "policy_refuses"),
}
POINTS: Final[dict[Effect, Point]] = {effect: point for point, effects in _EFFECTS_AT.items() for effect in effects}


@dataclass
class Fault:
    """One fault. Its scope: `number` (E.164 with +) limits it to one handset, `times` to the next so many (None: until
    cleared), `every` to each k-th one that fits, `probability` to so many of them by chance.
    """

    effect: Effect
    number: str | None = None
    times: int | None = 1
    every: int = 1
    probability: float = 1.0
    status: int = Status.RTHROTTLED
    delay_s: float = 0.0
    spread_s: float = 0.0
    rate_per_s: float = 0.0
    stat: str = "UNDELIV"
    error: int = 1
    once_each: bool = False
    """Strikes no message twice."""
    hits: int = 0
    seen: int = 0
    bucket: TokenBucket | None = None

    @property
    def spent(self) -> bool:
        return self.times is not None and self.hits >= self.times

    def fits(self, number: str, chance: random.Random) -> bool:
        """Whether it strikes now; counts what passed."""
        if self.spent or (self.number is not None and self.number != number):
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        return self.probability >= 1 or chance.random() < self.probability


@dataclass
class FaultPlan:
    """The armed faults, in the order they were armed; `all` also keeps the spent ones for reports.

    `chance` draws where a fault has a probability. `on_over` is told of a fault that was cleared. With
    `numbers` some numbers are faults by themselves.
    """

    all: list[Fault] = field(default_factory=list)
    armed: dict[Point, list[Fault]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    numbers: bool = False
    on_over: Callable[[Fault], None] = lambda _: None
    awake: bool = False
    _magic: magic.Strikes = field(default_factory=magic.Strikes)

    def __post_init__(self) -> None:
        self.use_numbers(on=self.numbers)

    def use_numbers(self, *, on: bool) -> None:
        """Whether some numbers are faults by themselves (magic.py)."""
        self.numbers = on
        self.awake = on or bool(self.armed)

    def arm(self, fault: Fault) -> Fault:
        self.all.append(fault)
        self.armed.setdefault(POINTS[fault.effect], []).append(fault)
        self.awake = True
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """Disarms one fault, or all."""
        over = [one for faults in self.armed.values() for one in faults if fault is None or one is fault]
        for one in over:
            self._disarm(one)
            self.on_over(one)

    def take(self, point: Point, number: str) -> Fault | None:
        """The fault that strikes at `point` for this handset, its hit counted; None for a sound world."""
        for fault in self.armed.get(point, ()):
            if fault.fits(number, self.chance):
                fault.hits += 1
                if fault.spent:
                    self._disarm(fault)
                return fault
        return self._by_number(point, number) if self.numbers else None

    def _by_number(self, point: Point, number: str) -> Fault | None:
        found = self._magic.take(number, point, POINTS)
        return None if found is None else Fault(found.effect, number, hits=1, **found.settings)

    def _disarm(self, fault: Fault) -> None:
        point = POINTS[fault.effect]
        self.armed[point].remove(fault)
        if not self.armed[point]:
            del self.armed[point]
        self.awake = self.numbers or bool(self.armed)

    def is_armed(self, *points: Point) -> bool:
        """Whether a fault was armed at one of these points; that a number may be one is not looked at."""
        return any(point in self.armed for point in points)

    @property
    def unfired(self) -> list[Fault]:
        return [fault for fault in self.all if fault.hits == 0]
