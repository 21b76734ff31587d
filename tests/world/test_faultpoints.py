"""Killed at each named fault point, started again: one decision, a text at least once, nothing lost.

`[control] kill_at` makes the process die at the n-th passing of a point. The requester repeats what was not answered,
as producers and SMSCs do.
"""

import signal
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.faultpoints import POINTS
from simulator.commands import TLVS
from simulator.pdu import find_tlv
from tests.world.stage import MB, conversation, staged

REFERENCE = TLVS["user_message_reference"][0]


@asynccontextmanager
async def armed(tmp_path, point):
    """A stage with one roamer, whose gateway will die at `point`."""
    arms = {"GATEWAY__CONTROL__KILL_AT": point}
    # Every batch passes this one, the portal's too: armed only once the subscription is there.
    every_batch = point == "after_decide_before_outbox"
    async with staged(tmp_path, first={} if every_batch else arms) as stage:
        person = stage.world.handset(await stage.roamer())
        if every_batch:
            await stage.restart(**arms)
        yield stage, person


async def dies(stage, request):
    """The request brings the process down; then another life. What the request came to, None without an answer."""
    try:
        answer = await request
    except (aiohttp.ClientError, ConnectionError):
        answer = None
    assert await stage.dead() == -signal.SIGKILL
    await stage.launch()
    return answer


async def decided(stage, person):
    return [(item["kind"], item["state"]) for item in await stage.notices(person.number)]


def test_after_an_events_commit_it_is_counted_and_told_once(run, tmp_path):
    async def played():
        async with armed(tmp_path, "after_event_commit") as (stage, person):
            event = stage.usage(person.number, 16 * MB)
            assert await dies(stage, stage.post(event)) is None
            await stage.world.settle()
            assert await decided(stage, person) == [("cost_80", "delivered")]
            again = (await stage.post(event)).result
            assert (again["status"], again["outcome"], again["kinds"]) == ("duplicate", "notified", ["cost_80"])
            assert (await stage.get(person.number))["cost"]["charged_eur"] == "40.00"
            # It was in flight by the books, though it never left: sent once more, and that is the only time.
            assert len(person.inbox) == 1, conversation(person)

    run(played())


def test_the_third_passing_is_the_third(run, tmp_path):
    async def played():
        async with armed(tmp_path, "after_event_commit:3") as (stage, person):
            events = [stage.usage(person.number, MB) for _ in range(3)]
            for event in events[:2]:
                assert (await stage.post(event)).result["status"] == "accepted"
            assert await dies(stage, stage.post(events[2])) is None
            results = (await stage.post_batch(events)).results
            assert [result["status"] for result in results] == ["duplicate"] * 3
            assert (await stage.get(person.number))["cost"]["charged_eur"] == "7.50"

    run(played())


def test_before_the_commit_of_a_decision_nothing_has_happened(run, tmp_path):
    async def played():
        async with armed(tmp_path, "after_decide_before_outbox") as (stage, person):
            event = stage.usage(person.number, 20 * MB)
            assert await dies(stage, stage.post(event)) is None
            assert await decided(stage, person) == []
            assert (await stage.get(person.number))["cost"]["charged_eur"] == "0.00"
            assert (await stage.post(event)).result["status"] == "accepted"
            await stage.world.settle()
            assert len(person.inbox) == 1
            assert (await stage.get(person.number))["cost"]["state"] == "BLOCKED_100"
            assert stage.world.network.policies[person.number].outside_eu == "blocked"

    run(played())


@pytest.mark.parametrize(
    "point", ["after_decide_before_outbox", "after_submit_before_resp", "after_resp_before_commit"]
)
def test_a_text_is_answered_whatever_the_point(run, tmp_path, point):
    async def played():
        async with armed(tmp_path, point) as (stage, person):
            stage.world.smsc.post_mo(person.number, "1330", "HELP")
            assert await stage.dead() == -signal.SIGKILL
            await stage.launch()
            await stage.world.settle()
            assert await decided(stage, person) == [("help", "delivered")]
            texts = {line.text for line in person.inbox}
            assert len(texts) == 1
            # G9: a second copy only of what may have left before the crash, and then the log says so.
            unknown = [line for line in stage.log_lines("mt.unknown") if line["again"]]
            assert len(person.inbox) - 1 <= len(unknown)
            assert bool(unknown) == (point != "after_decide_before_outbox")

    run(played())


@pytest.mark.parametrize("point", ["after_submit_before_resp", "after_resp_before_commit"])
def test_an_events_text_that_may_have_left_is_sent_once_more(run, tmp_path, point):
    async def played():
        async with armed(tmp_path, point) as (stage, person):
            event = stage.usage(person.number, 20 * MB)
            await dies(stage, stage.post(event))
            await stage.world.settle()
            assert await decided(stage, person) == [("cost_80", "suppressed"), ("cost_100_block", "delivered")]
            assert {line.text for line in person.inbox} == {(await stage.notices(person.number))[1]["text"]}
            (unknown,) = stage.log_lines("mt.unknown")
            assert (unknown["reason"], unknown["again"]) == ("restart", True)
            assert (await stage.post(event)).result["status"] == "duplicate"
            assert stage.world.network.policies[person.number].outside_eu == "blocked"

    run(played())


def test_during_the_roll_of_a_month_it_is_rolled_once(run, tmp_path):
    async def played():
        # All at the same instant, which by default they are not.
        async with staged(tmp_path, GATEWAY__POLICY__PERIOD_LIFT_SPREAD_S="0") as stage:
            world = stage.world
            people = [world.handset(await stage.roamer()) for _ in range(3)]
            results = (await stage.post_batch([stage.usage(one.number, 20 * MB) for one in people])).results
            assert {result["outcome"] for result in results} == {"notified"}
            await world.settle()
            heard = {one.number: [] for one in people}
            world.on_policy = lambda event: heard[event["data"]["msisdn"]].append(event["data"]["outside_eu"])
            await stage.restart(GATEWAY__CONTROL__KILL_AT="during_period_roll:2")
            first = world.clock.now().replace(day=1, month=12, hour=0)
            world.clock.set(first)
            advance = stage.http("POST", "/v1/clock/advance", {"to": first.isoformat()})
            assert await dies(stage, advance) is None
            # Nothing of the moment was committed, so it has not been.
            assert await stage.now() < first
            assert {(await stage.get(one.number))["cost"]["state"] for one in people} == {"BLOCKED_100"}
            await world.advance(by=timedelta(0))
            assert {(await stage.get(one.number))["cost"]["state"] for one in people} == {"OPEN"}
            assert heard == {one.number: ["open"] for one in people}
            # Once: later months have nothing to end.
            await world.next_month()
            assert heard == {one.number: ["open"] for one in people}

    run(played())


def test_a_lift_is_one_consent_whatever_the_point(run, tmp_path):
    async def played():
        for point in ("after_decide_before_outbox", "after_submit_before_resp"):
            folder = tmp_path / point
            folder.mkdir()
            async with staged(folder) as stage:
                person = stage.world.handset(await stage.roamer())
                await stage.post(stage.usage(person.number, 20 * MB))
                await stage.world.settle()
                await stage.restart(GATEWAY__CONTROL__KILL_AT=point)
                stage.world.smsc.post_mo(person.number, "1330", "DOORGAAN")
                assert await stage.dead() == -signal.SIGKILL
                await stage.launch()
                await stage.world.settle()
                kinds = [kind for kind, _ in await decided(stage, person)]
                assert kinds.count("cost_lifted_100") == 1
                assert "nothing_to_lift" not in kinds
                # G6: the reply that came again lifts nothing of later.
                await stage.post(stage.usage(person.number, 20 * MB))
                assert (await stage.get(person.number))["cost"]["state"] == "BLOCKED_200"

    run(played())


def test_a_start_that_failed_hides_nothing_of_what_was_in_flight(run, tmp_path):
    """G9: also when the first start after the crash could not listen, the sending again is told."""

    async def played():
        async with armed(tmp_path, "after_submit_before_resp") as (stage, person):
            stage.world.smsc.post_mo(person.number, "1330", "HELP")
            assert await stage.dead() == -signal.SIGKILL
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                await stage.start(GATEWAY__HTTP__PORT=str(taken.getsockname()[1]))
                assert await stage.dead() == 2
            await stage.launch()
            await stage.world.settle()
            assert await decided(stage, person) == [("help", "delivered")]
            told = [line for line in stage.log_lines("mt.unknown") if line["again"]]
            assert len(person.inbox) - 1 <= len(told), conversation(person)
            assert len(told) == 1

    run(played())


def test_a_new_life_does_not_use_the_references_of_the_old(run, tmp_path):
    """An SMSC may know a text that comes again by its reference, so a new text needs one of its own."""

    async def played():
        async with staged(tmp_path) as stage:
            world, seen = stage.world, []
            world.smsc.on_delivered = lambda message: seen.append(find_tlv(message.submit.tlvs, REFERENCE))
            world.smsc.centre.on_delivered = world.smsc.on_delivered
            number = await stage.subscribed()
            for _ in range(3):
                await world.smsc.send_mo(number, "1330", "HELP")
                await world.settle()
                await world.advance(by=timedelta(minutes=1))
                await stage.restart()
            assert None not in seen
            assert len(set(seen)) == 3, seen

    run(played())


def test_fault_points_are_for_the_virtual_clock_only(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            assert await stage.child.stop() == 0
            life = await stage.start(GATEWAY__CONTROL__KILL_AT="after_event_commit", GATEWAY__CLOCK__MODE="system")
            assert await stage.dead() == 2
            assert "KILL_AT" in life.last_lines()
            life = await stage.start(GATEWAY__CONTROL__KILL_AT="after_lunch")
            assert await stage.dead() == 2
            assert "KILL_AT" in life.last_lines()

    run(played())


def test_every_named_point_is_among_these():
    source = Path(__file__).read_text(encoding="utf-8")
    assert all(f'"{point}' in source for point in POINTS), POINTS
