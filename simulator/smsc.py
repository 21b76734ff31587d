"""The SMSC: an SMPP 3.4 server that takes messages for handsets, reports on them, and brings texts to ESMEs.

Joins the pieces: sessions (session.py), message states (messages.py), what is on its way out (deliveries.py), what
falls due on the business clock (clock.py) and what shall go wrong (faults.py). SMPP timers run on the event loop's
monotonic clock, one sweep for all sessions. Whose handset it is and what it shows is told through `on_delivered`.

Not here: reading or writing PDU bodies (pdu.py), HTTP, anything about subscriptions.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from simulator import alphabet
from simulator import pdu as smpp
from simulator.centre import MessageCentre
from simulator.clock import Agenda, Clock, SystemClock
from simulator.commands import Status
from simulator.counters import Counters
from simulator.deliveries import Deliveries, Delivery
from simulator.faults import FaultPlan
from simulator.messages import Message
from simulator.modes import RECEIVERS, Mode
from simulator.pdu import Pdu
from simulator.session import Session, same_secret

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
    """`accounts` maps system_id to password. Start it with `async with Smsc(...)`; `port` is then the one it got.

    `on_delivered(message)` is called when a handset has a message, `is_reachable(number)` is asked before, and
    `on_frame(session, "in" | "out", frame)` sees every frame. `on_change` is called when a counter may have moved.
    """

    accounts: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    host: str = "127.0.0.1"
    port: int = 0
    settings: SmscSettings = field(default_factory=SmscSettings)
    faults: FaultPlan = field(default_factory=FaultPlan)
    on_delivered: Callable[[Message], None] | None = None
    is_reachable: Callable[[str], bool] | None = None
    on_frame: Callable[[Session, str, bytes], None] | None = None
    on_change: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.counters = Counters()
        self.sessions: set[Session] = set()
        self.deliveries = Deliveries(self.receivers)
        self.deliveries.on_change = self._changed
        self.agenda = Agenda(self.clock, self.after_read)
        self.centre = MessageCentre(
            self.clock,
            self.agenda,
            self.deliveries,
            self.faults,
            self.settings.receipt_delay_s,
            self.on_delivered,
            self.is_reachable,
            self._changed,
        )
        self.complaints: deque[str] = deque(maxlen=COMPLAINTS_MAX)
        self.strays = 0
        self._references = 0
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
        self._server = await loop.create_server(lambda: Session(self), self.host, self.port)
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

    def opened(self, session: Session) -> None:
        if len(self.sessions) >= SESSIONS_MAX:
            session.abort()
        else:
            self.sessions.add(session)

    def bound(self, session: Session) -> None:
        del session
        self.deliveries.pump()
        self._changed()

    def closed(self, session: Session, lost: list[Delivery]) -> None:
        self.sessions.discard(session)
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

    def receivers(self, account: str | None) -> Iterator[Session]:
        """Sessions that take deliver_sm, all or one account's."""
        for session in self.sessions:
            if session.mode in RECEIVERS and (account is None or session.account == account):
                yield session

    @property
    def bound_sessions(self) -> list[Session]:
        return [session for session in self.sessions if session.mode not in (Mode.OPEN, Mode.CLOSED)]

    def bind_status(self, request: Pdu) -> Status:
        """Whether this account may bind."""
        system_id = request.text("system_id")
        fault = self.faults.take("bind", system_id)
        if fault is not None:
            return Status(fault.status)
        known = self.accounts.get(system_id)
        # Compared also for an unknown name, so that both refusals take the same time.
        right = same_secret(request.text("password"), known if known is not None else "\0")
        if known is None:
            return Status.RINVSYSID
        return Status.ROK if right else Status.RINVPASWD

    # --- texts out ---------------------------------------------------------------------------------------

    def post_mo(self, sender: str, destination: str, text: str) -> Delivery:
        """A handset's text to a service number, long ones in parts with a 16-bit reference; goes when it can."""
        self._references = self._references % 0xFFFF + 1
        parts = alphabet.cut(text, self._references)
        bodies = [smpp.body_octets("deliver_sm", mo_fields(sender, destination, part)) for part in parts]
        return self.post_bodies(sender, bodies)

    def post_bodies(self, sender: str, bodies: list[bytes]) -> Delivery:
        """deliver_sm bodies made by the caller, for texts no handset would write."""
        delivery = Delivery(bodies, sender=sender)
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


def mo_fields(sender: str, destination: str, part: alphabet.Part) -> dict[str, smpp.Value]:
    """deliver_sm from a handset: international source, network specific destination (§5.2.5)."""
    return {
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": sender.removeprefix("+"),
        "dest_addr_ton": 3,
        "destination_addr": destination,
        "esm_class": part.esm_class,
        "data_coding": part.data_coding,
        "short_message": part.octets,
    }
