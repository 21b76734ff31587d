"""The edge of the HTTP API: what stands around every handler.

In this order: flow id, Host and Origin, route, token, then the handler; and on the way out every error as a problem,
the server library's own and the unexpected too, of which nothing shows but the flow id.
Must not be put here: anything about one route.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from gateway.http.listener import Connection
from gateway.http.openapi import Scope
from gateway.http.problems import MEDIA_TYPE, Problem
from gateway.items import Busy

FLOW_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
FLOW = web.RequestKey("flow_id", str)


spell: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def octets(spelled: str) -> bytes:
    """JSON as it goes out."""
    # A lone surrogate of a client's string goes back as the escape it came as.
    return spelled.encode("utf-8", "backslashreplace")


def to_json(body: object) -> bytes:
    """The JSON of an answer."""
    return octets(spell(body))


class Edge:
    """What stands around every handler: flow id, Host and Origin, token, problems, security headers."""

    def __init__(
        self,
        *,
        host: str | None,
        tokens: Mapping[Scope, str],
        new_flow_id: Callable[[], str],
        failed: Callable[[str, Exception], None],
    ) -> None:
        """`host` is the loopback address listened on, or None for a public one, whose names nobody knows here."""
        self._hosts = None if host is None else {"127.0.0.1", "localhost", "::1", host.lower()}
        self._tokens = tokens
        self._new_flow_id = new_flow_id
        self._failed = failed
        # By handler; every route has one.
        self.scopes: dict[object, Scope] = {}

    async def serve(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        given = request.headers.get("X-Flow-Id", "")
        flow_id = given if FLOW_ID.fullmatch(given) else self._new_flow_id()
        request[FLOW] = flow_id
        connection = request.protocol
        if isinstance(connection, Connection):
            connection.begin()
        try:
            self._check_origin(request)
            if request.match_info.http_exception is None:
                self._check_token(request, self._tokens[self.scopes[request.match_info.handler]])
            response: web.StreamResponse = await handler(request)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the client gets a problem
            response = self._problem_response(self._as_problem(fault, flow_id))
        finally:
            if isinstance(connection, Connection):
                connection.end()
        response.headers["X-Flow-Id"] = flow_id
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Server"] = "sms1330"
        return response

    def _as_problem(self, fault: Exception, flow_id: str) -> Problem:
        if isinstance(fault, Problem):
            return fault
        if isinstance(fault, Busy):
            return Problem(503, "Not now: nothing was taken.", headers={"Retry-After": str(fault.retry_after_s)})
        if isinstance(fault, web.HTTPException) and fault.status >= 400:
            headers = {"Allow": fault.headers["Allow"]} if "Allow" in fault.headers else {}
            return Problem(fault.status, HTTPStatus(fault.status).description or fault.reason, headers=headers)
        self._failed(flow_id, fault)
        return Problem(500, f"Something broke here; the log has it under flow id {flow_id}.")

    @staticmethod
    def _problem_response(problem: Problem) -> web.Response:
        response = web.Response(
            body=to_json(problem.body()), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE
        )
        if problem.status in (408, 413):
            # The rest of the body is not worth reading.
            response.force_close()
        return response

    def _check_origin(self, request: web.Request) -> None:
        """A page of another site must not reach the loopback through a browser (DNS rebinding)."""
        if self._hosts is None:
            return
        if _host("//" + request.headers.get("Host", "")) not in self._hosts:
            raise Problem(403, "The Host is not this machine's; allowed are 127.0.0.1, localhost and [::1].")
        if "Origin" in request.headers and _host(request.headers["Origin"]) not in self._hosts:
            raise Problem(403, "The Origin is not this machine's; allowed are 127.0.0.1, localhost and [::1].")

    @staticmethod
    def _check_token(request: web.Request, token: str) -> None:
        if not token:
            return
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        # As bytes: a header may hold any.
        same = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())
        if kind.lower() != "bearer" or not same:
            challenge = 'Bearer realm="sms1330"' + (', error="invalid_token"' if given else "")
            raise Problem(401, "A bearer token is needed here.", headers={"WWW-Authenticate": challenge})


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
