"""The part of the simulator's HTTP door that a person at a terminal asks: who is there, why, how it stands, what time.

    GET  /status                      gateway, sessions, clock, faults, counters
    POST /phones                      {"name": "Eva", "number": "+31610000009", "language": "nl", "settings": {…}}:
                                      a handset with a name, and with settings a subscription at the portal
    GET  /handsets/{who}/why          every text decided on, sent or not, the newest first: ?kind=cost_80&limit=5
    POST /clock/steps                 {"to": RFC 3339}, {"by_s": 60} or {"next_month": true}: NDJSON, a line for each
                                      instant as soon as it has been played, at the end {"done": true, …}
    GET  /log                         lines of the gateway's log, where its process is ours: ?after=120&flow=f1-2

`{who}` is a number or a name. Not here: who may come in (control.py), the words of the command line (console/).
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
from aiohttp import web

from simulator import reasons
from simulator.gateway_client import NO_GATEWAY, GatewayError
from simulator.handset import Handset, Line
from simulator.jsonbody import json_object, json_string
from simulator.settle import NotQuiet

if TYPE_CHECKING:
    from simulator.world import World

FIRST_NUMBER: Final = 31_610_000_001
LOG_LINES_MAX: Final = 1000
WHY_ITEMS: Final = 20
FELL_DUE: Final = frozenset({"period.rolled", "mt.expired", "mt.cancelled", "mo.reassembly_expired"})
"""What a gateway does by itself when its moment comes, and nobody outside sees."""
LANGUAGES: Final = ("nl", "en", "de", "fr")
UNKNOWN: Final = 404
LOOKED_AT_MAX: Final = 20


class DeskDoor:
    """The handlers, for one World."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/status", self._status),
            web.post("/phones", self._phone),
            web.get("/handsets/{number}/why", self._why),
            web.post("/clock/steps", self._steps),
            web.get("/log", self._log),
        ]

    # --- how it stands -----------------------------------------------------------------------------------

    async def _status(self, request: web.Request) -> web.StreamResponse:
        del request
        world, counters = self._world, self._world.counters
        due = world.smsc.agenda.next_due
        return web.json_response(
            {
                "now": world.clock.now().isoformat(),
                "clock": "virtual" if world.clock.virtual else "system",
                "next_due": due.isoformat() if due is not None else None,
                "gateway": await self._gateway(),
                "unheard_blocks": await self._unheard_blocks(),
                "policies_url": world.control.policies_url,
                "smsc": {
                    "port": world.smsc.port,
                    "sessions": [
                        {"system_id": one.account, "bound_as": one.mode.value, "peer": one.peer}
                        for one in world.smsc.bound_sessions
                    ],
                    "complaints": list(world.smsc.complaints)[-5:],
                },
                "phones": len(world.handsets),
                "faults_armed": sum(len(faults) for faults in world.faults.armed.values()),
                "counters": {name: getattr(counters, name) for name in counters.__dataclass_fields__},
            }
        )

    async def _gateway(self) -> dict[str, Any] | None:
        """What `GET /readyz` says; None where none is connected."""
        client = self._world.client
        if client is None:
            return None
        try:
            ready, parts = await client.readiness()
        except (aiohttp.ClientError, TimeoutError, GatewayError) as error:
            return {"url": client.url, "answers": False, "ready": False, "error": str(error) or type(error).__name__}
        return {"url": client.url, "answers": True, "ready": ready, "parts": parts}

    async def _unheard_blocks(self) -> list[str]:
        """Whose data the gateway says is blocked while no policy has ever come here: it may push them nowhere."""
        world, client = self._world, self._world.client
        if client is None or world.counters.policy_in:
            return []
        found = []
        for number in list(world.handsets)[:LOOKED_AT_MAX]:
            try:
                data = (await client.subscription(number)).get("data") or {}
            except (aiohttp.ClientError, TimeoutError, GatewayError):
                continue  # it has none, or is not for us to see
            if "blocked" in (data.get("eu"), data.get("outside_eu")) or data.get("blocked_categories"):
                found.append(number)
        return found

    # --- who is there ------------------------------------------------------------------------------------

    async def _phone(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "name", "number", "language", "settings")
        name, language = json_string(body, "name"), str(body.get("language", "nl"))
        if name[:1] in "+0123456789" or any(one.name == name for one in self._world.handsets.values()):
            raise ValueError(f"name {name!r}: a name that begins with a letter and that nobody has is needed")
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: allowed are {', '.join(LANGUAGES)}")
        number = str(body.get("number") or self._free_number())
        if number in self._world.handsets:
            raise ValueError(f"number {number}: {self._world.handsets[number].name} has it")
        handset = self._world.handset(number, name, language)
        settings = body.get("settings")
        view = None
        try:
            if isinstance(settings, Mapping) and self._world.client is not None:
                view = await self._world.subscribe(handset, **settings)
        except GatewayError:
            del self._world.handsets[number]
            raise
        return web.json_response({"number": number, "name": name, "language": language, "subscription": view})

    def _free_number(self) -> str:
        number = FIRST_NUMBER
        while f"+{number}" in self._world.handsets:
            number += 1
        return f"+{number}"

    # --- why ---------------------------------------------------------------------------------------------

    async def _why(self, request: web.Request) -> web.StreamResponse:
        client = self._world.client
        if client is None:
            raise ValueError(f"nobody can say why: {NO_GATEWAY}")
        handset = self._world.person(request.match_info["number"])
        kind, limit = request.query.get("kind", ""), request.query.get("limit", str(WHY_ITEMS))
        if not limit.isdecimal() or not int(limit):
            raise ValueError(f"limit {limit!r}: a number from 1 on is needed")
        try:
            notifications = await client.notifications(handset.number)
        except GatewayError as error:
            if error.status != UNKNOWN:
                raise
            raise ValueError(f"{self._world.service} has no subscription of {handset.number}") from None
        items = answers(notifications, await client.decisions(handset.number), handset.language)
        names = {one["kind"] for one in items} | {one["name"] for one in items}
        if kind:
            items = [one for one in items if kind.casefold() in (one["kind"].casefold(), one["name"].casefold())]
        found = items[::-1][: int(limit)]
        return web.json_response(
            {"number": handset.number, "name": handset.name, "items": found, "kinds": sorted(names)}
        )

    # --- time --------------------------------------------------------------------------------------------

    async def _steps(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "to", "by_s", "next_month")
        # Judged before the answer begins: what is refused is answered 422 like anywhere else.
        target = self._target(body)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        lines: asyncio.Queue[Mapping[str, Any] | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._advance(target, lines))
            while (line := await lines.get()) is not None:
                await response.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        await response.write_eof()
        return response

    async def _advance(self, target: datetime, lines: "asyncio.Queue[Mapping[str, Any] | None]") -> None:
        """Puts a line for each instant, one for the end, and None."""
        before, instants, error = self._world.clock.now(), 0, ""
        with _Happened(self._world) as happened:

            def played(at: datetime) -> None:
                nonlocal instants
                instants += 1
                lines.put_nowait({"at": at.isoformat(), **happened.since()})

            try:
                await self._world.advance(to=target, on_instant=played)
            except (ValueError, GatewayError, NotQuiet, aiohttp.ClientError, TimeoutError) as failure:
                error = str(failure) or type(failure).__name__
        now = self._world.clock.now().isoformat()
        end = {"done": not error, "from": before.isoformat(), "now": now, "instants": instants, "error": error}
        lines.put_nowait(end)
        lines.put_nowait(None)

    def _target(self, body: Mapping[str, Any]) -> datetime:
        now = self._world.clock.now()
        if not self._world.clock.virtual:
            raise ValueError("the clock is the system clock: it moves by itself")
        if body.get("next_month"):
            return self._world.month_end()
        target = now + timedelta(seconds=float(body.get("by_s", 0)))
        if "to" in body:
            target = datetime.fromisoformat(json_string(body, "to")).astimezone(UTC)
        if target.astimezone(UTC) < now.astimezone(UTC):
            raise ValueError(f"the clock stands at {now.isoformat()}; it can not go back to {target.isoformat()}")
        return target

    # --- the gateway's log -------------------------------------------------------------------------------

    async def _log(self, request: web.Request) -> web.StreamResponse:
        child = self._world.gateway
        if child is None:
            raise ValueError("the gateway's process is not ours: its log is where it was started")
        after, flow = request.query.get("after", "0"), request.query.get("flow", "")
        if not after.isdecimal():
            raise ValueError(f"after {after!r}: the number of a line is needed")
        first = child.noted - len(child.log)
        lines = list(child.log)[max(int(after) - first, 0) :]
        numbered = [{"n": max(int(after), first) + index + 1, **line} for index, line in enumerate(lines)]
        found = [line for line in numbered if not flow or line.get("flow_id") == flow]
        return web.json_response({"items": found[:LOG_LINES_MAX], "next": child.noted})


class _Happened:
    """What the world sees while it is moved: texts on handsets, data policies, receipts."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._texts: list[dict[str, Any]] = []
        self._policies: list[dict[str, Any]] = []
        self._receipts = world.counters.receipts_out
        self._noted = world.gateway.noted if world.gateway is not None else 0
        self._before = (world.on_line, world.on_policy)

    def __enter__(self) -> Self:
        on_line, on_policy = self._before

        def line(handset: Handset, shown: Line) -> None:
            self._texts.append({"number": handset.number, "name": handset.name, "text": shown.text})
            if on_line is not None:
                on_line(handset, shown)

        def policy(event: Mapping[str, Any]) -> None:
            data = event.get("data") or {}
            told = {key: data.get(key) for key in ("msisdn", "eu", "outside_eu", "blocked_categories", "reasons")}
            self._policies.append(told)
            if on_policy is not None:
                on_policy(event)

        self._world.on_line, self._world.on_policy = line, policy
        return self

    def __exit__(self, *exc: object) -> None:
        self._world.on_line, self._world.on_policy = self._before

    def since(self) -> dict[str, Any]:
        """What happened since the last time it was asked."""
        receipts = self._world.counters.receipts_out
        found = {
            "texts": self._texts,
            "policies": self._policies,
            "receipts": receipts - self._receipts,
            "log": self._log(),
        }
        self._texts, self._policies, self._receipts = [], [], receipts
        return found

    def _log(self) -> list[Mapping[str, Any]]:
        """What the gateway said meanwhile of its own doings, where its process is ours."""
        child = self._world.gateway
        if child is None:
            return []
        count, self._noted = child.noted - self._noted, child.noted
        lines = list(child.log)[-count:] if count else []
        return [line for line in lines if line.get("event") in FELL_DUE]


def answers(
    notifications: list[dict[str, Any]], decisions: list[dict[str, Any]], language: str
) -> list[dict[str, Any]]:
    """One item for each text that was decided on or against, and for each event that led to none, oldest first."""
    items = []
    waiting = list(notifications)
    for decision in decisions:
        of = [one for one in waiting if one.get("flow_id") == decision.get("flow_id")]
        waiting = [one for one in waiting if one not in of]
        items += [_item(decision, one, language) for one in of] or [_item(decision, None, language)]
    return items


def _item(decision: Mapping[str, Any], notification: Mapping[str, Any] | None, language: str) -> dict[str, Any]:
    told = notification or {}
    kind = str(told.get("kind") or "")
    sent = bool(told) and told.get("state") != "suppressed"
    why = reasons.why_sent(told, decision, language)[1:] if sent else reasons.why_not([], [decision])
    return {
        "at": decision["at"],
        "kind": kind,
        "name": reasons.public_name(kind, language) if kind else "",
        "outcome": "sent" if sent else "not sent",
        "reason": told.get("reason") or ("" if sent else _result(decision)),
        "why": [line.removeprefix("no text: ") for line in why],
        "state": told.get("state"),
        "text": told.get("text"),
        "parts": told.get("parts"),
        "event": decision.get("event"),
        "flow_id": decision.get("flow_id", ""),
    }


def _result(decision: Mapping[str, Any]) -> str:
    """The word for an event that led to no text: what a rule found, else its outcome."""
    found = [str(one.get("result")) for one in decision.get("findings", ()) if one.get("result") != "not_configured"]
    return found[0] if found else str(decision.get("outcome"))
