"""The message centre: takes messages for handsets, keeps them until they can be delivered, reports on them.

Every message takes one road: `check`, `accept` (it has an id now), the answer, `attempt` (delivered, or kept while its
handset is out of reach or its hour has not come), `settle` (its final state, once), the receipt. What shall go wrong
is asked of the fault plan at named points on it, and carried out by misconduct.py. Messages of which nothing needs to
be asked take the same road many at a time (`take_plain`).

Store and forward runs on the business clock: a kept message comes when the network tells that its handset is back
(`reachable_again`), or at one of the SMSC's own retries where nobody tells (reach.py), and expires with its validity.

Not here: sockets and binds (smsc.py, session.py), other ways to hand in a message (submissions.py), query, cancel and
replace (changes.py), receipts (reporter.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from simulator import checks, magic, misconduct
from simulator.alerts import Alerts
from simulator.clock import Agenda, Clock
from simulator.commands import TLVS, Status
from simulator.deliveries import Deliveries
from simulator.faults import POINTS, Fault, FaultPlan
from simulator.messages import STATES, VALIDITY_DEFAULT, Message, MessageStore, State, Timer, instant
from simulator.modes import SENDERS
from simulator.pdu import SubmitSm, Value, find_tlv
from simulator.plain import Plain, PlainAnswers
from simulator.profiles import Choice, Profile
from simulator.reach import CONDITIONS, Condition, Reach, retry_after
from simulator.reporter import Reporter

if TYPE_CHECKING:
    from simulator.session import Session

PLAIN_MAX: Final = 1 << 20
"""No bound on how many plain messages one read may hold."""
WAITING_MAX: Final = 10_000
"""Messages kept for one handset; one more is answered ESME_RMSGQFUL (SMPP 3.4 §5.1.3)."""
_PROFILE_OF_FAULT: Final[dict[str, dict[str, object]]] = {
    "receipt_never": {"times": 0},
    "receipt_twice": {"times": 2},
    "receipt_before_resp": {"before_response": True},
}
"""A fault of receipts is another habit, for one message."""
_SET_DPF: Final = TLVS["set_dpf"][0]
_ONE_ATTEMPT: Final = (checks.DATAGRAM, checks.TRANSACTION)

Times = tuple[datetime | None, datetime | None]
"""When it shall be sent, and until when it is worth sending; None where the message does not say."""


@dataclass
class MessageCentre:
    """`on_delivered(message)` is called when a handset has a message, `reach(number)` is asked before; without it
    every handset is on. `on_change` is called when messages have moved outside of a session's read.
    """

    clock: Clock
    agenda: Agenda
    deliveries: Deliveries
    faults: FaultPlan
    reporter: Reporter
    alerts: Alerts
    on_delivered: Callable[[Message], None] | None = None
    reach: Callable[[str], Reach] | None = None
    on_change: Callable[[], None] = lambda: None
    profiles: Choice = field(default_factory=Choice)
    _waiting: dict[str, dict[Message, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A restarted SMSC must not give out ids that a gateway already knows.
        self.messages = MessageStore(first_id=int(self.clock.now().timestamp()) << 20)
        self._answers = PlainAnswers()

    # --- messages in -------------------------------------------------------------------------------------

    def plain_room(self, session: "Session") -> int:
        """How many plain messages (plain.py) of this session may be taken without looking at each; 0 when somebody
        must: a fault is armed, ids or receipts are of another make, every message is brought somewhere.
        """
        if (
            session.mode not in SENDERS
            or self.on_delivered is not None
            or self.faults.is_armed("submit", "receipt", "handset")
            or not session.speaks_34
            or not self.profiles.is_plain(session.account)
        ):
            return 0
        return PLAIN_MAX

    @property
    def is_asked(self) -> bool:
        """Whether `is_on` may say no to anybody."""
        return self.reach is not None or self.faults.numbers

    def is_on(self, destination: bytes) -> bool:
        """Whether a plain message to that address is delivered at once, and nothing waits that must go before it."""
        if self.faults.numbers and magic.is_magic(destination):
            return False
        number = number_of(destination)
        return number not in self._waiting and (self.reach is None or self.reach(number) is Reach.ON)

    def take_plain(self, session: "Session", plain: Plain) -> bytes:
        """Plain messages, accepted and delivered; their answers."""
        profile = self.profiles.of(session.account, "")
        run = self.messages.keep(plain.frames, session.account, self.clock.utc(), profile)
        if plain.wanting:
            self.reporter.settled_at_once(run, plain.frames, plain.wanting)
        return self._answers.write(run.first_id, plain.sequences)

    def submit(self, session: "Session", submit: SubmitSm) -> None:
        """One submit_sm: taken, unless a fault strikes it."""
        fault = self.faults.take("submit", number_of(submit.destination)) if self.faults.awake else None
        if fault is None:
            self.take(session, submit)
        else:
            misconduct.submit(self, session, submit, fault)

    def take(self, session: "Session", submit: SubmitSm, answer: Callable[[Message], None] | None = None) -> None:
        """Checked, accepted, answered, brought to its handset. `answer` does the answering for us."""
        if answer is None:
            answer = partial(_answer, session, submit)
        try:
            message = self.accept(submit, session)
        except Refused as refused:
            session.answer_submit(submit, refused.status)
            return
        if submit.esm_class & checks.MODE == checks.TRANSACTION:
            # §5.2.12: the answer says what became of it.
            self.attempt(message)
            delivered = message.state is State.DELIVERED
            session.answer_submit(submit, Status.ROK if delivered else Status.RDELIVERYFAILURE, message.message_id)
            return
        if message.profile.before_response and message.wants_receipt_ever:
            self.attempt(message)
            self.deliveries.pump()
            answer(message)
            return
        answer(message)
        self.attempt(message)

    def accept(self, submit: SubmitSm, session: "Session") -> Message:
        """A message with its id and its times. Refused with the status of what is wrong with it."""
        status = checks.check(submit, success_only=session.speaks_50)
        if status is not Status.ROK:
            raise Refused(status)
        number = number_of(submit.destination)
        if len(self._waiting.get(number, ())) >= WAITING_MAX:
            raise Refused(Status.RMSGQFUL)
        times: Times = (None, None)
        if submit.schedule or submit.validity:
            times = self.times(submit.schedule.decode("ascii"), submit.validity.decode("ascii"))
        if times[0] is not None and submit.esm_class & checks.MODE in _ONE_ATTEMPT:
            raise Refused(Status.RINVSCHED)  # §2.10: only what is stored can be sent later
        profile = self.profiles.of(session.account, number)
        fault = None
        if self.faults.awake and submit.registered_delivery & 0x03:
            fault = self.faults.take("receipt", number)
            profile = _bent(profile, fault)
        message = self.messages.accept(
            submit, session.account, self.clock.utc(), profile, is_old=not session.speaks_34
        )
        message.fault = fault
        message.scheduled_at, message.expires_at = times
        if submit.replace_if_present:
            for older in self.waiting_for(message.source, number, submit.pdu.text("service_type"), message.account):
                self.settle(older, State.DELETED)
        return message

    def times(self, schedule: str, validity: str) -> Times:
        """schedule_delivery_time and validity_period (§5.2.15, §5.2.16), each wrong one with its own status."""
        now = self.clock.utc()
        try:
            scheduled_at = instant(schedule, now)
        except ValueError:
            raise Refused(Status.RINVSCHED) from None
        try:
            expires_at = instant(validity, now)
        except ValueError:
            raise Refused(Status.RINVEXPIRY) from None
        if scheduled_at is not None and scheduled_at < now:
            raise Refused(Status.RINVSCHED)
        if expires_at is not None and expires_at <= (scheduled_at or now):
            raise Refused(Status.RINVEXPIRY)
        return scheduled_at, expires_at

    # --- store and forward -------------------------------------------------------------------------------

    def condition(self, number: str) -> Condition:
        return CONDITIONS[self.reach(number) if self.reach is not None else Reach.ON]

    def attempt(self, message: Message, *, is_on_its_way: bool = False) -> None:
        """Delivers now, or keeps the message until its hour, or until its handset can be reached."""
        if message.state is not State.ENROUTE:
            return
        now = self.clock.utc()
        if message.scheduled_at is not None and message.scheduled_at > now:
            self._keep(message)
            self._later(message, message.scheduled_at, self.attempt)
            return
        condition = self.condition(message.number)
        if condition.takes and self.faults.awake and self._kept_away(message):
            return
        if not condition.takes:
            self._failed(message, condition)
        elif condition.after and not is_on_its_way and message.submit.esm_class & checks.MODE not in _ONE_ATTEMPT:
            self._keep(message)
            self._later(message, now + condition.after, partial(self.attempt, is_on_its_way=True))
        else:
            before, after = self._found(message)
            for one in (*before, message, *after):
                self.settle(one, State.DELIVERED)

    def _found(self, message: Message) -> tuple[list[Message], list[Message]]:
        """The handset that takes this message takes what else it was tried with: what is older before it, the rest
        after it. So a handset gets its texts in the order they were accepted, whoever found it.
        """
        waiting = self._waiting.get(message.number)
        if waiting is None:
            return [], []
        now, order = self.clock.utc(), list(waiting)
        place = order.index(message) if message in waiting else len(order)
        before, after = (
            [one for one in some if one.scheduled_at is None or one.scheduled_at <= now]
            for some in (order[:place], order[place + 1 :])
        )
        return before, [one for one in after if waiting[one]]

    def _failed(self, message: Message, condition: Condition) -> None:
        message.error = condition.error
        if message.submit.esm_class & checks.MODE in _ONE_ATTEMPT:
            self.settle(message, State.UNDELIVERABLE)
            return
        self._keep(message)
        waiting = self._waiting[message.number]
        waiting[message] += 1
        if waiting[message] == 1:
            self.reporter.delayed(message)
            self._promise_alert(message)
        if not condition.tells:
            self._retry(message, retry_after(waiting[message]))

    def _retry(self, message: Message, after: timedelta) -> None:
        # Another attempt in between puts the next one off.
        if message.retry is not None:
            self.agenda.remove(*message.retry)
        message.retry = self._later(message, self.clock.utc() + after, self.attempt)

    def _kept_away(self, message: Message) -> bool:
        """Whether a fault keeps its handset away; then it is tried again some time later."""
        fault = self.faults.take("handset", message.number)
        if fault is None or (fault.once_each and message.error):
            return False
        self._failed(message, Condition(error=fault.error))
        if message.state is State.ENROUTE:
            self._retry(message, misconduct.RETRY_AFTER)
        return True

    def _keep(self, message: Message) -> None:
        """Notes it as waiting, once; the number counts its failed attempts."""
        waiting = self._waiting.setdefault(message.number, {})
        if message not in waiting:
            waiting[message] = 0
            expires_at = message.expires_at or message.accepted_at + VALIDITY_DEFAULT
            self._later(message, expires_at, self._expire)

    def _later(self, message: Message, at: datetime, act: Callable[[Message], None]) -> Timer:
        """Notes what is to be done with a message, unless it waits no longer then."""
        timer = (at, partial(act, message))
        message.timers.append(timer)
        self.agenda.add(*timer)
        return timer

    def _promise_alert(self, message: Message) -> None:
        if find_tlv(message.submit.tlvs, _SET_DPF) == b"\x01":
            origin = message.submit.pdu
            esme: dict[str, Value] = {
                "esme_addr_ton": origin.integer("source_addr_ton"),
                "esme_addr_npi": origin.integer("source_addr_npi"),
                "esme_addr": message.source,
            }
            message.has_alert = self.alerts.wait_for(message.number, message.account, esme)

    def fault_over(self, fault: Fault) -> None:
        """Handsets that it kept away are back."""
        if POINTS[fault.effect] == "handset":
            for number in [fault.number] if fault.number is not None else list(self._waiting):
                self.reachable_again(number)

    def reachable_again(self, number: str) -> None:
        """The handset is back: what was kept for it comes in the order it was accepted, and who asked hears of it."""
        for message in list(self._waiting.get(number, ())):
            self.attempt(message)
        if self.condition(number).takes:
            self.alerts.is_back(number)
        self.deliveries.pump()
        self.on_change()

    def _expire(self, message: Message) -> None:
        self.settle(message, State.EXPIRED)

    def settle(self, message: Message, state: State) -> None:
        """Its final state, once: the handset and the ESME hear of it."""
        if message.fault is not None and message.fault.effect == "receipt_stat":
            state = STATES[message.fault.stat]
        self.forget(message)
        if not message.settle(state, self.clock.utc()):
            return
        if state is State.DELIVERED:
            if self.on_delivered is not None:
                self.on_delivered(message)
            if self.alerts.waited_for:
                self.alerts.is_back(message.number)
        # §5.2.12: without store and forward there is nothing to report on.
        if message.submit.esm_class & checks.MODE not in _ONE_ATTEMPT:
            self.reporter.settled(message)

    # --- what waits --------------------------------------------------------------------------------------

    def is_waiting(self, message: Message) -> bool:
        return message in self._waiting.get(message.number, ())

    def forget(self, message: Message) -> None:
        """It waits no longer, for nothing."""
        for timer in message.timers:
            self.agenda.remove(*timer)
        message.timers.clear()
        message.retry = None
        waiting = self._waiting.get(message.number)
        if waiting is not None and message in waiting:
            del waiting[message]
            if not waiting:
                del self._waiting[message.number]

    def waiting(self) -> Iterator[Message]:
        """All that wait, by handset, in the order they were accepted."""
        for messages in self._waiting.values():
            yield from messages

    def waiting_for(self, source: str, number: str, service_type: str, account: str) -> list[Message]:
        """What waits from that source to that handset; of one service_type when it is named."""
        return [
            message
            for message in self._waiting.get(number, ())
            if message.source == source
            and message.account == account
            and (not service_type or message.submit.pdu.text("service_type") == service_type)
        ]


def _answer(session: "Session", submit: SubmitSm, message: Message) -> None:
    session.answer_submit(submit, Status.ROK, message.message_id)


class Refused(Exception):  # noqa: N818 - what is the case
    """The message is not taken; `status` is the answer."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


def number_of(destination: bytes) -> str:
    """A destination address as E.164 with +."""
    return "+" + destination.decode("ascii").removeprefix("+")


def _bent(profile: Profile, fault: Fault | None) -> Profile:
    changes = _PROFILE_OF_FAULT.get(fault.effect) if fault is not None else None
    return replace(profile, **changes) if changes else profile  # type: ignore[arg-type]
