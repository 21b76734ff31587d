"""The simulator's HTTP door: policies in, handsets moved, and who is not let through."""

import aiohttp
import pytest

from simulator.faults import Fault
from simulator.network import POLICY

ANNA = "+31610000001"


def push(**changes):
    data = {"msisdn": ANNA, "eu": "open", "outside_eu": "blocked", "blocked_categories": [], "reasons": ["COST_LIMIT"]}
    return {"specversion": "1.0", "type": POLICY, "source": "g", "id": "1", "data": {**data, **changes}}


def test_a_policy_is_obeyed_and_counted(door):
    async def story(world, gateway, ask):
        seen = []
        world.on_policy = seen.append
        headers = {"Content-Type": "application/cloudevents+json"}
        assert await ask("POST", "/policies", push(), headers=headers) == (204, None)
        assert world.network.policies[ANNA].outside_eu == "blocked"
        assert (world.counters.policy_in, world.counters.unanswered, len(seen)) == (1, 0, 1)
        gateway.counts["policy_out"] = 1
        await world.settle()
        status, problem = await ask("POST", "/policies", push(eu="shut"))
        assert (status, world.counters.policy_in) == (422, 2)
        assert "data.eu 'shut'" in problem["detail"]

    door(story)


@pytest.mark.parametrize(("effect", "status"), [("policy_refuses", 403), ("policy_slow", 204), ("policy_down", None)])
def test_a_policy_system_with_faults_is_asked_again(door, effect, status):
    async def story(world, _gateway, ask):
        fault = world.faults.arm(Fault(effect, ANNA, delay_s=0.01))
        if status is None:
            with pytest.raises(aiohttp.ClientError):
                await ask("POST", "/policies", push())
        else:
            assert (await ask("POST", "/policies", push()))[0] == status
        assert (ANNA in world.network.policies) == (effect == "policy_slow")
        other = {**push(msisdn="+31610000002"), "id": "2"}
        assert (await ask("POST", "/policies", other))[0] == 204
        assert (await ask("POST", "/policies", push()))[0] == 204
        assert world.network.policies[ANNA].outside_eu == "blocked"
        assert (fault.hits, world.counters.policy_in, world.counters.unanswered) == (1, 3, 0)

    door(story)


def test_a_person_moves_the_handsets(door):
    async def story(world, gateway, ask):
        path = f"/handsets/{ANNA}"
        status, answer = await ask("POST", f"{path}/texts", {"text": "HELP"})
        assert (status, answer["replies"][0]["text"]) == (200, "echo: HELP")
        assert await ask("POST", f"{path}/roam", {"to": "US"}) == (200, {"replies": [], "struck": []})
        used = (await ask("POST", f"{path}/use", {"megabytes": 0.5}))[1]
        assert used == {"blocked": False, "reasons": [], "replies": [], "struck": []}
        policy = push()
        world.network.apply(policy)
        used = (await ask("POST", f"{path}/use", {"bytes": 7}))[1]
        assert (used["blocked"], used["reasons"]) == (True, policy["data"]["reasons"])
        posted = [body["data"] for _, p, _, body, _ in gateway.requests if p == "/v1/events"]
        assert [data.get("bytes") for data in posted] == [None, 500_000]
        status, answer = await ask("GET", path)
        assert [line["direction"] for line in answer["conversation"]] == ["out", "in"]
        status, answer = await ask("GET", "/handsets")
        assert (answer["items"][0]["plmn"], answer["items"][0]["data_blocked"]) == ("310-410", True)
        status, answer = await ask("POST", "/clock/advance", {"by_s": 60})
        assert answer == {"now": "2026-11-02T09:01:00+01:00"}
        status, answer = await ask("POST", "/clock/advance", {"to": "2026-11-02T10:00:00+01:00"})
        assert answer == {"now": "2026-11-02T10:00:00+01:00"}

    door(story)


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/handsets/0612/texts", {"text": "x"}, 422, "is no number"),
        (f"/handsets/{ANNA}/texts", {"text": ""}, 422, "text: a text is needed"),
        (f"/handsets/{ANNA}/texts", {"text": "x", "colour": 1}, 422, "unknown colour; allowed are text, to"),
        (f"/handsets/{ANNA}/texts", ["x"], 422, "JSON object"),
        (f"/handsets/{ANNA}/roam", {"to": "Cnada"}, 422, "Did you mean Canada"),
        (f"/handsets/{ANNA}/use", {"megabytes": "4"}, 422, "megabytes"),
        (f"/handsets/{ANNA}/use", {"megabytes": -1}, 422, "megabytes"),
        ("/clock/advance", {"by_s": -1}, 422, "can not go back"),
    ],
)
def test_bad_input_is_told_what_is_allowed(door, path, body, status, told):
    async def story(_world, _gateway, ask):
        found, problem = await ask("POST", path, body)
        assert (found, told in problem["detail"]) == (status, True), problem

    door(story)


def test_a_handset_nobody_has(door):
    async def story(_world, _gateway, ask):
        assert (await ask("GET", "/handsets/+31600000000"))[0] == 404

    door(story)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Host": "localhost:1"}, 200),
    ],
)
def test_a_web_page_can_not_walk_through(door, headers, status):
    async def story(world, _gateway, ask):
        found, _ = await ask("POST", f"/handsets/{ANNA}/texts", {"text": "DOORGAAN"}, headers=headers)
        assert found == status
        assert len(world.handsets) == (1 if status == 200 else 0)

    door(story)


def test_a_gateway_that_refuses_is_told(door):
    async def story(_world, gateway, ask):
        gateway.answers["/v1/events"] = (503, {"title": "full"})
        status, problem = await ask("POST", f"/handsets/{ANNA}/roam", {"to": "US"})
        assert (status, problem["detail"]) == (422, "POST /v1/events → 503: full")

    door(story)


def test_a_world_that_does_not_come_to_rest_is_told(door):
    async def story(world, gateway, ask):
        world.settling.timeout_s = 0.05
        gateway.counts["mo_in"] = -1
        status, problem = await ask("POST", f"/handsets/{ANNA}/texts", {"text": "HELP"})
        assert status == 504
        assert "mo_out 1 here, mo_in 0 at the gateway" in problem["detail"]

    door(story)
