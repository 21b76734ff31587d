"""Events from a network with faults: what is posted, what its sender sees, what is counted."""

import json
from datetime import datetime

import pytest

from simulator.clock import START
from simulator.faults import Fault, FaultPlan
from simulator.gateway_client import GatewayClient, GatewayError, Tokens
from simulator.producer import HUGE_BYTES, PIECES

ANNA = "+31610000001"


def event(number=1, **data):
    made = {"msisdn": ANNA, "visited_plmn": "302-720", **data}
    return {"id": f"u-{number}", "time": START.isoformat(), "type": "t", "data": made}


def usage(number=1, volume=1_000_003):
    return event(number, bytes=volume, used_at=START.isoformat())


@pytest.fixture
def struck(echo_gateway, run):
    """Runs a story with a client whose next events are struck by a fault."""

    def _struck(effect, story, **scope):
        async def _story():
            async with echo_gateway() as gateway, GatewayClient(gateway.url, Tokens(events="t")) as client:
                client.faults = FaultPlan()
                fault = client.faults.arm(Fault(effect, **scope))
                await story(gateway, client)
                assert fault.hits >= 1
                assert client.counters.unanswered == 0

        run(_story())

    return _struck


def posted(gateway):
    return [body for _, path, _, body, _ in gateway.requests if path == "/v1/events"]


def test_twice_is_the_same_twice(struck):
    async def story(gateway, client):
        assert (await client.post_event(usage()))["status"] == "accepted"
        assert posted(gateway) == [usage(), usage()]
        assert client.counters.events_out == gateway.counts["events_in"] == 2

    struck("event_twice", story)


def test_one_goes_after_the_next(struck):
    async def story(gateway, client):
        assert (await client.post_event(usage(1)))["status"] == "held"
        assert posted(gateway) == []
        assert (await client.post_event(usage(2)))["status"] == "accepted"
        assert [one["id"] for one in posted(gateway)] == ["u-2", "u-1"]

    struck("event_reordered", story)


def test_pieces_add_up_and_have_ids_of_their_own(struck):
    async def story(gateway, client):
        await client.post_event(usage())
        pieces = posted(gateway)
        assert len({one["id"] for one in pieces}) == PIECES
        assert sum(one["data"]["bytes"] for one in pieces) == 1_000_003
        client.faults.arm(Fault("event_burst"))
        await client.post_event(event(2))
        assert all(one["data"] == event()["data"] for one in posted(gateway)[PIECES:])

    struck("event_burst", story)


@pytest.mark.parametrize(
    ("effect", "at"),
    [("event_late", "2026-10-31T12:00:00+01:00"), ("event_future", "2026-11-02T10:00:00+01:00")],
)
def test_another_time(struck, effect, at):
    async def story(gateway, client):
        await client.post_event(usage())
        (found,) = posted(gateway)
        for told in (found["time"], found["data"]["used_at"]):
            assert datetime.fromisoformat(told) == datetime.fromisoformat(at)

    struck(effect, story)


def test_once_a_value_that_can_not_be_and_once_no_json_at_all(struck):
    async def story(gateway, client):
        await client.post_event(usage())
        assert posted(gateway)[0]["data"]["visited_plmn"] == 31026
        # The double reads JSON and nothing else: its own failure is the answer.
        with pytest.raises(GatewayError, match="500"):
            await client.post_event(usage())
        assert client.uncertain

    struck("event_malformed", story, times=2)


def test_more_than_any_body_may_have(struck):
    async def story(_gateway, client):
        assert HUGE_BYTES > 8 * 1024 * 1024
        # The double has a bound of its own, a smaller one.
        result = await client.post_event(usage())
        assert (result["status"], result["http_status"]) == ("refused", 413)
        assert client.uncertain

    struck("event_huge", story)


def test_a_body_that_trickles_in_is_whole(struck):
    async def story(gateway, client):
        assert (await client.post_event(usage()))["status"] == "accepted"
        assert posted(gateway) == [usage()]

    struck("event_slow_body", story)


def test_who_goes_before_the_answer_comes_back_with_the_same(struck):
    async def story(gateway, client):
        assert (await client.post_event(usage()))["status"] == "accepted"
        assert posted(gateway)[-1] == usage()
        assert client.uncertain
        for _, _, _, body, headers in gateway.requests:
            assert json.dumps(body) == json.dumps(usage())
            assert headers["Authorization"] == "Bearer t"

    struck("event_gone", story)


def test_another_phone_is_spared(struck):
    async def story(gateway, client):
        other = event(9)
        other["data"]["msisdn"] = "+31610000002"
        await client.post_event(other)
        assert len(posted(gateway)) == 1
        await client.post_event(usage())
        assert len(posted(gateway)) == 3

    struck("event_twice", story, number=ANNA)
