"""The HTTP API over a real connection: every route, good and bad."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from gateway.clock import Backwards, NotVirtual
from gateway.http.api import BODY_BYTES_MAX, SMALL_BODY_BYTES_MAX, STRETCH_EVENTS, NotReady
from gateway.items import Busy, EventItem, EventResult, FieldError, LocationReport, PortalItem, PortalResult
from tests.gateway.served import BATCH, EVENT, NUMBER, Api, location, serving, usage

ONE = f"/v1/subscriptions/{NUMBER}"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as served:
        yield served


# -- events --------------------------------------------------------------------------------------------------------


def test_single_event_is_accepted_and_answered_with_outcome_and_kinds(api: Api) -> None:
    api.back.results["u-1"] = EventResult("u-1", "accepted", "notified", ("cost_100_block",))
    reply = api.event(usage(1))
    assert reply.status == 200
    assert reply.json == {
        "results": [{"id": "u-1", "status": "accepted", "outcome": "notified", "kinds": ["cost_100_block"]}]
    }
    assert api.back.seen == 1


def test_duplicate_repeats_the_outcome_with_200(api: Api) -> None:
    api.back.results["u-1"] = EventResult("u-1", "duplicate", "counted")
    reply = api.event(usage(1))
    assert (reply.status, reply.json["results"][0]["status"]) == (200, "duplicate")


def test_single_conflict_is_409(api: Api) -> None:
    api.back.results["u-1"] = EventResult("u-1", "conflict")
    reply = api.event(usage(1))
    assert (reply.status, reply.json["code"], reply.json["id"]) == (409, "conflict", "u-1")


def test_single_rejected_by_the_engine_is_422_with_its_code_and_pointer(api: Api) -> None:
    error = FieldError("/data/msisdn", "no subscription has this number")
    api.back.results["u-1"] = EventResult("u-1", "rejected", code="unknown_subscription", errors=(error,))
    reply = api.event(usage(1))
    assert (reply.status, reply.json["code"]) == (422, "unknown_subscription")
    assert reply.pointers == ["/data/msisdn"]
    assert reply.json["errors"][0]["message"] == "no subscription has this number"


def test_single_faulty_event_is_422_and_never_reaches_the_engine(api: Api) -> None:
    reply = api.event(usage(1, bytes=-1, visited_plmn="x"))
    assert (reply.status, reply.json["code"]) == (422, "invalid")
    assert reply.pointers == ["/data/visited_plmn", "/data/bytes"]
    assert api.back.items == []
    assert api.back.seen == 1


def test_batch_with_mixed_faults_goes_on_and_answers_in_the_order_given(api: Api) -> None:
    api.back.results["u-4"] = EventResult("u-4", "conflict")
    api.back.results["u-6"] = EventResult("u-6", "rejected", code="quarantined")
    results = api.batch(
        usage(1),
        usage(2, bytes=True),
        usage(3) | {"type": "org.camaraproject.device-roaming-status-subscriptions.v0.subscription-ends"},
        usage(4),
        usage(5) | {"time": "2026-11-02T10:05:01+01:00"},
        usage(6),
        "no event",
        location(8),
    )
    assert [(one["id"], one["status"], one.get("code")) for one in results] == [
        ("u-1", "accepted", None),
        ("u-2", "rejected", "invalid"),
        ("u-3", "rejected", "unknown_type"),
        ("u-4", "conflict", None),
        ("u-5", "rejected", "time_in_future"),
        ("u-6", "rejected", "quarantined"),
        (None, "rejected", "invalid"),
        ("u-8", "accepted", None),
    ]
    pointers = [[error["pointer"] for error in one.get("errors", [])] for one in results]
    assert pointers == [[], ["/1/data/bytes"], ["/2/type"], [], ["/4/time"], ["/5"], ["/6"], []]
    assert [item.id for item in api.back.items if isinstance(item, EventItem)] == ["u-1", "u-4", "u-6", "u-8"]
    assert api.back.seen == 8


def test_work_is_held_from_reading_to_the_answer(api: Api) -> None:
    api.batch(usage(1))
    assert (api.back.held_at_accept, api.back.held) == (1, 0)


def test_many_events_are_read_when_nothing_else_needs_the_interpreter_more(api: Api) -> None:
    api.batch(*(usage(n) for n in range(STRETCH_EVENTS + 1)))
    assert api.back.calmed == 2


def test_empty_batch_is_answered_empty(api: Api) -> None:
    assert api.batch() == []
    assert api.back.items == []


@pytest.mark.parametrize("count", [255, 256, 257, 600])
def test_batches_beyond_one_stretch_keep_their_order(api: Api, count: int) -> None:
    results = api.batch(*(usage(number) for number in range(count)))
    assert [one["id"] for one in results] == [f"u-{number}" for number in range(count)]


def test_largest_batch_is_taken_and_one_more_event_is_413(api: Api) -> None:
    events = [location(number) for number in range(10_000)]
    assert len(api.batch(*events)) == 10_000
    api.back.items.clear()
    reply = api.post([*events, location(10_000)], BATCH)
    assert reply.status == 413
    assert "10000" in reply.json["detail"]
    assert api.back.items == []
    assert api.back.seen == 20_001


def test_body_of_8_mib_is_read_and_one_byte_more_is_413(api: Api) -> None:
    event = json.dumps([usage(1)]).encode()
    assert api.post(event.ljust(BODY_BYTES_MAX), BATCH).status == 200
    assert api.post(event.ljust(BODY_BYTES_MAX + 1), BATCH).status == 413


def test_endless_chunked_body_is_413_as_soon_as_it_is_too_large(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(BODY_BYTES_MAX // 2**20 + 1):
            yield b" " * 2**20

    headers = {"Content-Type": BATCH}
    assert api.call("POST", "/v1/events", data=chunks(), headers=headers).status == 413


def test_full_inbox_is_503_with_retry_after(api: Api) -> None:
    api.back.error = Busy(3)
    reply = api.post([usage(1)], BATCH)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "3")
    assert api.back.seen == 1


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'{"id": ', "line 1, column 8"),
        (b"", "line 1, column 1"),
        (b'[\n{"bytes": NaN}]', "NaN"),
        (b'"\xff"', "byte 1 is 0xff"),
        (b"1" * 5000, "JSON"),
        (b"[" * 100_000, "16 levels"),
        (b"[" * 17 + b"]" * 17, "16 levels"),
        (b'[{"data":' + b"[" * 15 + b"]" * 15 + b"}]", "16 levels"),
    ],
)
def test_broken_or_bottomless_json_is_400(api: Api, raw: bytes, place: str) -> None:
    reply = api.post(raw, BATCH)
    assert reply.status == 400
    assert place in reply.json["detail"]


def test_16_levels_are_no_depth_fault(api: Api) -> None:
    reply = api.post(b'[{"data":' + b"[" * 14 + b"]" * 14 + b"}]", BATCH)
    assert (reply.status, reply.json["results"][0]["code"]) == (200, "invalid")


def test_repeated_key_counts_as_its_last(api: Api) -> None:
    raw = json.dumps(usage(1)).replace('"id": "u-1"', '"id": "u-1", "id": "u-2"').encode()
    assert api.post(raw, EVENT).json["results"][0]["id"] == "u-2"


@pytest.mark.parametrize("body", [{"not": "a batch"}, "x", None, 3])
def test_batch_that_is_no_array_is_422(api: Api, body: Any) -> None:
    reply = api.post(body, BATCH)
    assert (reply.status, reply.pointers) == (422, [""])


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/cloudevents+json; charset=utf-8", 200),
        ("Application/CloudEvents+JSON; charset=UTF-8", 200),
        ("application/cloudevents+json; charset=latin-1", 415),
        ("application/json", 415),
        ("text/plain", 415),
        ("application/cloudevents+xml", 415),
        ("nonsense", 415),
    ],
)
def test_content_types_of_a_single_event(api: Api, media_type: str, status: int) -> None:
    assert api.post(usage(1), media_type).status == status


def test_compressed_bodies_are_415(api: Api) -> None:
    assert api.post(b"\x1f\x8b", EVENT, **{"Content-Encoding": "gzip"}).status == 415


def _binary(**changes: str) -> dict[str, str]:
    event = usage(1)
    attributes = {name: event[name] for name in ("specversion", "id", "source", "type", "time")} | changes
    return {f"ce-{name}": value for name, value in attributes.items()}


def test_binary_mode_reads_attributes_from_headers(api: Api) -> None:
    headers = _binary(id="caf%C3%A9", traceparent="00-abc")
    reply = api.post(usage(1)["data"], "application/json; charset=utf-8", **headers)
    assert reply.status == 200
    structured = api.event(usage(1) | {"id": "café"})
    assert structured.status == 200
    binary_item, structured_item = api.back.items
    assert isinstance(binary_item, EventItem)
    assert isinstance(structured_item, EventItem)
    assert binary_item.id == "café"
    assert binary_item.digest == structured_item.digest


@pytest.mark.parametrize(
    ("headers", "pointers"),
    [
        (_binary(specversion="0.3"), ["/specversion"]),
        (_binary(id="%FF"), ["/id"]),
        ({"ce-id": "1"}, ["", "", "", ""]),
    ],
)
def test_binary_mode_with_faulty_attributes_is_422(api: Api, headers: dict[str, str], pointers: list[str]) -> None:
    reply = api.post(usage(1)["data"], "application/json", **headers)
    assert (reply.status, reply.pointers) == (422, pointers)


def test_flow_id_is_taken_or_made_returned_and_put_on_the_items(api: Api) -> None:
    taken = api.post(usage(1), EVENT, **{"X-Flow-Id": "abc_DEF-9"})
    made = api.post(usage(2), EVENT, **{"X-Flow-Id": "not allowed!"})
    assert (taken.headers["X-Flow-Id"], made.headers["X-Flow-Id"]) == ("abc_DEF-9", "made-here")
    assert [item.flow_id for item in api.back.items if isinstance(item, EventItem)] == ["abc_DEF-9", "made-here"]


def test_location_event_becomes_an_item(api: Api) -> None:
    api.event(location(1, "310-410"))
    (item,) = api.back.items
    assert isinstance(item, EventItem)
    assert (item.msisdn, item.imsi, item.report) == (None, "204080000000001", LocationReport("310-410"))


# -- portal --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ONE, ONE.replace("+", "%2B")])
def test_put_creates_with_201_and_a_location(api: Api, path: str) -> None:
    api.back.portal = PortalResult(201, {"customer": "acme"})
    reply = api.call("PUT", path, json={"customer": "acme"})
    assert (reply.status, reply.json, reply.headers["Location"]) == (201, {"customer": "acme"}, ONE)
    assert api.back.items == [PortalItem("put", NUMBER, {"customer": "acme"}, "made-here")]


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
def test_patch_hands_on_what_was_given_and_null_where_a_field_may_be_unset(api: Api, media_type: str) -> None:
    body = {"notify_msisdn": None, "usage_alert_gb": None, "roaming_limit_mb": None, "hard_cap": True}
    reply = api.call("PATCH", ONE, data=json.dumps(body), headers={"Content-Type": media_type})
    assert reply.status == 200
    assert api.back.items == [PortalItem("patch", NUMBER, body, "made-here")]


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_all_faults_of_a_body_come_at_once(api: Api, verb: str) -> None:
    reply = api.call(verb, ONE, json={"cost_limit_eur": 40, "m2m": None, "bundles": {"A": {"max_per_month": 11}}})
    assert reply.status == 422
    assert reply.pointers == ["/m2m", "/cost_limit_eur", "/bundles/A/max_per_month"]
    assert api.back.items == []


@pytest.mark.parametrize("status", [404, 409, 422])
def test_refusals_of_the_writer_are_problems(api: Api, status: int) -> None:
    errors = (FieldError("/bundles/WORLD", "not beside A"),)
    api.back.portal = PortalResult(status, detail="It cannot be.", errors=errors)
    reply = api.call("PATCH", ONE, json={})
    assert (reply.status, reply.json["detail"], reply.pointers) == (status, "It cannot be.", ["/bundles/WORLD"])


def test_delete_is_204_without_a_body(api: Api) -> None:
    api.back.portal = PortalResult(204)
    reply = api.call("DELETE", ONE)
    assert (reply.status, reply.raw) == (204, b"")
    assert api.back.items == [PortalItem("delete", NUMBER, {}, "made-here")]


def test_portal_bodies_have_their_own_limit_media_type_and_depth(api: Api) -> None:
    assert api.call("PUT", ONE, data=b" " * (SMALL_BODY_BYTES_MAX + 1), headers=JSON).status == 413
    assert api.call("PUT", ONE, data=b"{}", headers={"Content-Type": "text/plain"}).status == 415
    assert api.call("PUT", ONE, data=b"{}", headers={"Content-Type": "application/merge-patch+json"}).status == 415
    assert api.call("PUT", ONE, data=b"{", headers=JSON).status == 400
    assert api.call("PUT", ONE, data=b'{"a":' * 17 + b"1" + b"}" * 17, headers=JSON).status == 400


@pytest.mark.parametrize("number", ["31612345678", "+0612345678", "+316", "+31612345678901234", "acme", "%20"])
@pytest.mark.parametrize(("verb", "tail"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/decisions")])
def test_a_number_in_the_path_that_is_no_e164_is_422(api: Api, verb: str, tail: str, number: str) -> None:
    reply = api.call(verb, f"/v1/subscriptions/{number}{tail}", json={})
    assert reply.status == 422
    assert "E.164" in reply.json["detail"]


def test_reads_pass_their_parameters_on(api: Api) -> None:
    assert api.call("GET", f"{ONE}?period=2026-10").status == 200
    assert api.call("GET", f"{ONE}?period=").status == 200
    assert api.call("GET", f"{ONE}/notifications?after=3&limit=1000").status == 200
    assert api.call("GET", f"{ONE}/decisions?limit=5").status == 200
    assert api.call("GET", "/v1/subscriptions?customer=acme&cursor=%2B316&limit=2").status == 200
    assert api.call("GET", "/v1/subscriptions?customer=&cursor=&limit=").status == 200
    assert api.call("GET", f"{ONE}/spending-limit").status == 200
    assert api.call("GET", "/v1/customers/acme/pools").status == 200
    assert api.call("GET", URL(f"{api.url}/v1/customers/a%2Fb%20c/pools?period=2026-10", encoded=True)).status == 200
    assert api.back.asked == [
        ("subscription", NUMBER, "2026-10"),
        ("subscription", NUMBER, None),
        ("notifications", NUMBER, "3", 1000),
        ("decisions", NUMBER, None, 5),
        ("subscriptions", "acme", "+316", 2),
        ("subscriptions", None, None, 100),
        ("subscription", NUMBER, None),
        ("pools", "acme", None),
        ("pools", "a/b c", "2026-10"),
    ]


@pytest.mark.parametrize("tail", ["", "/notifications", "/notifications?wait_s=1", "/decisions", "/spending-limit"])
def test_reading_an_unknown_subscription_is_404(api: Api, tail: str) -> None:
    api.back.known = False
    assert api.call("GET", ONE + tail).status == 404


def test_the_pools_of_an_unknown_customer_are_404(api: Api) -> None:
    api.back.known = False
    reply = api.call("GET", "/v1/customers/acme/pools")
    assert (reply.status, reply.json["code"]) == (404, "unknown_customer")


def test_pools_that_are_too_many_are_422_with_the_reason(api: Api) -> None:
    api.back.error = ValueError("the customer has more than 3 subscriptions")
    reply = api.call("GET", "/v1/customers/acme/pools")
    assert (reply.status, reply.json["detail"]) == (422, "the customer has more than 3 subscriptions.")


def test_a_customer_that_none_can_be_is_422(api: Api) -> None:
    for customer in ("x" * 129, "%00"):
        reply = api.call("GET", URL(f"{api.url}/v1/customers/{customer}/pools", encoded=True))
        assert (reply.status, api.back.asked) == (422, [])
        assert "customer in the path" in reply.json["detail"]


@pytest.mark.parametrize(
    "path",
    [
        f"{ONE}?period=2026-13",
        f"{ONE}?period=0000-01",
        f"{ONE}?period=9999-12",
        f"{ONE}/spending-limit?period=2026-11",
        "/v1/customers/acme/pools?period=2026-11-01",
        "/v1/customers/acme/pools?limit=5",
        f"{ONE}?nope=1",
        f"{ONE}/notifications?limit=0",
        f"{ONE}/notifications?limit=1001",
        f"{ONE}/notifications?limit=x",
        f"{ONE}/notifications?after=x",
        f"{ONE}/notifications?wait_s=61",
        f"{ONE}/notifications?wait_s=nan",
        f"{ONE}/decisions?wait_s=1",
        "/v1/subscriptions?customer=%00",
        "/v1/subscriptions?cursor=%00",
        "/v1/quiet?timeout_s=-1",
    ],
)
def test_query_parameters_that_are_not_allowed_are_422_by_name(api: Api, path: str) -> None:
    reply = api.call("GET", path)
    assert reply.status == 422
    assert path.partition("?")[2].partition("=")[0] in reply.json["detail"]


def test_long_poll_answers_when_something_comes(api: Api) -> None:
    async def poll() -> Any:
        async with asyncio.TaskGroup() as tasks:
            reply = tasks.create_task(api.ask("GET", f"{ONE}/notifications?after=7&wait_s=2.5"))
            await asyncio.wait_for(api.back.waiting.wait(), 10)
            api.back.wakes.set()
        return reply.result()

    assert api.runner.run(poll()).json == {"items": ["n-1"], "cursor": "8"}
    assert api.back.asked == [("wait", NUMBER, "7", 2.5)]


def test_long_poll_with_a_limit_reads_the_page_of_that_size(api: Api) -> None:
    api.back.wakes.set()
    assert api.call("GET", f"{ONE}/notifications?wait_s=1&limit=1").json["cursor"] == "7"
    assert api.back.asked[-1] == ("notifications", NUMBER, None, 1)


def test_stopping_answers_those_who_wait(api: Api) -> None:
    async def stop() -> Any:
        async with asyncio.TaskGroup() as tasks:
            reply = tasks.create_task(api.ask("GET", f"{ONE}/notifications?wait_s=60"))
            await asyncio.wait_for(api.back.waiting.wait(), 10)
            await asyncio.wait_for(api.server.stop(), 10)
        return reply.result()

    assert api.runner.run(stop()).json == {"items": [], "cursor": "7"}


# -- running it ----------------------------------------------------------------------------------------------------


def test_liveness_readiness_metrics_and_clock(api: Api) -> None:
    assert api.call("GET", "/livez").json == {"status": "ok"}
    assert api.call("GET", "/readyz").json == {"delivery": "degraded"}
    metrics = api.call("GET", "/metrics")
    assert (metrics.raw, metrics.headers["Content-Type"]) == (b"events_total 1\n", "text/plain; version=0.0.4")
    assert api.call("GET", "/v1/clock").json == {"now": "2026-11-02T09:00:00Z", "mode": "virtual"}
    assert api.call("HEAD", "/livez").raw == b""


def test_not_ready_is_503_with_retry_after(api: Api) -> None:
    api.back.ready = False
    reply = api.call("GET", "/readyz")
    assert (reply.status, reply.headers["Retry-After"], reply.json["delivery"]) == (503, "1", "degraded")


def test_clock_advances_to_an_instant_or_by_seconds(api: Api) -> None:
    assert api.call("POST", "/v1/clock/advance", json={"to": "2026-12-01T00:00:00+01:00"}).status == 200
    assert api.call("POST", "/v1/clock/advance", json={"by_s": 1.5}).json["mode"] == "virtual"
    (_, to, _), (_, _, by_s) = api.back.asked
    assert (to.isoformat(), by_s) == ("2026-11-30T23:00:00+00:00", 1.5)


@pytest.mark.parametrize(
    "body", [{}, {"to": "2026-12-01T00:00:00Z", "by_s": 1}, {"to": "2026-12-01"}, {"by_s": -1}, {"by_s": "1"}, []]
)
def test_clock_bodies_that_are_not_allowed_are_422(api: Api, body: Any) -> None:
    assert api.call("POST", "/v1/clock/advance", json=body).status == 422
    assert api.back.asked == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotVirtual("it is the system's"), 409, "not_virtual"),
        (Backwards("2025 is past"), 422, "backwards"),
        (NotReady("the engine is busy"), 504, "not_ready"),
    ],
)
def test_clock_that_cannot_be_moved_so(api: Api, error: Exception, status: int, code: str) -> None:
    api.back.error = error
    reply = api.call("POST", "/v1/clock/advance", json={"to": "2025-12-01T00:00:00Z"})
    assert (reply.status, reply.json["code"]) == (status, code)


def test_quiet_answers_its_counts_or_504_with_what_is_open(api: Api) -> None:
    assert api.call("GET", "/v1/quiet").json == {"boot": 1, "busy": 0}
    api.back.quiet = False
    reply = api.call("GET", "/v1/quiet?timeout_s=0")
    assert (reply.status, reply.json["open"], reply.json["busy"]) == (504, {"inbox": 3}, 3)
    assert "inbox" in reply.json["detail"]
    assert api.back.asked == [("quiet", 5), ("quiet", 0)]


# -- anything ------------------------------------------------------------------------------------------------------

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_NAMES = st.sampled_from([*usage(1), *usage(1)["data"], "started_at", "session", "sims", "bundles", "to"])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | st.text(max_size=3), inner),
    max_leaves=8,
)
_BODIES = _VALUES | st.builds(lambda changes: usage(1) | changes, st.dictionaries(_NAMES, _VALUES, max_size=3))


def test_no_body_breaks_anything(api: Api) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=_BODIES, batch=st.booleans(), raw=st.binary(max_size=40))
    def send(body: Any, batch: bool, raw: bytes) -> None:
        replies = [
            api.post([body] if batch else body, BATCH if batch else EVENT),
            api.post(raw, BATCH),
            api.call("PATCH", ONE, data=json.dumps(body), headers=JSON),
            api.call("POST", "/v1/clock/advance", data=json.dumps(body), headers=JSON),
        ]
        assert [reply.status for reply in replies if reply.status >= 500] == []

    send()
