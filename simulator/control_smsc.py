"""The part of the simulator's HTTP door that leads to the SMSC: what it holds, and its habits while it runs.

    GET  /sessions                    who is connected: number, peer, system_id, state, version, what is under way
    POST /sessions/{session}/unbind   {}: the SMSC asks that ESME to end its session
    POST /outbind                     {"host": "127.0.0.1", "port": 2776, "system_id": "smsc", "password": ""}
    GET  /messages                    the newest first, ?number=+316… of one handset, ?limit=100
    GET  /messages/{message_id}       one message, ?source=1330 as query_sm has it, with all its TLVs
    GET  /receipts                    every receipt profile with what it does, and who has which
    PUT  /receipts                    {"profile": "decimal", "system_id": "gateway"} or {…, "number": "+31610000001"};
                                      without a profile the number is told of as its account is again
    PUT  /handsets/{number}/reach     {"reach": "on" | "off" | "full" | "roaming" | "detached"}

Not here: who may come in (control.py), what all this leads to (centre.py, world.py).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from simulator.clock import AMSTERDAM
from simulator.commands import TAGS
from simulator.jsonbody import json_object, json_string
from simulator.messages import Message
from simulator.pdu import Pdu, Tlv
from simulator.profiles import PROFILES, STANDARD
from simulator.reach import Reach
from simulator.session import Session

if TYPE_CHECKING:
    from simulator.world import World

LIMIT: Final = 100
LIMIT_MAX: Final = 10_000
HIDDEN: Final = frozenset({"short_message"})
"""Shown in hexadecimal, as a TLV is: they are octets."""


class SmscDoor:
    """The handlers, for one World."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sessions", self._sessions),
            web.post("/sessions/{session}/unbind", self._unbind),
            web.post("/outbind", self._outbind),
            web.get("/messages", self._messages),
            web.get("/messages/{message_id}", self._message),
            web.get("/receipts", self._receipts),
            web.put("/receipts", self._choose),
            web.put("/handsets/{number}/reach", self._reach),
        ]

    async def _sessions(self, request: web.Request) -> web.StreamResponse:
        del request
        sessions = sorted(self._world.smsc.sessions, key=lambda session: session.number)
        return web.json_response({"items": [_session(session) for session in sessions]})

    async def _unbind(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["session"]
        for session in self._world.smsc.bound_sessions:
            if str(session.number) == wanted:
                session.unbind()
                return web.json_response(_session(session))
        raise ValueError(f"no bound session {wanted}; GET /sessions lists them")

    async def _outbind(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "host", "port", "system_id", "password")
        port = body.get("port")
        if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
            raise ValueError(f"port: a number from 1 to 65535 is needed, found {port!r}")
        host, system_id = json_string(body, "host"), json_string(body, "system_id")
        try:
            await self._world.smsc.outbind(host, port, system_id, str(body.get("password", "")))
        except OSError as error:
            raise ValueError(f"{host}:{port} can not be called: {error}") from None
        return web.json_response({"called": f"{host}:{port}"})

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        limit = request.query.get("limit", str(LIMIT))
        if not limit.isdecimal() or not 1 <= int(limit) <= LIMIT_MAX:
            raise ValueError(f"limit {limit!r}: allowed are 1 to {LIMIT_MAX}")
        number = request.query.get("number", "")
        found = self._world.smsc.centre.messages.newest(LIMIT_MAX if number else int(limit))
        chosen = [message for message in found if number in ("", message.number)]
        return web.json_response({"items": [_message(message) for message in chosen[: int(limit)]]})

    async def _message(self, request: web.Request) -> web.StreamResponse:
        message_id, source = request.match_info["message_id"], request.query.get("source", self._world.service)
        message = self._world.smsc.centre.messages.find(message_id, source)
        if message is None:
            raise ValueError(f"no message {message_id} from {source}")
        pdu = message.submit.pdu
        return web.json_response({**_message(message), "fields": _fields(pdu), "tlvs": _tlvs(pdu.tlvs)})

    async def _receipts(self, request: web.Request) -> web.StreamResponse:
        del request
        choice = self._world.smsc.centre.profiles
        return web.json_response(
            {
                "profiles": {name: profile.says for name, profile in PROFILES.items()},
                "default": STANDARD,
                "system_ids": choice.accounts,
                "numbers": choice.numbers,
            }
        )

    async def _choose(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), "profile", "system_id", "number")
        choice = self._world.smsc.centre.profiles
        if ("system_id" in body) is ("number" in body):
            raise ValueError("say whose receipts: either system_id or number")
        if "number" in body and body.get("profile") is None:
            choice.forget(number=json_string(body, "number"))
        elif "number" in body:
            choice.choose(json_string(body, "profile"), number=json_string(body, "number"))
        else:
            system_id = json_string(body, "system_id")
            if system_id not in self._world.smsc.granted:
                raise ValueError(f"no account {system_id!r}: {', '.join(self._world.smsc.granted)} are known")
            choice.choose(json_string(body, "profile"), account=system_id)
        return await self._receipts(request)

    async def _reach(self, request: web.Request) -> web.StreamResponse:
        wanted = json_string(json_object(await request.read(), "reach"), "reach")
        if wanted not in [one.value for one in Reach]:
            raise ValueError(f"reach {wanted!r}: allowed are {', '.join(one.value for one in Reach)}")
        handset = self._world.person(request.match_info["number"])
        lines = await self._world.put(handset, Reach(wanted))
        return web.json_response({"number": handset.number, "reach": handset.reach.value, "texts": len(lines)})


def _session(session: Session) -> dict[str, Any]:
    return {
        "number": session.number,
        "peer": session.peer,
        "system_id": session.account,
        "state": session.mode.value,
        "interface_version": f"{session.interface_version >> 4}.{session.interface_version & 15}",
        "free_slots": session.free_slots,
    }


def _message(message: Message) -> dict[str, Any]:
    def when(name: str) -> str | None:
        at = getattr(message, name)
        return at.astimezone(AMSTERDAM).isoformat() if at is not None else None

    return {
        "message_id": message.message_id,
        "system_id": message.account,
        "source": message.source,
        "number": message.number,
        "state": message.state.name,
        "error": message.error,
        **{name: when(name) for name in ("accepted_at", "scheduled_at", "expires_at", "done_at")},
    }


def _fields(pdu: Pdu) -> Mapping[str, Any]:
    return {name: value.hex(" ") if isinstance(value, bytes) else value for name, value in pdu.fields.items()}


def _tlvs(tlvs: tuple[Tlv, ...]) -> list[dict[str, str]]:
    """By tag, name where the specification has one, and octets: a vendor's too."""
    return [
        {"tag": f"0x{tag:04X}", "name": TAGS[tag][0] if tag in TAGS else "", "value": value.hex(" ")}
        for tag, value in tlvs
    ]
