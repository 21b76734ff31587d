"""The asyncio pump around `session`: connects, reads, writes, keeps the deadlines, comes back after every loss.

Rules of this module:
* All protocol is in `session`; here are only the socket, the loop's timer and the back-off.
* One write for each read, and one for all submits and answers of one turn of the loop. No task, no future per PDU.
* `run` ends by `stop`, by cancelling, or by an error of whoever receives the events: that is this side's fault and
  is raised. A fault inside the session costs the connection, no more.
* A peer that does not read what it is sent loses the connection; reading from it goes on until then, since two sides
  that each wait for the other to read would wait for ever.

Must not be put here: what a message means, retries of messages, configuration.
"""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.smpp import inbound
from gateway.smpp.pdu import Message, Tlvs, status_name
from gateway.smpp.session import Session, SmppSettings, State
from gateway.smpp.session_events import (
    BindRefused,
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    PduRejected,
    SessionClosed,
    SessionEvent,
    Token,
)

Log = Callable[..., None]
OnEvents = Callable[[list[SessionEvent]], None]

# A whole window and an answer to every open delivery take some 100 kB; only who never reads gets here.
WRITE_BUFFER_MAX_BYTES: Final = 4 * 1024 * 1024
# How long a stop waits for the answer to unbind: a peer that is gone is not to hold it up.
UNBIND_MAX_S: Final = 2.0
_DELIVERIES: Final = frozenset({"deliver_sm", "data_sm"})


@dataclass(slots=True)
class Counters:
    """Frames since this process began, refused, repeated and malformed ones too.

    `mo_in` and `receipts_in`: deliver_sm and data_sm by what they are. `submits_out`: submit_sm written.
    """

    mo_in: int = 0
    receipts_in: int = 0
    submits_out: int = 0
    rejected_in: int = 0

    @property
    def deliveries_in(self) -> int:
        return self.mo_in + self.receipts_in


class Esme:
    """The gateway's one SMPP connection. Events come to `on_events`, in the loop's turn in which they were read.

    `log(event, **fields)` takes names of the log registry. `rng` spreads the back-off of several gateways. `tls`
    replaces the context that `settings.tls` asks for: the system's certificates, the host's name checked.
    """

    def __init__(
        self,
        settings: SmppSettings,
        on_events: OnEvents,
        *,
        log: Log,
        rng: random.Random | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self.counters = Counters()
        self._on_events = on_events
        self._log = log
        self._rng = rng or random.Random()  # noqa: S311  it spreads load, it protects nothing
        self._tls = tls or (ssl.create_default_context() if settings.tls else None)
        self._generation = 0
        self._attempt = 0
        self._link: _Link | None = None
        self._connecting: asyncio.Timeout | None = None
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def bound(self) -> bool:
        return self._link is not None and self._link.session.state is State.BOUND

    @property
    def free_slots(self) -> int:
        """How many submits may be sent now; 0 while not bound and while stopping."""
        return 0 if self._link is None else self._link.session.free_slots

    def submit(self, ref: object, message: Message, tlvs: Tlvs = ()) -> None:
        """Send one submit_sm; the answer comes as an event with `ref`.

        Raises RuntimeError without a free slot, ValueError where a field does not fit; then nothing was sent.
        """
        link = self._link
        if link is None:
            raise RuntimeError("submit: found no connection, allowed only with a free slot")
        link.session.submit(ref, message, tlvs, link.loop.time())
        self.counters.submits_out += 1
        link.flush_soon()

    def answer(self, token: Token, status: int) -> bool:
        """Answer a delivery; False, and nothing sent, where its session is gone: the SMSC will deliver it again."""
        link = self._link
        if link is None or not link.session.answer(token, status):
            return False
        link.flush_soon()
        return True

    async def run(self) -> None:
        """Keep a bound session until `stop`."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                failure = await self._connect_and_serve()
                if failure is None:
                    continue
                self._attempt += 1
                delay_s = self._back_off_s()
                if failure:
                    self._log(
                        "smpp.bind_failed", status=failure, attempt=self._attempt, next_retry_s=round(delay_s, 3)
                    )
                await self._pause(delay_s)
        finally:
            self._ended.set()

    async def stop(self, drain_s: float) -> None:
        """Take no more submits and deliveries, wait up to `drain_s` for the open ones, unbind, close."""
        self._stopping.set()
        if self._connecting is not None and not self._connecting.expired():
            self._connecting.reschedule(0)
        link = self._link
        if link is not None:
            if link.session.state is State.BOUND:
                await link.drain(drain_s)
            link.unbind()
            try:
                async with asyncio.timeout(UNBIND_MAX_S):
                    await self._ended.wait()
            except TimeoutError:
                link.give_up()
        await self._ended.wait()

    async def _connect_and_serve(self) -> str | None:
        """One connection from beginning to end: None after `stop`, else why it could not bind, "" after a session."""
        loop = asyncio.get_running_loop()
        self._generation += 1
        link = _Link(Session(self.settings, generation=self._generation), loop, self._dispatch, self._log)
        # Before the connection stands: the SMSC may have bound us by the time this coroutine runs again.
        self._link = link
        try:
            failure = await self._connect(link)
            if failure is None and self._stopping.is_set():
                link.unbind()
            closed = failure or await link.closed
        finally:
            self._link = None
            link.abort()
        if self._stopping.is_set():
            return None
        return "" if link.was_bound else closed

    async def _connect(self, link: "_Link") -> str | None:
        """None when the connection stands, else why it does not."""
        host, port = self.settings.host, self.settings.port
        try:
            async with asyncio.timeout(self.settings.response_timeout_s) as self._connecting:
                await link.loop.create_connection(lambda: link, host, port, ssl=self._tls)
        except OSError as error:  # a TimeoutError is one
            return f"{type(error).__name__} at {host}:{port}"
        finally:
            self._connecting = None
        return None

    def _dispatch(self, events: list[SessionEvent], link: "_Link") -> None:
        for event in events:
            match event:
                case DeliveryReceived() | DeliveryRefused():
                    if inbound.is_receipt(event.pdu):
                        self.counters.receipts_in += 1
                    else:
                        self.counters.mo_in += 1
                case PduRejected():
                    self.counters.rejected_in += 1
                    # The frame came, though nobody can say what it was to be.
                    self.counters.mo_in += event.command in _DELIVERIES
                    self._log("smpp.pdu_rejected", why=event.reason, command=event.command, bytes=event.length_bytes)
                case Bound():
                    self._attempt = 0
                    link.was_bound = True
                    self._log_bound(event, link)
                case BindRefused():
                    link.ending = status_name(event.status)
                case SessionClosed():
                    link.ending = link.ending or event.reason
                    if link.was_bound:
                        self._log_ending(event, link)
        self._on_events(events)

    def _log_bound(self, event: Bound, link: "_Link") -> None:
        self._log(
            "smpp.bound",
            system_id=event.system_id,
            bind_type=self.settings.bind,
            peer=f"{self.settings.host}:{self.settings.port}",
            version=event.version,
            ms=round((link.loop.time() - link.opened_at) * 1000, 1),
        )

    def _log_ending(self, event: SessionClosed, link: "_Link") -> None:
        now = link.loop.time()
        if event.reason == "link_dead":
            self._log("smpp.link_lost", last_pdu_s=round(now - link.heard_at, 3))
        session_s = round(now - link.opened_at, 3)
        self._log("smpp.unbound", reason=event.reason, session_s=session_s, unanswered=event.unanswered)

    def _back_off_s(self) -> float:
        """Doubling from the least to the most; up to half of it is taken off at random."""
        least, most = self.settings.reconnect_min_s, self.settings.reconnect_max_s
        # an exponent that stays small: 2.0 ** 1024 is no float
        wanted = min(most, least * 2.0 ** min(self._attempt - 1, 64))
        return max(least, wanted * self._rng.uniform(0.5, 1))

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()
        except TimeoutError:
            return


class _Link(asyncio.Protocol):
    """One connection: octets between the transport and its session, and the loop's timer."""

    def __init__(
        self,
        session: Session,
        loop: asyncio.AbstractEventLoop,
        dispatch: Callable[[list[SessionEvent], "_Link"], None],
        log: Log,
    ) -> None:
        self.session = session
        self.loop = loop
        self.closed: asyncio.Future[str] = loop.create_future()
        self.was_bound = False
        # Why it ended: the refused bind's status, or the session's reason.
        self.ending = ""
        self.opened_at = self.heard_at = loop.time()
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
            self.session.open(self.loop.time())
        except ValueError as error:  # a system_id or password that does not fit a bind: the configuration's fault
            self._fail(error)
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
        reason = "connection_lost" if exc is None else type(exc).__name__
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

    # -------------------------------------------------------------------------------------------- inside
    def _turn(self, events: list[SessionEvent]) -> None:
        """Pass on what happened, write what is to be said, look at the clock."""
        try:
            if events:
                self._dispatch(events, self)
        except Exception as error:  # noqa: BLE001  handed to `run`, which raises it
            self._fail(error)
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

    def _fail(self, error: Exception) -> None:
        if not self.closed.done():
            self.closed.set_exception(error)
        self.abort()
