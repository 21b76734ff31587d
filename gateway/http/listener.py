"""Listening for HTTP: the socket, and what connections may cost.

The server library has no time limit for a head that comes in drop by drop, nor for a peer that does not read its
answers, and no limit to the number of connections: here are all three. A sweep each second looks at every connection;
no connection has a timer of its own. When all places are taken, the connection that has waited longest for a request
makes room; only if every one is being served is the newcomer sent away.
Limits are on the transport clock. Must not be put here: routes, bodies, authorisation.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any

from aiohttp import http_exceptions, web

from gateway.http.problems import MEDIA_TYPE, Problem

# RFC 9110 §5.4 leaves these to the server; a portal or a mediation system sends a dozen headers.
HEADERS_MAX = 64
HEADER_BYTES_MAX = 8190
SWEEP_S = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What connections may cost, in pieces and real seconds."""

    connections_max: int = 512
    request_timeout_s: float = 10  # from the first byte of a head to its last
    idle_timeout_s: float = 75  # between two requests
    send_timeout_s: float = 30  # a peer that takes nothing of its answer
    linger_s: float = 2  # reading on after a refusal, so that the peer comes to read it
    # Those being served when the service stops: a commit takes far less.
    drain_timeout_s: float = 5


class Connection(web.RequestHandler):
    """One connection: knows whether it waits for a request, and since when."""

    __slots__ = ("head_since", "idle_since", "stalled_since")

    def __init__(self, server: web.Server, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            keepalive_timeout=limits.idle_timeout_s,
            lingering_time=limits.linger_s,
            max_line_size=HEADER_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            max_headers=HEADERS_MAX,
            # A small compressed body can hold an endless one.
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # the library's own way to say none
        )
        self.idle_since: float | None = loop.time()
        self.head_since: float | None = None
        self.stalled_since: float | None = None

    def data_received(self, data: bytes) -> None:
        if self.idle_since is not None and self.head_since is None:
            self.head_since = self._loop.time()
        super().data_received(data)

    def begin(self) -> None:
        """A request's head is complete and it is being served."""
        self.idle_since = self.head_since = None

    def end(self) -> None:
        """The answer is made; the connection waits for the next request."""
        self.idle_since = self._loop.time()

    def drop(self) -> None:
        """Make room for another."""
        self.begin()
        if self.transport is not None:
            self.transport.abort()

    def sweep(self, now: float, limits: Limits) -> None:
        """Close it if a head or an answer has taken too long."""
        if self.transport is None:
            return
        if not self.transport.get_write_buffer_size():
            self.stalled_since = None
        elif self.stalled_since is None:
            self.stalled_since = now
        slow_head = self.head_since is not None and now - self.head_since > limits.request_timeout_s
        slow_peer = self.stalled_since is not None and now - self.stalled_since > limits.send_timeout_s
        if slow_head or slow_peer:
            self.transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - the library's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """What could not be read as a request: a problem, and the end of the connection."""
        if isinstance(exc, http_exceptions.LineTooLong):
            problem = Problem(431, f"A line of the head may have {HEADER_BYTES_MAX} bytes.")
        elif status < 500:
            problem = Problem(400, "The request is not HTTP/1.1, or its head has too many fields.")
        else:
            self.log_exception("The edge of the API failed", exc_info=exc)
            problem = Problem(500, "Something broke here.")
        response = web.Response(
            status=problem.status, body=json.dumps(problem.body()).encode(), content_type=MEDIA_TYPE
        )
        response.force_close()
        return response


class _Full(asyncio.Protocol):
    """Sends a newcomer away."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        problem = Problem(503, "All connections are in use.")
        body = json.dumps(problem.body()).encode()
        head = (
            f"HTTP/1.1 503 {problem.body()['title']}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
        )
        transport.write(head.encode() + body)
        transport.close()


class Listener:
    """An application on a port. `start` once, in the loop that serves."""

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        *,
        limits: Limits = Limits(),
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._limits, self._ssl_context = host, port, limits, ssl_context
        self._runner = web.AppRunner(app, shutdown_timeout=limits.drain_timeout_s)
        self._server: asyncio.Server | None = None
        self._sweep_handle: asyncio.TimerHandle | None = None

    async def start(self) -> int:
        """The port, also where any free one was asked for. OSError says which address cannot be listened on."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        tls: dict[str, Any] = {}
        if self._ssl_context is not None:
            tls = {"ssl": self._ssl_context, "ssl_handshake_timeout": self._limits.request_timeout_s}
        try:
            self._server = await loop.create_server(self._connect, self._host, self._port, **tls)
        except OSError as fault:
            await self._runner.cleanup()
            why = (fault.strerror or str(fault)).rpartition(": ")[2]
            raise OSError(fault.errno, f"cannot listen on {self._host}, port {self._port}: {why}") from fault
        self._sweep()
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take no more connections, let what is being served end, close the rest. May be repeated."""
        if self._sweep_handle is not None:
            self._sweep_handle.cancel()
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()
        if self._server is not None:
            await self._server.wait_closed()

    def _open(self) -> list[Connection]:
        server = self._runner.server
        return [one for one in server.connections if isinstance(one, Connection)] if server is not None else []

    def _connect(self) -> asyncio.Protocol:
        server = self._runner.server
        assert server is not None
        if len(server.connections) >= self._limits.connections_max:
            waiting = [(one.idle_since, id(one), one) for one in self._open() if one.idle_since is not None]
            if not waiting:
                return _Full()
            min(waiting)[2].drop()
        return Connection(server, self._limits, asyncio.get_running_loop())

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in self._open():
            connection.sweep(now, self._limits)
        self._sweep_handle = loop.call_later(SWEEP_S, self._sweep)
