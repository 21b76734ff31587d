"""One bind, kept: connects, lets its session run, and comes back after every loss.

Rules of this module:
* `run` ends by `stop`, by cancelling, or by an error of whoever receives the events: that is this side's fault and
  is raised.
* Back-off doubles and is spread at random, so that several sessions and several gateways do not come all at once. It
  starts anew only after a session that lived longer than the pause before it: one that is thrown out again and again
  knocks ever more slowly.
* From the first try to connect until bound no more than `session_init_s` (SMPP 3.4 §7.2).

Must not be put here: which session sends what (`esme`), the protocol (`session`).
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from typing import Final

from gateway.smpp.link import Link, Log
from gateway.smpp.pdu import status_name
from gateway.smpp.session import Session
from gateway.smpp.session_events import BindRefused, Bound, PduRejected, SessionClosed, SessionEvent, SubmitAnswered
from gateway.smpp.settings import SmppSettings
from gateway.smpp.states import State
from gateway.smpp.tls import Tls, reason_of

# How long a stop waits for the answer to unbind: a peer that is gone is not to hold it up.
UNBIND_MAX_S: Final = 2.0

Dispatch = Callable[[list[SessionEvent], Link], None]


class Connection:
    """`settings.bind` is the type of this one. `label` tells it from the others in the log.

    `new_generation` numbers sessions over all connections; `dispatch` gets the events of each.
    """

    def __init__(
        self,
        settings: SmppSettings,
        label: str,
        dispatch: Dispatch,
        new_generation: Callable[[], int],
        *,
        log: Log,
        rng: random.Random,
        tls: Tls | None,
    ) -> None:
        self.settings = settings
        self.label = label
        self.link: Link | None = None
        self._on_events = dispatch
        self._new_generation = new_generation
        self._log = log
        self._rng = rng
        self._tls = tls
        self._attempt = 0
        self._pause_s = 0.0
        self._taking = True
        self._connecting: asyncio.Timeout | None = None
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def bound(self) -> bool:
        return self.link is not None and self.link.session.state is State.BOUND

    async def run(self) -> None:
        """Keep a bound session until `stop`."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                failure = await self._connect_and_serve()
                if failure is None:
                    continue
                self._attempt += 1
                delay_s = self._pause_s = self._back_off_s()
                if failure:
                    self._log(
                        "smpp.bind_failed", status=failure, attempt=self._attempt, next_retry_s=round(delay_s, 3)
                    )
                await self._pause(delay_s)
        finally:
            self._ended.set()

    def refuse_deliveries(self) -> None:
        """In this session and those to come."""
        self._taking = False
        if self.link is not None:
            self.link.session.refuse_deliveries()

    async def stop(self, drain_s: float) -> None:
        """Take no more submits and deliveries, wait up to `drain_s` for the open ones, unbind, close."""
        self._stopping.set()
        if self._connecting is not None and not self._connecting.expired():
            self._connecting.reschedule(0)
        link = self.link
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
        session = Session(self.settings, generation=self._new_generation())
        if not self._taking:
            session.refuse_deliveries()
        link = Link(session, loop, self._dispatch, self._log, loop.time())
        # Before the connection stands: the SMSC may have bound us by the time this coroutine runs again.
        self.link = link
        try:
            failure = await self._connect(link)
            if failure is None and self._stopping.is_set():
                link.unbind()
            closed = failure or await link.closed
        finally:
            self.link = None
            link.abort()
        if self._stopping.is_set():
            return None
        if link.was_bound and loop.time() - link.opened_at > self._pause_s:
            self._attempt = 0
        return "" if link.was_bound else closed

    async def _connect(self, link: Link) -> str | None:
        """None when the connection stands, else why it does not."""
        settings = self.settings
        host, port = settings.host, settings.port
        # SNI and the name that the certificate is checked for (RFC 6066 §3)
        name = (settings.tls_server_name or host) if self._tls else None
        try:
            context = self._tls.context() if self._tls else None
            async with asyncio.timeout(settings.session_init_s) as self._connecting:
                await link.loop.create_connection(lambda: link, host, port, ssl=context, server_hostname=name)
        except (OSError, ssl.CertificateError) as error:  # a TimeoutError is one
            return f"{reason_of(error)} at {host}:{port}"
        finally:
            self._connecting = None
        return None

    def _dispatch(self, events: list[SessionEvent], link: Link) -> None:
        for event in events:
            match event:
                case SubmitAnswered():  # nearly all
                    pass
                case PduRejected():
                    self._log("smpp.pdu_rejected", why=event.reason, command=event.command, bytes=event.length_bytes)
                case Bound():
                    link.was_bound = True
                    self._log_bound(event, link)
                case BindRefused():
                    link.ending = status_name(event.status)
                case SessionClosed():
                    link.ending = link.ending or event.reason
                    if link.was_bound:
                        self._log_ending(event, link)
        self._on_events(events, link)

    def _log_bound(self, event: Bound, link: Link) -> None:
        self._log(
            "smpp.bound",
            system_id=event.system_id,
            bind_type=self.label,
            peer=f"{self.settings.host}:{self.settings.port}",
            version=event.version,
            ms=round((link.loop.time() - link.opened_at) * 1000, 1),
        )

    def _log_ending(self, event: SessionClosed, link: Link) -> None:
        now = link.loop.time()
        if event.reason == "link_dead":
            self._log("smpp.link_lost", last_pdu_s=round(now - link.heard_at, 3))
        session_s = round(now - link.opened_at, 3)
        self._log("smpp.unbound", reason=event.reason, session_s=session_s, unanswered=event.unanswered)

    def _back_off_s(self) -> float:
        """Doubling from the least to the most; anywhere from half of it to all, at first from all to half more."""
        least, most = self.settings.reconnect_min_s, self.settings.reconnect_max_s
        # an exponent that stays small: 2.0 ** 1024 is no float
        wanted = min(most, least * 2.0 ** min(self._attempt - 1, 64))
        return self._rng.uniform(max(least, wanted / 2), min(most, max(wanted, least * 1.5)))

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()
        except TimeoutError:
            return
