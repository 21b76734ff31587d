"""Flows: over when they are answered and all their texts have come, measured from the instant they were meant for."""

import pytest

from simulator.load.flows import OVERDUE_S, Book, Flow
from simulator.load.mix import Mix
from simulator.load.people import Crowd
from simulator.load.tally import Tally


class Story:
    """A book, a person and a clock that stands where the test says."""

    def __init__(self):
        self.tally = Tally(begin_s=100.0)
        self.ended = 0
        self.book = Book(self.tally, self._end)
        (self.who,) = Crowd.of(1, "+31640000001", Mix.load("default"), 1).people
        self.who.failing = False

    def _end(self):
        self.ended += 1

    def flow(self, kind, *, due_s=100.0, sent_s=100.01):
        flow = Flow(kind, due_s)
        self.tally.started(kind, due_s, sent_s)
        self.book.begin(flow, self.who, sent_s)
        return flow

    def ms(self, measure):
        one = self.tally.measures[measure]
        return (one.count, one.max_us / 1000)


@pytest.fixture
def story():
    return Story()


def test_an_event_that_brings_nothing_ends_with_its_answer(story):
    flow = story.flow("usage")
    story.book.answered(flow, 100.03, outcome="counted")
    assert story.ended == 1
    assert story.who.flow is None
    assert (story.ms("event-200"), story.ms("flow")) == ((1, 30.0), (1, 30.0))
    assert story.tally.outcomes == {("usage", "counted"): 1}


def test_an_event_ends_with_its_last_text_whichever_comes_first(story):
    flow = story.flow("roam")
    story.book.submitted(flow, story.who, 100.02, 100.021)
    story.book.shown(story.who, 100.022)
    assert not story.ended
    story.book.answered(flow, 100.03, outcome="notified", kinds=("border_eu", "border_eu_vas"))
    assert not story.ended
    story.book.submitted(flow, story.who, 100.04, 100.041)
    story.book.shown(story.who, 100.05)
    assert story.ended == 1
    assert (story.ms("event-submit"), story.ms("event-handset")) == ((2, 40.0), (2, 50.0))
    assert story.ms("flow") == (1, 50.0)
    assert story.tally.told == {"border_eu": 1, "border_eu_vas": 1}


def test_a_text_brings_one_and_ends_with_it(story):
    flow = story.flow("mo")
    story.book.submitted(flow, story.who, 100.02, 100.021)
    story.book.shown(story.who, 100.022)
    assert not story.ended
    story.book.answered(flow, 100.024, outcome="taken")
    assert story.ended == 1
    assert (story.ms("mo-reply"), story.ms("mo-resp")) == ((1, 22.0), (1, 24.0))
    assert "event-submit" not in story.tally.measures


@pytest.mark.parametrize("absent", ["off", "failing"])
def test_where_no_text_is_shown_the_smsc_is_the_end(story, absent):
    setattr(story.who, absent, True)
    flow = story.flow("roam")
    story.book.answered(flow, 100.03, outcome="notified", kinds=("border_eu",))
    story.book.submitted(flow, story.who, 100.04, 100.041)
    assert story.ended == 1
    assert "event-handset" not in story.tally.measures


def test_an_error_ends_a_flow_and_is_no_latency(story):
    flow = story.flow("roam")
    story.book.answered(flow, 100.03, outcome="", error="HTTP 503")
    assert story.ended == 1
    assert story.tally.errors == {"HTTP 503": 1}
    assert story.tally.measures == {}


def test_a_text_without_a_flow_is_a_stray(story):
    story.book.submitted(None, story.who, 100.0, 100.0)
    story.book.shown(story.who, 100.0)
    assert story.book.strays == 1


def test_what_never_comes_is_let_go(story):
    flow = story.flow("mo")
    story.book.answered(flow, 100.02, outcome="taken")
    story.book.sweep(100.01 + OVERDUE_S)
    assert not story.ended
    story.book.sweep(100.02 + OVERDUE_S)
    assert (story.ended, story.book.overdue) == (1, 1)
    assert story.tally.errors == {"overdue": 1}
    story.book.answered(flow, 170.0, outcome="taken")
    assert story.ended == 1


def test_the_slowest_keep_their_story(story):
    for number in range(15):
        flow = story.flow("usage")
        flow.told = f"number {number}"
        story.book.answered(flow, 100.0 + number / 100, outcome="counted")
    slowest = story.tally.to_json()["slowest"]
    assert [one["told"] for one in slowest] == [f"number {number}" for number in range(14, 4, -1)]
    assert slowest[0] | {"due_ts": 0} == {
        "at_s": 0.0, "due_ts": 0, "took_ms": 140.0, "kind": "usage", "number": "+31640000001", "told": "number 14",
        "event_id": "", "outcome": "counted", "kinds": [], "sent_ms": 10.0, "answered_ms": 140.0, "submits_ms": [],
        "shown_ms": [],
    }  # fmt: skip
