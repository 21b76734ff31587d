"""What a scenario knows while it is played: its people, the conversation so far, and the texts nobody spoke of yet.

Texts are consumed in order, each once; a block begins with the first When step after something else and ends before
the next one or with the scenario.

Not here: what steps do (acts.py) and expect (checks.py), how a failure is told (failure.py).
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from simulator.faults import Fault
from simulator.gateway_client import GatewayError
from simulator.handset import Handset, Line
from simulator.scenarios.catalogue import Recognised, recognise
from simulator.scenarios.pair import Pair
from simulator.scenarios.values import Language, stamp
from simulator.settle import NotQuiet
from simulator.world import World

REBIND_S: Final = 10.0
DEATH_S: Final = 5.0
"""Within this a gateway that stopped answering has ended, or it was not told to."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text a handset got. `kinds` is empty when it fits no template."""

    line: Line
    kinds: tuple[Recognised, ...]

    @property
    def name(self) -> str:
        """Its public name in the handset's language, "" when it has none."""
        return self.kinds[0].name if self.kinds else ""

    @property
    def kind(self) -> str:
        return self.kinds[0].kind if self.kinds else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation: a text, or something that happened."""

    at: datetime
    told: str
    line: Line | None = None
    before: bool = False


@dataclass
class Person:
    """A subscriber. `waiting` holds the texts no step spoke of, `entries` all that happened."""

    name: str
    handset: Handset
    waiting: list[Text] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    last: Text | None = None
    acts: int = 0
    """Events, texts and portal changes since the block began: so many decisions are about it."""
    parent: "Person | None" = None
    """Whose subscription it is, for the holder of a Combi SIM."""
    refused_use: bool = False
    """Since the block began the network refused data: there was nothing to tell the gateway."""

    @property
    def number(self) -> str:
        return self.handset.number

    @property
    def owner(self) -> str:
        """The number of the subscription: another's, for the holder of a Combi SIM."""
        return self.parent.owner if self.parent is not None else self.number

    def acted(self) -> None:
        """Did something the gateway judges, on the subscription it belongs to."""
        self.acts += 1
        if self.parent is not None:
            self.parent.acted()


@dataclass(eq=False)
class Failure(Exception):  # noqa: N818 - what it is
    """A step that does not hold. `who` is whom it is about; `key` and `words` make the headline (speech.py)."""

    key: str
    words: Mapping[str, Any] = field(default_factory=dict)
    who: Person | None = None
    kind: str = ""
    """The kind that was expected, to find the reason it did not come."""
    details: tuple[str, ...] = ()
    marked: tuple[Line, ...] = ()
    """The texts that are wrong, pointed at in the conversation."""


@dataclass(frozen=True, slots=True)
class Armed:
    """A fault of this scenario, by the name the tester gave it."""

    name: str
    fault: Fault
    kills: bool = False
    told_by: str = ""
    """The gateway's log line of each hit, where only the gateway can count."""


@dataclass
class Scene:
    """Everything a step may need."""

    language: Language
    pair: Pair
    random: random.Random
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)
    journal: list[tuple[Person | None, Entry]] = field(default_factory=list)
    """All conversations in one, in the order in which things happened; None for what everybody saw."""
    armed: list[Armed] = field(default_factory=list)
    block_start: datetime | None = None
    acted_at: list[datetime] = field(default_factory=list)
    """When somebody did something since the block began; moving the clock is no act."""
    last: Text | None = None
    last_person: Person | None = None
    expected_errors: set[str] = field(default_factory=set)
    log_seen: int = 0
    refused: str = ""
    """What the portal said when it refused the last change; a step must speak of it."""
    refusal: GatewayError | None = None
    """The answer itself."""
    log_start: int = 0
    """Lines of the gateway's log that are older than the scene."""
    update_snapshots: bool = False
    in_given: bool = True
    on_text: Callable[[Person, Text], None] | None = None
    results_seen: int = 0
    _binds: int = 0

    @property
    def world(self) -> World:
        return self.pair.world

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def person(self, name: str) -> Person:
        return self.people[name]

    @property
    def mortal(self) -> Armed | None:
        """The fault by which the gateway shall still die."""
        return next((armed for armed in self.armed if armed.kills and not armed.fault.hits), None)

    async def revive(self) -> bool:
        """After a request without an answer: whether the gateway died as it was told to. Then it is started again."""
        mortal = self.mortal
        if mortal is None:
            return False
        try:
            async with asyncio.timeout(DEATH_S):
                await self.pair.died()
        except TimeoutError:
            return False
        mortal.fault.hits += 1
        await self.pair.launch()
        return True

    async def settle(self) -> None:
        """Until both sides are quiet, over the death of a gateway that is to die. NotQuiet."""
        if self.pair.down:
            return
        if self.mortal is None:
            await self.world.settle()
            return
        async with asyncio.TaskGroup() as group:
            ends = [group.create_task(self.pair.died()), group.create_task(self._quiet())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
        if not self.pair.child.is_running:
            await self.revive()
        await self.world.settle()

    async def _quiet(self) -> None:
        with suppress(NotQuiet):
            await self.world.settle()

    async def rest(self) -> None:
        """Until both sides are quiet. A link that was lost must be back first: what waits for it is not under way."""
        await self.settle()
        while not self.pair.down and not self._is_kept_out() and self._link_is_new():
            async with asyncio.timeout(REBIND_S):
                self._binds = await self._bound()
            await self.world.settle()

    def _link_is_new(self) -> bool:
        smsc = self.world.smsc
        return not smsc.bound_sessions or smsc.binds != self._binds

    def _is_kept_out(self) -> bool:
        return any(_refuses_for_ever(one) for one in self.world.faults.armed.get("bind", ()))

    async def _bound(self) -> int:
        """Until the gateway knows that it is bound, too; how often it has been so far."""
        settling = self.world.settling
        assert settling is not None
        while True:
            while not self.world.smsc.bound_sessions:
                settling.moved.clear()
                await settling.moved.wait()
            binds = self.world.smsc.binds
            _, body = await self.pair.client.readiness()
            if body.get("delivery") == "ok":
                return binds

    def listen(self) -> None:
        """Hears what handsets get from now on."""
        self.world.on_line = self._heard
        self.world.on_policy = self._told_policy

    def _heard(self, handset: Handset, line: Line) -> None:
        person = next((one for one in self.people.values() if one.handset is handset), None)
        if person is None:
            # A number nobody introduced got a text: that is nobody's wish.
            person = self.people.setdefault(handset.number, Person(handset.number, handset))
        kinds = tuple(recognise(line.text, dict.fromkeys((handset.language, self.language, "nl", "en"))))
        self._note(person, Entry(line.at, line.text, line, before=self.in_given))
        text = Text(line, kinds)
        if not self.in_given:
            person.waiting.append(text)
        if self.on_text is not None:
            self.on_text(person, text)

    def _told_policy(self, event: Mapping[str, Any]) -> None:
        """What a subscription may use holds for its Combi SIMs too (A12)."""
        network = self.world.network
        number = event["data"]["msisdn"]
        for person in self.people.values():
            if person.parent is not None and person.parent.number == number:
                network.policies[person.number] = network.policies[number]

    def _note(self, person: Person, entry: Entry) -> None:
        person.entries.append(entry)
        self.journal.append((person, entry))

    def happened(self, person: Person, told: str) -> None:
        self._note(person, Entry(self.now, told, before=self.in_given))

    def all_see(self, told: str) -> None:
        """Something that is nobody's own: it stands in every conversation."""
        entry = Entry(self.now, told, before=self.in_given)
        for person in self.people.values():
            person.entries.append(entry)
        self.journal.append((None, entry))

    def wrote(self, person: Person, text: str, to: str) -> None:
        line = person.handset.wrote(self.now, to, text)
        self._note(person, Entry(self.now, text, line, before=self.in_given))

    def begin_block(self) -> None:
        """A new When block."""
        self.in_given = False
        self.block_start = self.now
        self.acted_at = []
        self.log_seen = len(self.log())
        self.results_seen = len(self.pair.client.results)
        for person in self.people.values():
            person.acts, person.refused_use = 0, False

    def count_told(self) -> None:
        """Takes over what only the gateway could count."""
        for armed in self.armed:
            if armed.told_by:
                armed.fault.hits = sum(line.get("event") == armed.told_by for line in self.log())

    def log(self) -> list[dict[str, Any]]:
        """The log lines of all the gateway's lives."""
        return [line for life in self.pair.lives for line in life.log][self.log_start :]

    def results(self) -> list[dict[str, Any]]:
        """What the gateway answered to the events since the block began."""
        return self.pair.client.results[self.results_seen :]

    def left_over(self) -> list[Person]:
        return [person for person in self.people.values() if person.waiting]

    def stamp(self) -> str:
        return stamp(self.now, self.language)


def _refuses_for_ever(fault: Fault) -> bool:
    return fault.effect == "bind_status" and fault.times is None
