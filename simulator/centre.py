"""The message centre: takes messages for handsets, keeps them until they can be delivered, reports on them.

Every message takes one road: `check`, `_accept` (it has an id now), the answer, `_attempt` (delivered, or kept while
its handset is out of reach or its hour has not come), `_settle` (its final state, once), the receipt. What shall go
wrong is asked of the fault plan at two named points on it.

Not here: sockets and binds (smsc.py), PDU layouts (pdu.py), who gets a receipt when (deliveries.py).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from simulator import alphabet
from simulator import pdu as smpp
from simulator.clock import Agenda, Clock
from simulator.commands import TLVS, Status
from simulator.deliveries import Deliveries, Delivery
from simulator.faults import Fault, FaultPlan
from simulator.messages import VALIDITY_DEFAULT, Message, MessageStore, State, instant, receipt_body
from simulator.modes import SENDERS
from simulator.pdu import Address, Failure, Pdu, SubmitSm
from simulator.plain import Plain, PlainAnswers

if TYPE_CHECKING:
    from simulator.session import Session

PLAIN_MAX: Final = 1 << 20
"""No bound on how many plain messages one read may hold."""
RECEIPT_TICK: Final = timedelta(milliseconds=10)
"""On the system clock receipts fall due in steps of this, so a busy second is a hundred wake-ups, not a million."""


@dataclass
class MessageCentre:
    """`on_delivered(message)` is called when a handset has a message, `is_reachable(number)` is asked before.

    `receipt_delay_s` is business time; 0 sends the receipt right after the answer.
    """

    clock: Clock
    agenda: Agenda
    deliveries: Deliveries
    faults: FaultPlan
    receipt_delay_s: float
    on_delivered: Callable[[Message], None] | None = None
    is_reachable: Callable[[str], bool] | None = None
    on_change: Callable[[], None] = lambda: None
    _enroute: dict[Message, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A restarted SMSC must not give out ids that a gateway already knows.
        self.messages = MessageStore(first_id=int(self.clock.now().timestamp()) << 20)
        self._answers = PlainAnswers()

    # --- messages in -------------------------------------------------------------------------------------

    def plain_room(self, session: "Session") -> int:
        """How many plain messages (plain.py) of this session may be taken without looking at each; 0 when somebody
        must: a fault is armed, or every message is shown or brought somewhere.
        """
        if (
            session.mode not in SENDERS
            or self.on_delivered is not None
            or self.is_reachable is not None
            or self.faults.is_armed("submit", "receipt")
        ):
            return 0
        return PLAIN_MAX

    def take_plain(self, session: "Session", plain: Plain) -> bytes:
        """Plain messages, accepted and delivered; their answers."""
        run = self.messages.keep(plain.frames, session.account, self.clock.now())
        for position in plain.wanting:
            self._schedule_receipt(run.message(run.first_id + position, plain.frames[position]))
        return self._answers.write(run.first_id, plain.sequences)

    def submit(self, session: "Session", submit: SubmitSm) -> None:
        """One submit_sm: checked, taken, answered, brought to its handset."""
        fault = None
        if self.faults.armed:
            fault = self.faults.take("submit", number_of(submit.destination))
        match fault.effect if fault is not None else "":
            case "status":
                assert fault is not None
                session.answer_submit(submit, fault.status)
            case "silent":
                pass
            case "disconnect":
                session.abort()
            case _:
                self._take(session, submit, fault)

    def _take(self, session: "Session", submit: SubmitSm, fault: Fault | None) -> None:
        try:
            message = self._accept(submit, session.account)
        except _Refused as refused:
            session.answer_submit(submit, refused.status)
            return
        receipt_fault = None
        if self.faults.armed and message.wants_receipt_ever:
            receipt_fault = self.faults.take("receipt", message.number)
            message.fault = receipt_fault
        if receipt_fault is not None and receipt_fault.effect == "receipt_before_resp":
            self._attempt(message)
            self.deliveries.pump()
            session.answer_submit(submit, Status.ROK, message.message_id)
            return
        if fault is None:
            session.answer_submit(submit, Status.ROK, message.message_id)
        elif fault.effect == "slow":
            session.counters.unanswered += 1
            loop = asyncio.get_running_loop()
            loop.call_later(fault.delay_s, self._answer_late, session, submit, message)
        self._attempt(message)
        if fault is not None and fault.effect == "resp_lost":
            session.abort()

    def _answer_late(self, session: "Session", submit: SubmitSm, message: Message) -> None:
        session.counters.unanswered -= 1
        session.answer_submit(submit, Status.ROK, message.message_id)
        self.on_change()

    def submit_multi(self, session: "Session", request: Pdu) -> None:
        """One message to several handsets under one message_id (SMPP 3.4 §4.5)."""
        destinations = request.fields["dest_address"]
        assert isinstance(destinations, tuple)
        if any(isinstance(address, Address) and address.dl for address in destinations):
            session.answer(request, Status.RINVDLNAME)
            return
        fields = {name: value for name, value in request.fields.items() if name != "dest_address"}
        messages: list[Message] = []
        failures: list[Failure] = []
        for to in destinations:
            assert isinstance(to, Address)
            one = {**fields, "dest_addr_ton": to.ton, "dest_addr_npi": to.npi, "destination_addr": to.addr}
            submit = SubmitSm(smpp.encode(Pdu("submit_sm", request.sequence, 0, one, request.tlvs)))
            message_id = messages[0].message_id if messages else None
            try:
                messages.append(self._accept(submit, session.account, message_id))
            except _Refused as refused:
                failures.append(Failure(to.addr, to.ton, to.npi, refused.status))
        status = Status.ROK if messages else Status.RSUBMITFAIL
        message_id = messages[0].message_id if messages else ""
        session.answer(request, status, message_id=message_id, unsuccess_sme=tuple(failures))
        for message in messages:
            self._attempt(message)

    def submit_data(self, session: "Session", request: Pdu) -> None:
        """data_sm (SMPP 3.4 §4.7): the same road, the text in message_payload."""
        status = Status.ROK
        if max(len(request.text("source_addr")), len(request.text("destination_addr"))) > 20:
            status = Status.RINVDSTADR
        elif request.tlv("message_payload") is None:
            status = Status.RMISSINGOPTPARAM
        if status is not Status.ROK:
            session.answer(request, status)
            return
        submit = SubmitSm(smpp.encode(Pdu("submit_sm", request.sequence, 0, request.fields, request.tlvs)))
        try:
            message = self._accept(submit, session.account)
        except _Refused as refused:
            session.answer(request, refused.status)
            return
        session.answer(request, Status.ROK, message_id=message.message_id)
        self._attempt(message)

    def _accept(self, submit: SubmitSm, account: str, message_id: str | None = None) -> Message:
        status = check(submit)
        if status is not Status.ROK:
            raise _Refused(status)
        now = self.clock.now()
        message = self.messages.accept(submit, account, now, message_id=message_id)
        if submit.timed:
            self._time(message, submit.pdu)
        if submit.replace_if_present:
            for older in self._pending(message.source, message.number, submit.pdu.text("service_type")):
                self._settle(older, State.DELETED)
        return message

    def _time(self, message: Message, request: Pdu) -> None:
        """schedule_delivery_time and validity_period (§5.2.15, §5.2.16), each wrong one with its own status."""
        now = self.clock.now()
        try:
            message.scheduled_at = instant(request.text("schedule_delivery_time"), now)
        except ValueError:
            raise _Refused(Status.RINVSCHED) from None
        try:
            message.expires_at = instant(request.text("validity_period"), now)
        except ValueError:
            raise _Refused(Status.RINVEXPIRY) from None

    def _attempt(self, message: Message) -> None:
        """Delivers now, or keeps the message until its hour, or until its handset can be reached."""
        if message.state is not State.ENROUTE:
            return
        later = message.scheduled_at is not None and message.scheduled_at > self.clock.now()
        if not later and (self.is_reachable is None or self.is_reachable(message.number)):
            self._settle(message, State.DELIVERED)
            return
        if message in self._enroute:
            return
        self._enroute[message] = None
        expires_at = message.expires_at or message.accepted_at + VALIDITY_DEFAULT
        self.agenda.add(expires_at, partial(self._expire, message))
        if later and message.scheduled_at is not None:
            self.agenda.add(message.scheduled_at, partial(self._attempt, message))

    def reachable_again(self, number: str) -> None:
        """The handset is back: what was kept for it comes in the order it was accepted."""
        for message in [kept for kept in self._enroute if kept.number == number]:
            self._attempt(message)
        self.deliveries.pump()
        self.on_change()

    def _expire(self, message: Message) -> None:
        # A replace_sm may have given it longer in the meantime.
        if message.expires_at is None or message.expires_at <= self.clock.now():
            self._settle(message, State.EXPIRED)

    def _settle(self, message: Message, state: State) -> None:
        if message.fault is not None and message.fault.effect == "receipt_stat":
            state = State.UNDELIVERABLE
        self._enroute.pop(message, None)
        if not message.settle(state, self.clock.now()):
            return
        if state is State.DELIVERED and self.on_delivered is not None:
            self.on_delivered(message)
        if message.wants_receipt:
            self._schedule_receipt(message)

    # --- query, cancel, replace --------------------------------------------------------------------------

    def _pending(self, source: str, number: str, service_type: str) -> list[Message]:
        return [
            message
            for message in self._enroute
            if message.source == source
            and message.number == number
            and (not service_type or message.submit.pdu.text("service_type") == service_type)
        ]

    def cancel(self, request: Pdu) -> bool:
        """cancel_sm (§4.9): one message by id, or all that wait from this source to this handset."""
        source, message_id = request.text("source_addr"), request.text("message_id")
        if message_id:
            message = self.messages.find(message_id, source)
            found = [message] if message is not None and message.state is State.ENROUTE else []
        else:
            number = number_of(request.text("destination_addr").encode())
            found = self._pending(source, number, request.text("service_type"))
        for message in found:
            self._settle(message, State.DELETED)
        return bool(found)

    def replace(self, request: Pdu) -> Status:
        """replace_sm (§4.10): new text and times for a message that still waits."""
        message = self.messages.find(request.text("message_id"), request.text("source_addr"))
        if message is None or message not in self._enroute:
            return Status.RREPLACEFAIL
        old = message.submit.pdu
        times = {n: request.text(n) or old.text(n) for n in ("schedule_delivery_time", "validity_period")}
        fields: dict[str, smpp.Value] = {
            **old.fields,
            **times,
            "registered_delivery": request.integer("registered_delivery"),
            "sm_default_msg_id": request.integer("sm_default_msg_id"),
            "short_message": request.octets(),
        }
        submit = SubmitSm(smpp.encode(Pdu("submit_sm", old.sequence, 0, fields, old.tlvs)))
        try:
            self._time(message, submit.pdu)
        except _Refused as refused:
            return refused.status
        message.submit = submit
        del self._enroute[message]
        self._attempt(message)
        return Status.ROK

    # --- receipts --------------------------------------------------------------------------

    def _schedule_receipt(self, message: Message) -> None:
        fault = message.fault
        if fault is not None and fault.effect == "receipt_never":
            return
        early = fault is not None and fault.effect == "receipt_before_resp"
        if early or self.receipt_delay_s == 0:
            self._post_receipt(message)
            return
        due = self.clock.now() + timedelta(seconds=self.receipt_delay_s)
        if not self.clock.virtual:
            due += RECEIPT_TICK - timedelta(microseconds=due.microsecond % 10_000)
        self.agenda.add(due, partial(self._post_receipt, message))

    def _post_receipt(self, message: Message) -> None:
        fault = message.fault
        stat = fault.stat if fault is not None and fault.effect == "receipt_stat" else None
        body = receipt_body(message, with_tlvs=self.deliveries.tlvs_for(message.account), stat=stat)
        twice = fault is not None and fault.effect == "receipt_twice"
        for _ in range(2 if twice else 1):
            self.deliveries.add(Delivery([body], account=message.account))


class _Refused(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def number_of(destination: bytes) -> str:
    """A destination address as E.164 with +."""
    return "+" + destination.decode("ascii").removeprefix("+")


SUBMIT_RULES: Final[tuple[tuple[Status, Callable[[SubmitSm], bool]], ...]] = (
    # Status and what earns it, in the order they are looked at.
    (Status.RINVREGDLVFLG, lambda s: bool(s.registered_delivery & 0xE0) or s.registered_delivery & 3 == 3),  # §5.2.17
    (Status.RINVDSTADR, lambda s: not s.destination.removeprefix(b"+").isdigit()),
    (Status.RINVPRTFLG, lambda s: s.priority_flag > 3),  # §5.2.14
    (Status.RINVESMCLASS, lambda s: s.esm_class & 0x3C not in (0x00, 0x08, 0x10)),  # §5.2.12: from an ESME
    (Status.RINVESMCLASS, lambda s: bool(s.esm_class & alphabet.UDHI) and not _has_header(s.payload)),
    # §5.3.2.32: short_message or message_payload, not both.
    (
        Status.ROPTPARNOTALLWD,
        lambda s: bool(s.tlvs and s.short_message) and smpp.find_tlv(s.tlvs, TLVS["message_payload"][0]) is not None,
    ),
)


def check(submit: SubmitSm) -> Status:
    """What is wrong with the values of a submit_sm; ROK when nothing is."""
    # Nearly every message is as plain as this, and the table costs more than all the rest of taking it.
    if (
        submit.esm_class == 0
        and submit.registered_delivery in (0, 1, 2)
        and submit.priority_flag <= 3
        and not submit.tlvs
        and submit.destination.isdigit()
    ):
        return Status.ROK
    for status, wrong in SUBMIT_RULES:
        if wrong(submit):
            return status
    return Status.ROK


def _has_header(payload: bytes) -> bool:
    return bool(payload) and payload[0] < len(payload)
