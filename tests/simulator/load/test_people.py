"""Whom a flow is about: the same people from the same seed, nobody twice at once, nobody who would repeat himself."""

import random
from dataclasses import replace

from simulator.load.flows import Flow
from simulator.load.mix import Mix
from simulator.load.people import REPEAT_S, REPLIES, TEXTS, Crowd, numbers

MIX = Mix.load("default")
FIRST = "+31640000001"


def test_numbers_go_on_and_leave_out_those_that_mean_a_fault():
    assert list(numbers(FIRST, 2)) == ["+31640000001", "+31640000002"]
    around = list(numbers("+31640008999", 2))
    assert around == ["+31640008999", "+31640009100"]


def test_the_seed_makes_the_people():
    def seen(seed):
        people = Crowd.of(500, FIRST, replace(MIX, off_pct=10), seed).people
        return [(one.number, one.handset.language, one.failing, one.off) for one in people]

    assert seen(1) == seen(1)
    assert seen(1) != seen(2)
    languages = [language for _, language, _, _ in seen(1)]
    assert 60 < languages.count("en") < 140
    assert 20 < sum(off for *_, off in seen(1)) < 80
    assert not any(failing and off for _, _, failing, off in seen(1))


def test_nobody_is_drawn_who_has_a_flow_or_does_not_fit():
    crowd = Crowd.of(3, FIRST, MIX, 1)
    a, b, c = crowd.people
    a.flow = Flow("roam", 0.0)
    assert {crowd.draw(lambda one: one is not c) for _ in range(20)} == {b}
    b.flow = Flow("roam", 0.0)
    assert crowd.draw(lambda one: one is not c) is None


def test_a_text_is_not_repeated_within_half_a_minute():
    (one,) = Crowd.of(1, FIRST, MIX, 1).people
    said = []
    while one.may_say("mo", 0.0):
        said.append(one.says("mo", 0.0))
    assert said == list(TEXTS)
    assert not one.may_say("mo", REPEAT_S - 1)
    assert one.may_say("mo", REPEAT_S)
    assert one.says("reply", 0.0) == REPLIES[0]


def test_settings_are_what_the_portal_takes():
    crowd = Crowd.of(300, FIRST, MIX, 1)
    made = [settings for _, settings in crowd.settings(MIX, "load-1")]
    assert {one["cost_limit_eur"] for one in made} == set(MIX.cost_limits_eur)
    assert {tuple(one["bundles"]) for one in made} == {("A",), ("B",), ("ROW",), ()}
    assert made == [settings for _, settings in crowd.settings(MIX, "load-1")]


def test_who_fails_or_is_off_is_absent():
    (one,) = Crowd.of(1, FIRST, replace(MIX, failing_pct=0), 1).people
    assert not one.absent
    one.off = True
    assert one.absent
    assert isinstance(Crowd.of(1, FIRST, MIX, 1).chance, random.Random)
