"""Ours and theirs: every counter that is compared has its twin."""

from dataclasses import fields

from simulator.counters import TWINS, Counters


def test_all_but_unanswered_have_a_twin():
    assert {field.name for field in fields(Counters)} == {*TWINS, "unanswered"}
