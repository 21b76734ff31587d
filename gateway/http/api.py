"""The HTTP API: events in, the portal, and the routes that run the service. The door to aiohttp's server side.

Its rules: what may come in is decided at the edge, in this order: Host and Origin, route, token, media type, size,
shape; every error is a problem, also the server library's own and the unexpected, which shows nothing of the inside.
A POST is admitted whole or answered 503; reading it gives the loop a turn between stretches of events. Nothing is
answered before the engine's commit. Handlers hold no rule of the service: they read, call one of `Services`, show.
Must not be put here: SQL, decisions, the limits of connections (`listener`), the shape of bodies.
"""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal, cast
from urllib.parse import unquote

from aiohttp import web

from gateway.clock import Backwards, NotVirtual
from gateway.http import bodies, openapi, results
from gateway.http.cloudevents import read_event
from gateway.http.edge import FLOW, Edge, octets, to_json
from gateway.http.listener import Limits, Listener
from gateway.http.members import msisdn as read_msisdn
from gateway.http.problems import Problem
from gateway.http.spending import spending_limit
from gateway.items import EventItem, EventResult, FieldError, Item, PortalItem, PortalResult, Result
from gateway.tariffs import home_mcc
from handlers.policy import Policy

BODY_BYTES_MAX = 8 * 2**20
# A subscription with all its SIMs has some kilobytes.
SMALL_BODY_BYTES_MAX = 256 * 2**10
# As many events as one commit takes: reading them keeps the loop for a few milliseconds.
STRETCH_EVENTS = 256
# The most that an open long poll outlives its time.
POLL_GRACE_S = 5

Json = Mapping[str, Any]
Verb = Literal["put", "patch"]


class NotReady(Exception):  # noqa: N818 - what is the case
    """The clock stands where it got to: what fell due on the way did not come to an end."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the API needs of the rest. `None` from a read means: no such subscription."""

    accept: Callable[[Sequence[Item]], Awaitable[Sequence[Result | None]]]
    subscription: Callable[[str, str | None], Awaitable[Json | None]]
    subscriptions: Callable[[str | None, str | None, int], Awaitable[Json]]
    notifications: Callable[[str, str | None, int], Awaitable[Json | None]]
    decisions: Callable[[str, str | None, int], Awaitable[Json | None]]
    wait_notifications: Callable[[str, str | None, float], Awaitable[Json | None]]
    # Customer and period; `None`: no such customer. ValueError: too many subscriptions to show.
    pools: Callable[[str, str | None], Awaitable[Json | None]]
    clock: Callable[[], Json]
    advance: Callable[[datetime | None, float | None], Awaitable[Json]]
    quiet: Callable[[float], Awaitable[tuple[bool, Json]]]
    ready: Callable[[], Awaitable[tuple[bool, Json]]]
    metrics: Callable[[], bytes]
    now: Callable[[], datetime]
    languages: frozenset[str]
    policy: Policy
    # Told of every event of a request that could be read, before anything else is done with it.
    events_seen: Callable[[int], None]
    # Held from then until the answer: work that quiet must wait for.
    hold: Callable[[], AbstractContextManager[object]]
    # Waited for before many events are read: returns when nothing else needs the interpreter more.
    calm: Callable[[], Awaitable[None]]
    new_flow_id: Callable[[], str]
    # An error that is ours: flow id and error, for the log.
    failed: Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """An empty token means no authentication for its routes."""

    host: str = "127.0.0.1"
    port: int = 8330
    events_token: str = field(default="", repr=False)
    portal_token: str = field(default="", repr=False)
    control_token: str = field(default="", repr=False)
    ssl_context: ssl.SSLContext | None = None
    body_timeout_s: float = 10  # the whole of a body, once its head is there
    limits: Limits = field(default_factory=Limits)

    @property
    def tokens(self) -> Mapping[openapi.Scope, str]:
        return {
            "open": "",
            "events": self.events_token,
            "portal": self.portal_token,
            "control": self.control_token,
        }

    @property
    def loopback(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=to_json(body), status=status, headers=headers, content_type=openapi.JSON)


def _query(request: web.Request, **readers: Callable[[str], Any]) -> dict[str, Any]:
    """The parameters of the query, read; absent and empty ones are None. `Problem` 422."""
    values: dict[str, Any] = dict.fromkeys(readers)
    for name, text in request.query.items():
        if name not in readers:
            allowed = ", ".join(readers) or "none"
            raise Problem(422, f"The query parameter {name!r} is not known here, allowed are: {allowed}.")
        try:
            values[name] = readers[name](text) if text else None
        except ValueError as fault:
            raise Problem(422, f"The query parameter {name}: {fault}.") from None
    return values


def _limit(text: str) -> int:
    return bodies.whole_number(text, 1, openapi.PAGE_MAX)


def _wait(text: str) -> float:
    return bodies.seconds(text, openapi.WAIT_MAX_S)


def _msisdn(request: web.Request) -> str:
    try:
        return read_msisdn(request.match_info["msisdn"])
    except ValueError as fault:
        raise Problem(422, f"The number in the path: {fault}.") from None


def _customer(request: web.Request) -> str:
    try:
        return bodies.customer(request.match_info["customer"])
    except ValueError as fault:
        raise Problem(422, f"The customer in the path: {fault}.") from None


def _found(body: Json | None) -> web.Response:
    if body is None:
        raise Problem(404, "There is no subscription with this number.", code="unknown_subscription")
    return _answer(body)


class _Handlers:
    """One method for each row of `openapi.ROUTES`, by its operation."""

    def __init__(self, services: Services, settings: ApiSettings) -> None:
        self._services = services
        self._settings = settings
        self._home_mcc = home_mcc(services.policy.tariffs)
        self._ahead_max = timedelta(seconds=services.policy.ahead_max_s)
        self._polls: set[asyncio.Timeout] = set()

    # -- events -------------------------------------------------------------------------------------------------

    async def post_events(self, request: web.Request) -> web.Response:
        media_type = _media_type(request, (openapi.EVENT, openapi.EVENT_BATCH, openapi.JSON))
        if media_type == openapi.JSON and not any(name.lower().startswith("ce-") for name in request.headers):
            raise _unsupported(f"{openapi.EVENT}, {openapi.EVENT_BATCH}, or {openapi.JSON} with ce-* headers")
        raw = await self._body(request, BODY_BYTES_MAX)
        with self._services.hold():
            if media_type == openapi.EVENT_BATCH:
                return await self._take_batch(bodies.read_json(raw), request[FLOW])
            event = bodies.read_json(raw)
            if media_type == openapi.JSON:
                event = _from_binary(request, event)
            self._services.events_seen(1)
            (result,) = await self._take([event], request[FLOW], bodies.JSON_DEPTH_MAX)
        return _answer(results.alone(result))

    async def _take_batch(self, events: object, flow_id: str) -> web.Response:
        if not isinstance(events, list):
            error = FieldError("", "a batch is an array of events")
            raise Problem(422, "The body is no batch.", code="invalid", errors=[error])
        self._services.events_seen(len(events))
        if len(events) > openapi.BATCH_EVENTS_MAX:
            found = f"The batch has {len(events)} events"
            raise Problem(413, f"{found}, allowed are {openapi.BATCH_EVENTS_MAX}; none was taken.")
        taken = await self._take(events, flow_id, bodies.JSON_DEPTH_MAX - 1)
        shown: list[str] = []
        for index, result in enumerate(taken):
            shown.append(results.spelled(result, index))
            if index % STRETCH_EVENTS == STRETCH_EVENTS - 1:
                await asyncio.sleep(0)
        return web.Response(body=octets(f'{{"results":[{",".join(shown)}]}}'), content_type=openapi.JSON)

    async def _take(self, events: Sequence[object], flow_id: str, levels: int) -> Sequence[EventResult]:
        """Read all, hand the good ones to the engine at once, and put the results in the order given."""
        # Q66: one wrong clock must not roll the month.
        latest = self._services.now() + self._ahead_max
        read: list[EventItem | EventResult] = []
        for start in range(0, len(events), STRETCH_EVENTS):
            await self._services.calm()
            if start:
                await asyncio.sleep(0)
            for event in events[start : start + STRETCH_EVENTS]:
                one = read_event(event, latest, flow_id, self._home_mcc)
                if isinstance(one, EventResult):
                    # What was read without a fault is flat by its tables.
                    bodies.refuse_depth(event, levels)
                read.append(one)
        items = [one for one in read if isinstance(one, EventItem)]
        told = await self._services.accept(items) if items else ()
        if len(told) == len(read):  # nearly always: all were good
            return cast("Sequence[EventResult]", told)
        judged = iter(told)
        answers: list[EventResult] = []
        for one in read:
            result = next(judged) if isinstance(one, EventItem) else one
            assert isinstance(result, EventResult)
            answers.append(result)
        return answers

    # -- portal -------------------------------------------------------------------------------------------------

    async def put_subscription(self, request: web.Request) -> web.Response:
        return await self._change(request, "put", (openapi.JSON,))

    async def patch_subscription(self, request: web.Request) -> web.Response:
        return await self._change(request, "patch", (openapi.MERGE_PATCH, openapi.JSON))

    async def _change(self, request: web.Request, verb: Verb, media_types: Sequence[str]) -> web.Response:
        number = _msisdn(request)
        body = await self._small_json(request, media_types)
        changes = bodies.subscription_changes(body, bodies.Context(number, self._services.languages))
        return await self._apply(PortalItem(verb, number, changes, request[FLOW]))

    async def delete_subscription(self, request: web.Request) -> web.Response:
        return await self._apply(PortalItem("delete", _msisdn(request), {}, request[FLOW]))

    async def _apply(self, item: PortalItem) -> web.Response:
        (result,) = await self._services.accept([item])
        assert isinstance(result, PortalResult)
        if result.status == 204:
            return web.Response(status=204)
        if result.status >= 400:
            detail = result.detail or HTTPStatus(result.status).description or "It is not allowed."
            raise Problem(result.status, detail, errors=result.errors)
        location = {"Location": f"/v1/subscriptions/{item.msisdn}"} if result.status == 201 else None
        return _answer(result.body, result.status, location)

    async def get_subscription(self, request: web.Request) -> web.Response:
        query = _query(request, period=bodies.period)
        return _found(await self._services.subscription(_msisdn(request), query["period"]))

    async def list_subscriptions(self, request: web.Request) -> web.Response:
        query = _query(request, customer=bodies.customer, cursor=bodies.cursor, limit=_limit)
        limit = query["limit"] or openapi.PAGE_DEFAULT
        return _answer(await self._services.subscriptions(query["customer"], query["cursor"], limit))

    async def get_notifications(self, request: web.Request) -> web.Response:
        query = _query(request, after=bodies.after, limit=_limit, wait_s=_wait)
        number, after, limit = _msisdn(request), query["after"], query["limit"]
        if query["wait_s"]:
            page = await self._waited(number, after, query["wait_s"])
            if page is not None and limit is None:
                return _answer(page)
        return _found(await self._services.notifications(number, after, limit or openapi.PAGE_DEFAULT))

    async def _waited(self, number: str, after: str | None, wait_s: float) -> Json | None:
        """The page of a long poll; None if it was ended because the service stops."""
        try:
            async with asyncio.timeout(wait_s + POLL_GRACE_S) as poll:
                self._polls.add(poll)
                try:
                    return await self._services.wait_notifications(number, after, wait_s)
                finally:
                    self._polls.discard(poll)
        except TimeoutError:
            return None

    async def end_polls(self, _app: web.Application) -> None:
        """The service stops: let those who wait go."""
        for poll in self._polls:
            if not poll.expired():
                poll.reschedule(asyncio.get_running_loop().time())

    async def get_decisions(self, request: web.Request) -> web.Response:
        query = _query(request, after=bodies.after, limit=_limit)
        limit = query["limit"] or openapi.PAGE_DEFAULT
        return _found(await self._services.decisions(_msisdn(request), query["after"], limit))

    async def get_spending_limit(self, request: web.Request) -> web.Response:
        _query(request)
        view = await self._services.subscription(_msisdn(request), None)
        return _found(None if view is None else spending_limit(view, self._services.policy))

    async def get_pools(self, request: web.Request) -> web.Response:
        query = _query(request, period=bodies.period)
        try:
            found = await self._services.pools(_customer(request), query["period"])
        except ValueError as fault:
            raise Problem(422, f"{fault}.") from None
        if found is None:
            raise Problem(404, "There is no subscription of this customer.", code="unknown_customer")
        return _answer(found)

    # -- running it ---------------------------------------------------------------------------------------------

    async def get_livez(self, _request: web.Request) -> web.Response:
        return _answer({"status": "ok"})

    async def get_readyz(self, _request: web.Request) -> web.Response:
        ready, report = await self._services.ready()
        if not ready:
            raise Problem(503, "Events cannot be taken now.", headers={"Retry-After": "1"}, members=report)
        return _answer(report)

    async def get_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._services.metrics(), headers={"Content-Type": openapi.METRICS_TEXT})

    async def get_clock(self, _request: web.Request) -> web.Response:
        return _answer(self._services.clock())

    async def advance_clock(self, request: web.Request) -> web.Response:
        body = bodies.advance(await self._small_json(request, (openapi.JSON,)))
        try:
            return _answer(await self._services.advance(body.to, body.by_s))
        except NotVirtual as fault:
            raise Problem(409, str(fault) or "The clock is not virtual.", code="not_virtual") from None
        except Backwards as fault:
            error = FieldError("/to", str(fault) or "is in the past")
            raise Problem(422, "The clock does not run back.", code="backwards", errors=[error]) from None
        except NotReady as fault:
            raise Problem(504, str(fault), code="not_ready") from None

    async def get_quiet(self, request: web.Request) -> web.Response:
        timeout_s = _query(request, timeout_s=_wait)["timeout_s"]
        quiet, report = await self._services.quiet(openapi.QUIET_DEFAULT_S if timeout_s is None else timeout_s)
        if not quiet:
            raise Problem(504, f"Still under way: {json.dumps(report.get('open', report))}", members=report)
        return _answer(report)

    async def get_openapi(self, _request: web.Request) -> web.Response:
        return _answer(openapi.describe(self._services.languages))

    # -- bodies -------------------------------------------------------------------------------------------------

    async def _small_json(self, request: web.Request, media_types: Sequence[str]) -> Any:  # noqa: ANN401
        _media_type(request, media_types)
        value = bodies.read_json(await self._body(request, SMALL_BODY_BYTES_MAX))
        bodies.refuse_depth(value)
        return value

    async def _body(self, request: web.Request, bytes_max: int) -> bytes:
        """All of the body, within its time; what is too large is refused as soon as that shows."""
        too_large = Problem(413, f"The body is larger than {bytes_max} bytes.")
        if (request.content_length or 0) > bytes_max:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > bytes_max:
                        raise too_large
        except TimeoutError:
            allowed = f"{self._settings.body_timeout_s:g} s"
            raise Problem(408, f"The body did not come within {allowed}.") from None
        except (ConnectionError, web.RequestPayloadError):
            raise Problem(400, "The body broke off, or is not framed as HTTP/1.1 asks.") from None
        return bytes(body)


def _media_type(request: web.Request, allowed: Sequence[str]) -> str:
    charset = (request.charset or "utf-8").lower()
    coding = request.headers.get("Content-Encoding", "identity").lower()
    if request.content_type not in allowed or charset not in ("utf-8", "utf8", "us-ascii") or coding != "identity":
        raise _unsupported(", ".join(allowed))
    return request.content_type


def _unsupported(allowed: str) -> Problem:
    return Problem(415, f"Allowed are {allowed}, in UTF-8, without Content-Encoding.")


def _from_binary(request: web.Request, data: object) -> dict[str, Any]:
    """CloudEvents HTTP binding §3.1: attributes are percent-encoded ce-* headers, the body is the data."""
    named = ((name.lower(), value) for name, value in request.headers.items())
    event: dict[str, Any] = {
        name.removeprefix("ce-"): unquote(value, errors="surrogateescape")
        for name, value in named
        if name.startswith("ce-")
    }
    return event | {"datacontenttype": openapi.JSON, "data": data}


def build(services: Services, settings: ApiSettings) -> web.Application:
    """The application: exactly the routes of `openapi.ROUTES`."""
    handlers = _Handlers(services, settings)
    edge = Edge(
        host=settings.host if settings.loopback else None,
        tokens=settings.tokens,
        new_flow_id=services.new_flow_id,
        failed=services.failed,
    )

    @web.middleware
    async def around(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        return await edge.serve(request, handler)

    app = web.Application(middlewares=[around])
    for route in openapi.ROUTES:
        handle = getattr(handlers, route.operation)
        edge.scopes[handle] = route.scope
        app.router.add_route(route.method, route.path, handle)
        if route.method == "GET":
            # RFC 9110 §9.1: every server has GET and HEAD.
            app.router.add_route("HEAD", route.path, handle)
    app.on_shutdown.append(handlers.end_polls)
    return app


class ApiServer:
    """The API on its port. `start` once, in the loop that serves."""

    def __init__(self, services: Services, settings: ApiSettings) -> None:
        app = build(services, settings)
        self._listener = Listener(
            app, settings.host, settings.port, limits=settings.limits, ssl_context=settings.ssl_context
        )

    async def start(self) -> int:
        """The port. OSError with the address and the reason if it cannot be listened on."""
        return await self._listener.start()

    async def stop(self) -> None:
        """Answer open polls, let what is being served end, close the rest; may be repeated."""
        await self._listener.stop()
