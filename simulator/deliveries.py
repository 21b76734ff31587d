"""What the SMSC still has to bring to an ESME: texts from handsets and receipts.

Rules: the texts of one handset go one after the other, a part only after the answer to the part before it; what is
refused for now (full queue, throttled, system error, no answer, session gone) is kept and brought again; any other
refusal ends that text. Nothing is thrown away because nobody is bound.

Not here: bytes and sessions (session.py), when a receipt falls due (smsc.py).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from simulator.commands import Status

if TYPE_CHECKING:
    from simulator.session import Session

TEMPORARY: Final = frozenset({Status.RMSGQFUL, Status.RTHROTTLED, Status.RSYSERR, Status.RX_T_APPN})
"""Answers after which the message is kept (SMPP 3.4 §5.1.3)."""
RETRY_MIN_S: Final = 0.05
RETRY_MAX_S: Final = 5.0


class Delivery:
    """One text or receipt on its way: the deliver_sm bodies (one a part), and the answers so far."""

    __slots__ = ("account", "attempts", "bodies", "finished", "on_finished", "sender", "statuses")

    def __init__(self, bodies: list[bytes], *, sender: str = "", account: str | None = None) -> None:
        self.bodies = bodies
        self.sender = sender
        self.account = account
        self.statuses: list[int] = []
        self.attempts = 0
        self.finished = False
        self.on_finished: Callable[[Delivery], None] | None = None

    @property
    def is_receipt(self) -> bool:
        return self.account is not None

    @property
    def body(self) -> bytes:
        """The part that goes next."""
        return self.bodies[len(self.statuses)]


class Deliveries:
    """The queues: one per handset for texts, one per account for receipts."""

    def __init__(self, receivers: Callable[[str | None], Iterable["Session"]]) -> None:
        self._receivers = receivers
        self._texts: dict[str, deque[Delivery]] = {}
        self._ready: deque[str] = deque()
        self._receipts: dict[str, deque[Delivery]] = {}
        self._backing_off: dict[Delivery, asyncio.TimerHandle] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.queued = 0
        """Deliveries not finished and not in flight."""
        self.last_refusal = ""

    @property
    def waiting(self) -> int:
        """Deliveries that will go without anybody's doing: queued while somebody is bound to take them."""
        return self.queued if self.queued and any(self._receivers(None)) else 0

    def tlvs_for(self, account: str) -> bool:
        """Whether this account's receivers may be sent optional parameters (SMPP 3.4 §3.5)."""
        return all(session.speaks_34 for session in self._receivers(account))

    def add(self, delivery: Delivery) -> None:
        self.queued += 1
        if delivery.account is not None:
            self._receipts.setdefault(delivery.account, deque()).append(delivery)
            return
        queue = self._texts.setdefault(delivery.sender, deque())
        queue.append(delivery)
        if len(queue) == 1:
            self._ready.append(delivery.sender)

    def pump(self) -> None:
        """Hands out what can go now, as far as the sessions' windows reach."""
        if not self.queued:
            return
        while self._ready:
            session = self._free(None)
            if session is None:
                break
            self._send(session, self._texts[self._ready.popleft()][0])
        for account, queue in self._receipts.items():
            while queue:
                session = self._free(account)
                if session is None:
                    break
                self._send(session, queue.popleft())

    def _free(self, account: str | None) -> "Session | None":
        free = [session for session in self._receivers(account) if session.free_slots > 0]
        return max(free, key=lambda session: session.free_slots, default=None)

    def _send(self, session: "Session", delivery: Delivery) -> None:
        self.queued -= 1
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
        self.queued += 1
        self._ready.append(delivery.sender)

    def unanswered(self, delivery: Delivery) -> None:
        """No answer came: the timer ran out or the session is gone."""
        self.last_refusal = "no answer"
        self._again(delivery)

    def _again(self, delivery: Delivery) -> None:
        self.queued += 1
        wait_s = min(RETRY_MIN_S * 2**delivery.attempts, RETRY_MAX_S)
        delivery.attempts += 1
        loop = asyncio.get_running_loop()
        self._backing_off[delivery] = loop.call_later(wait_s, self._back, delivery)

    def _back(self, delivery: Delivery) -> None:
        del self._backing_off[delivery]
        if delivery.account is not None:
            self._receipts[delivery.account].appendleft(delivery)
        else:
            self._ready.append(delivery.sender)
        self.pump()
        self.on_change()

    def _finish(self, delivery: Delivery) -> None:
        delivery.finished = True
        if delivery.account is None:
            queue = self._texts[delivery.sender]
            queue.popleft()
            if queue:
                self._ready.append(delivery.sender)
            else:
                del self._texts[delivery.sender]
        if delivery.on_finished is not None:
            delivery.on_finished(delivery)

    def stop(self) -> None:
        """Ends the back-off timers."""
        for timer in self._backing_off.values():
            timer.cancel()
        self._backing_off.clear()
