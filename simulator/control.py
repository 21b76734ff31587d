"""The simulator's own HTTP door: where the gateway pushes data policies, and where a person moves the handsets.

    POST /policies                    CloudEvent data-policy.changed from the gateway → 204, 422 when it is none
    GET  /handsets                    the handsets with what they may use
    GET  /handsets/{number}           one handset's conversation
    POST /handsets/{number}/texts     {"text": "HELP", "to": "1330", "form": "sar", "tlvs": {"0x1401": "0a ff"}};
                                      all but the text may be left out, mo.py has the forms
    POST /handsets/{number}/roam      {"to": "US"}
    POST /handsets/{number}/use       {"megabytes": 4} or {"bytes": 4000000}: `blocked`, and the `reasons` of it
    POST /clock/advance               {"to": RFC 3339} or {"by_s": 60}, virtual clock only

It is a door of a test bench on a loopback address and asks for no password; so that a web page cannot walk through
it, it takes JSON only, refuses a foreign Host or Origin, and never answers with a page.

`{number}` may be a name; what a handset did is answered with the texts that came back, and with the faults that struck
on the way. What leads to the SMSC behind it is in control_smsc.py, what a terminal asks in
control_desk.py, what shall go wrong in control_faults.py.

Not here: what the actions do (world.py), obeying a policy (network.py).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from aiohttp import web

from simulator.clock import pause
from simulator.commands import TLVS
from simulator.control_desk import DeskDoor
from simulator.control_faults import FaultsDoor
from simulator.control_smsc import SmscDoor
from simulator.faults import Fault
from simulator.gateway_client import GatewayError
from simulator.handset import Handset, Line
from simulator.jsonbody import json_object, json_string
from simulator.network import OPEN
from simulator.pdu import Tlv
from simulator.settle import NotQuiet

if TYPE_CHECKING:
    from simulator.world import World

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
BODY_BYTES_MAX: Final = 64 * 1024
POLICY_BODY_BYTES_MAX: Final = 1024 * 1024
"""A policy names at most a few SIMs; more than this is a mistake."""
MEGABYTE: Final = 1_000_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Control:
    """Listens for one World. Use `start` and `stop`; `url` is then where."""

    world: "World"
    host: str = "127.0.0.1"
    port: int = 0
    _runner: web.AppRunner | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._faults = FaultsDoor(self.world)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def policies_url(self) -> str:
        """What the gateway's `network.url` is set to."""
        return f"{self.url}/policies"

    async def start(self) -> Self:
        """OSError when the port is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=POLICY_BODY_BYTES_MAX)
        app.add_routes(
            [
                web.post("/policies", self._policy),
                web.get("/handsets", self._handsets),
                web.get("/handsets/{number}", self._handset),
                web.post("/handsets/{number}/texts", self._text),
                web.post("/handsets/{number}/roam", self._roam),
                web.post("/handsets/{number}/use", self._use),
                web.post("/clock/advance", self._advance),
                *SmscDoor(self.world).routes(),
                *DeskDoor(self.world).routes(),
                *self._faults.routes(),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.host.rpartition(":")[0] or request.host
        if host not in LOOPBACK and host != self.host:
            return _problem(403, f"Host {request.host!r}: allowed are {', '.join(sorted({*LOOPBACK, self.host}))}")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            return _problem(403, f"Origin {origin!r} is not this address")
        if request.method in ("POST", "PUT") and "json" not in request.content_type:
            return _problem(415, f"Content-Type {request.content_type!r}: allowed is application/json")
        try:
            return await handler(request)
        except (ValueError, GatewayError) as error:
            return _problem(422, str(error))
        except NotQuiet as error:
            return _problem(504, str(error))

    # --- the gateway -------------------------------------------------------------------------------------

    async def _policy(self, request: web.Request) -> web.StreamResponse:
        counters = self.world.counters
        counters.policy_in += 1
        counters.unanswered += 1
        try:
            event = json_object(await request.read())
            fault = self._policy_fault(event)
            if fault is not None and fault.effect != "policy_slow":
                return self._failing(request, fault)
            if fault is not None:
                await pause(fault.delay_s)
            self.world.obey(event)
        finally:
            counters.unanswered -= 1
            self.world.touched()
        return web.Response(status=204)

    def _policy_fault(self, event: Mapping[str, Any]) -> Fault | None:
        faults, data = self.world.faults, event.get("data")
        if not faults.awake or not isinstance(data, Mapping):
            return None
        return faults.take("policy", str(data.get("msisdn")))

    @staticmethod
    def _failing(request: web.Request, fault: Fault) -> web.Response:
        """The policy is not obeyed: the line is cut, or the answer is no."""
        if fault.effect == "policy_down" and request.transport is not None:
            request.transport.abort()
        return _problem(403, "the policy system refuses")

    # --- a person ----------------------------------------------------------------------------------------

    async def _handsets(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.json_response({"items": [self._view(handset) for handset in self.world.handsets.values()]})

    async def _handset(self, request: web.Request) -> web.StreamResponse:
        who = request.match_info["number"]
        handset = self.world.handsets.get(who) if who.startswith("+") else self.world.person(who)
        if handset is None:
            return _problem(404, f"no handset {who}")
        return web.json_response({**self._view(handset), "conversation": [_line(n) for n in handset.conversation]})

    async def _text(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "text", "to", "form", "tlvs")
        handset = self.world.person(request.match_info["number"])
        with self._faults.watched() as struck:
            lines = await self.world.text(
                handset,
                json_string(body, "text"),
                to=str(body.get("to", self.world.service)),
                form=str(body.get("form", "udh16")),
                tlvs=_tlvs(body.get("tlvs", {})),
            )
        return web.json_response({"replies": [_line(line) for line in lines], "struck": struck})

    async def _roam(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "to")
        with self._faults.watched() as struck:
            lines = await self.world.roam(self.world.person(request.match_info["number"]), json_string(body, "to"))
        return web.json_response({"replies": [_line(line) for line in lines], "struck": struck})

    async def _use(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "megabytes", "bytes")
        amount = body.get("bytes", body.get("megabytes"))
        if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
            raise ValueError('say {"megabytes": 4} or {"bytes": 4000000}')
        volume = round(amount if "bytes" in body else amount * MEGABYTE)
        handset = self.world.person(request.match_info["number"])
        with self._faults.watched() as struck:
            used = await self.world.use(handset, volume_bytes=volume)
        replies = [_line(line) for line in used.lines]
        reasons = self.world.network.policies.get(handset.number, OPEN).reasons if used.blocked else ()
        return web.json_response(
            {"blocked": used.blocked, "reasons": list(reasons), "replies": replies, "struck": struck}
        )

    async def _advance(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "to", "by_s")
        if "to" in body:
            await self.world.advance(to=datetime.fromisoformat(json_string(body, "to")))
        else:
            await self.world.advance(by=timedelta(seconds=float(body.get("by_s", 0))))
        return web.json_response({"now": self.world.clock.now().isoformat()})

    def _view(self, handset: Handset) -> dict[str, Any]:
        now = self.world.clock.now()
        location = self.world.network.location(handset.number, now)
        return {
            "number": handset.number,
            "name": handset.name,
            "place": location.place.en,
            "plmn": location.plmn,
            "reach": handset.reach.value,
            "data_blocked": self.world.network.is_blocked(handset.number, now),
            "texts": len(handset.inbox),
        }


def _line(line: Line) -> dict[str, Any]:
    return {
        "direction": line.direction,
        "at": line.at.isoformat(),
        "peer": line.peer,
        "text": line.text,
        "parts": line.parts,
        "encoding": line.encoding,
    }


def _tlvs(given: object) -> list[Tlv]:
    """{"0x1401": "0a ff"}, or by name: what goes with a text besides its own. ValueError when it is none."""
    if not isinstance(given, dict):
        raise ValueError('tlvs: an object is needed, as {"0x1401": "0a ff"}')  # noqa: TRY004 - the peer's fault
    found = []
    for name, octets in given.items():
        try:
            tag = TLVS[name][0] if name in TLVS else int(name, 16)
            found.append((tag, bytes.fromhex(octets)))
        except (TypeError, ValueError):
            raise ValueError(f"tlvs: {name!r}: {octets!r}: a tag and its octets are needed, both in hex") from None
    return found


def _problem(status: int, detail: str) -> web.Response:
    return web.json_response(
        {"status": status, "detail": detail}, status=status, content_type="application/problem+json"
    )
