"""What the SMSC shall do wrong, as data.

A plan is a list of armed faults; the SMSC asks `take` at each named point before it acts and obeys the first that
fits. Every fault counts its hits: one that never fired proves nothing. New faults are rows here and one branch at
their point in the SMSC, never a flag of their own.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.commands import Status

Effect = Literal[
    "status",  # answer with `status`, take nothing
    "silent",  # take nothing, answer nothing
    "slow",  # take it, answer after `delay_s` of real time
    "resp_lost",  # take and deliver it, then drop the connection instead of answering
    "disconnect",  # drop the connection, take nothing
    "bind_status",  # refuse the bind with `status`; `number` is then a system_id
    "receipt_never",
    "receipt_twice",
    "receipt_before_resp",
    "receipt_stat",  # the message fails: its receipt says `stat`
]

POINTS: Final[dict[Effect, str]] = {
    "status": "submit",
    "silent": "submit",
    "slow": "submit",
    "resp_lost": "submit",
    "disconnect": "submit",
    "bind_status": "bind",
    "receipt_never": "receipt",
    "receipt_twice": "receipt",
    "receipt_before_resp": "receipt",
    "receipt_stat": "receipt",
}


@dataclass
class Fault:
    """One fault. `number` (E.164 with +) limits it to one handset, `times` to the next so many messages
    (None: until cleared), `every` to each k-th one that fits.
    """

    effect: Effect
    number: str | None = None
    times: int | None = 1
    every: int = 1
    status: int = Status.RTHROTTLED
    delay_s: float = 0.0
    stat: str = "UNDELIV"
    hits: int = 0
    seen: int = 0

    @property
    def spent(self) -> bool:
        return self.times is not None and self.hits >= self.times

    def fits(self, number: str) -> bool:
        """Whether it strikes now; counts what passed."""
        if self.spent or (self.number is not None and self.number != number):
            return False
        self.seen += 1
        return self.seen % self.every == 0


@dataclass
class FaultPlan:
    """The armed faults, in the order they were armed; `all` also keeps the spent ones for reports."""

    all: list[Fault] = field(default_factory=list)
    armed: dict[str, list[Fault]] = field(default_factory=dict)

    def arm(self, fault: Fault) -> Fault:
        self.all.append(fault)
        self.armed.setdefault(POINTS[fault.effect], []).append(fault)
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """Disarms one fault, or all."""
        for point, faults in list(self.armed.items()):
            self.armed[point] = [f for f in faults if fault is not None and f is not fault]

    def take(self, point: str, number: str) -> Fault | None:
        """The fault that strikes at `point` for this handset, its hit counted; None for a sound world."""
        faults = self.armed.get(point)
        if not faults:
            return None
        for fault in faults:
            if fault.fits(number):
                fault.hits += 1
                if fault.spent:
                    faults.remove(fault)
                return fault
        return None

    def is_armed(self, *points: str) -> bool:
        """Whether anything may strike at one of these points."""
        return any(self.armed.get(point) for point in points)

    @property
    def unfired(self) -> list[Fault]:
        return [fault for fault in self.all if fault.hits == 0]
