"""Where the ESME under test connects to: its connections, and the binds that wait for an answer.

Must not be put here: answering a bind, or anything else that is asked.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from simulator.torture.trace import Trace
from simulator.torture.wire import Heard, Line, Watch

BINDS: Final = frozenset({"bind_transceiver", "bind_transmitter", "bind_receiver"})
LINES_MAX: Final = 256
"""Open connections of one ESME; more is no back-off."""


class Player(Protocol):
    """Who plays: answers what the ESME asks, binds aside."""

    def asked(self, line: Line, request: Heard) -> None: ...


class Listener:
    """`player` gets the requests; `port` is the one it got."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.host = host
        self.port = port
        self.tls = tls
        self.trace = Trace()
        self._watch = Watch()
        self._opened = 0
        self.player: Player | None = None
        self.lines: list[Line] = []
        self._binds: deque[tuple[Line, Heard]] = deque()
        self._server: asyncio.Server | None = None

    @property
    def watch(self) -> Watch:
        return self._watch

    async def up(self) -> None:
        """Listens. OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Line(self), self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Nobody listens any more, and no connection is left."""
        if self._server is not None:
            self._server.close()
        self.hang_up()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """Ends every connection. One whose end is still to be read by the ESME is forgotten as well."""
        for line in self.lines:
            if line.stands:
                line.end()
        self.lines.clear()
        self._binds.clear()

    async def next_bind(
        self, within_s: float, in_vain: Callable[[], bool] = lambda: False
    ) -> tuple[Line, Heard] | None:
        """The first bind that waits for its answer, on a connection that stands; None when it is in vain to wait."""
        await self.watch.until(lambda: self._has_bind() or in_vain(), within_s)
        return self._binds.popleft() if self._has_bind() else None

    def _has_bind(self) -> bool:
        while self._binds and not self._binds[0][0].stands:
            self._binds.popleft()
        return bool(self._binds)

    # --- what lines tell ---------------------------------------------------------------------------------

    def opened(self, line: Line) -> None:
        self._opened += 1
        line.number = self._opened
        self.lines.append(line)
        self.trace.add(line.opened_at_s, line.number, "connected", b"")
        if len(self.lines) > LINES_MAX:
            line.cut()

    def asked(self, line: Line, request: Heard) -> None:
        if request.command in BINDS:
            self._binds.append((line, request))
        elif self.player is not None:
            self.player.asked(line, request)

    def passed(self, line: Line, way: str, octets: bytes) -> None:
        self.trace.add(asyncio.get_running_loop().time(), line.number, way, octets)
