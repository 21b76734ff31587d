"""Numbers that are faults by themselves, for any SMPP client and without any API: the last four digits say which.

A number whose fault would never end is spared once in a while: so a text that was throttled, or whose response was
lost, arrives when it is sent again.

Not here: what a fault does (misconduct.py), whether the numbers are in use (FaultPlan.numbers).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from simulator.commands import Status

if TYPE_CHECKING:
    from simulator.faults import Effect, Point

DIGITS: Final = 4
COUNTED_MAX: Final = 100_000
"""Numbers whose turns are remembered; a client that tries more begins anew."""


@dataclass(frozen=True, slots=True)
class Number:
    """`digits` is how the number ends. Of each `of` times it strikes the first `times`; `settings` are the fault's."""

    digits: str
    nl: str
    en: str
    effect: "Effect"
    settings: Mapping[str, Any] = field(default_factory=dict)
    times: int = 1
    of: int = 1

    def told(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


NUMBERS: Final = (
    Number("9001", "ontvangstbevestiging UNDELIV", "receipt UNDELIV", "receipt_stat", {"stat": "UNDELIV"}),
    Number("9002", "toestel weg, afgeleverd na 10 minuten", "handset absent, delivered after 10 minutes", "absent",
        {"error": 27, "once_each": True}),
    Number("9003", "drie keer te druk, dan aangenomen", "throttled three times, then taken", "status",
        {"status": Status.RTHROTTLED}, times=3, of=4),
    Number("9004", "afgeleverd, maar het antwoord gaat verloren", "delivered, but the response is lost", "resp_lost",
        of=2),
    Number("9005", "geen ontvangstbevestiging", "no receipt", "receipt_never"),
    Number("9006", "ontvangstbevestiging twee keer", "receipt twice", "receipt_twice"),
    Number("9007", "ontvangstbevestiging vóór het antwoord", "receipt before the response", "receipt_before_resp"),
    Number("9008", "geweigerd: ESME_RINVDSTADR", "refused: ESME_RINVDSTADR", "status",
        {"status": Status.RINVDSTADR}),
    Number("9009", "antwoord na 2 seconden", "response after 2 seconds", "slow", {"delay_s": 2.0}),
)  # fmt: skip
BY_DIGITS: Final = {number.digits: number for number in NUMBERS}


_ENDINGS: Final = frozenset(number.digits.encode() for number in NUMBERS)


def is_magic(address: bytes) -> bool:
    """Whether an address, as it stands in a PDU, is one of these numbers."""
    return address[-DIGITS:] in _ENDINGS


@dataclass
class Strikes:
    """Whose turn it is: how often each number came to its point."""

    _turns: dict[str, int] = field(default_factory=dict)

    def take(self, number: str, point: "Point", points: "Mapping[Effect, Point]") -> Number | None:
        """The number's own fault, if it strikes at this point now."""
        found = BY_DIGITS.get(number[-DIGITS:])
        if found is None or points[found.effect] != point:
            return None
        if found.of == 1:
            return found
        turn = self._turns.get(number, 0)
        if len(self._turns) >= COUNTED_MAX:
            self._turns.clear()
        self._turns[number] = (turn + 1) % found.of
        return found if turn < found.times else None


def lines(language: str) -> Iterator[str]:
    """What `simulator fault numbers` prints."""
    for number in NUMBERS:
        yield f"…{number.digits}  {number.told(language)}"
