"""When an ESME is told of a message: receipts after their delay, at once, twice or never, and intermediate notices.

The delay is business time. On the system clock receipts fall due in steps of RECEIPT_TICK, so that a busy second is a
hundred wake-ups and not a million.

Not here: what a receipt says (receipts.py), on which session it goes (deliveries.py).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from simulator import misconduct
from simulator.clock import Agenda, Clock
from simulator.deliveries import Deliveries, Delivery
from simulator.messages import Message, Run
from simulator.receipts import INTERMEDIATE, RECEIPT, receipt_body

RECEIPT_TICK: Final = timedelta(milliseconds=10)
WANTS_INTERMEDIATE: Final = 0x10
"""registered_delivery bit 4 (SMPP 3.4 §5.2.17)."""


@dataclass
class Reporter:
    """`delay_s` from a message's final state to its receipt; 0 sends it right after the answer."""

    clock: Clock
    agenda: Agenda
    deliveries: Deliveries
    delay_s: float
    _held: list[Delivery] = field(default_factory=list)

    def settled(self, message: Message) -> None:
        """It has its final state; its ESME hears of it if it asked to, as the message's profile has it."""
        if not message.wants_receipt or not message.profile.times:
            return
        if message.profile.before_response or self.delay_s == 0:
            self._post(message)
        else:
            self.agenda.add(self._due(), partial(self._post, message))

    def settled_at_once(self, run: Run, frames: list[bytes], wanting: list[int]) -> None:
        """The same for messages that were delivered in a row; `wanting` are the positions of those to be told of."""
        if not run.profile.times:
            return
        if self.delay_s == 0:
            self._post_run(run, frames, wanting)
        else:
            self.agenda.add(self._due(), partial(self._post_run, run, frames, wanting))

    def _due(self) -> datetime:
        due = self.clock.utc() + timedelta(seconds=self.delay_s)
        if not self.clock.virtual:
            due += RECEIPT_TICK - timedelta(microseconds=due.microsecond % 10_000)
        return due

    def _post_run(self, run: Run, frames: list[bytes], wanting: list[int]) -> None:
        for position in wanting:
            self._post(run.message(run.first_id + position, frames[position]))

    def delayed(self, message: Message) -> None:
        """Its first attempt failed and it is kept (SMPP 3.4 §5.2.12, intermediate delivery notification)."""
        if message.submit.registered_delivery & WANTS_INTERMEDIATE:
            self._send(message, INTERMEDIATE)

    def _post(self, message: Message) -> None:
        for _ in range(message.profile.times):
            self._send(message)

    def _send(self, message: Message, kind: int = RECEIPT) -> None:
        with_tlvs = self.deliveries.tlvs_for(message.account)
        command, body = receipt_body(message, with_tlvs=with_tlvs, kind=kind)
        delivery = Delivery([body], account=message.account, command=command)
        if message.fault is None or kind != RECEIPT:
            self.bring(delivery)
        else:
            misconduct.receipt(self, message, delivery, message.fault)

    def bring(self, delivery: Delivery) -> None:
        """A receipt goes; what was held back for one to go before it goes after it."""
        self.deliveries.add(delivery)
        if self._held:
            held, self._held = self._held, []
            for waiting in held:
                self.deliveries.add(waiting)

    def hold(self, delivery: Delivery, longest: timedelta) -> None:
        """It goes after the next one, or alone when none comes."""
        self._held.append(delivery)
        self.agenda.add(self.clock.now() + longest, partial(self._release, delivery))

    def _release(self, delivery: Delivery) -> None:
        if delivery in self._held:
            self._held.remove(delivery)
            self.deliveries.add(delivery)
