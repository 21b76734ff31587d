"""One test's stage: the pair it was lent, the people it brought on, and what they got.

An act is one coroutine of the scenarios' own acts, followed by quiet; then the gateway is asked what it decided. All
of it runs in the simulator's loop; what is here is called from the test's thread.

Not here: the words a test uses (subscriber.py, hands.py), what must hold at its end (strict.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from aiohttp import ClientError

from simulator import reasons
from simulator.alphabet import UDHI, concat_of, split_header
from simulator.gateway_client import GatewayError, Json
from simulator.gateway_process import GatewayDied
from simulator.handset import Handset, Line
from simulator.messages import Message as Submitted
from simulator.plugin.clockhand import ClockHand
from simulator.plugin.ledger import Ledger
from simulator.plugin.outcome import Message, Outcome
from simulator.plugin.sim import Lent, Sim, chance
from simulator.plugin.subscriber import Subscriber
from simulator.reports.model import Case
from simulator.scenarios import because, failure, portal
from simulator.scenarios.acts import Call
from simulator.scenarios.scene import DEATH_S, Failure, Person, Scene, Text
from simulator.scenarios.speech import say
from simulator.settle import NotQuiet
from simulator.world import World

LANGUAGE: Final = "en"
"""What a developer is told is told in English, whatever the texts are in."""
ENTRIES_MAX: Final = 60
"""Lines of a conversation that a failure shows: all of an ordinary test."""
REFUSED: Final = "the network refused the data, so there was nothing to tell the gateway"
UNASKED: Final = "nothing reached the gateway that a text could follow"


class Watcher(Protocol):
    """Sees each act of a stage, for a report."""

    def begins(self) -> None: ...
    async def over_with(self, rows: Sequence[Json]) -> None: ...
    def case(self, *, failed_line: int = 0, **told: Any) -> Case: ...  # noqa: ANN401 - what else a case holds


class Unplayable(Exception):  # noqa: N818 - what it is
    """An act that could not be done, or after which the world did not come to rest; the message says why."""


class Stage:
    """Begins with a lent pair, ends with `leave`. `lenient` says that texts may come that nobody looks at."""

    def __init__(self, sim: Sim, lent: Lent, *, name: str, seed: int, lenient: bool = False) -> None:
        self.sim, self.lent, self.name, self.seed, self.lenient = sim, lent, name, seed, lenient
        self.random = chance(seed, name)
        self.scene = Scene(LANGUAGE, lent.pair, self.random, Path())
        self.scene.log_start = len(lent.pair.child.log)
        self.failed = False
        self.watch: Watcher | None = None
        self.complaints_start = len(self.world.smsc.complaints)
        self.subscribers: dict[str, Subscriber] = {}
        self.messages: list[Message] = []
        self.expected_errors: set[str] = set()
        self.ledger = Ledger(lambda: lent.pair.client)
        self._number = lent.next_block()
        self._pieces: dict[tuple[str, str, int], list[Submitted]] = {}
        self._brought: list[Submitted] = []
        self._latest: Outcome | None = None
        self.scene.listen()
        self.scene.on_text = self._on_text
        self.world.on_delivery = self._on_delivery

    @property
    def clock(self) -> ClockHand:
        """The business clock of world and gateway."""
        return ClockHand(self)

    @property
    def journal(self) -> list[tuple[datetime, str, str]]:
        """All that happened, in order: when, to whom ("" for everybody), what."""
        return [(seen.at, person.name if person is not None else "", seen.told) for person, seen in self.scene.journal]

    @property
    def replay(self) -> str:
        """How to play the test again."""
        return f'pytest "{self.name}" --sim-seed {self.seed}'

    @property
    def world(self) -> World:
        return self.lent.pair.world

    # --- people ------------------------------------------------------------------------------------------

    def handset(
        self,
        number: str | None = None,
        *,
        name: str = "",
        lang: str = "nl",
        where: str = "",
        bundles: Iterable[str] = (),
        combi_of: Subscriber | None = None,
        subscribed: bool = True,
        **settings: Any,  # noqa: ANN401 - what the portal takes
    ) -> Subscriber:
        """Brings on a subscriber with a handset; what that leads to is not what the test is about.

        A number of nobody's when none is given. `where` is a country or network, `bundles` names the options that
        are on, `combi_of` whose second SIM it is, `settings` what the portal takes (`cost_limit_eur=100`).
        """
        if number is None:
            number, self._number = f"+{self._number}", self._number + 1
        row = {"name": name or number, "number": number, "language": lang, **settings}
        if row["name"] in self.subscribers or any(one.number == number for one in self.subscribers.values()):
            raise ValueError(f"{row['name']} {number}: somebody in this test has that name or number")
        if where:
            row["place"] = where
        if bundles:
            row["bundles"] = [bundles] if isinstance(bundles, str) else list(bundles)
        if combi_of is not None:
            row = {"name": row["name"], "number": number, "combi_of": combi_of.name}
        self.sim.run(self._bring_on(row, subscribed=subscribed))
        return self.subscribers[row["name"]]

    async def _bring_on(self, row: dict[str, Any], *, subscribed: bool) -> None:
        number, name = row["number"], row["name"]
        self.scene.in_given = True
        if number in self.lent.given:
            # An earlier test on this pair had it.
            await self._forget(number)
        if subscribed:
            self.lent.given.add(number)
            await self._played(lambda: portal.subscribers(self.scene, Call((), [row])))
        else:
            self.scene.people[name] = Person(name, self.world.handset(number, name, row["language"]))
        self._subscriber(self.scene.people[name])
        await self.ledger.ask([self.scene.people[name].owner])

    async def _forget(self, number: str) -> None:
        try:
            await self.lent.pair.client.delete_subscription(number)
        except GatewayError as error:
            if error.status != 404:
                raise
        await self.scene.rest()

    def _subscriber(self, person: Person) -> Subscriber:
        if person.name not in self.subscribers:
            self.subscribers[person.name] = Subscriber(self, person)
        return self.subscribers[person.name]

    # --- what handsets get -------------------------------------------------------------------------------

    def _on_delivery(self, handset: Handset, message: Submitted, line: Line | None) -> None:
        """Remembers which submits a line was made of."""
        key = (handset.number, message.source, _reference(message))
        pieces = self._pieces.setdefault(key, [])
        pieces.append(message)
        if line is not None:
            self._brought = self._pieces.pop(key)

    def _on_text(self, person: Person, text: Text) -> None:
        message = Message(self, self._subscriber(person), text, self._brought)
        message.seen = self.scene.in_given
        self.messages.append(message)

    # --- acts --------------------------------------------------------------------------------------------

    def act(self, deed: Callable[[], Awaitable[object]], who: Subscriber | None = None) -> Outcome:
        """Does it, waits until both sides are quiet, and tells what came of it."""
        if self.watch is not None:
            self.watch.begins()
        self._latest = self.sim.run(self._act(deed, who))
        return self._latest

    async def _act(self, deed: Callable[[], Awaitable[object]], who: Subscriber | None) -> Outcome:
        scene = self.scene
        scene.begin_block()
        scene.refused, scene.refusal = "", None
        before = len(self.messages)
        await self._played(deed)
        came = self.messages[before:]
        if self.lent.pair.down:
            # Nobody is there to be asked.
            return Outcome(self, who, came)
        people = list(scene.people.values()) if who is None else [who.person]
        news = await self.ledger.ask(dict.fromkeys([*(one.owner for one in people), *_owners(came)]))
        if not self.ledger.join(came):
            await self.ledger.ask(one.owner for one in scene.people.values())
            self.ledger.join(came)
        if self.watch is not None:
            await self.watch.over_with(news.decisions)
        return Outcome(
            self,
            who,
            came if who is None else [message for message in came if message.subscriber is who],
            news.decisions,
            news.suppressed,
            list(scene.results()),
            refused=who is not None and who.person.refused_use,
        )

    async def _played(self, deed: Callable[[], Awaitable[object]]) -> None:
        try:
            await deed()
            await self.scene.rest()
        except Failure as told:
            raise Unplayable(say(told.key, LANGUAGE, **told.words)) from None
        except NotQuiet as error:
            self._raise_if_dead(error)
            raise Unplayable(str(error)) from None
        except (ClientError, TimeoutError) as error:
            # A link that broke is the first that is seen of a death.
            with suppress(TimeoutError):
                async with asyncio.timeout(DEATH_S):
                    await self.lent.pair.died()
            self._raise_if_dead(error)
            raise
        if self.scene.refusal is not None:
            raise self.scene.refusal

    def _raise_if_dead(self, error: Exception) -> None:
        child = self.lent.pair.child
        if not child.is_running:
            raise GatewayDied(f"the gateway died, exit code {child.exit_code}\n{child.last_lines()}") from error

    # --- why ---------------------------------------------------------------------------------------------

    def why_not(self, outcome: Outcome, kind: str = "") -> str:
        """Why no text of that kind came of it."""
        if outcome.refused:
            return REFUSED
        if not outcome.decisions and not outcome.events:
            return UNASKED
        if outcome is self._latest and outcome.who is not None:
            return self._ask(because.why_not(self.scene, outcome.who.person, kind)).removeprefix("not sent: ")
        return "; ".join(reasons.why_not(outcome.suppressed, outcome.decisions))

    def why_came(self, outcome: Outcome) -> str:
        if outcome is self._latest and outcome.who is not None:
            return self._ask(because.why_came(self.scene, outcome.who.person))
        sent = [kind for row in outcome.decisions for kind in row.get("sent", ())]
        return f"sent: {', '.join(sent)}" if sent else ""

    def _ask(self, question: Any) -> str:  # noqa: ANN401 - a coroutine
        try:
            return str(self.sim.run(question))
        except (GatewayError, ClientError, TimeoutError) as error:
            return f"(the gateway says: {error})"

    def state_of(self, message: Message) -> str:
        """What the gateway knows of a text now."""
        if message.told is None:
            return "unknown"
        self.sim.run(self.ledger.ask([message.subscriber.person.owner]))
        self.ledger.join([message])
        return str(message.told["state"])

    # --- the end -----------------------------------------------------------------------------------------

    def conversations(self) -> str:
        """What everybody said and got, where they stand, and how to play it again; for a failure's report."""
        unseen = tuple(message.line for message in self.messages if not message.seen)
        told = Failure("unexpected", marked=unseen)
        blocks = [
            "\n".join(line.removeprefix("  ") for line in self.sim.run(self._conversation(person, told)))
            for person in self.scene.people.values()
        ]
        faults = [say("fault_state", LANGUAGE, fault=armed.name, hits=armed.fault.hits) for armed in self.scene.armed]
        kept = [f"Kept: {self.lent.pair.folder}"] if self.failed and self.sim.options.keep else []
        return "\n".join([*blocks, *faults, *kept, f"Replay: {self.replay}"])

    async def _conversation(self, person: Person, told: Failure) -> list[str]:
        return await failure.conversation(self.scene, person, told, ENTRIES_MAX)

    def leave(self, *, reusable: bool = True) -> None:
        """Gives the pair back, for the next test or to its end."""
        world = self.world
        world.on_delivery = world.on_line = world.on_policy = None
        reusable = reusable and not self.failed and not self.scene.armed
        for person in self.scene.people.values():
            reusable &= person.handset.on
            world.handsets.pop(person.number, None)
            world.network.locations.pop(person.number, None)
        keep = self.failed and self.sim.options.keep
        self.sim.run(self.sim.give_back(self.lent, reusable=reusable, keep=keep))


def _owners(messages: list[Message]) -> list[str]:
    return [message.subscriber.person.owner for message in messages]


def _reference(message: Submitted) -> int:
    """Which of a long text's parts belong together; -1 for a text of one part."""
    submit = message.submit
    if not submit.esm_class & UDHI:
        return -1
    try:
        concat = concat_of(split_header(submit.payload)[0])
    except ValueError:
        return -1
    return concat.reference if concat is not None else -1
