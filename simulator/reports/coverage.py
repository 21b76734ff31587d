"""Which rule of the service is proved by which cases of a run, and how they came out.

Not here: the rules (service.py, one folder up), which case names which rule (model.py), showing it (page.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulator.reports.model import Case, Report
from simulator.service import Chapter, Rule, Service, load

Proof = Literal["proved", "broken", "open", "unplayed", "out"]
"""`unplayed`: no case of this run names it; `out`: no matter of a gateway."""


@dataclass(frozen=True, slots=True)
class Proved:
    """One rule with the cases that name it."""

    rule: Rule
    cases: tuple[Case, ...]

    @property
    def state(self) -> Proof:
        states = {case.state for case in self.cases}
        if "failed" in states:
            return "broken"
        if self.rule.scope == "out" and not states:
            return "out"
        return "open" if "open" in states else "proved" if states else "unplayed"


@dataclass(frozen=True, slots=True)
class ProvedChapter:
    """A chapter with its rules, those that are no matter of a gateway too."""

    chapter: Chapter
    rules: tuple[Proved, ...]

    @property
    def counted(self) -> tuple[Proved, ...]:
        return tuple(one for one in self.rules if one.state != "out")

    def of(self, state: Proof) -> tuple[Proved, ...]:
        return tuple(one for one in self.rules if one.state == state)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole service."""

    chapters: tuple[ProvedChapter, ...]

    @property
    def proved(self) -> int:
        return sum(len(chapter.of("proved")) for chapter in self.chapters)

    @property
    def total(self) -> int:
        return sum(len(chapter.counted) for chapter in self.chapters)

    def part(self, *, readings: bool) -> "Coverage":
        """What the description says, or how it is read where it leaves room."""
        return Coverage(tuple(one for one in self.chapters if one.chapter.is_reading == readings))


def coverage(report: Report, service: Service | None = None) -> Coverage | None:
    """None when no case names a rule: then the run is about something else."""
    by_rule: dict[str, list[Case]] = {}
    for case in report.cases:
        for rule in case.rules:
            by_rule.setdefault(rule, []).append(case)
    if not by_rule:
        return None
    chapters = (service or load()).chapters
    return Coverage(tuple(ProvedChapter(one, tuple(_proved(one.rules, by_rule))) for one in chapters if one.rules))


def _proved(rules: Iterable[Rule], by_rule: dict[str, list[Case]]) -> Iterable[Proved]:
    return (Proved(rule, tuple(by_rule.get(rule.id, ()))) for rule in rules)
