"""With whom the load is played: subscribers by the thousand, and which of them the next flow is about.

A flow is drawn for somebody who has none under way, so that every text can be put to the flow that brought it: one
subscriber's texts come in the order of decision. Who stands in for a busy one depends on timing; the draw itself is
the seed's. When nobody fits, the flow waits, and that counts as its latency.

Pure. Not here: the settings' meaning (the gateway's), what a flow does (generator.py).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from simulator.handset import Handset
from simulator.load.mix import Mix

if TYPE_CHECKING:
    from simulator.load.flows import Flow

TEXTS: Final = (
    *("HELP", "INFO", "BERICHT", "LIMIET"),
    *("INFO UIT", "INFO AAN", "BERICHT UIT", "BERICHT AAN", "LIMIET UIT", "LIMIET AAN"),
)
"""Each is answered with one text; in this order a switch that went off comes on again."""
REPLIES: Final = ("DOORGAAN", "JA", "YES", "VERDER", "CONTINUE")
REPEAT_S: Final = 35.0
"""The same text of one sender within 30 s is a handset's repeat and answered once (Q65)."""
PROBES_MAX: Final = 64
MAGIC: Final = range(9000, 9100)
"""Last four digits that mean a fault to the simulator; nobody of the load has them."""
SUBSCRIBERS_MAX: Final = 200_000


class Subscriber:
    """One of them. `flow` is the one under way; `ids` the messages of a text of which parts are still missing."""

    __slots__ = ("failing", "flow", "handset", "ids", "number", "off", "parts", "said_at", "turns")

    def __init__(self, number: str, language: str, *, failing: bool, off: bool) -> None:
        self.number = number
        self.handset = Handset(number, number, language)
        self.failing = failing
        self.off = off
        self.flow: Flow | None = None
        self.parts = 0
        self.ids: list[str] = []
        self.turns = {"mo": 0, "reply": 0}
        self.said_at: dict[str, float] = {}

    @property
    def absent(self) -> bool:
        """No text will be shown."""
        return self.failing or self.off

    def _next(self, kind: str) -> str:
        words = TEXTS if kind == "mo" else REPLIES
        return words[self.turns[kind] % len(words)]

    def may_say(self, kind: str, now_s: float) -> bool:
        """Whether its next text would not be taken for a repeat."""
        return now_s - self.said_at.get(self._next(kind), -REPEAT_S) >= REPEAT_S

    def says(self, kind: str, now_s: float) -> str:
        """What it texts next."""
        text = self._next(kind)
        self.turns[kind] += 1
        self.said_at[text] = now_s
        return text


@dataclass
class Crowd:
    """All of them. `blocked` holds those the network was told to keep from using data for their costs."""

    people: list[Subscriber]
    chance: random.Random
    by_number: dict[str, Subscriber] = field(init=False)
    blocked: dict[str, Subscriber] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_number = {one.number: one for one in self.people}

    @classmethod
    def of(cls, count: int, first: str, mix: Mix, seed: int) -> "Crowd":
        """`count` subscribers from the number `first` on."""
        chance = random.Random(f"people {seed}")
        people = []
        for number in numbers(first, count):
            language = "en" if chance.random() * 100 < mix.english_pct else "nl"
            failing = chance.random() * 100 < mix.failing_pct
            off = chance.random() * 100 < mix.off_pct
            people.append(Subscriber(number, language, failing=failing, off=off and not failing))
        return cls(people, chance)

    def draw(self, fits: Callable[[Subscriber], bool]) -> Subscriber | None:
        """Somebody without a flow for whom `fits`; None when nobody near the drawn one does."""
        count = len(self.people)
        start = self.chance.randrange(count)
        for step in range(min(PROBES_MAX, count)):
            one = self.people[(start + step) % count]
            if one.flow is None and fits(one):
                return one
        return None

    def settings(self, mix: Mix, customer: str) -> Iterator[tuple[Subscriber, dict[str, Any]]]:
        """What each is created with at the portal."""
        chance = random.Random(f"settings {customer}")
        for one in self.people:
            option = chance.choice(mix.bundles)
            yield (
                one,
                {
                    "customer": customer,
                    "language": one.handset.language,
                    "cost_limit_eur": chance.choice(mix.cost_limits_eur),
                    "usage_alert_gb": chance.choice((None, 1)),
                    "bundles": {option: {"enabled": True}} if option else {},
                },
            )


def numbers(first: str, count: int) -> Iterator[str]:
    """E.164 numbers from `first` on, those aside that mean a fault."""
    number, given = int(first.removeprefix("+")), 0
    while given < count:
        if number % 10_000 not in MAGIC:
            yield f"+{number}"
            given += 1
        number += 1
