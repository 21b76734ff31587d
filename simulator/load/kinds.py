"""The kinds of load there are, as rows: what each is for, how long and how much when nobody says otherwise.

Not here: what is done with them (plan.py, play.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`settings` are keys of our own gateway, `mix` fields that the mix has then, `burst` how many SIMs register
    within a second at half time. `come_on`: phones that are off come on at half time; `edge`: a month ends then, by a
    clock that is shifted, and `blocked_pct` of the subscribers have used up their cost limit before. `in_flight_max`
    lets the schedule wait, `full_speed_s` at the beginning (a soak), `gather_s` has events posted together as
    mediation does.
    """

    told: str
    rate: float = 100.0
    seconds: float = 60.0
    subscribers: int = 1000
    settings: Mapping[str, str] = field(default_factory=dict)
    mix: Mapping[str, Any] = field(default_factory=dict)
    burst: int = 0
    come_on: bool = False
    edge: bool = False
    blocked_pct: float = 0.0
    in_flight_max: int = 0
    full_speed_s: float = 0.0
    gather_s: float = 0.0
    soak: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "steady": Kind(told="flows at one rate, or in stages"),
    "spike": Kind(told="a plane lands at half time: 300 SIMs register within a second", burst=300),
    "month-edge": Kind(
        told="a month ends at half time, with blocks to lift, on a clock shifted to that moment",
        settings={"policy.period_lift_spread_s": "5"},
        mix={"cost_limits_eur": (10, 30, 50), "bundles": ("B",)},
        edge=True,
        blocked_pct=50,
    ),
    "receipt-storm": Kind(
        told="half of the phones are off and come on within a second at half time: their texts, and as many receipts",
        mix={"off_pct": 50.0},
        come_on=True,
    ),
    "soak": Kind(
        told="an hour at 300 flows a second in four minutes, if the machine can: what memory and descriptors do",
        # What is remembered of a subscriber ends with the countries there are: then nothing may grow any more.
        settings={"policy.reentry_quiet_s": "0"},
        mix={"places": ("BE", "DE", "FR", "ES", "GB", "CH", "US", "TR")},
        rate=4500,
        seconds=240,
        subscribers=2000,
        in_flight_max=1000,
        full_speed_s=20,
        gather_s=0.05,
        soak=True,
    ),
}
HALF: Final = 0.5
"""Where in a run its special moment lies."""
