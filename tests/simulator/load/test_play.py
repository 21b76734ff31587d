"""A run without a gateway: what is due when, and what each kind of answer makes of a flow."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest

from simulator.load.flows import Book
from simulator.load.mix import Mix
from simulator.load.operator import Operator, OperatorSettings
from simulator.load.people import Crowd
from simulator.load.play import Plan, Run
from simulator.load.schedule import Stage
from simulator.load.tally import Tally

EVENTS_ONLY = replace(Mix.load("default"), weights={"roam": 1, "usage": 1, "mo": 0, "reply": 0}, failing_pct=0)
PLAN = Plan(stages=(Stage(0.2, 200, 200),), spacing="even", seed=1, drain_s=5)


def accepted(events):
    return 200, [{"id": one["id"], "status": "accepted", "outcome": "counted", "kinds": []} for one in events]


@pytest.fixture
def played(run, tmp_path):
    """Plays a plan; `answer` is what the gateway says to events. The run, what it ended with, the events sent."""

    def _played(plan=PLAN, *, answer=accepted, mix=EVENTS_ONLY, people=20, act=Run.play, after_s=0):
        async def story():
            crowd = Crowd.of(people, "+31640000001", mix, 1)
            settings = OperatorSettings(
                host="127.0.0.1", smpp_port=0, policies_port=0, accounts={}, source="t", answer_s=0, receipt_s=0
            )
            sent, loop = [], asyncio.get_running_loop()

            def send(events, on_answer):
                sent.append(events)
                status, results = answer(events)
                body = json.dumps({"results": results}).encode()
                loop.call_later(after_s, on_answer, status, body)

            async with Operator(settings, crowd, Book(Tally()), tmp_path / "journal") as operator:
                one = Run(plan, operator, crowd, mix, send, lambda _: None)
                found = act(one)
                return one, await found if asyncio.iscoroutine(found) else found, sent

        return run(story())

    return _played


def test_what_is_due_when(played):
    mix = replace(EVENTS_ONLY, off_pct=100)
    plan = replace(PLAN, stages=(Stage(4, 10, 10),), burst=30, burst_at_s=2, on_at_s=2)

    def due(one):
        found = []
        for at, what in one._due(one.plan.stages):
            found.append((at, what))
            if what == "on":
                one._off.pop()  # as playing does
        return found

    _, found, _ = played(plan, mix=mix, act=due)
    assert Counter(what for _, what in found) == {"": 40, "burst": 30, "on": 20}
    assert [at for at, _ in found] == sorted(at for at, _ in found)
    assert all(2 <= at < 3 for at, what in found if what)


def test_every_flow_is_offered_and_finished(played):
    one, ended, sent = played()
    assert sum(ended["offered"].values()) == ended["finished"] == len(sent) == 40
    assert (ended["open"], ended["never_begun"], ended["strays"], ended["errors"]) == (0, 0, 0, {})
    assert {kind for kind, _, _ in ended["outcomes"]} == {"roam", "usage"}
    volumes = [event["data"]["bytes"] for (event,) in sent if "bytes" in event["data"]]
    assert sum(ended["volumes"].values()) == sum(volumes)
    assert all(EVENTS_ONLY.bytes_min <= volume <= EVENTS_ONLY.bytes_max for volume in volumes)
    assert sum(row["offered"] for row in ended["closed"]) == 40
    assert one.tally.measures["event-200"].count == 40


def test_the_seed_is_what_is_sent(played):
    def told(seed):
        _, _, sent = played(replace(PLAN, seed=seed))
        # Requests overtake each other on the way, and who stands in for somebody who is busy depends on timing.
        return Counter((event["type"], event["data"].get("bytes")) for (event,) in sent)

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda _: (503, []), "HTTP 503"),
        (lambda _: (0, []), "no answer"),
        (lambda _: (422, [{"status": "rejected", "errors": [{"code": "unknown_subscription"}]}]),
         "rejected unknown_subscription"),
        (lambda _: (409, [{"status": "conflict"}]), "conflict"),
        (lambda _: (200, []), "HTTP 200"),
    ],
)  # fmt: skip
def test_what_is_no_good_answer_is_an_error(played, answer, error):
    _, ended, _ = played(answer=answer)
    assert ended["errors"] == {error: 40}
    assert ended["measures"] == {}
    assert ended["volumes"] == {}


def test_bytes_without_an_answer_are_uncertain(played):
    one, _, sent = played(answer=lambda _: (0, []))
    volumes = [event["data"].get("bytes", 0) for (event,) in sent]
    assert one.tally.uncertain.pop("") == 40
    assert sum(one.tally.uncertain.values()) == sum(volumes)


def test_events_are_gathered_where_mediation_gathers(played):
    _, ended, sent = played(replace(PLAN, gather_s=0.05))
    assert ended["finished"] == 40
    assert len(sent) < 40
    assert sum(len(events) for events in sent) == 40


def test_more_flows_than_people_wait_for_somebody(played):
    _, ended, _ = played(people=1, after_s=0.02)
    assert ended["finished"] == 40
    assert ended["crowded"] > 0


def test_a_soak_holds_its_schedule_and_says_so(played):
    _, ended, _ = played(replace(PLAN, stages=(Stage(0.2, 5000, 5000),), in_flight_max=2), after_s=0.02)
    assert 0 < ended["finished"] == sum(ended["offered"].values()) < 1000
    assert ended["held_s"] > 0


def test_a_soak_goes_on_at_an_even_pace(played):
    plan = replace(PLAN, stages=(Stage(0.6, 5000, 5000),), in_flight_max=2, full_speed_s=0.2)
    one, ended, _ = played(plan, after_s=0.02)
    assert 0 < ended["pace_per_s"] < 5000
    assert ended["finished"] == sum(ended["offered"].values())
    assert one.tally.finished >= 3


def test_a_plan_goes_to_another_process_and_back():
    assert Plan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN
