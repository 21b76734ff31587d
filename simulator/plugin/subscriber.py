"""A subscriber in a test: what she does, each act with its outcome, and how she stands.

Not here: how an act is done (stage.py), what the administrator does (hands.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from simulator.gateway_client import Json
from simulator.handset import Handset
from simulator.places import Place
from simulator.plugin.outcome import Inbox, Message, Outcome
from simulator.plugin.quantities import instant, micro_euro, volume_bytes
from simulator.scenarios import acts
from simulator.scenarios.acts import Call
from simulator.scenarios.scene import Person

if TYPE_CHECKING:
    from simulator.plugin.stage import Stage


class Usage(NamedTuple):
    """What data cost outside the EU this month, of what limit; equals a plain pair of numbers."""

    charged_eur: Decimal
    limit_eur: Decimal


class Preferences(NamedTuple):
    """The three switches, as the portal shows them."""

    bericht: bool
    info: bool
    limit: bool


@dataclass(frozen=True, slots=True)
class DataBlock:
    """What of her data is blocked; true when it is where she is now, as the network was told.

    `reasons` are all that hold for the subscription, also those about somewhere else.
    """

    here: bool
    eu: bool
    outside_eu: bool
    categories: frozenset[str]
    reasons: frozenset[str]

    def __bool__(self) -> bool:
        return self.here


class Subscriber:
    """Made by the stage (`handset` in a test)."""

    def __init__(self, stage: "Stage", person: Person) -> None:
        self.person = person
        self._stage = stage

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def number(self) -> str:
        return self.person.number

    @property
    def handset(self) -> Handset:
        return self.person.handset

    @property
    def language(self) -> str:
        return self.person.handset.language

    # --- acts --------------------------------------------------------------------------------------------

    def text(self, words: str, *, to: str = "") -> Outcome:
        """Texts the service number, or another."""
        call = Call((self.name, words, to or self._stage.world.service))
        return self._stage.act(lambda: acts.text(self._stage.scene, call), self)

    def reply(self, words: str) -> Outcome:
        """Answers the service number."""
        return self.text(words)

    def roam(self, where: str, *, operator: str = "") -> Outcome:
        """Registers in a country (ISO code, Dutch or English name), or on one network ("310-260")."""
        call = Call((self.name, operator or where))
        return self._stage.act(lambda: acts.travel(self._stage.scene, call), self)

    def use(self, volume: str | int, *, at: datetime | str | None = None, leak: bool = False) -> Outcome:
        """Uses data where she is: bytes, or "1.5 GB". `at` is a moment in the past, for a record that comes late;
        `leak` has the network let it through although it is blocked.
        """
        scene, octets = self._stage.scene, volume_bytes(volume)
        if at is not None:
            call = Call((self.name, octets, instant(at)))
            return self._stage.act(lambda: acts.used_earlier(scene, call), self)
        return self._stage.act(lambda: acts.use(scene, Call((self.name, octets)), leak=leak), self)

    def spend(self, amount: str | float | Decimal) -> Outcome:
        """Uses as much data as costs that many euro here, at the list price."""
        call = Call((self.name, micro_euro(amount)))
        return self._stage.act(lambda: acts.use_worth(self._stage.scene, call), self)

    # --- the handset -------------------------------------------------------------------------------------

    @property
    def inbox(self) -> Inbox:
        """Every text she got since the test began."""
        return Inbox([message for message in self._stage.messages if message.subscriber is self])

    @property
    def last(self) -> Message:
        """The newest text. AssertionError when there is none."""
        __tracebackhide__ = True
        inbox = self.inbox
        if not inbox:
            raise AssertionError(f"{self.name} got no text yet")
        return inbox[-1]

    # --- how she stands ----------------------------------------------------------------------------------

    @property
    def view(self) -> Json:
        """What the portal shows of the subscription, whole."""
        return self._stage.sim.run(self._stage.lent.pair.client.subscription(self.person.owner))

    @property
    def prefs(self) -> Preferences:
        found: Mapping[str, bool] = self.view["preferences"]
        return Preferences(found["BERICHT"], found["INFO"], found["LIMIET"])

    @property
    def usage(self) -> Usage:
        cost = self.view["cost"]
        return Usage(Decimal(cost["charged_eur"]), Decimal(str(cost["limit_eur"])))

    @property
    def volumes(self) -> dict[str, int]:
        """Bytes used this month: domestic_eu_bytes, outside_eu_bytes, leakage_bytes."""
        return dict(self.view["usage"])

    @property
    def data_blocked(self) -> DataBlock:
        world = self._stage.world
        data = self.view["data"]
        return DataBlock(
            here=world.network.is_blocked(self.number, world.clock.now()),
            eu=data["eu"] == "blocked",
            outside_eu=data["outside_eu"] == "blocked",
            categories=frozenset(data["blocked_categories"]),
            reasons=frozenset(data["reasons"]),
        )

    @property
    def place(self) -> Place:
        """Where she is."""
        world = self._stage.world
        return world.network.location(self.number, world.clock.now()).place

    def __repr__(self) -> str:
        return f"<{self.name} {self.number}>" if self.name != self.number else f"<{self.number}>"
