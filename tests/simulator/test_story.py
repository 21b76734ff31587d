"""The story itself: whom it names and when, and that its kinds exist."""

import tomllib

from simulator.reasons import TEMPLATES
from simulator.story import PEOPLE, START, STORY


def test_every_step_names_a_person_of_the_story():
    assert {step.who for step in STORY} == {person.name for person in PEOPLE}
    assert len({person.number for person in PEOPLE}) == len(PEOPLE)


def test_time_only_moves_on():
    instants = [START, *(step.at for step in STORY if step.at is not None)]
    assert instants == sorted(instants)


def test_the_kinds_are_those_of_the_templates():
    kinds = tomllib.loads((TEMPLATES / "nl.toml").read_text(encoding="utf-8"))["kind"]
    told = {kind for step in STORY for kind in step.expected.kinds}
    assert told <= kinds.keys()
    # What the service is there for must be in the story.
    assert {"help", "border_eu_emergency", "border_world_no_bundle", "cost_80", "cost_100_block", "cost_200_block",
            "cost_lifted_100", "cost_lifted_200", "lift_refused_hard_cap"} <= told  # fmt: skip


def test_a_month_begins_in_it():
    assert [step.act for step in STORY].count("month") == 1
