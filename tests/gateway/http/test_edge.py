"""Around every route: tokens, Host and Origin, errors as problems, headers."""

import asyncio
from collections.abc import Iterator

import pytest

from gateway.http.api import ApiSettings, build
from gateway.http.listener import Limits, Listener
from gateway.http.openapi import ROUTES, Route
from tests.gateway.served import EVENT, NUMBER, Api, Back, serving, until, usage

TOKENS = {"events_token": "for-events", "portal_token": "for-portal", "control_token": "for-control"}
GIVEN = {"open": None, "events": "for-events", "portal": "for-portal", "control": "for-control"}


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as served:
        yield served


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Api]:
    with serving(**TOKENS) as served:
        served.back.wakes.set()
        yield served


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_each_route_opens_to_its_own_token_alone(guarded: Api, route: Route) -> None:
    path = route.path.replace("{msisdn}", NUMBER).replace("{customer}", "acme")
    statuses = {}
    for scope, token in GIVEN.items():
        headers = _bearer(token) if token else {}
        statuses[scope] = guarded.call(route.method, path, data=b"{", headers=headers).status
    allowed = {scope for scope, status in statuses.items() if status != 401}
    assert allowed == (set(GIVEN) if route.scope == "open" else {route.scope})


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer for-events2", "Bearer for-event", "Basic for-events", "for-events", "Bearer é"],
)
def test_wrong_authorization_is_401_with_a_challenge(guarded: Api, value: str) -> None:
    reply = guarded.call("POST", "/v1/events", headers={"Authorization": value})
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="')


def test_the_scheme_is_read_in_any_case(guarded: Api) -> None:
    reply = guarded.post(usage(1), EVENT, Authorization="bearer for-events")
    assert reply.status == 200


def test_settings_do_not_show_their_tokens() -> None:
    assert "for-events" not in repr(ApiSettings(**TOKENS))


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:9999", 200),
        ("localhost:8330", 200),
        ("LOCALHOST", 200),
        ("[::1]:8330", 200),
        ("gateway.example", 403),
        ("127.0.0.1.gateway.example", 403),
        ("localhost@gateway.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(api: Api, host: str, status: int) -> None:
    assert api.call("GET", "/livez", headers={"Host": host}).status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("http://[::1]:1", 200),
        ("https://gateway.example", 403),
        ("http://localhost.gateway.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_on_loopback_pages_of_other_hosts_are_refused(api: Api, origin: str, status: int) -> None:
    assert api.call("GET", "/livez", headers={"Origin": origin}).status == status


def test_a_public_address_is_answered_under_any_name() -> None:
    with serving() as api:
        back = Back()
        listener = Listener(build(back.services(), ApiSettings(host="gateway.example")), "127.0.0.1", 0)
        api.port = api.runner.run(listener.start())
        try:
            assert api.call("GET", "/livez", headers={"Host": "gateway.example"}).status == 200
        finally:
            api.runner.run(listener.stop())


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104
)
def test_which_addresses_are_loopback(host: str, loopback: bool) -> None:
    assert ApiSettings(host=host).loopback is loopback


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/events/", f"/v1/subscriptions/{NUMBER}/spending", "/v1/customers//pools", "/v1/%FF"]
)
def test_unknown_paths_are_404_problems(api: Api, path: str) -> None:
    assert api.call("GET", path).status == 404


def test_unknown_methods_are_405_with_those_allowed(api: Api) -> None:
    reply = api.call("GET", "/v1/events")
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")


def test_the_unexpected_is_500_told_to_the_log_and_shows_nothing_of_the_inside(api: Api) -> None:
    error = RuntimeError("secret detail of the store")
    api.back.error = error
    reply = api.post(usage(1), EVENT, **{"X-Flow-Id": "f-1"})
    assert reply.status == 500
    assert b"secret" not in reply.raw
    assert b"f-1" in reply.raw
    assert api.back.failures == [("f-1", error)]
    api.back.failures.clear()


def test_every_answer_has_the_security_headers_and_names_no_software(api: Api) -> None:
    for path in ("/livez", "/nowhere", f"/v1/subscriptions/{NUMBER}"):
        headers = api.call("GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Flow-Id"] == "made-here"
        assert "aiohttp" not in headers["Server"]


HEAD = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\n"


def test_body_that_does_not_come_is_408_and_closes_the_connection() -> None:
    with serving(body_timeout_s=0, limits=Limits(linger_s=0)) as api:
        answer = api.send(HEAD + b"Content-Length: 10\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer


def test_body_that_is_announced_too_large_is_413_before_it_comes() -> None:
    with serving(limits=Limits(linger_s=0)) as api:
        answer = api.send(HEAD + b"Content-Length: 8388609\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_chunks_that_are_none_are_400(api: Api) -> None:
    answer = api.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n")
    assert answer.split()[1] == b"400"


async def _interrupted(api: Api, head: bytes, then: bytes) -> bytes:
    """Send a head, wait until its request is served, send on and hang up: what came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    try:
        writer.write(HEAD + head + b"\r\n\r\n")
        await until(lambda: any(one.idle_since is None for one in api.server._listener._open()))
        writer.write(then)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        await until(lambda: not api.server._listener._open())
        return answer
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("head", "then"),
    [
        (b"Content-Length: 10", b"{"),
        (b"Transfer-Encoding: chunked", b"5\r\n{"),
        (b"Transfer-Encoding: chunked", b"zz\r\n"),
    ],
)
def test_body_that_breaks_off_takes_nothing_and_is_no_fault_of_ours(api: Api, head: bytes, then: bytes) -> None:
    answer = api.runner.run(_interrupted(api, head, then))
    assert answer == b"" or answer.split()[1] == b"400"
    assert (api.back.items, api.back.failures) == ([], [])
