"""HTTP requests that cost their sender little: prepared octets over a pool of connections that stay open.

A request goes out on the connection that was idle last; when all are busy it waits for the first that is answered. A
connection that the gateway closed while it was idle is opened again when it is needed, and a request that met such a
closing is sent once more, since events may be repeated. What a request's answer means is its sender's business.

`GatewayClient` is the comfortable client; this one makes thousands of requests a second beside the SMSC, in a process
whose own lateness would falsify what it measures.

Not here: what is asked, when.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

ANSWER_MAX_S: Final = 30.0
"""No answer by then is none: the connection is closed."""
NO_ANSWER: Final = 0
"""The status of a request that was never answered."""

OnAnswer = Callable[[int, bytes], None]


@dataclass(slots=True)
class Request:
    """One request as octets; `on_answer` is called once, with status and body."""

    octets: bytes
    on_answer: OnAnswer
    tries: int = 0


class _Connection(asyncio.Protocol):
    """Carries one request at a time."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self.request: Request | None = None
        self.since_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._pool.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        request, self.request, self._transport = self.request, None, None
        self._pool.lost(self, request, begun=bool(self._buffer))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        _, _, after = head.partition(b"\r\ncontent-length:")
        end = head_end + 4 + (int(after.split(b"\r\n", 1)[0]) if after else 0)
        if len(self._buffer) < end:
            return
        body = bytes(self._buffer[head_end + 4 : end])
        self._buffer.clear()
        request, self.request = self.request, None
        if b"\r\nconnection: close" in head:
            self.drop()
        else:
            self._pool.free(self)
        if request is not None:
            request.on_answer(int(head[9:12]), body)

    def carry(self, request: Request, now_s: float) -> None:
        self.request, self.since_s = request, now_s
        assert self._transport is not None
        self._transport.write(request.octets)

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@dataclass
class Pool:
    """Connections to one gateway. `start` in a running loop; `group` holds the tasks that open connections."""

    url: str
    group: asyncio.TaskGroup
    connections_max: int = 128
    waiting: deque[Request] = field(default_factory=deque)
    _idle: list[_Connection] = field(default_factory=list)
    _all: set[_Connection] = field(default_factory=set)
    _opening: int = 0
    _sweep_timer: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url!r}: allowed is http://HOST:PORT")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._loop = asyncio.get_running_loop()
        self._base = parts.path.rstrip("/")
        self._authority = parts.netloc

    def start(self) -> None:
        self._sweep()

    def stop(self) -> None:
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        self.waiting.clear()
        for one in list(self._all):
            one.request = None
            one.drop()

    def request(
        self, method: str, path: str, body: bytes, on_answer: OnAnswer, *, content_type: str, token: str = ""
    ) -> None:
        """Sends, now or as soon as a connection is free."""
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"{method} {self._base}{path} HTTP/1.1\r\nHost: {self._authority}\r\n{authorization}"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.waiting.append(Request(head.encode() + body, on_answer))
        self._pump()

    @property
    def busy(self) -> int:
        """Requests without an answer."""
        return len(self.waiting) + sum(one.request is not None for one in self._all)

    # --- what connections tell ---------------------------------------------------------------------------

    def opened(self, connection: _Connection) -> None:
        self._opening -= 1
        self._all.add(connection)
        self.free(connection)

    def free(self, connection: _Connection) -> None:
        self._idle.append(connection)
        self._pump()

    def lost(self, connection: _Connection, request: Request | None, *, begun: bool) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        again = False
        if request is not None:
            request.tries += 1
            again = request.tries == 1 and not begun and self._loop.time() - connection.since_s < ANSWER_MAX_S
            if again:
                self.waiting.appendleft(request)
        self._pump()
        if request is not None and not again:
            request.on_answer(NO_ANSWER, b"")

    # --- inside ------------------------------------------------------------------------------------------

    def _pump(self) -> None:
        while self.waiting and self._idle:
            self._idle.pop().carry(self.waiting.popleft(), self._loop.time())
        wanted = min(len(self.waiting), self.connections_max - len(self._all)) - self._opening
        for _ in range(wanted):
            self._opening += 1
            self.group.create_task(self._open())

    async def _open(self) -> None:
        try:
            await self._loop.create_connection(lambda: _Connection(self), self._host, self._port, ssl=self._ssl)
        except OSError:
            self._opening -= 1
            if not self._all and not self._opening:
                # Nobody listens: what waits would wait for ever.
                waiting, self.waiting = self.waiting, deque()
                for request in waiting:
                    request.on_answer(NO_ANSWER, b"")

    def _sweep(self) -> None:
        for one in list(self._all):
            if one.request is not None and self._loop.time() - one.since_s > ANSWER_MAX_S:
                one.drop()
        self._sweep_timer = self._loop.call_later(1.0, self._sweep)
