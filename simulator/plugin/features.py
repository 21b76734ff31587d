"""Scenarios as pytest's tests: each scenario, and each row of an outline, of a `.feature` file is one.

A file in which no step is one of ours belongs to somebody else's tool and is left alone, unless it was asked for by
name. What lint finds is an error of collection, as a slip in a Python file is.

Not here: playing a scenario (scenarios/play.py), when files are collected (hooks.py).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.plugin.sim import Sim
from simulator.scenarios.interpret import Interpreter
from simulator.scenarios.lint import Ready, check_file, shown
from simulator.scenarios.play import Outcome, play
from simulator.scenarios.reading import read

if TYPE_CHECKING:
    from simulator.plugin.hooks import FeatureFile
    from simulator.plugin.reporting import Reporting


class ScenarioFailed(Exception):  # noqa: N818 - what it is
    """Carries the whole of what a tester must know."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


def items(file: "FeatureFile") -> Iterator["FeatureItem"]:
    """The scenarios of a file. CollectError when there is something wrong with it."""
    if not file.asked and _is_foreign(file.path):
        return
    ready, faults = check_file(file.path)
    if faults:
        raise file.CollectError("\n".join(shown(fault) for fault in faults))
    for one in ready:
        item: FeatureItem = FeatureItem.from_parent(file, name=one.scenario.name)
        item.ready, item.sim, item.reporting = one, file.sim, file.reporting()
        item.extra_keyword_matches.update(tag.removeprefix("@") for tag in one.scenario.tags)
        yield item


class FeatureItem(pytest.Item):
    """One scenario."""

    ready: Ready
    sim: Callable[[], Sim]
    reporting: "Reporting | None"

    def runtest(self) -> None:
        sim = self.sim()
        if sim.options.real_time:
            pytest.skip("scenarios are played on a virtual clock")
        outcome = sim.run(play(sim.nursery, self.ready, sim.seed, closely=self.reporting is not None))
        if self.reporting is not None and outcome.case is not None:
            self.reporting.cases.append(outcome.case)
        self.add_report_section("call", "conversation", outcome.conversation)
        if outcome.passed:
            return
        if not outcome.counts:
            pytest.xfail(outcome.headline)
        raise ScenarioFailed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """The scenario's own words, its headline where pytest and JUnit show a message."""
        if not isinstance(excinfo.value, ScenarioFailed):
            return super().repr_failure(excinfo, style)
        told = excinfo.getrepr(style="value")
        if told.reprcrash is not None:
            told.reprcrash.path = str(self.path)
            told.reprcrash.lineno = self.ready.scenario.line
            told.reprcrash.message = excinfo.value.outcome.headline
        return told

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.ready.scenario.line - 1, self.name


def _is_foreign(path: Path) -> bool:
    """Whether the file can be read and no step in it is one of ours."""
    scenarios, faults = read(path)
    if faults:
        # A language we do not speak is somebody else's; a fault of grammar may be ours.
        return all("allowed are nl, en" in fault.message for fault in faults)
    return not any(Interpreter(scenario.language).knows(step) for scenario in scenarios for step in scenario.steps)
