"""The door that a terminal asks: names, status, instants, why, and what it refuses."""

import json

import aiohttp
import pytest

from simulator.child import Child
from simulator.control_desk import answers
from simulator.handset import Handset

ANNA = "+31610000001"


@pytest.fixture
def door(played, run):
    """Runs a story with a world and a function that asks its door."""

    def _door(story):
        async def _story():
            async with played() as (world, gateway), aiohttp.ClientSession() as http:

                async def ask(method, path, body=None):
                    async with http.request(method, world.control.url + path, json=body) as response:
                        return response.status, await response.text()

                await story(world, gateway, ask)

        run(_story())

    return _door


def test_somebody_is_found_by_name(door):
    async def story(world, _gateway, ask):
        world.handsets[ANNA] = Handset(ANNA, "Anna")
        for who in (ANNA, "Anna", "ANNA", "anna"):
            status, text = await ask("POST", f"/handsets/{who}/texts", {"text": f"HELP {who}"})
            assert (status, json.loads(text)["replies"][0]["text"]) == (200, f"echo: HELP {who}")
        assert json.loads((await ask("GET", "/handsets/anna"))[1])["number"] == ANNA
        status, text = await ask("GET", "/handsets/Anne")
        assert status == 422
        assert "did you mean Anna?" in text
        assert len(world.handsets) == 1

    door(story)


def test_a_phone_is_made_once(door):
    async def story(world, gateway, ask):
        made = json.loads((await ask("POST", "/phones", {"name": "Eva", "settings": {"cost_limit_eur": 10}}))[1])
        assert (made["number"], made["name"], made["language"]) == ("+31610000001", "Eva", "nl")
        assert [one[3] for one in gateway.requests if one[0] == "PUT"] == [{"language": "nl", "cost_limit_eur": 10}]
        for body, told in (
            ({"name": "Eva"}, "that nobody has"),
            ({"name": "+316"}, "begins with a letter"),
            ({"name": "Kees", "number": "+31610000001"}, "Eva has it"),
            ({"name": "Kees", "language": "xx"}, "allowed are nl, en, de, fr"),
            ({"name": "Kees", "colour": 1}, "unknown colour"),
        ):
            status, text = await ask("POST", "/phones", body)
            assert (status, told in text) == (422, True), text
        gateway.answers["/v1/subscriptions/+31610000002"] = (409, {"title": "taken"})
        status, text = await ask("POST", "/phones", {"name": "Kees", "settings": {}})
        assert (status, "taken" in text) == (422, True)
        assert [one.name for one in world.handsets.values()] == ["Eva"]

    door(story)


def test_how_it_stands(door):
    async def story(world, gateway, ask):
        gateway.answers["/readyz"] = (200, {"intake": "ok"})
        found = json.loads((await ask("GET", "/status"))[1])
        assert found["gateway"] == {"url": gateway.url, "answers": True, "ready": True, "parts": {"intake": "ok"}}
        assert [one["system_id"] for one in found["smsc"]["sessions"]] == ["gateway"]
        assert (found["clock"], found["faults_armed"], found["phones"]) == ("virtual", 0, 0)
        assert found["unheard_blocks"] == []
        world.client = None
        assert json.loads((await ask("GET", "/status"))[1])["gateway"] is None
        for path in (f"/handsets/{ANNA}/why", f"/handsets/{ANNA}/roam"):
            status, text = await ask("GET" if "why" in path else "POST", path, {"to": "US"})
            assert (status, "start it with --gateway http://127.0.0.1:8330" in text) == (422, True), text

    door(story)


@pytest.mark.parametrize(
    ("data", "pushed", "unheard"),
    [
        ({"eu": "open", "outside_eu": "blocked"}, 0, [ANNA]),
        ({"eu": "open", "outside_eu": "open", "blocked_categories": ["A"]}, 0, [ANNA]),
        ({"eu": "open", "outside_eu": "open", "blocked_categories": []}, 0, []),
        ({"eu": "open", "outside_eu": "blocked"}, 1, []),
    ],
)
def test_a_gateway_that_pushes_its_blocks_elsewhere_is_told(door, data, pushed, unheard):
    async def story(world, gateway, ask):
        world.handset(ANNA)
        world.handset("+31610000002")  # no subscription: 404
        gateway.answers[f"/v1/subscriptions/{ANNA}"] = (200, {"data": data})
        gateway.answers["/v1/subscriptions/+31610000002"] = (404, {"detail": "no"})
        world.counters.policy_in = pushed
        found = json.loads((await ask("GET", "/status"))[1])
        assert found["unheard_blocks"] == unheard
        assert found["policies_url"] == world.control.policies_url

    door(story)


def test_who_has_no_subscription_is_told(door):
    async def story(_world, gateway, ask):
        gateway.answers[f"/v1/subscriptions/{ANNA}/notifications"] = (404, {"detail": "no"})
        status, text = await ask("GET", f"/handsets/{ANNA}/why")
        assert (status, json.loads(text)["detail"]) == (422, f"1330 has no subscription of {ANNA}")
        gateway.answers[f"/v1/subscriptions/{ANNA}/notifications"] = (403, {"detail": "no token"})
        assert "no token" in (await ask("GET", f"/handsets/{ANNA}/why"))[1]

    door(story)


def test_a_gateway_that_is_gone_is_told(door):
    async def story(world, _gateway, ask):
        world.client.url = "http://127.0.0.1:9"
        found = json.loads((await ask("GET", "/status"))[1])["gateway"]
        assert (found["answers"], found["ready"]) == (False, False)

    door(story)


def test_each_instant_is_a_line(door):
    async def story(_world, _gateway, ask):
        await ask("POST", f"/handsets/{ANNA}/texts", {"text": "HELP"})
        status, text = await ask("POST", "/clock/steps", {"by_s": 60})
        *instants, end = map(json.loads, text.splitlines())
        assert status == 200
        assert [(one["receipts"], one["texts"], one["policies"]) for one in instants] == [(1, [], [])]
        assert end == {"done": True, "from": "2026-11-02T09:00:00+01:00", "now": "2026-11-02T09:01:00+01:00",
                       "instants": 1, "error": ""}  # fmt: skip
        _, text = await ask("POST", "/clock/steps", {"next_month": True})
        assert json.loads(text.splitlines()[-1])["now"] == "2026-12-01T00:00:00+01:00"
        _, text = await ask("POST", "/clock/steps", {"to": "2026-12-02T00:00:00+01:00"})
        assert json.loads(text.splitlines()[-1])["now"] == "2026-12-02T00:00:00+01:00"
        for body in ({"by_s": -1}, {"to": "2020-01-01T00:00:00Z"}, {"to": "soon"}):
            assert (await ask("POST", "/clock/steps", body))[0] == 422

    door(story)


def test_what_breaks_on_the_way_is_the_last_line(door):
    async def story(world, gateway, ask):
        gateway.answers["/v1/clock/advance"] = (504, {"title": "not quiet"})
        _, text = await ask("POST", "/clock/steps", {"by_s": 60})
        end = json.loads(text.splitlines()[-1])
        assert (end["done"], "not quiet" in end["error"]) == (False, True)
        assert world.on_line is None

    door(story)


def test_the_gateways_log(door):
    async def story(world, _gateway, ask):
        assert (await ask("GET", "/log"))[0] == 422
        world.gateway = Child()
        for number in range(5):
            world.gateway._note(b"line %d" % number)
        found = json.loads((await ask("GET", "/log?after=3"))[1])
        assert found == {"items": [{"n": 4, "text": "line 3"}, {"n": 5, "text": "line 4"}], "next": 5}
        assert (await ask("GET", "/log?after=x"))[0] == 422
        assert json.loads((await ask("GET", "/log?flow=f1"))[1])["items"] == []

    door(story)


def test_what_a_gateway_does_by_itself_is_told_with_its_instant(door):
    async def story(world, _gateway, ask):
        world.gateway = Child()
        world.gateway.log.append({"event": "period.rolled"})
        await ask("POST", f"/handsets/{ANNA}/texts", {"text": "HELP"})
        real = world.smsc.agenda.play

        def play():
            for event in (b'{"event": "mt.expired"}', b"noise"):
                world.gateway._note(event)
                world.gateway.log[-1].update({"event": "mt.expired"} if b"{" in event else {})
            return real()

        world.smsc.agenda.play = play
        _, text = await ask("POST", "/clock/steps", {"by_s": 60})
        first = json.loads(text.splitlines()[0])
        assert [one["event"] for one in first["log"]] == ["mt.expired"]

    door(story)


def test_why_joins_texts_and_decisions():
    event = {"source": "s", "id": "usage-1", "type": "usage.reported"}
    decisions = [
        {"at": "1", "flow_id": "f1", "event": event, "outcome": "notified", "findings": [
            {"rule": "G4", "result": "superseded", "figures": {"pct": 100}},
            {"rule": "G6", "result": "send", "figures": {"pct": 100}},
        ]},
        {"at": "2", "flow_id": "f2", "event": event, "outcome": "counted", "findings": []},
        {"at": "3", "flow_id": "f3", "event": event, "outcome": "suppressed", "findings": [
            {"rule": "E2", "result": "not_configured"}, {"rule": "E1", "result": "same_country"}]},
    ]  # fmt: skip
    notifications = [
        {"flow_id": "f1", "kind": "cost_80", "state": "suppressed", "reason": "superseded", "text": None, "parts": 0},
        {"flow_id": "f1", "kind": "cost_100_block", "state": "delivered", "reason": None, "text": "x", "parts": 1},
    ]
    found = answers(notifications, decisions, "nl")
    assert [(one["kind"], one["outcome"], one["reason"]) for one in found] == [
        ("cost_80", "not sent", "superseded"),
        ("cost_100_block", "sent", ""),
        ("", "not sent", "counted"),
        ("", "not sent", "same_country"),
    ]
    assert found[0]["why"] == ["G4 80 % of the cost limit: superseded (pct 100)"]
    assert found[1]["name"] == "kostenlimiet 100%"
