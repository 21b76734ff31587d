"""One connection to the SMSC: octets between the transport and its session, and the loop's timer.

Rules of this module:
* All protocol is in `session`; here are only the socket's octets and the deadlines.
* One write for each read, and one for all submits and answers of one turn of the loop. No task, no future per PDU.
* A fault inside the session costs the connection, no more; one of whoever receives the events is told by `closed`.
* A peer that does not read what it is sent loses the connection; reading from it goes on until then, since two sides
  that each wait for the other to read would wait for ever.

Must not be put here: connecting and coming back (`connection`), which session sends what (`esme`).
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from gateway.smpp.session import Session
from gateway.smpp.session_events import SessionEvent
from gateway.smpp.states import State
from gateway.smpp.tls import reason_of

Log = Callable[..., None]

# A whole window and an answer to every open delivery take some 100 kB; only who never reads gets here.
WRITE_BUFFER_MAX_BYTES: Final = 4 * 1024 * 1024


class Link(asyncio.Protocol):
    """`began_at`: when it was first tried to connect. `dispatch` gets what the session tells, in the read's turn."""

    def __init__(
        self,
        session: Session,
        loop: asyncio.AbstractEventLoop,
        dispatch: Callable[[list[SessionEvent], "Link"], None],
        log: Log,
        began_at: float,
    ) -> None:
        self.session = session
        self.loop = loop
        self.closed: asyncio.Future[str] = loop.create_future()
        self.was_bound = False
        # Why it ended: the refused bind's status, or the session's reason.
        self.ending = ""
        self.opened_at = self.heard_at = began_at
        self._dispatch = dispatch
        self._log = log
        self._drained = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._flushing = False

    # -------------------------------------------------------------------------------------------- the loop calls
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sock = transport.get_extra_info("socket")
        # an answer of 17 octets is not to wait for more
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.session.open(self.loop.time(), began_at=self.opened_at)
        except ValueError as error:  # a system_id or password that does not fit a bind: the configuration's fault
            self.fail(error)
        else:
            self._turn([])

    def data_received(self, data: bytes) -> None:
        now = self.heard_at = self.loop.time()
        self._flushing = True
        try:
            events = self.session.receive_bytes(data, now)
        except Exception as error:  # noqa: BLE001  a fault in one PDU ends this connection, and only this
            self._log("smpp.pdu_rejected", why=f"{type(error).__name__} while reading", command=None, bytes=len(data))
            events = self.session.connection_lost("session_failed")
        self._turn(events)

    def connection_lost(self, exc: Exception | None) -> None:
        reason = "connection_lost" if exc is None else reason_of(exc)
        self._turn(self.session.connection_lost(reason))

    # -------------------------------------------------------------------------------------------- the Esme calls
    def flush_soon(self) -> None:
        """At the end of this turn of the loop, with all else that is said in it."""
        if not self._flushing:
            self._flushing = True
            self.loop.call_soon(self._turn, [])

    async def drain(self, drain_s: float) -> None:
        self.session.drain()
        self._drained.clear()
        self._turn([])
        try:
            async with asyncio.timeout(drain_s):
                await self._drained.wait()
        except TimeoutError:
            return

    def unbind(self) -> None:
        """End in good order where bound, else at once. Not yet connected: `abort` will do."""
        if self.session.state in (State.BOUND, State.DRAINING):
            self.session.unbind(self.loop.time())
            self._turn([])
        else:
            self.give_up()

    def give_up(self) -> None:
        if self._transport is not None:
            self._turn(self.session.connection_lost("unbound"))

    def abort(self) -> None:
        """Leave nothing behind, whatever happened, and tell nobody any more."""
        self.session.connection_lost("aborted")
        self._set_timer(None)
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: Exception) -> None:
        """Our own fault: `closed` raises it."""
        if not self.closed.done():
            self.closed.set_exception(error)
        self.abort()

    # -------------------------------------------------------------------------------------------- inside
    def _turn(self, events: list[SessionEvent]) -> None:
        """Pass on what happened, write what is to be said, look at the clock."""
        try:
            if events:
                self._dispatch(events, self)
        except Exception as error:  # noqa: BLE001  handed to `run`, which raises it
            self.fail(error)
            return
        self._flushing = False
        session = self.session
        transport = self._transport
        assert transport is not None, "a turn without a connection"
        if not self._write(transport):
            self._turn(session.connection_lost("peer_not_reading"))
            return
        if session.closed:
            self._set_timer(None)
            transport.close()  # writes what is buffered first
            if not self.closed.done():
                self.closed.set_result(self.ending)
            self._drained.set()
            return
        if not session.submits_open and not session.deliveries_open:
            self._drained.set()
        deadline = session.next_deadline()
        # A deadline that moved away is looked at when the timer comes: no timer is set anew for every PDU.
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            self._set_timer(deadline)

    def _write(self, transport: asyncio.Transport) -> bool:
        """False when too much lies unread by the peer."""
        octets = self.session.take_bytes()
        if not octets or transport.is_closing():
            return True
        transport.write(octets)
        return transport.get_write_buffer_size() <= WRITE_BUFFER_MAX_BYTES

    def _on_timer(self) -> None:
        self._timer = None
        self._turn(self.session.on_deadline(self.loop.time()))

    def _set_timer(self, deadline: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if deadline is None else self.loop.call_at(deadline, self._on_timer)
