"""What leaves by SMPP and what comes back: texts as parts on the wire, answers and deliveries as items of the engine.

The window is the SMSC's patience: a part goes when it has a slot, in the order of the claim. What each status means
for a text is one table (`statuses`), how much of one sender is taken is `flood`. Nothing is decided here, and nothing
is remembered that the store does not have.
Must not be put here: SQL, sockets (esme.py), what a text says.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from gateway.engine import Engine
from gateway.faultpoints import FaultPoints
from gateway.items import Busy, Item, ReceiptItem, Result, Settlement, SmsItem
from gateway.message_ids import message_id_keys
from gateway.smpp import alphabet, inbound
from gateway.smpp import pdu as p
from gateway.smpp.esme import Esme
from gateway.smpp.flood import Flood
from gateway.smpp.session_events import (
    DeliveryReceived,
    LateResponse,
    SessionClosed,
    SessionEvent,
    SubmitAnswered,
    SubmitUnanswered,
    Token,
)
from gateway.smpp.statuses import Statuses
from gateway.store.settle import Send

# SMPP 3.4 §5.2.5, §5.2.6: an international number in the ISDN plan.
TON_INTERNATIONAL, NPI_UNKNOWN, NPI_ISDN = 1, 0, 1
# The service number is sent as TON 3 (network specific), NPI 0.
TON_SERVICE: Final = 3
RECEIPT_FINAL: Final = 1
_REFERENCE: Final = p.TLV_CODES["user_message_reference"]
# Most answers are the same for everyone, and to cut one takes a tenth of its time in the loop.
_CUT_MAX: Final = 1024


class _Answer:
    """The deliver_sm_resp that waits for the commit (P3). `sender` is that of a text, "" of a receipt."""

    __slots__ = ("_outbox", "_sender", "_token")

    def __init__(self, outbox: "Outbox", token: Token, sender: str) -> None:
        self._outbox, self._token, self._sender = outbox, token, sender

    def done(self, _index: int, _result: Result | None) -> None:
        if self._sender:
            self._outbox.flood.decided(self._sender)
        self._outbox.answer(self._token, p.ESME_ROK)


class Outbox:
    def __init__(
        self,
        service_number: str,
        faults: FaultPoints,
        new_flow_id: Callable[[], str],
        log: Callable[..., None],
        *,
        statuses: Statuses | None = None,
        flood: Flood | None = None,
    ) -> None:
        self.flood = flood or Flood()
        self._statuses = statuses or Statuses()
        self._number = service_number
        self._faults = faults
        self._new_flow_id = new_flow_id
        self._log = log
        self._queue: deque[tuple[Send, alphabet.Part, int, int]] = deque()
        self._esme: Esme | None = None
        self._engine: Engine | None = None

    def join(self, esme: Esme, engine: Engine) -> None:
        """Close the ring: engine -> outbox -> esme -> outbox -> engine."""
        self._esme, self._engine = esme, engine

    @property
    def slots(self) -> int:
        """How many parts could be claimed now; 0 without a session that may send."""
        return max(0, self._esme.free_slots - len(self._queue)) if self._esme else 0

    # -- out ----------------------------------------------------------------------------------------------------

    def send(self, sends: Sequence[Send]) -> None:
        """Queue the open parts of claimed texts and submit what the window has room for."""
        for send in sends:
            parts = _alone(send.text) or alphabet.split(alphabet.encode(send.text), send.parts[0][1])
            for number, _, umr in send.parts:
                self._queue.append((send, parts[number - 1], number, umr))
            self._log(
                "mt.submitted",
                flow_id=send.flow_id,
                msg_id=send.notification,
                msisdn=send.recipient,
                encoding="gsm7" if parts[0].data_coding == alphabet.GSM7 else "ucs2",
                segments=len(parts),
                chars=len(send.text),
                attempt=send.attempt,
            )
        self._pump()
        assert self._esme is not None
        if not self._esme.sending:  # it was lost between the claim and the commit, and has said so already
            self._session_closed("no_session")

    def _pump(self) -> None:
        esme = self._esme
        assert esme is not None
        room = min(esme.free_slots, len(self._queue)) if self._queue else 0
        for _ in range(room):
            send, part, number, umr = self._queue.popleft()
            # The same reference when it is sent again, so that the SMSC may know it
            esme.submit((send.notification, number), self._message(send, part), ((_REFERENCE, umr),))
        if room > 0:
            asyncio.get_running_loop().call_soon(self._faults.passing, "after_submit_before_resp")

    def _message(self, send: Send, part: alphabet.Part) -> p.Message:
        return p.Message(
            source_addr_ton=TON_SERVICE,
            source_addr_npi=NPI_UNKNOWN,
            source_addr=self._number,
            dest_addr_ton=TON_INTERNATIONAL,
            dest_addr_npi=NPI_ISDN,
            destination_addr=send.recipient.removeprefix("+"),
            esm_class=part.esm_class,
            validity_period=relative_time(send.validity_s),
            registered_delivery=RECEIPT_FINAL,
            data_coding=part.data_coding,
            short_message=part.short_message,
        )

    def answer(self, token: Token, status: int) -> None:
        assert self._esme is not None
        self._esme.answer(token, status)

    # -- in -----------------------------------------------------------------------------------------------------

    def on_session_events(self, events: Sequence[SessionEvent]) -> None:
        """What the session tells, in its order."""
        assert self._engine is not None
        for event in events:
            match event:
                case SubmitAnswered():
                    self._engine.settle(self._settlement(event))
                case SubmitUnanswered():
                    notification, number = _ref(event.ref)
                    self._engine.settle(Settlement(notification, number, "unknown", reason=event.reason))
                case DeliveryReceived():
                    self._deliver(event)
                case SessionClosed():
                    self._session_closed(event.reason)
                case LateResponse():
                    notification, number = _ref(event.ref)
                    self._log("mt.late_response", msg_id=notification, status=p.status_name(event.status))
                    if event.status == p.ESME_ROK:  # it had arrived after all; sent again or not, it is settled
                        self._engine.settle(_accepted(notification, number, event.message_id))
        self._pump()
        self._engine.look()

    def _settlement(self, event: SubmitAnswered) -> Settlement:
        notification, number = _ref(event.ref)
        if event.status == p.ESME_ROK:
            return _accepted(notification, number, event.message_id)
        verdict = self._statuses.verdict(event.status)
        return Settlement(notification, number, verdict, status=event.status, reason=p.status_name(event.status))

    def _deliver(self, event: DeliveryReceived) -> None:
        assert self._engine is not None
        item = self._item(inbound.read(event.pdu))
        if item is None:
            self.answer(event.token, p.ESME_ROK)  # it would come back for ever
            return
        sender = item.sender if isinstance(item, SmsItem) else ""
        if sender and not self.flood.admits(sender, asyncio.get_running_loop().time()):
            self.answer(event.token, p.ESME_RTHROTTLED)
            return
        try:
            self._engine.deliver(item, _Answer(self, event.token, sender))
        except Busy:
            if sender:
                self.flood.decided(sender)
            # The one status that every SMSC takes for "later"
            self.answer(event.token, p.ESME_RMSGQFUL)

    def _item(self, found: inbound.Inbound) -> Item | None:
        match found:
            case inbound.MoText():
                return SmsItem(found.sender, found.destination, found.text, flow_id=self._new_flow_id())
            case inbound.MoPart():
                return SmsItem(
                    found.sender,
                    found.destination,
                    None,
                    found.payload,
                    found.data_coding,
                    found.reference,
                    found.number,
                    found.total,
                    self._new_flow_id(),
                )
            case inbound.Receipt():
                spellings = [message_id_keys(one) for one in found.message_ids]
                # Every id as it was written comes before any conversion: that may be another text's id.
                literal, converted = [keys[0] for keys in spellings], [key for keys in spellings for key in keys[1:]]
                keys = dict.fromkeys((*literal, *converted))
                return ReceiptItem(
                    tuple(keys),
                    found.subscriber,
                    found.outcome or "",
                    found.state,
                    found.error,
                    found.user_message_reference,
                )
            case inbound.Unreadable():
                self._log("smpp.pdu_rejected", why=found.reason, command="deliver_sm", bytes=0)
        return None

    def _session_closed(self, reason: str) -> None:
        """What had no slot yet never left, unless another session takes it."""
        assert self._engine is not None
        assert self._esme is not None
        if self._esme.sending:
            return
        while self._queue:
            send, _, number, _ = self._queue.popleft()
            self._engine.settle(Settlement(send.notification, number, "unsent", reason=reason))


@lru_cache(maxsize=_CUT_MAX)
def _alone(text: str) -> tuple[alphabet.Part, ...]:
    """The only part of a text; none where it needs several, which carry the reference of that text."""
    return alphabet.split(alphabet.encode(text), 0) if alphabet.part_count(text) == 1 else ()


@lru_cache(maxsize=256)
def relative_time(seconds: int) -> str:
    """SMPP 3.4 §7.1.1: a length of time, "DDhhmmss" within "YYMM…000R" (Q64); at most 99 days."""
    minutes, second = divmod(max(1, seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"0000{min(days, 99):02d}{hour:02d}{minute:02d}{second:02d}000R"


def _accepted(notification: str, number: int, message_id: str) -> Settlement:
    return Settlement(notification, number, "accepted", message_id)


def _ref(ref: object) -> tuple[str, int]:
    assert isinstance(ref, tuple)
    notification, number = ref
    return notification, number
