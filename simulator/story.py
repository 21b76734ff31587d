"""The story the demo plays, as data: who does what at which virtual moment, and what must come of it.

Every row is checked: the kinds of the texts that arrive, pieces of their wording, whether data works where the
handset is, and the cost state the portal shows. The figures follow from the sample sheet: the United States are in a
zone of € 2.50 per MB, so a limit of € 50 is reached after 20 MB.

Not here: how a row is played or shown (demo.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from simulator.clock import AMSTERDAM

Act = Literal["text", "roam", "use", "portal", "month"]


@dataclass(frozen=True, slots=True)
class Person:
    """A sample subscription."""

    number: str
    name: str
    language: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must come of a step. None: not looked at."""

    kinds: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    blocked: bool | None = None
    refused: bool = False
    reason: str | None = None
    cost: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """`value` is the text, the place, the megabytes or the portal's patch."""

    at: datetime | None
    who: str
    act: Act
    value: Any
    told: str
    expected: Expected = field(default_factory=Expected)


def _at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM)


START: Final = _at(11, 2, 9, 0)

_OPTION_B: Final = MappingProxyType({"B": {"enabled": True, "max_per_month": 10}})
"""An option for another zone: data outside the EU is on, and the United States are charged at the list rate."""

PEOPLE: Final = (
    Person("+31610000001", "Anna", "nl", {"customer": "acme", "bundles": dict(_OPTION_B)}),
    Person("+31610000002", "Bob", "en", {"customer": "acme", "bundles": dict(_OPTION_B), "cost_limit_eur": 10}),
)

_OPEN_EU: Final = Expected(kinds=(), blocked=False)

STORY: Final[tuple[Step, ...]] = (
    # --- shortcodes
    Step(
        _at(11, 2, 9, 5), "Anna", "text", "HELP", "",
        Expected(kinds=("help",), wording=("BERICHT AAN/UIT", "DOORGAAN")),
    ),
    Step(
        _at(11, 2, 9, 6), "Anna", "text", "info uit", "",
        Expected(kinds=("pref_info_off",), wording=("INFO staat nu UIT", "112")),
    ),
    # --- a border with INFO off: no tariffs, but the emergency number
    Step(
        _at(11, 6, 14, 30), "Anna", "roam", "BE", "Anna drives into Belgium, INFO is off",
        Expected(kinds=("border_eu_emergency",), wording=("Belgie", "112"), blocked=False),
    ),
    Step(
        _at(11, 6, 14, 40), "Anna", "text", "INFO AAN", "",
        Expected(kinds=("pref_info_on",), wording=("INFO staat nu AAN",)),
    ),
    Step(_at(11, 8, 19, 10), "Anna", "roam", "NL", "Anna is back home: no text", _OPEN_EU),
    # --- a border outside the EU, with tariffs
    Step(
        _at(11, 12, 16, 45), "Anna", "roam", "US", "Anna lands in the United States",
        Expected(
            kinds=("border_world_no_bundle",),
            wording=("Verenigde Staten", "3,03/MB", "incl. btw", "INFO UIT"),
            blocked=False,
        ),
    ),
    # --- the cost limit of € 50: 80, 100, 200 %
    Step(
        _at(11, 12, 20, 0), "Anna", "use", 15, "Anna uses 15 MB (€ 37.50): below 80 %",
        Expected(blocked=False, cost=("OPEN", "37.50")),
    ),
    Step(
        _at(11, 12, 20, 30), "Anna", "use", 1, "Anna uses 1 MB more (€ 40.00)",
        Expected(kinds=("cost_80",), wording=("80%", "40", "50", "LIMIET UIT"), blocked=False, cost=("OPEN", "40.00")),
    ),
    Step(
        _at(11, 13, 8, 15), "Anna", "use", 4, "Anna uses 4 MB more (€ 50.00)",
        Expected(
            kinds=("cost_100_block",),
            wording=("geblokkeerd", "DOORGAAN", "/MB"),
            blocked=True,
            cost=("BLOCKED_100", "50.00"),
        ),
    ),
    Step(
        _at(11, 13, 8, 20), "Anna", "use", 1, "Anna tries 1 MB: the network refuses",
        Expected(refused=True, blocked=True, cost=("BLOCKED_100", "50.00")),
    ),
    Step(
        _at(11, 13, 8, 25), "Anna", "text", "ok", "",
        Expected(kinds=("unknown",), wording=("HELP",), blocked=True),
    ),
    Step(
        _at(11, 13, 8, 30), "Anna", "text", "DOORGAAN", "",
        Expected(
            kinds=("cost_lifted_100",), wording=("opgeheven", "100", "/MB"), blocked=False, cost=("OPEN", "50.00")
        ),
    ),
    Step(
        _at(11, 13, 8, 35), "Anna", "text", "doorgaan!", "",
        Expected(kinds=("nothing_to_lift",), wording=("geen blokkade",), blocked=False),
    ),
    Step(
        _at(11, 14, 11, 0), "Anna", "use", 20, "Anna uses 20 MB more (€ 100.00)",
        Expected(
            kinds=("cost_200_block",),
            wording=("geblokkeerd", "DOORGAAN", "100"),
            blocked=True,
            cost=("BLOCKED_200", "100.00"),
        ),
    ),
    Step(
        _at(11, 14, 11, 5), "Anna", "text", "Doorgaan", "",
        Expected(
            kinds=("cost_lifted_200",), wording=("GEEN limiet",), blocked=False, cost=("OPEN_REST_OF_MONTH", "100.00")
        ),
    ),
    Step(
        _at(11, 20, 21, 0), "Anna", "use", 400, "Anna uses 400 MB (€ 1,100.00): free until the end of the month",
        Expected(blocked=False, reason="open_rest_of_month", cost=("OPEN_REST_OF_MONTH", "1100.00")),
    ),
    # --- the first of the next month
    Step(
        None, "Anna", "month", None, "A new month begins: the counter is at € 0.00",
        Expected(blocked=False, cost=("OPEN", "0.00")),
    ),
    Step(
        _at(12, 3, 10, 0), "Anna", "use", 20, "Anna uses 20 MB at once: 80 and 100 % in one record",
        Expected(
            kinds=("cost_100_block",),
            wording=("geblokkeerd",),
            blocked=True,
            reason="superseded",
            cost=("BLOCKED_100", "50.00"),
        ),
    ),
    # --- the organisation does not allow going on
    Step(
        _at(12, 3, 10, 30), "Anna", "portal", {"hard_cap": True}, "The administrator forbids exceeding the limit",
        Expected(blocked=True),
    ),
    Step(
        _at(12, 3, 10, 40), "Anna", "text", "JA", "",
        Expected(
            kinds=("lift_refused_hard_cap",), wording=("organisatie",), blocked=True, cost=("BLOCKED_100", "50.00")
        ),
    ),
    Step(_at(12, 5, 7, 30), "Anna", "roam", "NL", "Anna flies home", _OPEN_EU),
    Step(_at(12, 5, 9, 0), "Anna", "use", 500, "Anna uses 500 MB at home: that is not blocked", _OPEN_EU),
    # --- the same service in English
    Step(_at(12, 7, 9, 0), "Bob", "text", "Help", "", Expected(kinds=("help",), wording=("Codes for 1330",))),
    Step(
        _at(12, 8, 15, 0), "Bob", "roam", "United States", "Bob lands in the United States",
        Expected(kinds=("border_world_no_bundle",), wording=("United States", "VAT"), blocked=False),
    ),
    Step(
        _at(12, 8, 15, 30), "Bob", "use", 4, "Bob uses 4 MB (€ 10.00, his limit)",
        Expected(
            kinds=("cost_100_block",), wording=("blocked", "DOORGAAN"), blocked=True, cost=("BLOCKED_100", "10.00")
        ),
    ),
    Step(
        _at(12, 8, 15, 40), "Bob", "text", "YES", "",
        Expected(kinds=("cost_lifted_100",), wording=("lifted",), blocked=False, cost=("OPEN", "10.00")),
    ),
)  # fmt: skip
