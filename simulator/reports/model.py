"""A run as one value: each scenario with its steps, what every handset saw, why, and what changed by it.

Whoever plays makes it, every report is written from it. Plain values only: text is in the language of its scenario
and as it came (a text on a handset is written by strangers: who shows it escapes it), instants carry their zone.

Not here: collecting it (scenarios/recording.py), showing it (page.py and its neighbours).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

State = Literal["passed", "failed", "open"]
"""`open` is an open question that does not hold: it is told and fails nothing."""
StepState = Literal["passed", "failed", "skipped"]
StepKind = Literal["given", "when", "then"]
EntryKind = Literal["in", "out", "event"]
"""A text that a handset got, one that it sent, anything else that happened."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


# --- why -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that was looked at, by its id, what came of it, and that in words with the figures."""

    rule: str
    result: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A text that was not sent: its public name, the reason's code and the reason in words."""

    name: str
    reason: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the gateway made of one event. `sent` holds public names."""

    event: str
    outcome: str
    flow_id: str = ""
    findings: tuple[Finding, ...] = ()
    sent: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()


# --- what was seen ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """How a text travels. `units` are septets or UTF-16 units of the `room` its parts have; `foreign` the characters
    that GSM 03.38 lacks.
    """

    parts: int
    encoding: str
    chars: int
    units: int
    room: int
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the gateway knows of a text that a handset got."""

    kind: str
    name: str
    id: str = ""
    flow_id: str = ""
    state: str = ""
    told: str = ""
    """The state in words."""
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened, in the order in which it did. `step` is the number of the step during which it came,
    `who` the handset's holder ("" for what everybody sees), `before` that it belongs to the setting and not to the
    story, `pointed` that a failure is about it.
    """

    kind: EntryKind
    at: datetime
    text: str
    who: str = ""
    peer: str = ""
    step: int = 0
    before: bool = False
    pointed: bool = False
    anatomy: Anatomy | None = None
    sent: Sent | None = None
    decisions: tuple[Decision, ...] = ()
    """Of a text that was got the one that led to it; of anything else those after which no text came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a step changed of a subscription."""

    who: str
    what: str
    before: str
    after: str


# --- what was played -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step, numbered from 1. `shared` says that it stands in a background."""

    number: int
    kind: StepKind
    keyword: str
    text: str
    line: int
    state: StepState
    rows: tuple[tuple[str, ...], ...] = ()
    shared: bool = False
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose handset it is. `language` is that of the texts to it."""

    name: str
    number: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultUse:
    """A fault that was armed. `times` None means until it is over, `who` "" everybody."""

    id: str
    name: str
    hits: int
    times: int | None = 1
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One scenario (or test) that was played. `began_at` and `ended_at` are virtual, `real_s` is not."""

    number: int
    name: str
    path: str
    line: int
    state: State
    language: str = "en"
    feature: str = ""
    rule: str = ""
    """The heading it stands under."""
    tags: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Ids of the rules of the service that it proves."""
    lenient: bool = False
    headline: str = ""
    failure: str = ""
    """The whole of what is told of the failure; empty when it passed."""
    replay: str = ""
    seed: int = 0
    began_at: datetime = EPOCH
    ended_at: datetime = EPOCH
    real_s: float = 0.0
    steps: tuple[Step, ...] = ()
    people: tuple[Person, ...] = ()
    entries: tuple[Entry, ...] = ()
    faults: tuple[FaultUse, ...] = ()
    conversation: str = ""
    """The conversations as plain text."""

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def virtual(self) -> timedelta:
        return self.ended_at - self.began_at

    @property
    def flow_ids(self) -> tuple[str, ...]:
        """Each once, in order: where to look in the gateway's log."""
        found = [decision.flow_id for entry in self.entries for decision in entry.decisions]
        found += [entry.sent.flow_id for entry in self.entries if entry.sent is not None]
        return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What all of them have in common. `versions` are pairs of a program or library and its version."""

    began_at: datetime
    real_s: float
    seed: int
    replay: str = ""
    jobs: int = 1
    commit: str = ""
    config_digest: str = ""
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A run with all its cases, numbered from 1 in the order of the files."""

    run: Run
    cases: tuple[Case, ...] = field(default_factory=tuple)

    @property
    def language(self) -> str:
        """The one that most of it is written in."""
        dutch = sum(case.language == "nl" for case in self.cases)
        return "nl" if dutch * 2 >= len(self.cases) and dutch else "en"

    @property
    def passed(self) -> bool:
        return not self.failed

    @property
    def failed(self) -> tuple[Case, ...]:
        return self.of("failed")

    @property
    def virtual(self) -> timedelta:
        return sum((case.virtual for case in self.cases), timedelta())

    def of(self, state: State) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.state == state)

    def features(self) -> Sequence[tuple[Case, ...]]:
        """The cases by file, in the order of the files."""
        paths = dict.fromkeys(case.path for case in self.cases)
        return [tuple(case for case in self.cases if case.path == path) for path in paths]
