"""The HTTP half of the wire: what the network, the reseller and whoever runs the gateway ask of it.

Every event is counted in `counters.events_out` before it leaves, and every request in `counters.unanswered` until
its answer is here, so that settle can tell work under way from quiet. When a request ends without an answer nobody
knows what the gateway has counted: `uncertain` says so. The same holds for events that were refused whole.

Not here: making events (network.py), waiting for quiet (world.py), receiving pushes (control.py).
"""

import io
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp

from simulator import producer
from simulator.counters import Counters
from simulator.faults import FaultPlan

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
EVENTS: Final = "/v1/events"
TIMEOUT_S: Final = 30.0
"""A clock advance over a month may take a while; anything slower than this is a fault."""

Json = dict[str, Any]

NO_GATEWAY: Final = "no gateway is told to serve: start it with --gateway http://127.0.0.1:8330"
"""What `serve` without --gateway lacks, although a gateway may have bound to its SMSC."""


class GatewayError(Exception):
    """The gateway answered with a status nobody asked for. `problem` is its body."""

    def __init__(self, method: str, path: str, status: int, problem: Any) -> None:  # noqa: ANN401 - any JSON
        detail = problem.get("detail") or problem.get("title") if isinstance(problem, Mapping) else problem
        errors = problem.get("errors") if isinstance(problem, Mapping) else None
        told = "".join(f"; {e.get('pointer')}: {e.get('message')}" for e in errors or () if isinstance(e, Mapping))
        super().__init__(f"{method} {path} → {status}: {detail}{told}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class Tokens:
    """Bearer tokens, "" where the gateway asks for none."""

    events: str = field(default="", repr=False)
    portal: str = field(default="", repr=False)
    control: str = field(default="", repr=False)


@dataclass
class GatewayClient:
    """Use it with `async with`. `counters` may be replaced when the gateway starts a new life."""

    url: str
    tokens: Tokens = field(default_factory=Tokens)
    counters: Counters = field(default_factory=Counters)
    on_change: Callable[[], None] = lambda: None
    uncertain: bool = False
    faults: FaultPlan | None = None
    """What is wrong with the network that posts events."""
    held: list[Json] = field(default_factory=list)
    """Events that go after the next one."""
    events_path: str = EVENTS
    _http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._http is not None:
            await self._http.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,  # noqa: ANN401 - any JSON
        content_type: str = "application/json",
        token: str = "",
        params: Mapping[str, str] | None = None,
        allowed: Sequence[int] = (),
    ) -> tuple[int, Any]:
        """Status and JSON body. GatewayError for a status of 400 or more that is not `allowed`.

        aiohttp.ClientError or TimeoutError when there is no answer.
        """
        assert self._http is not None, "use GatewayClient with `async with`"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        kwargs: dict[str, Any] = {"headers": headers, "params": params}
        if body is not None:
            headers["Content-Type"] = content_type
            octets = io.BytesIO(body) if isinstance(body, bytes) else body
            kwargs["data"] = octets if isinstance(octets, io.BytesIO | AsyncIterator) else _dumps(body)
        async with self._http.request(method, self.url.rstrip("/") + path, **kwargs) as response:
            answer = await _read(response)
        if response.status >= 400 and response.status not in allowed:
            raise GatewayError(method, path, response.status, answer)
        return response.status, answer

    async def _counted(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:  # noqa: ANN401
        """A request that sets the gateway to work."""
        counters = self.counters
        counters.unanswered += 1
        try:
            return await self.request(method, path, **kwargs)
        except (aiohttp.ClientError, TimeoutError):
            self.uncertain = True
            raise
        except GatewayError:
            # Whether events that were refused whole were counted is the gateway's own affair.
            self.uncertain |= path == EVENTS
            raise
        finally:
            counters.unanswered -= 1
            self.on_change()

    # --- events ------------------------------------------------------------------------------------------

    async def post_event(self, event: Json) -> Json:
        """One event, as a network posts it that may have its faults. Its result, also when it was refused (422) or in
        conflict (409); status "held" when it goes after the next one.
        """
        fault = None
        if self.faults is not None and self.faults.awake:
            fault = self.faults.take("event", str(event["data"].get("msisdn")))
        if fault is None:
            result = await self.post_sound(event)
        else:
            result = await producer.post(self, event, fault)
        if self.held and result["status"] != "held":
            waiting, self.held = self.held, []
            for late in waiting:
                await self.post_sound(late)
        return result

    async def post_sound(self, event: Json, body: AsyncIterator[bytes] | None = None) -> Json:
        """One event as it should be posted; `body` is it, in pieces."""
        self.counters.events_out += 1
        _, answer = await self.post_body(event if body is None else body, allowed=(409, 422))
        results = answer.get("results") if isinstance(answer, Mapping) else None
        return dict(results[0]) if results else {"status": "refused", **answer}

    async def post_body(self, body: Any, *, allowed: Sequence[int]) -> tuple[int, Any]:  # noqa: ANN401 - any JSON
        """The body of one event, be it what it may."""
        return await self._counted(
            "POST", EVENTS, body=body, content_type=STRUCTURED, token=self.tokens.events, allowed=allowed
        )

    async def post_events(self, events: Sequence[Json]) -> list[Json]:
        """A batch, applied in the order given: one result for each."""
        self.counters.events_out += len(events)
        _, answer = await self._counted(
            "POST", EVENTS, body=list(events), content_type=BATCH, token=self.tokens.events
        )
        return list(answer["results"])

    # --- portal ------------------------------------------------------------------------------------------

    async def put_subscription(self, number: str, settings: Json) -> Json:
        """Creates, or changes what is given."""
        return await self._portal("PUT", number, settings)

    async def patch_subscription(self, number: str, patch: Json) -> Json:
        return await self._portal("PATCH", number, patch)

    async def delete_subscription(self, number: str) -> None:
        await self._portal("DELETE", number, None)

    async def subscription(self, number: str, period: str = "") -> Json:
        """What the portal shows; `period` "2026-10" reads an earlier month's counters."""
        return await self._get(_path(number), self.tokens.portal, {"period": period} if period else None)

    async def subscriptions(self, customer: str = "") -> list[Json]:
        answer = await self._get("/v1/subscriptions", self.tokens.portal, {"customer": customer} if customer else None)
        return list(answer["items"])

    async def notifications(self, number: str, after: str = "") -> list[Json]:
        """In order of decision, suppressed ones too; all pages."""
        return await self._pages(f"{_path(number)}/notifications", after)

    async def decisions(self, number: str, after: str = "") -> list[Json]:
        """Why: each event judged, with the rules looked at and the figures."""
        return await self._pages(f"{_path(number)}/decisions", after)

    async def decisions_since(self, number: str, after: str) -> tuple[list[Json], str]:
        """The next page of them, and where the one after it begins."""
        answer = await self._get(f"{_path(number)}/decisions", self.tokens.portal, {"after": after} if after else None)
        return list(answer["items"]), str(answer.get("cursor") or after)

    async def pools(self, customer: str, period: str) -> list[Json]:
        """A customer's shared bundles in a month ("2026-10"), with the shares of an overrun once it is closed."""
        path = f"/v1/customers/{quote(customer, safe='')}/pools"
        answer = await self._get(path, self.tokens.portal, {"period": period})
        return list(answer["pools"])

    async def _portal(self, method: str, number: str, body: Json | None) -> Json:
        kind = MERGE_PATCH if method == "PATCH" else "application/json"
        _, answer = await self._counted(method, _path(number), body=body, content_type=kind, token=self.tokens.portal)
        return dict(answer or {})

    async def _get(self, path: str, token: str, params: Mapping[str, str] | None = None) -> Json:
        _, answer = await self.request("GET", path, token=token, params=params)
        return dict(answer)

    async def _pages(self, path: str, after: str) -> list[Json]:
        items: list[Json] = []
        while True:
            answer = await self._get(path, self.tokens.portal, {"after": after} if after else None)
            page, cursor = answer["items"], answer.get("cursor")
            items += page
            if not page or not cursor or cursor == after:
                return items
            after = str(cursor)

    # --- running it --------------------------------------------------------------------------------------

    async def clock(self) -> Json:
        return await self._get("/v1/clock", self.tokens.control)

    async def advance(self, to: datetime) -> Json:
        """Moves the virtual clock and runs what falls due on the way."""
        _, answer = await self._counted(
            "POST", "/v1/clock/advance", body={"to": to.isoformat()}, token=self.tokens.control
        )
        return dict(answer or {})

    async def quiet(self, timeout_s: float) -> tuple[bool, Json]:
        """`GET /v1/quiet`: whether nothing is under way, and the vector or what is still open."""
        status, answer = await self.request(
            "GET",
            "/v1/quiet",
            params={"timeout_s": f"{max(timeout_s, 0.001):.3f}"},
            token=self.tokens.control,
            allowed=(504,),
        )
        return status == 200, dict(answer or {})

    async def is_alive(self) -> bool:
        status, _ = await self.request("GET", "/livez", allowed=(503,))
        return status == 200

    async def readiness(self) -> tuple[bool, Json]:
        """Whether events can be taken, and what the gateway says of its parts."""
        status, answer = await self.request("GET", "/readyz", allowed=(503,))
        return status == 200, dict(answer or {})


def _path(number: str) -> str:
    return "/v1/subscriptions/" + quote(number, safe="")


def _dumps(body: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(body, ensure_ascii=False).encode()


async def _read(response: aiohttp.ClientResponse) -> Any:  # noqa: ANN401 - any JSON
    text = await response.text()
    if not text:
        return None
    if "json" in response.content_type:
        return await response.json(content_type=None)
    return text
