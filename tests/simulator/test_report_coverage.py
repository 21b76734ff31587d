"""Which rule is proved by which case."""

import pytest

from simulator.reports.coverage import coverage
from simulator.service import Chapter, Rule, Service
from tests.simulator.sample_report import dutch, failed, report, undecided

SERVICE = Service(
    (
        Chapter("a", False, "A", "A", (Rule("G4", "in", "…", "…"), Rule("F3", "out", "…", "…"))),
        Chapter("empty", False, "Leeg", "Empty", ()),
        Chapter("q", True, "Q", "Q", (Rule("Q7", "edge", "…", "…"), Rule("G9", "in", "…", "…"))),
    )
)


def states(*cases):
    found = coverage(report(*cases), SERVICE)
    return {one.rule.id: one.state for chapter in found.chapters for one in chapter.rules}


@pytest.mark.parametrize(
    ("cases", "state"),
    [
        ((dutch(),), "proved"),
        ((dutch(), failed()), "broken"),
        ((dutch(), undecided(rules=("G4",))), "open"),
        ((failed(), undecided(rules=("G4",))), "broken"),
        ((undecided(),), "unplayed"),
    ],
)
def test_a_rule_is_as_good_as_the_worst_case_that_names_it(cases, state):
    assert states(*cases)["G4"] == state


def test_what_is_no_matter_of_a_gateway_is_not_counted():
    found = coverage(report(dutch(), failed(rules=("Q7",))), SERVICE)
    assert states(dutch())["F3"] == "out"
    assert states(dutch(rules=("F3",)))["F3"] == "proved"
    assert (found.proved, found.total) == (1, 3)
    assert [chapter.chapter.id for chapter in found.chapters] == ["a", "q"], "an empty chapter is left out"
    assert [chapter.chapter.id for chapter in found.part(readings=True).chapters] == ["q"]
    assert [one.rule.id for one in found.chapters[0].counted] == ["G4"]


def test_a_run_that_names_no_rule_is_about_something_else():
    assert coverage(report(dutch(rules=())), SERVICE) is None


def test_the_service_is_what_is_held_against_by_itself():
    assert coverage(report()).total > 130
