"""Watches one test while it is played and makes of it what reports show: its lines, what was seen, why, what changed.

A step is a line of the test that acted; the line that failed is one too. Each act is followed by one look at every
subscriber's standing, so a stage is watched only where a report was asked for.

Not here: what the values mean (reports/model.py), collecting and writing them (reporting.py).
"""

import inspect
import linecache
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientError

from simulator.faultnames import find_fault
from simulator.gateway_client import GatewayError
from simulator.plugin.outcome import Message
from simulator.plugin.stage import LANGUAGE, Stage
from simulator.reports.model import Case, Change, Decision, Entry, FaultUse, Sent, Step
from simulator.reports.model import Person as Holder
from simulator.scenarios import judged
from simulator.scenarios.because import conversation_text
from simulator.scenarios.catalogue import load
from simulator.scenarios.recording import entry
from simulator.scenarios.speech import SENTENCES, say


@dataclass
class _Act:
    """A line that acted: its number, the text, and how much had happened when it was over."""

    line: int
    text: str
    seen: int = 0
    decided: list[Decision] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


@dataclass
class Watch:
    """One stage's. `path` is the test's file, in which its lines are looked up."""

    stage: Stage
    path: Path
    began_at: datetime
    _acts: list[_Act] = field(default_factory=list)
    _standings: dict[str, dict[str, str]] = field(default_factory=dict)
    _given: int = 0

    @classmethod
    def over(cls, stage: Stage, path: Path) -> "Watch":
        """Begins to watch."""
        watch = cls(stage, path, stage.scene.now)
        stage.watch = watch
        return watch

    def begins(self) -> None:
        """An act begins; call it in the test's own thread."""
        if not self._acts:
            self._given = len(self.stage.scene.journal)
        self._acts.append(_Act(*self._line()))

    async def over_with(self, rows: Sequence[dict[str, Any]]) -> None:
        """The act is over; `rows` are the decisions it led to."""
        act = self._acts[-1]
        act.seen = len(self.stage.scene.journal)
        act.decided = [judged.decision(row, LANGUAGE) for row in rows]
        for person in self.stage.scene.people.values():
            if person.parent is None:
                act.changes += await self._changed(person.name, person.number)

    async def _changed(self, name: str, number: str) -> list[Change]:
        try:
            standing = judged.standing(await self.stage.lent.pair.client.subscription(number), LANGUAGE)
        except (GatewayError, ClientError, TimeoutError):
            return []
        before = self._standings.get(name)
        self._standings[name] = standing
        return [] if before is None else list(judged.changes(name, before, standing))

    def _line(self) -> tuple[int, str]:
        """The line of the test that is running."""
        frame = inspect.currentframe()
        while frame is not None and Path(frame.f_code.co_filename) != self.path:
            frame = frame.f_back
        if frame is None:
            return 0, ""
        return frame.f_lineno, linecache.getline(str(self.path), frame.f_lineno).strip()

    # --- what reports are made of ------------------------------------------------------------------------

    def case(self, *, failed_line: int = 0, **told: Any) -> Case:  # noqa: ANN401 - what else a case holds
        """`failed_line` is the line of the test that does not hold, 0 when there is none."""
        scene = self.stage.scene
        unseen = {id(message.line) for message in self.stage.messages if not message.seen}
        return Case(
            lenient=self.stage.lenient,
            seed=self.stage.seed,
            began_at=self.began_at,
            ended_at=scene.now,
            steps=self._steps(failed_line),
            people=tuple(
                Holder(name=one.name, number=one.number, language=one.handset.language)
                for one in scene.people.values()
            ),
            entries=tuple(self._entries(unseen)),
            faults=tuple(self._fault(number) for number in range(len(scene.armed))),
            conversation=conversation_text(scene),
            **told,
        )

    def _steps(self, failed_line: int) -> tuple[Step, ...]:
        steps = [
            Step(
                number=number,
                kind="when",
                keyword="",
                text=act.text,
                line=act.line,
                state="failed" if act.line == failed_line else "passed",
                changes=tuple(act.changes),
            )
            for number, act in enumerate(self._acts, 1)
        ]
        if failed_line and all(step.line != failed_line for step in steps):
            text = linecache.getline(str(self.path), failed_line).strip()
            kept = len(steps) + 1
            steps.append(Step(number=kept, kind="then", keyword="", text=text, line=failed_line, state="failed"))
        return tuple(steps)

    def _fault(self, number: int) -> FaultUse:
        armed = self.stage.scene.armed[number]
        known, fault = find_fault(armed.name, LANGUAGE), armed.fault
        holders = (one.name for one in self.stage.scene.people.values() if one.number == fault.number)
        return FaultUse(
            id=known.id if known is not None else armed.name,
            name=armed.name,
            hits=fault.hits,
            times=fault.times,
            who=next(holders, fault.number or ""),
        )

    def _entries(self, unseen: set[int]) -> list[Entry]:
        """The journal; a decision stands with the text it led to, else with the last thing that its act did."""
        messages = {id(message.line): message for message in self.stage.messages}
        decided = {one.flow_id: one for act in self._acts for one in act.decided}
        found: list[Entry] = []
        told: set[str] = set()
        for index, (person, seen) in enumerate(self.stage.scene.journal):
            message = messages.get(id(seen.line)) if seen.line is not None else None
            sent = _sent(message) if message is not None else None
            decision = decided.get(sent.flow_id) if sent is not None else None
            told |= {decision.flow_id} if decision is not None else set()
            step = next((number for number, act in enumerate(self._acts, 1) if index < act.seen), 0)
            pointed = seen.line is not None and id(seen.line) in unseen
            found.append(entry(person, seen, 0 if index < self._given else step, sent, decision, pointed=pointed))
        return self._with_silences(found, told)

    def _with_silences(self, entries: list[Entry], told: set[str]) -> list[Entry]:
        for number, act in enumerate(self._acts, 1):
            places = [index for index, one in enumerate(entries) if one.step == number and one.kind != "in"]
            silent = tuple(one for one in act.decided if one.flow_id not in told and (one.findings or one.held))
            if places and silent:
                last = entries[places[-1]]
                entries[places[-1]] = replace(last, decisions=(*last.decisions, *silent))
        return entries


def _sent(message: Message) -> Sent:
    told = message.told or {}
    kind = str(told.get("kind", message.kind))
    state = str(told.get("state", ""))
    return Sent(
        kind=kind,
        name=load(LANGUAGE).names.get(kind, kind) or say("unknown_text", LANGUAGE),
        id=message.id,
        flow_id=message.flow_id,
        state=state,
        told=say(state, LANGUAGE) if state in SENTENCES else state,
        attempts=int(told.get("attempts") or 0),
    )
