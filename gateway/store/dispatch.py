"""Who may be sent to now: the order of texts per subscriber, as a value in memory.

One text per subscription is under way until every part of it has its answer (P10); a head that waits for a retry
holds its followers; nothing is ever reordered. The rows in the store are the truth: this is rebuilt from them at
start, and is touched only while a batch is applied, so it cannot differ from what was committed.
Back-off is on the transport clock, expiry on the business clock; both are arguments.
Must not be put here: SQL, SMPP, texts.
"""

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

# A text that ended leaves its moment of expiry behind, for up to two days; beyond this many they are swept out.
STALE_MAX: Final = 1024


@dataclass(slots=True, eq=False)
class Ticket:
    """One notification that waits to be sent or is under way.

    `open_parts` are those without a final answer, each with its user_message_reference; `reference` is that of the
    UDH, which all parts have in common; `single` says that the text is one part, `key` what its message id is kept
    by; `early` that a receipt came before its answer; `handset` is whose border text it is (Q51).
    `timeouts` counts answers that never came; `verdict` gathers what the answers of this attempt ask for ("" nothing,
    else retry or failed) and `why` the status that did.
    """

    notification: str
    subscription: str
    kind: str
    recipient: str
    expires_at: datetime
    open_parts: dict[int, int]
    attempts: int = 0
    flow_id: str = ""
    timeouts: int = 0
    unanswered: set[int] = field(default_factory=set)
    verdict: str = ""
    why: str = ""
    throttled: bool = False
    gone: bool = False
    single: bool = False
    early: bool = False
    handset: str = ""
    reference: int = 0
    key: str = ""


class Dispatch:
    """Queues per subscription; see the module's text for who may touch it."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._queues: dict[str, deque[Ticket]] = {}
        # An ordered set: subscriptions whose head may go. A dict walks over all that left before its first.
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._held: dict[str, int] = {}  # subscription -> the entry of _waiting that counts
        self._waiting: list[tuple[float, int, str]] = []
        self._expiry: list[tuple[datetime, int, Ticket]] = []
        self._flying: dict[str, Ticket] = {}
        self._entry = 0

    @property
    def ready(self) -> int:
        """Heads that could be sent now."""
        return len(self._ready)

    @property
    def flying(self) -> int:
        """Texts under way."""
        return len(self._flying)

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, notification: str) -> bool:
        """Whether a text has yet to come to its end."""
        return notification in self._tickets

    def find(self, notification: str) -> Ticket | None:
        """The ticket of a text that has yet to come to its end."""
        return self._tickets.get(notification)

    def flight(self, notification: str) -> Ticket | None:
        """The ticket of a text that is under way."""
        return self._flying.get(notification)

    def add(self, ticket: Ticket) -> None:
        """Queue behind what the subscription already has."""
        self._tickets[ticket.notification] = ticket
        self._watch_expiry(ticket)
        queue = self._queues.get(ticket.subscription)
        if queue is None:
            self._queues[ticket.subscription] = deque((ticket,))
            self._ready[ticket.subscription] = None
        else:
            queue.append(ticket)

    def claim(self, slots: int) -> Iterator[Ticket]:
        """Heads to send now, until their parts fill `slots`; the last may overfill (a text is claimed whole)."""
        while slots > 0 and self._ready:
            subscription, _ = self._ready.popitem(last=False)
            ticket = self._queues[subscription][0]
            ticket.attempts += 1
            ticket.verdict = ticket.why = ""
            ticket.throttled = False
            ticket.unanswered = set(ticket.open_parts)
            self._flying[ticket.notification] = ticket
            slots -= len(ticket.open_parts)
            yield ticket

    def land(self, ticket: Ticket) -> None:
        """It came to its end: the next of that subscription may go."""
        self._flying.pop(ticket.notification, None)
        self._remove(ticket)

    def hold(self, ticket: Ticket, until: float) -> None:
        """Send it again at `until` on the transport clock; its followers wait with it."""
        self._flying.pop(ticket.notification, None)
        self._watch_expiry(ticket)
        self._entry += 1
        self._held[ticket.subscription] = self._entry
        heapq.heappush(self._waiting, (until, self._entry, ticket.subscription))

    def defer(self, notification: str, until: float) -> None:
        """Let the head of a queue that could go wait until then."""
        ticket = self._tickets[notification]
        self._ready.pop(ticket.subscription, None)
        self.hold(ticket, until)

    def wake(self, transport_now: float) -> None:
        """Let heads go whose back-off has passed."""
        while (at := self.next_retry()) is not None and at <= transport_now:
            _, _, subscription = heapq.heappop(self._waiting)
            del self._held[subscription]
            self._ready[subscription] = None

    def next_retry(self) -> float | None:
        """The earliest back-off on the transport clock."""
        while self._waiting and self._held.get(self._waiting[0][2]) != self._waiting[0][1]:
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def next_expiry(self) -> datetime | None:
        """When the next waiting text is no longer worth sending (business clock); one under way does not expire."""
        while self._expiry and (self._expiry[0][2].gone or self._expiry[0][2].notification in self._flying):
            heapq.heappop(self._expiry)
        return self._expiry[0][0] if self._expiry else None

    def expire(self, now: datetime) -> Iterator[Ticket]:
        """Take out what has expired."""
        while (at := self.next_expiry()) is not None and at <= now:
            _, _, ticket = heapq.heappop(self._expiry)
            self._remove(ticket)
            yield ticket

    def cancel(self, subscription: str, recipient: str, kinds: frozenset[str], handset: str = "") -> Iterator[Ticket]:
        """Take out texts of these kinds that have not left (Q51)."""
        for ticket in tuple(self._queues.get(subscription, ())):
            same = ticket.kind in kinds and (ticket.recipient, ticket.handset) == (recipient, handset)
            if same and ticket.notification not in self._flying:
                self._remove(ticket)
                yield ticket

    def drop(self, subscription: str) -> Iterator[Ticket]:
        """Take out all that has not left: the subscription is erased."""
        for ticket in tuple(self._queues.get(subscription, ())):
            if ticket.notification not in self._flying:
                self._remove(ticket)
                yield ticket

    def _watch_expiry(self, ticket: Ticket) -> None:
        if len(self._expiry) > STALE_MAX + 2 * len(self._tickets):
            self._expiry = [(one.expires_at, n, one) for n, one in enumerate(self._tickets.values())]
            heapq.heapify(self._expiry)
        self._entry += 1
        heapq.heappush(self._expiry, (ticket.expires_at, self._entry, ticket))

    def _remove(self, ticket: Ticket) -> None:
        ticket.gone = True
        del self._tickets[ticket.notification]
        subscription = ticket.subscription
        queue = self._queues[subscription]
        if queue[0] is not ticket:
            queue.remove(ticket)
            return
        queue.popleft()
        self._held.pop(subscription, None)
        self._ready.pop(subscription, None)
        if queue:
            self._ready[subscription] = None
        else:
            del self._queues[subscription]
