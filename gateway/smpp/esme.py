"""The gateway's sessions with the SMSC as one: what is sent goes by whichever has room, what comes goes to one place.

Rules of this module:
* A session that is lost takes its own open submits with it (they are told as unanswered) and nobody else's.
* A submit goes by the session with the most room; the order per subscriber is not its matter, since a subscriber has
  one text under way at a time.
* The SMSC's patience is one for all sessions: `pace` holds them back together.

Must not be put here: sockets (`link`), coming back (`connection`), what a message means, retries of messages.
"""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from gateway.smpp import inbound
from gateway.smpp.connection import Connection
from gateway.smpp.link import Link, Log
from gateway.smpp.pace import Pace
from gateway.smpp.pdu import Message, Tlvs
from gateway.smpp.session_events import (
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    PduRejected,
    SessionClosed,
    SessionEvent,
    SubmitAnswered,
    Token,
)
from gateway.smpp.settings import BIND_TYPES, BindType, SmppSettings
from gateway.smpp.tls import Tls

OnEvents = Callable[[list[SessionEvent]], None]

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
    """All sessions that the settings ask for. Events come to `on_events`, in the loop's turn in which they were read.

    `log(event, **fields)` takes names of the log registry. `rng` spreads the back-off of several gateways.
    """

    def __init__(
        self,
        settings: SmppSettings,
        on_events: OnEvents,
        *,
        log: Log,
        rng: random.Random | None = None,
    ) -> None:
        self.settings = settings
        self.counters = Counters()
        self._on_events = on_events
        self._senders: list[Link] = []
        self._links: dict[int, Link] = {}
        self._pace_timer: asyncio.TimerHandle | None = None
        rng = rng or random.Random()  # noqa: S311  it spreads load, it protects nothing
        tls = Tls(settings) if settings.tls else None
        generations = itertools.count(1)
        self.connections = tuple(
            Connection(
                replace(settings, bind=bind),
                label,
                self._dispatch,
                lambda: next(generations),
                log=log,
                rng=rng,
                tls=tls,
            )
            for bind, label in _binds(settings)
        )
        sending = sum(one.settings.bind != "receiver" for one in self.connections)
        self.pace = Pace(settings.rate_per_s, settings.rate_burst, settings.window * sending)

    @property
    def bound(self) -> bool:
        """Whether every direction that is asked for has a session: texts can come and go."""
        return all(any(one.bound for one in self.connections if one.settings.bind == bind) for bind in self._types)

    @property
    def sending(self) -> bool:
        """Whether a session is bound that sends."""
        return bool(self._senders)

    @property
    def sessions(self) -> int:
        """How many are bound."""
        return sum(one.bound for one in self.connections)

    @property
    def submits_open(self) -> int:
        """Submits without an answer."""
        return sum(link.session.submits_open for link in self._senders)

    @property
    def free_slots(self) -> int:
        """How many submits may be sent now; 0 while none is bound that sends, while stopping, while held back."""
        free = 0
        for link in self._senders:
            free += link.session.free_slots
        if free and self.pace.holds:
            return min(free, self.pace.room(self._senders[0].loop.time(), self.submits_open))
        return free

    @property
    def held_back(self) -> bool:
        """Whether a session has room and only the pace forbids to use it."""
        return self._pace_timer is not None

    def submit(self, ref: object, message: Message, tlvs: Tlvs = ()) -> None:
        """Send one submit_sm; the answer comes as an event with `ref`.

        Raises RuntimeError without a free slot, ValueError where a field does not fit; then nothing was sent.
        """
        senders = self._senders
        if not senders:
            raise RuntimeError("submit: found no session that sends, allowed only with a free slot")
        link = senders[0] if len(senders) == 1 else max(senders, key=_room)
        now = link.loop.time()
        link.session.submit(ref, message, tlvs, now)
        self.counters.submits_out += 1
        link.flush_soon()
        if self.pace.holds:
            self.pace.sent(now)
            self._watch_pace()

    def answer(self, token: Token, status: int) -> bool:
        """Answer a delivery; False, and nothing sent, where its session is gone: the SMSC will deliver it again."""
        link = self._links.get(token.generation)
        if link is None or not link.session.answer(token, status):
            return False
        link.flush_soon()
        return True

    async def run(self) -> None:
        """Keep all sessions until `stop`."""
        try:
            if len(self.connections) == 1:  # its error as it is, in no group
                await self.connections[0].run()
                return
            async with asyncio.TaskGroup() as tasks:
                for one in self.connections:
                    tasks.create_task(one.run())
        finally:
            self._stop_watching()

    def refuse_deliveries(self) -> None:
        """The SMSC keeps from now on what it has for us; submits go on."""
        for one in self.connections:
            one.refuse_deliveries()

    async def stop(self, drain_s: float) -> None:
        """Take no more submits and deliveries, wait up to `drain_s` for the open ones, unbind all, close."""
        if len(self.connections) == 1:
            await self.connections[0].stop(drain_s)
            return
        async with asyncio.TaskGroup() as tasks:
            for one in self.connections:
                tasks.create_task(one.stop(drain_s))

    # -------------------------------------------------------------------------------------------- inside
    @property
    def _types(self) -> tuple[str, ...]:
        return BIND_TYPES[self.settings.bind]

    def _dispatch(self, events: list[SessionEvent], link: Link) -> None:
        for event in events:
            match event:
                case SubmitAnswered():
                    self.pace.answered(event.status, link.heard_at, event.rtt_s)
                case Bound():
                    self._links[link.session.generation] = link
                    if link.session.settings.bind != "receiver":
                        self._senders.append(link)
                case SessionClosed():
                    self._links.pop(link.session.generation, None)
                    if link in self._senders:
                        self._senders.remove(link)
                case _:
                    self._count(event)
        if self.pace.holds:
            self._watch_pace()
        self._on_events(events)

    def _count(self, event: SessionEvent) -> None:
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

    def _watch_pace(self) -> None:
        """Whoever waits for a token is told when there is one."""
        if self._pace_timer is not None or not self._senders:
            return
        loop = self._senders[0].loop
        now = loop.time()
        if self.pace.room(now, 0) < 1:
            self._pace_timer = loop.call_at(self.pace.next_at(now), self._on_pace)

    def _on_pace(self) -> None:
        self._pace_timer = None
        self._watch_pace()
        if not self._senders:
            return
        try:
            self._on_events([])
        except Exception as error:  # noqa: BLE001  handed to `run`, which raises it
            self._senders[0].fail(error)

    def _stop_watching(self) -> None:
        if self._pace_timer is not None:
            self._pace_timer.cancel()
            self._pace_timer = None


def _binds(settings: SmppSettings) -> Iterator[tuple[BindType, str]]:
    """The type of each session, and its name where there are several."""
    types = BIND_TYPES[settings.bind]
    for number in range(1, settings.binds + 1):
        for bind in types:
            yield bind, bind if settings.binds == 1 else f"{bind} {number}/{settings.binds}"


def _room(link: Link) -> int:
    return link.session.free_slots
