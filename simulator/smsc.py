"""The SMSC: an SMPP 3.4 server that takes messages for handsets, reports on them, and brings texts to ESMEs.

Joins the pieces: sessions (session.py), message states (messages.py), what is on its way out (deliveries.py), what
falls due on the business clock (clock.py) and what shall go wrong (faults.py). SMPP timers run on the event loop's
monotonic clock, one sweep for all sessions. Whose handset it is and what it shows is told through `on_delivered`.

Not here: reading or writing PDU bodies (pdu.py), HTTP, anything about subscriptions.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from simulator import misconduct
from simulator import pdu as smpp
from simulator.accounts import Account, accounts_of, same_secret
from simulator.alerts import Alerts
from simulator.centre import MessageCentre
from simulator.clock import Agenda, Clock, SystemClock
from simulator.commands import Status
from simulator.counters import Counters
from simulator.deliveries import Deliveries, Delivery, Route
from simulator.faults import FaultPlan
from simulator.limits import TokenBucket
from simulator.line import Line
from simulator.messages import Message
from simulator.mo import mo_delivery, mo_fields, mo_parts
from simulator.modes import RECEIVERS, Mode
from simulator.pdu import Pdu, Tlv
from simulator.profiles import Choice
from simulator.reach import Reach
from simulator.reporter import Reporter
from simulator.session import Session

__all__ = ["Smsc", "SmscSettings", "mo_fields"]

SESSIONS_MAX: Final = 256
"""More open connections than any operator grants; a leak in a client ends here and not in our memory."""
COMPLAINTS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class SmscSettings:
    """The SMSC's numbers. `receipt_delay_s` is business time, the others are real seconds."""

    receipt_delay_s: float = 1.0
    window: int = 64
    response_timeout_s: float = 10.0
    enquire_link_s: float = 30.0
    session_init_s: float = 10.0
    sweep_s: float = 1.0


@dataclass
class Smsc:
    """Start it with `async with Smsc(...)`; `port` is then the one it got.

    `accounts` maps system_id to an `Account`, or to a mere password for one without limits; `lists` names
    distribution lists (§4.5.1) and their numbers. `tls` makes it listen for TLS.
    `on_delivered(message)` is called when a handset has a message, and before it `reach(number)` is asked, or the
    simpler `is_reachable(number)`. `on_frame(session, "in" | "out", frame)` sees every frame. `on_change` is called
    when a counter may have moved.
    At work: `centre` (messages, `centre.profiles` for receipts), `deliveries`, `sessions`, `faults`, `post_mo`.
    """

    accounts: Mapping[str, str | Account]
    clock: Clock = field(default_factory=SystemClock)
    host: str = "127.0.0.1"
    port: int = 0
    settings: SmscSettings = field(default_factory=SmscSettings)
    faults: FaultPlan = field(default_factory=FaultPlan)
    on_delivered: Callable[[Message], None] | None = None
    is_reachable: Callable[[str], bool] | None = None
    on_frame: Callable[[Session, str, bytes], None] | None = None
    on_change: Callable[[], None] = lambda: None
    reach: Callable[[str], Reach] | None = None
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.counters = Counters()
        self.sessions: set[Session] = set()
        self.granted = accounts_of(self.accounts)
        self._buckets: dict[str, TokenBucket] = {}
        self._named = frozenset(number for account in self.granted.values() for number in account.numbers)
        self.deliveries = Deliveries(self.receivers)
        self.deliveries.on_change = self._changed
        self.agenda = Agenda(self.clock, self.after_read)
        self.alerts = Alerts(lambda account: self.receivers(Route(account, "", needs_tlvs=True)))
        reporter = Reporter(self.clock, self.agenda, self.deliveries, self.settings.receipt_delay_s)
        self.centre = MessageCentre(
            self.clock,
            self.agenda,
            self.deliveries,
            self.faults,
            reporter,
            self.alerts,
            self.on_delivered,
            self.reach or _reach_of(self.is_reachable),
            self._changed,
            Choice({account.system_id: account.receipts for account in self.granted.values()}),
        )
        self.complaints: deque[str] = deque(maxlen=COMPLAINTS_MAX)
        self.strays = 0
        self.binds = 0
        self.cuts = 0
        """Lines that were cut on purpose: what was said on them last, the two sides count differently."""
        self.silenced: set[Line] = set()
        """Sessions whose line is up and dead."""
        self.faults.on_over = self.centre.fault_over
        self._references = 0
        self._sessions_seen = 0
        self._server: asyncio.Server | None = None
        self._sweep_timer: asyncio.TimerHandle | None = None

    # --- life --------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens. OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Session(self),
            self.host,
            self.port,
            ssl=self.tls,
            ssl_handshake_timeout=self.settings.session_init_s if self.tls is not None else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._sweep()

    async def stop(self) -> None:
        """Closes the door, then the sessions, each with what was still queued for it."""
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        self.agenda.clear()
        self.deliveries.stop()
        if self._server is not None:
            self._server.close()
        for session in list(self.sessions):
            session.close()
        for line in list(self.silenced):
            line.abort()
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None
        self.deliveries.stop()

    async def outbind(self, host: str, port: int, system_id: str, password: str = "") -> None:
        """Calls an ESME and asks it to bind as receiver (SMPP 3.4 §2.2.1). OSError when nobody listens."""
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(lambda: Session(self), host, port)
        fields: dict[str, smpp.Value] = {"system_id": system_id, "password": password}
        session.write(smpp.encode(Pdu("outbind", session.next_sequence(), 0, fields)))

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for session in list(self.sessions):
            session.sweep(loop.time())
        self._sweep_timer = loop.call_later(self.settings.sweep_s, self._sweep)

    # --- what sessions tell ------------------------------------------------------------------------------

    def next_session(self) -> int:
        """A number by which a session is called outside."""
        self._sessions_seen += 1
        return self._sessions_seen

    def opened(self, session: Session) -> None:
        if len(self.sessions) >= SESSIONS_MAX:
            session.abort()
        else:
            self.sessions.add(session)

    def bound(self, session: Session) -> None:
        self.binds += 1
        self.alerts.bound(session)
        self.deliveries.pump()
        self._changed()

    def closed(self, session: Session, lost: list[Delivery]) -> None:
        self.sessions.discard(session)
        self.silenced.discard(session)
        if self._server is not None:
            for delivery in lost:
                self.deliveries.unanswered(delivery)
        self._changed()

    def after_read(self) -> None:
        self.deliveries.pump()
        self._changed()

    def complain(self, session: Session, reason: str) -> None:
        """Notes what a peer did wrong: `complaints` is the strict reader's report."""
        self.complaints.append(f"{session.account or session.peer}: {reason}")

    def _changed(self) -> None:
        self.on_change()

    def receivers(self, route: Route) -> Iterator[Session]:
        """Sessions that may be given what takes this route."""
        for session in self.sessions:
            if session.mode not in RECEIVERS or (route.needs_tlvs and not session.speaks_34):
                continue
            if session.account == route.account if route.account is not None else session.serves(route.destination):
                yield session

    def is_named(self, number: str) -> bool:
        """Whether some account has that number for its own."""
        return number in self._named

    @property
    def bound_sessions(self) -> list[Session]:
        return [session for session in self.sessions if session.mode not in (Mode.OPEN, Mode.CLOSED)]

    def bind_status(self, request: Pdu) -> Status:
        """Whether this account may bind, in this way, once more."""
        system_id = request.text("system_id")
        fault = self.faults.take("bind", system_id) if self.faults.awake else None
        if fault is not None:
            return Status(fault.status)
        account = self.granted.get(system_id)
        # Compared also for an unknown name, so that both refusals take the same time.
        right = same_secret(request.text("password"), account.password if account is not None else "\0")
        if account is None:
            return Status.RINVSYSID
        if not right:
            return Status.RINVPASWD
        if request.command.removeprefix("bind_") not in account.binds:
            return Status.RBINDFAIL
        bound = sum(session.account == system_id for session in self.bound_sessions)
        # §5.1.3: the account is bound already, as often as it may be.
        return Status.RALYBND if 0 < account.sessions_max <= bound else Status.ROK

    def grant(self, system_id: str) -> tuple[Account, TokenBucket | None]:
        """What a session that has bound may do; all sessions of an account share its rate."""
        account = self.granted[system_id]
        if account.rate_per_s and system_id not in self._buckets:
            now_s = asyncio.get_running_loop().time()
            self._buckets[system_id] = TokenBucket(account.rate_per_s, account.burst, now_s)
        return account, self._buckets.get(system_id)

    # --- texts out ---------------------------------------------------------------------------------------

    def post_mo(
        self, sender: str, destination: str, text: str, *, form: str = "udh16", tlvs: Iterable[Tlv] = ()
    ) -> Delivery:
        """A handset's text to a service number; goes when it can. Long ones go in parts or whole, as `form` (mo.py)
        says; `tlvs` go with each part. ValueError for a form there is not.
        """
        self._references = self._references % 0xFFFF + 1
        fault = self.faults.take("mo", sender) if self.faults.awake else None
        if fault is not None:
            messages = misconduct.texts(text, self._references, fault)
            first, *_ = (self._post(mo_parts(sender, destination, parts, tlvs)) for parts in messages)
            return first
        delivery = mo_delivery(sender, destination, text, reference=self._references, form=form, tlvs=tlvs)
        return self._post(delivery)

    def post_bodies(self, sender: str, bodies: list[bytes], *, destination: str = "") -> Delivery:
        """deliver_sm bodies made by the caller, for texts no handset would write."""
        return self._post(Delivery(bodies, sender=sender, destination=destination))

    def _post(self, delivery: Delivery) -> Delivery:
        self.deliveries.add(delivery)
        self.deliveries.pump()
        self._changed()
        return delivery

    async def send_mo(self, sender: str, destination: str, text: str) -> list[int]:
        """Brings a text to a bound ESME and returns the status of each part's answer, refusals for now not among
        them: those are tried again, and as long as nobody is bound this waits.
        """
        done: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()
        delivery = self.post_mo(sender, destination, text)

        def finish(finished: Delivery) -> None:
            if not done.done():
                done.set_result(finished.statuses)

        delivery.on_finished = finish
        return await done


def _reach_of(is_reachable: Callable[[str], bool] | None) -> Callable[[str], Reach] | None:
    if is_reachable is None:
        return None
    return lambda number: Reach.ON if is_reachable(number) else Reach.OFF
