"""Running it, walked against a gateway process: health, metrics, description, clock, quiet, tokens."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import AMSTERDAM
from simulator.faults import Fault
from simulator.gateway_client import Tokens
from tests.world.stage import EVENT, MB, UNKNOWN, full_numbers, new_number, path_of, staged

# --- 2.4 running it


def test_it_tells_that_it_lives_and_takes_events(stage, run):
    async def story():
        assert (await stage.http("GET", "/livez")).status == 200
        ready = await stage.http("GET", "/readyz")
        assert (ready.status, ready.body["delivery"]) == (200, "ok")

    run(story())


def test_metrics_are_prometheus_text_without_numbers(stage, run):
    async def story():
        await stage.post(stage.location(await stage.roamer(), "310-410"))
        answer = await stage.http("GET", "/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        lines = [line for line in answer.body.splitlines() if line and not line.startswith("#")]
        values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
        assert values["gateway_smpp_bound"] == 1.0
        assert values["gateway_clock_virtual"] == 1.0
        assert "316" not in "".join(values)

    run(story())


def test_the_description_names_every_endpoint(stage, run):
    async def story():
        answer = await stage.http("GET", "/openapi.json")
        assert answer.body["openapi"].startswith("3.1")
        operations = {(verb.upper(), path) for path, verbs in answer.body["paths"].items() for verb in verbs}
        one = "/v1/subscriptions/{msisdn}"
        assert operations >= {
            ("POST", "/v1/events"),
            ("PUT", one),
            ("PATCH", one),
            ("GET", one),
            ("DELETE", one),
            ("GET", "/v1/subscriptions"),
            ("GET", f"{one}/notifications"),
            ("GET", f"{one}/decisions"),
            ("GET", "/livez"),
            ("GET", "/readyz"),
            ("GET", "/metrics"),
            ("GET", "/v1/clock"),
            ("POST", "/v1/clock/advance"),
            ("GET", "/v1/quiet"),
        }

    run(story())


def test_an_unknown_place_or_method_is_a_problem(stage, run):
    async def story():
        assert (await stage.http("GET", "/v1/nothing")).problem["status"] == 404
        assert (await stage.http("GET", "/v1/events")).problem["status"] == 405
        assert (await stage.http("DELETE", "/v1/clock")).problem["status"] == 405

    run(story())


def test_the_clock_is_moved_to_an_instant_or_by_seconds(stage, run):
    async def story():
        first = await stage.http("GET", "/v1/clock")
        assert first.body["mode"] == "virtual"
        now = datetime.fromisoformat(first.body["now"])
        # Both clocks: the world's own must not stay behind the gateway's.
        await stage.world.advance(by=timedelta(seconds=30))
        assert await stage.now() == now + timedelta(seconds=30)
        by = await stage.http("POST", "/v1/clock/advance", {"by_s": 30})
        assert datetime.fromisoformat(by.body["now"]) == now + timedelta(seconds=60)
        to = (now + timedelta(seconds=90)).astimezone(UTC).isoformat()
        assert (await stage.http("POST", "/v1/clock/advance", {"to": to})).status == 200
        assert await stage.now() == now + timedelta(seconds=90)
        assert (await stage.http("POST", "/v1/clock/advance", {"to": to})).status == 200
        await stage.world.advance(by=timedelta(seconds=60))

    run(story())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"to": "2026-11-01T00:00:00+01:00"}, 422),
        ({"by_s": -1}, 422),
        ({"by_s": "1"}, 422),
        ({"to": "tomorrow"}, 422),
        ({"to": "2026-12-01T00:00:00"}, 422),
        ({"to": "2026-12-01T00:00:00Z", "by_s": 1}, 422),
        ({}, 422),
        ({"until": "2026-12-01T00:00:00Z"}, 422),
        ([], 422),
    ],
)
def test_a_wrong_advance_moves_nothing(stage, run, body, status):
    async def story():
        now = await stage.now()
        answer = await stage.http("POST", "/v1/clock/advance", body)
        assert answer.problem["status"] == status
        assert answer.pointers
        assert await stage.now() == now

    run(story())


def test_an_advance_that_is_no_json_is_400(stage, run):
    async def story():
        assert (await stage.http("POST", "/v1/clock/advance", raw=b"{")).problem["status"] == 400

    run(story())


QUIET_KEYS = {
    *("boot", "mo_in", "events_in", "submits_out", "receipts_in", "policy_out"),
    *("busy", "next_due", "retry_in_s"),
}


def test_quiet_counts_every_frame_of_this_boot(stage, run):
    async def story():
        await stage.world.settle()
        before = (await stage.http("GET", "/v1/quiet")).body
        assert before.keys() >= QUIET_KEYS
        assert before["busy"] == 0
        number = await stage.roamer()
        await stage.post_batch([stage.usage(number, MB), stage.usage(UNKNOWN, 1), stage.location(number, "310-410")])
        await stage.world.smsc.send_mo(number, "1330", "HELP")
        await stage.world.settle()
        after = (await stage.http("GET", "/v1/quiet?timeout_s=5")).body
        moved = {key: after[key] - before[key] for key in ("mo_in", "events_in", "submits_out", "policy_out")}
        assert moved == {"mo_in": 1, "events_in": 3, "submits_out": 2, "policy_out": 1}
        assert after["receipts_in"] - before["receipts_in"] == 2
        assert (after["boot"], after["retry_in_s"]) == (before["boot"], None)

    run(story())


def test_quiet_names_what_is_due_next(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(stage.usage(number, 20 * MB))
        await stage.world.settle()
        due = datetime.fromisoformat((await stage.http("GET", "/v1/quiet")).body["next_due"])
        now = (await stage.now()).astimezone(AMSTERDAM)
        # Q20: the block ends on the 1st, 00:00 in Amsterdam, and the network hears of it soon after; nothing before.
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
        assert first <= due <= first + timedelta(minutes=10)

    run(story())


def test_what_is_under_way_is_not_quiet(stage, run):
    async def story():
        number = await stage.roamer()
        fault = stage.world.faults.arm(Fault("silent", number))
        await stage.post(stage.location(number, "310-410"))
        busy = await stage.http("GET", "/v1/quiet?timeout_s=0.05")
        assert (busy.status, busy.problem["status"]) == (504, 504)
        assert "under way" in busy.problem["detail"]
        assert busy.body["busy"] >= 1
        # The link breaks, so the answer will never come; the text goes again over the next.
        await stage.rebind(await stage.unbind())
        await stage.world.settle()
        assert (await stage.http("GET", "/v1/quiet?timeout_s=10")).status == 200
        assert fault.hits == 1
        assert [item["state"] for item in await stage.notices(number)] == ["delivered"]
        for query in ("?timeout_s=-1", "?timeout_s=x", "?colour=blue"):
            assert (await stage.http("GET", f"/v1/quiet{query}")).problem["status"] == 422

    run(story())


def test_what_waits_for_a_retry_is_quiet_and_says_when(stage, run):
    async def story():
        number = await stage.roamer()
        fault = stage.world.faults.arm(Fault("status", number, times=None))
        await stage.post(stage.location(number, "310-410"))
        await stage.until(lambda: fault.hits >= 4)
        quiet = await stage.http("GET", "/v1/quiet?timeout_s=5")
        assert quiet.status == 200
        assert 0 <= quiet.body["retry_in_s"] <= 0.2
        stage.world.faults.clear(fault)
        await stage.world.settle()
        assert [item["state"] for item in await stage.notices(number)] == ["delivered"]

    run(story())


def test_a_service_with_tokens_on_the_system_clock_without_an_smsc(run, tmp_path):
    """Each scope has a token of its own; the real clock cannot be moved; an absent SMSC is only told."""

    async def story():
        tokens = Tokens(events="events-word", portal="portal-word", control="control-word")
        env = {f"GATEWAY__HTTP__{name.upper()}_TOKEN": f"{name}-word" for name in ("events", "portal", "control")}
        env |= {"GATEWAY__CLOCK__MODE": "system", "GATEWAY__SMPP__PORT": "1"}
        async with staged(tmp_path, tokens=tokens, bound=False, **env) as stage:
            number = new_number()
            event = {"content_type": EVENT, "body": stage.usage(number, 1)}
            doors = (
                ("POST", "/v1/events", "events", event),
                ("PUT", path_of(number), "portal", {"body": {}}),
                ("GET", path_of(number), "portal", {}),
                ("GET", "/v1/subscriptions", "portal", {}),
                ("GET", path_of(number) + "/notifications", "portal", {}),
                ("GET", path_of(number) + "/decisions", "portal", {}),
                ("GET", "/v1/clock", "control", {}),
                ("POST", "/v1/clock/advance", "control", {"body": {"by_s": 1}}),
                ("GET", "/v1/quiet", "control", {}),
            )
            for method, path, scope, rest in doors:
                for given in ({}, {"Authorization": "Bearer nope"}, {"Authorization": f"Basic {scope}-word"}):
                    refused = await stage.http(method, path, **rest, headers=given)
                    assert (refused.status, refused.problem["status"]) == (401, 401), (path, given)
                for other in {"events", "portal", "control"} - {scope}:
                    bearer = {"Authorization": f"Bearer {other}-word"}
                    assert (await stage.http(method, path, **rest, headers=bearer)).status in (401, 403), path
                bearer = {"Authorization": f"Bearer {scope}-word"}
                assert (await stage.http(method, path, **rest, headers=bearer)).status not in (401, 403), path
            control = {"Authorization": "Bearer control-word"}
            clock = await stage.http("GET", "/v1/clock", headers=control)
            assert clock.body["mode"] == "system"
            advance = await stage.http("POST", "/v1/clock/advance", {"by_s": 1}, headers=control)
            assert advance.problem["status"] == 409
            assert (await stage.http("GET", "/livez")).status == 200
            ready = await stage.http("GET", "/readyz")
            assert (ready.status, ready.body["delivery"]) == (200, "degraded")
            assert "-word" not in str(list(stage.child.log))

    run(story())


def test_a_connection_of_another_site_is_refused(stage, run):
    async def story():
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            assert (await stage.http("GET", "/livez", headers=headers)).status == 403

    run(story())


def test_bytes_that_are_no_http_end_that_connection_alone(stage, run):
    async def story():
        host, port = stage.client.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\x00\x00\x00\x10nonsense\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer == b"" or answer.startswith(b"HTTP/1.")
        writer.close()
        assert (await stage.http("GET", "/livez")).status == 200

    run(story())


def test_no_line_of_the_log_holds_a_number_or_a_text(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(stage.location(number, "310-410"))
        await stage.world.smsc.send_mo(number, "1330", "geheim woord")
        await stage.world.settle()
        lines = list(stage.child.log)
        assert len(lines) > 5
        assert full_numbers(lines) == []
        assert full_numbers([{"msisdn": number}])  # or the look would prove nothing
        assert "geheim" not in str(lines)
        assert "INFO UIT" not in str(lines)
        assert all(line.keys() >= {"ts", "level", "event"} for line in lines), [x for x in lines if "ts" not in x]

    run(story())
