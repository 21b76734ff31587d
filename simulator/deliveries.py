"""What the SMSC still has to bring to an ESME: texts from handsets and receipts.

Rules: a text goes to a session that serves the number it is for, a receipt to one of the account whose message it is
about; the texts of one handset go one after the other, a part only after the answer to the part before it; what is
refused for now (full queue, throttled, system error, no answer, session gone) is kept and brought again; any other
refusal ends that text. Nothing is thrown away because nobody is bound.

Not here: bytes and sessions (session.py), when a receipt falls due (reporter.py).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from simulator.commands import Status

if TYPE_CHECKING:
    from simulator.session import Session

TEMPORARY: Final = frozenset({Status.RMSGQFUL, Status.RTHROTTLED, Status.RSYSERR, Status.RX_T_APPN})
"""Answers after which the message is kept (SMPP 3.4 §5.1.3)."""
RETRY_MIN_S: Final = 0.05
RETRY_MAX_S: Final = 5.0


class Delivery:
    """One text or receipt on its way: the bodies (one a part) of deliver_sm or data_sm, and the answers so far.

    `account` is who a receipt is for; a text goes to whoever serves its `destination`. `needs_tlvs` keeps it from
    sessions that may be sent none.
    """

    __slots__ = (
        "account",
        "attempts",
        "bodies",
        "command",
        "destination",
        "finished",
        "needs_tlvs",
        "on_finished",
        "sender",
        "statuses",
    )

    def __init__(
        self,
        bodies: list[bytes],
        *,
        sender: str = "",
        destination: str = "",
        account: str | None = None,
        command: str = "deliver_sm",
        needs_tlvs: bool = False,
    ) -> None:
        self.bodies = bodies
        self.sender = sender
        self.destination = destination
        self.account = account
        self.command = command
        self.needs_tlvs = needs_tlvs or command == "data_sm"
        self.statuses: list[int] = []
        self.attempts = 0
        self.finished = False
        self.on_finished: Callable[[Delivery], None] | None = None

    @property
    def is_receipt(self) -> bool:
        return self.account is not None

    @property
    def route(self) -> "Route":
        """Who may take it: deliveries with the same route wait for the same sessions."""
        return Route(self.account, self.destination, self.needs_tlvs)

    @property
    def body(self) -> bytes:
        """The part that goes next."""
        return self.bodies[len(self.statuses)]


class Route(NamedTuple):
    """What a session must be to be given a delivery: that account's, or serving that number; TLVs allowed or not."""

    account: str | None
    destination: str
    needs_tlvs: bool


class Deliveries:
    """The queues: texts by handset, receipts by account, each ready by route."""

    def __init__(self, receivers: Callable[[Route], Iterable["Session"]]) -> None:
        self._receivers = receivers
        self._texts: dict[str, deque[Delivery]] = {}
        self._ready: dict[Route, deque[Delivery]] = {}
        self._queued: dict[Route, int] = {}
        self._backing_off: dict[Delivery, asyncio.TimerHandle] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.queued = 0
        """Deliveries not finished and not in flight."""
        self.last_refusal = ""

    @property
    def waiting(self) -> int:
        """Deliveries that will go without anybody's doing: queued while somebody is bound to take them."""
        return sum(count for route, count in self._queued.items() if count and any(self._receivers(route)))

    def tlvs_for(self, account: str) -> bool:
        """Whether this account's receivers may be sent optional parameters (SMPP 3.4, backward compatibility)."""
        return all(session.speaks_34 for session in self._receivers(Route(account, "", needs_tlvs=False)))

    def add(self, delivery: Delivery) -> None:
        self._count(delivery, 1)
        if delivery.account is not None:
            self._make_ready(delivery)
            return
        queue = self._texts.setdefault(delivery.sender, deque())
        queue.append(delivery)
        if len(queue) == 1:
            self._make_ready(delivery)

    def pump(self) -> None:
        """Hands out what can go now, as far as the sessions' windows reach."""
        if not self.queued:
            return
        for route, ready in list(self._ready.items()):
            while ready:
                session = self._free(route)
                if session is None:
                    break
                self._send(session, ready.popleft())
            if not ready:
                del self._ready[route]

    def _make_ready(self, delivery: Delivery, *, first: bool = False) -> None:
        ready = self._ready.setdefault(delivery.route, deque())
        if first:
            ready.appendleft(delivery)
        else:
            ready.append(delivery)

    def _count(self, delivery: Delivery, change: int) -> None:
        self.queued += change
        route = delivery.route
        count = self._queued.get(route, 0) + change
        if count:
            self._queued[route] = count
        else:
            self._queued.pop(route, None)

    def _free(self, route: Route) -> "Session | None":
        free = [session for session in self._receivers(route) if session.free_slots > 0]
        return max(free, key=lambda session: session.free_slots, default=None)

    def _send(self, session: "Session", delivery: Delivery) -> None:
        self._count(delivery, -1)
        session.deliver(delivery)

    def answered(self, delivery: Delivery, status: int) -> None:
        """The ESME has answered the part that was under way."""
        if status in TEMPORARY:
            self.last_refusal = Status(status).name
            self._again(delivery)
            return
        delivery.attempts = 0
        delivery.statuses.append(status)
        if status != Status.ROK or len(delivery.statuses) == len(delivery.bodies):
            self._finish(delivery)
            return
        self._count(delivery, 1)
        self._make_ready(delivery)

    def unanswered(self, delivery: Delivery) -> None:
        """No answer came: the timer ran out or the session is gone."""
        self.last_refusal = "no answer"
        self._again(delivery)

    def _again(self, delivery: Delivery) -> None:
        self._count(delivery, 1)
        wait_s = min(RETRY_MIN_S * 2**delivery.attempts, RETRY_MAX_S)
        delivery.attempts += 1
        loop = asyncio.get_running_loop()
        self._backing_off[delivery] = loop.call_later(wait_s, self._back, delivery)

    def _back(self, delivery: Delivery) -> None:
        del self._backing_off[delivery]
        self._make_ready(delivery, first=delivery.is_receipt)
        self.pump()
        self.on_change()

    def _finish(self, delivery: Delivery) -> None:
        delivery.finished = True
        if delivery.account is None:
            queue = self._texts[delivery.sender]
            queue.popleft()
            if queue:
                self._make_ready(queue[0])
            else:
                del self._texts[delivery.sender]
        if delivery.on_finished is not None:
            delivery.on_finished(delivery)

    def stop(self) -> None:
        """Ends the back-off timers."""
        for timer in self._backing_off.values():
            timer.cancel()
        self._backing_off.clear()
