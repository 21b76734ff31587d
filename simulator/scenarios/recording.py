"""Watches one scenario while it is played and makes of it what reports show: steps, what was seen, why, what changed.

Watching changes nothing: between steps, when both sides are quiet, the gateway is asked for decisions and standing
(`closely`), and what it can not tell because it is dead is left out.

Not here: what the values mean (reports/model.py), the words for decisions and standing (judged.py).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from aiohttp import ClientError

from simulator import alphabet
from simulator.faultnames import find_fault
from simulator.gateway_client import GatewayError
from simulator.handset import Line
from simulator.reports.model import (
    Anatomy,
    Case,
    Change,
    Decision,
    Entry,
    EntryKind,
    FaultUse,
    Sent,
    Step,
    StepState,
)
from simulator.reports.model import Person as Holder
from simulator.scenarios import judged
from simulator.scenarios.because import kinds_of
from simulator.scenarios.catalogue import load
from simulator.scenarios.failure import asked
from simulator.scenarios.lint import Ready
from simulator.scenarios.reading import Step as Written
from simulator.scenarios.scene import Armed, Person, Scene
from simulator.scenarios.scene import Entry as Seen
from simulator.scenarios.speech import SENTENCES, say
from simulator.service import load as load_service

Json = Mapping[str, Any]
QUIET: Final = frozenset({"1", "70"})
"""Phrases after which nothing can differ."""


@dataclass
class _Followed:
    """What was last known of one subscription."""

    standing: dict[str, str] | None = None
    cursor: str = ""
    decided: list[tuple[int, Decision]] = field(default_factory=list)
    """With the number of the step during which it was decided."""
    notifications: Sequence[Json] = ()


@dataclass
class Recorder:
    """One scenario's. Tell it of each step that was played, and of the end before the gateway is stopped."""

    scene: Scene
    ready: Ready
    closely: bool = False
    _seen: list[int] = field(default_factory=list)
    """After each step so many entries were in the journal."""
    _changes: dict[int, list[Change]] = field(default_factory=dict)
    _followed: dict[str, _Followed] = field(default_factory=dict)
    _ended: bool = False

    async def stepped(self) -> None:
        """The next step has been played."""
        self._seen.append(len(self.scene.journal))
        number = len(self._seen)
        one = self.ready.steps[number - 1]
        if self.closely and one.phrase.kind != "then" and one.phrase.id not in QUIET:
            await self._follow(number)

    async def ended(self) -> None:
        """Nothing more will happen; call it as long as the gateway lives."""
        if self._ended or not self.closely:
            return
        self._ended = True
        if len(self._seen) < len(self.ready.steps):
            await self._follow(len(self._seen) + 1)
        async with _while_it_lives():
            for name, followed in self._followed.items():
                number = self.scene.people[name].number
                followed.notifications = await self.scene.pair.client.notifications(number)

    async def _follow(self, number: int) -> None:
        async with _while_it_lives():
            for person in self.scene.people.values():
                if person.parent is None:
                    await self._look_at(person, number)

    async def _look_at(self, person: Person, number: int) -> None:
        client, language = self.scene.pair.client, self.scene.language
        followed = self._followed.setdefault(person.name, _Followed())
        rows, followed.cursor = await client.decisions_since(person.number, followed.cursor)
        followed.decided += [(number, judged.decision(row, language)) for row in rows]
        standing = judged.standing(await client.subscription(person.number), language)
        if followed.standing is not None:
            found = judged.changes(person.name, followed.standing, standing)
            self._changes.setdefault(number, []).extend(found)
        followed.standing = standing

    # --- what reports are made of ------------------------------------------------------------------------

    def case(self, *, failed_step: int, played: int, marked: Sequence[Line] = (), **told: Any) -> Case:  # noqa: ANN401
        """`played` steps were begun, `failed_step` is the number of the one that does not hold (0: none), `marked` are
        the texts that a failure is about, `told` is what else a case holds.
        """
        scene, scenario = self.scene, self.ready.scenario
        return Case(
            name=scenario.name,
            path=asked(scenario).as_posix(),
            line=scenario.line,
            language=scenario.language,
            feature=scenario.feature,
            rule=scenario.rule,
            tags=tuple(dict.fromkeys(scenario.tags)),
            rules=load_service().rules_of(scenario.tags),
            lenient=scenario.lenient,
            began_at=self.ready.start,
            ended_at=scene.now,
            steps=tuple(
                self._step(number, step, failed_step, played) for number, step in enumerate(scenario.steps, 1)
            ),
            people=tuple(Holder(name=one.name, number=one.number, language=one.handset.language)
                         for one in scene.people.values()),
            entries=tuple(self._entries(marked)),
            faults=tuple(
                self._fault(armed) for armed in scene.armed
            ),
            **told,
        )  # fmt: skip

    def _step(self, number: int, step: Written, failed: int, played: int) -> Step:
        state: StepState = "failed" if number == failed else "passed" if number <= played else "skipped"
        return Step(
            number=number,
            kind=step.kind,
            keyword=step.keyword,
            text=step.text,
            line=step.line,
            state=state,
            rows=step.rows,
            shared=step.shared,
            changes=tuple(self._changes.get(number, ())),
        )

    def _fault(self, armed: Armed) -> FaultUse:
        known = find_fault(armed.name, self.scene.language)
        fault = armed.fault
        return FaultUse(
            id=known.id if known is not None else armed.name,
            name=armed.name,
            hits=fault.hits,
            times=fault.times,
            who=self._name_of(fault.number),
        )

    def _name_of(self, number: str | None) -> str:
        return next((one.name for one in self.scene.people.values() if one.number == number), number or "")

    def _entries(self, marked: Sequence[Line]) -> list[Entry]:
        """The journal; each decision stands with the text it led to, or else with what it was about."""
        entries: list[Entry] = []
        notices = _Notices(self._followed, self.scene.language)
        told: set[str] = set()
        for number, (person, seen) in enumerate(self.scene.journal):
            step = next((n for n, count in enumerate(self._seen, 1) if number < count), len(self._seen) + 1)
            sent, decision = None, None
            if person is not None and seen.line is not None and seen.line.direction == "in":
                sent, decision = notices.take(person, seen.line, self._sent(person, seen.line))
                if decision is not None:
                    told.add(decision.flow_id)
            entries.append(entry(person, seen, step, sent, decision, pointed=_is_one_of(seen.line, marked)))
        return self._with_silences(entries, told)

    def _sent(self, person: Person, line: Line) -> Sent:
        """What the text itself shows."""
        kind = next(iter(kinds_of(self.scene, person, line)), "")
        name = load(self.scene.language).names.get(kind, kind) or say("unknown_text", self.scene.language)
        return Sent(kind=kind, name=name)

    def _with_silences(self, entries: list[Entry], told: set[str]) -> list[Entry]:
        """Decisions after which no text came stand with the last thing that happened in their step."""
        for name, followed in self._followed.items():
            of = {name, "", *(one.name for one in self.scene.people.values() if one.parent is self.scene.people[name])}
            for number, decision in followed.decided:
                if decision.flow_id in told or not (decision.findings or decision.held):
                    continue
                place = _last([index for index, one in enumerate(entries)
                               if one.step == number and one.who in of and one.kind != "in"])  # fmt: skip
                if place is not None:
                    entries[place] = _and(entries[place], decision)
        return entries


@asynccontextmanager
async def _while_it_lives() -> AsyncIterator[None]:
    """A gateway that does not answer, or has no such subscription, tells nothing."""
    try:
        yield
    except (GatewayError, ClientError, TimeoutError, OSError):
        return


@dataclass
class _Notices:
    """The gateway's notifications to each number, from which a text on a handset takes its own."""

    followed: Mapping[str, _Followed]
    language: str
    _left: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for followed in self.followed.values():
            for row in followed.notifications:
                if row.get("text"):
                    self._left.setdefault((str(row["to"]), str(row["text"])), []).append(row)

    def take(self, person: Person, line: Line, sent: Sent) -> tuple[Sent, Decision | None]:
        """What the gateway knows of the text, and why it sent it. A second copy has the row of the first."""
        rows = self._left.get((person.number, line.text), [])
        if not rows:
            return sent, None
        row = rows.pop(0) if len(rows) > 1 else rows[0]
        state, flow_id = str(row.get("state")), str(row.get("flow_id") or "")
        sent = Sent(
            kind=str(row.get("kind")),
            name=load(self.language).names.get(str(row.get("kind")), str(row.get("kind"))),
            id=str(row.get("id")),
            flow_id=flow_id,
            state=state,
            told=say(state, self.language) if state in SENTENCES else state,
            attempts=int(row.get("attempts") or 0),
        )
        decided = (one for followed in self.followed.values() for _, one in followed.decided)
        return sent, next((one for one in decided if flow_id and one.flow_id == flow_id), None)


def entry(
    person: Person | None, seen: Seen, step: int, sent: Sent | None, decision: Decision | None, *, pointed: bool
) -> Entry:
    line = seen.line
    kind: EntryKind = "event" if line is None else line.direction
    at: datetime = seen.at
    return Entry(
        kind=kind,
        at=at,
        text=seen.told,
        who=person.name if person is not None else "",
        peer=line.peer if line is not None else "",
        step=step,
        before=seen.before,
        pointed=pointed,
        anatomy=anatomy(line) if line is not None else None,
        sent=sent,
        decisions=(decision,) if decision is not None else (),
    )


def _is_one_of(line: Line | None, marked: Sequence[Line]) -> bool:
    return line is not None and any(line is one for one in marked)


def _last(places: Sequence[int]) -> int | None:
    return places[-1] if places else None


def _and(entry: Entry, decision: Decision) -> Entry:
    return replace(entry, decisions=(*entry.decisions, decision))


def anatomy(line: Line) -> Anatomy:
    """How a text travels: GSM 03.38 in septets, anything else in units of UTF-16 (3GPP TS 23.038)."""
    septets = alphabet.gsm_octets(line.text)
    if septets is not None:
        units, whole, part = len(septets), alphabet.GSM_MAX, alphabet.GSM_PART_MAX
    else:
        units = len(line.text.encode("utf-16-be", "surrogatepass")) // 2
        whole, part = alphabet.UCS2_MAX // 2, alphabet.UCS2_PART_MAX // 2
    foreign = "".join(dict.fromkeys(one for one in line.text if alphabet.gsm_octets(one) is None))
    room = whole if line.parts == 1 else part * line.parts
    return Anatomy(
        parts=line.parts, encoding=line.encoding, chars=len(line.text), units=units, room=room, foreign=foreign
    )
