"""One SMPP 3.4 session of an ESME, without a socket: octets and `now` in; events, octets and the next deadline out.

Rules of this module:
* Pure: no asyncio, no clock, no logging. `now` is a monotonic time in seconds; it is given, never asked for.
* One session is one connection. `MOVES` is all its states and what each does with a command; what is not there is
  answered by the default of its kind: a request is refused, a response is reported and passed over.
* Nothing the peer sends raises. What cannot be read is refused and reported; alignment is lost only with a
  command_length that cannot be, and then the session ends.
* A response is believed by its header: a bad or missing body does not leave a submit open, to be sent twice.
* Per PDU no more than a dict entry; one deadline for all that wait. Submits wait equally long, so the first is the
  oldest.

Must not be put here: back-off and reconnecting (`esme`), what a message means (`inbound`), what is sent (`outbox`).
"""

from typing import Final, NamedTuple

from gateway.smpp import pdu as p
from gateway.smpp.frames import read, split_frames, write
from gateway.smpp.pdu import Malformed, Pdu
from gateway.smpp.session_events import (
    BindRefused,
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    LateResponse,
    PduRejected,
    PeerUnbound,
    SessionClosed,
    SessionEvent,
    SubmitAnswered,
    SubmitUnanswered,
    Token,
    UnexpectedPdu,
)
from gateway.smpp.settings import SmppSettings
from gateway.smpp.states import ANSWERED_BY, MOVES, NO_ACTIVITY, NO_ANSWER, State

# More than any window in use: what the peer has open here is bounded by this, not by what it feels like (about 1 MB).
DELIVERIES_MAX: Final = 2_000
# Submits given up on, kept so that an answer after all can be told apart from a foreign one. A few windows.
LATE_MAX: Final = 1_000
# Submits in a row without an answer after which the session is left for a new one, though the link seems to live: an
# SMSC behind which nothing works any more still answers enquire_link. One lost answer is no sign of that.
SILENT_MAX: Final = 10


class _Waiting(NamedTuple):
    ref: object
    sent_at: float


class Session:
    """One connection's worth of SMPP, from bind to unbind. Call `open` first; take the octets after every call."""

    def __init__(self, settings: SmppSettings, *, generation: int = 0, first_sequence: int = 1) -> None:
        self.settings = settings
        self.generation = generation
        self.state = State.NEW
        self._sequence = first_sequence - 1
        self._incoming = bytearray()
        self._outgoing: list[bytes] = []
        self._submits: dict[int, _Waiting] = {}
        self._late: dict[int, object] = {}
        self._deliveries: dict[int, tuple[str, int]] = {}
        self._delivery_number = 0
        # The bind or unbind that waits for its answer, and until when.
        self._handshake: tuple[int, float] = (0, 0.0)
        self._leaving = "unbound"
        self._taking = True
        self._silent = 0
        self._heard_at = 0.0
        self._active_at = 0.0
        self._enquired_at: float | None = None

    # -------------------------------------------------------------------------------------------- what is asked
    @property
    def free_slots(self) -> int:
        """How many submits may be sent now; 0 unless bound as transmitter or transceiver."""
        if self.state is not State.BOUND or self.settings.bind == "receiver":
            return 0
        return max(0, self.settings.window - len(self._submits))

    @property
    def closed(self) -> bool:
        return self.state is State.CLOSED

    @property
    def submits_open(self) -> int:
        return len(self._submits)

    @property
    def deliveries_open(self) -> int:
        return len(self._deliveries)

    def take_bytes(self) -> bytes:
        """What is to be written to the peer now; also after the session closed."""
        octets = b"".join(self._outgoing)
        self._outgoing.clear()
        return octets

    def next_deadline(self) -> float | None:
        """When `on_deadline` wants to be called at the latest, None when nothing waits."""
        if self.state in (State.NEW, State.CLOSED):
            return None
        timeout = self.settings.response_timeout_s
        deadlines = []
        if self._submits:
            deadlines.append(next(iter(self._submits.values())).sent_at + timeout)
        if self.state in (State.BINDING, State.UNBINDING):
            deadlines.append(self._handshake[1])
        else:
            deadlines.append(self._link_deadline())
            if self.settings.inactivity_s and self.state is State.BOUND:
                deadlines.append(self._active_at + self.settings.inactivity_s)
        return min(deadlines)

    # -------------------------------------------------------------------------------------------- what is told
    def open(self, now: float, *, began_at: float | None = None) -> None:
        """The connection stands: bind. `began_at`: when it was first tried, for the session_init_timer (§7.2)."""
        self._expect(State.NEW)
        self.state = State.BINDING
        self._heard_at = now
        settings = self.settings
        began_at = now if began_at is None else began_at
        until = min(now + settings.response_timeout_s, began_at + settings.session_init_s)
        body = p.Bind(system_id=settings.system_id, password=settings.password)
        self._handshake = (self._request(f"bind_{settings.bind}", body), until)

    def submit(self, ref: object, message: p.Message, tlvs: p.Tlvs, now: float) -> None:
        """Send one submit_sm; its answer comes with `ref`.

        Raises RuntimeError without a free slot, ValueError where a field does not fit; then nothing was sent.
        """
        if self.free_slots < 1:
            raise RuntimeError(f"submit: found {self.free_slots} free slots in state {self.state.name}, allowed 1")
        sequence = self._request("submit_sm", message, tlvs)
        self._submits[sequence] = _Waiting(ref, now)
        self._active_at = now

    def answer(self, token: Token, status: int) -> bool:
        """Answer a delivery. False where it is not open any more: another session's, answered, or closed."""
        if token.generation != self.generation:
            return False
        delivery = self._deliveries.pop(token.number, None)
        if delivery is None:
            return False
        self._respond(*delivery, status)
        return True

    def refuse_deliveries(self) -> None:
        """From now on the SMSC keeps what it has for us (ESME_RMSGQFUL); submits go on."""
        self._taking = False

    def drain(self) -> None:
        """Take no more submits and deliveries; what is open goes on."""
        self._expect(State.BOUND)
        self.state = State.DRAINING

    def unbind(self, now: float) -> None:
        """End in good order (SMPP 3.4 §4.2.1). Answers to submits are still taken until the peer agrees."""
        self._expect(State.BOUND, State.DRAINING)
        self.state = State.UNBINDING
        self._handshake = (self._request("unbind"), now + self.settings.response_timeout_s)

    def connection_lost(self, reason: str = "connection_lost") -> list[SessionEvent]:
        """The connection is gone; nothing after a session that closed by itself."""
        return self._close(reason)

    def on_deadline(self, now: float) -> list[SessionEvent]:
        """Give up what has waited too long. Harmless before its time."""
        if self.state in (State.NEW, State.CLOSED):
            return []
        timeout = self.settings.response_timeout_s
        events: list[SessionEvent] = []
        while self._submits:
            sequence, waiting = next(iter(self._submits.items()))
            if now < waiting.sent_at + timeout:
                break
            del self._submits[sequence]
            self._remember_late(sequence, waiting.ref)
            events.append(SubmitUnanswered(waiting.ref, "response_timeout"))
            self._silent += 1
        if self._silent >= SILENT_MAX and self.state is State.BOUND:
            self._leave("smsc_silent", now)
        if self.state in (State.BINDING, State.UNBINDING):
            if now >= self._handshake[1]:
                events += self._close("bind_timeout" if self.state is State.BINDING else self._leaving)
        elif now >= self._link_deadline():
            if self._enquired_at is None:
                # SMPP 3.4 §4.11, §7.2: nothing heard for a while; does the peer still live?
                self._enquired_at = now
                self._request("enquire_link")
            else:
                events += self._close("link_dead")
        elif self._is_idle(now):
            # SMPP 3.4 §7.2: a session that is no longer used is left in good order, for a fresh one.
            self._leave("inactive", now)
        return events

    def receive_bytes(self, data: bytes, now: float) -> list[SessionEvent]:
        """Octets came in, cut anywhere."""
        if self.state in (State.NEW, State.CLOSED):
            return []
        # Whatever is heard shows that the link lives: a peer busy delivering may be late with enquire_link_resp.
        self._heard_at = now
        self._enquired_at = None
        self._incoming += data
        frames, fault = split_frames(self._incoming)
        events: list[SessionEvent] = []
        for frame in frames:
            found = read(frame)
            if isinstance(found, Malformed):
                self._malformed(found, now, events)
            else:
                self._handle(found, now, events)
            if self.closed:
                return events
        if fault is not None:
            # SMPP 3.4 §4.3.1: the sequence number cannot be known, so it is NULL.
            self._outgoing.append(write(Pdu("generic_nack", fault.answer_status)))
            events.append(PduRejected(fault.reason, None, len(self._incoming)))
            events += self._close("alignment_lost")
        return events

    # -------------------------------------------------------------------------------------------- inside
    def _handle(self, pdu: Pdu, now: float, events: list[SessionEvent]) -> None:
        if pdu.command not in NO_ACTIVITY:
            self._active_at = now
        move = MOVES[self.state].get(pdu.command)
        if move is not None:
            getattr(self, move)(pdu, now, events)
        elif pdu.command in NO_ANSWER:
            events.append(UnexpectedPdu(pdu.command, pdu.sequence, pdu.status))
        else:
            # SMPP 3.4 §4.3: a request that this side does not serve
            self._outgoing.append(write(Pdu("generic_nack", p.ESME_RINVCMDID, pdu.sequence)))
            reason = f"{pdu.command}: not served by an ESME in state {self.state.name}"
            events.append(PduRejected(reason, pdu.command, p.HEADER_BYTES))

    def _malformed(self, found: Malformed, now: float, events: list[SessionEvent]) -> None:
        events.append(PduRejected(found.reason, found.command, len(found.octets)))
        if found.command_id & p.RESPONSE_BIT:
            # The header settles what waits; to answer a response would never end.
            if found.command is not None:
                self._handle(Pdu(found.command, found.status, found.sequence), now, events)
        elif found.command is not None and found.command in ANSWERED_BY:
            self._respond(ANSWERED_BY[found.command], found.sequence, found.answer_status)
        elif found.command not in NO_ANSWER:
            self._outgoing.append(write(Pdu("generic_nack", found.answer_status, found.sequence)))

    def _on_bind_resp(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        if pdu.sequence != self._handshake[0] or pdu.command != f"bind_{self.settings.bind}_resp":
            events.append(UnexpectedPdu(pdu.command, pdu.sequence, pdu.status))
        elif pdu.status != p.ESME_ROK:
            self._bind_refused(pdu.status, events)
        else:
            self.state = State.BOUND
            system_id = pdu.body.system_id if isinstance(pdu.body, p.BindResp) else ""
            events.append(Bound(system_id, pdu.tlv_integer("sc_interface_version")))

    def _on_bind_nack(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        # SMPP 3.4 §4.3.1: sequence 0 where the peer could not read ours; only the bind is under way.
        if pdu.sequence in (self._handshake[0], 0):
            self._bind_refused(pdu.status or p.ESME_RUNKNOWNERR, events)
        else:
            events.append(UnexpectedPdu(pdu.command, pdu.sequence, pdu.status))

    def _bind_refused(self, status: int, events: list[SessionEvent]) -> None:
        events.append(BindRefused(status))
        events += self._close("bind_refused")

    def _on_delivery(self, pdu: Pdu, now: float, events: list[SessionEvent]) -> None:
        if self.settings.bind == "transmitter":
            self._on_delivery_unbound(pdu, now, events)
        elif not self._taking or len(self._deliveries) >= DELIVERIES_MAX:
            self._on_delivery_full(pdu, now, events)
        else:
            self._delivery_number += 1
            self._deliveries[self._delivery_number] = (ANSWERED_BY[pdu.command], pdu.sequence)
            events.append(DeliveryReceived(Token(self.generation, self._delivery_number), pdu))

    def _on_delivery_full(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        self._refuse_delivery(pdu, p.ESME_RMSGQFUL, events)

    def _on_delivery_unbound(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        # SMPP 3.4 §2.2.1: an SMSC delivers to a receiver or transceiver that is bound.
        self._refuse_delivery(pdu, p.ESME_RINVBNDSTS, events)

    def _refuse_delivery(self, pdu: Pdu, status: int, events: list[SessionEvent]) -> None:
        self._respond(ANSWERED_BY[pdu.command], pdu.sequence, status)
        events.append(DeliveryRefused(pdu, status))

    def _on_submit_resp(self, pdu: Pdu, now: float, events: list[SessionEvent]) -> None:
        self._settle(pdu, pdu.status, now, events)

    def _on_nack(self, pdu: Pdu, now: float, events: list[SessionEvent]) -> None:
        if self.state is State.UNBINDING and pdu.sequence == self._handshake[0]:
            events += self._close(self._leaving)  # a peer that knows no unbind has nothing more to say
            return
        # A nack that says "no error" is none the less a refusal.
        self._settle(pdu, pdu.status or p.ESME_RUNKNOWNERR, now, events)

    def _settle(self, pdu: Pdu, status: int, now: float, events: list[SessionEvent]) -> None:
        message_id = pdu.body.message_id if isinstance(pdu.body, p.MessageId) else ""
        waiting = self._submits.pop(pdu.sequence, None)
        self._silent = 0
        if waiting is not None:
            events.append(SubmitAnswered(waiting.ref, status, message_id, now - waiting.sent_at))
        elif pdu.sequence in self._late:
            events.append(LateResponse(self._late.pop(pdu.sequence), pdu.sequence, status, message_id))
        else:
            events.append(UnexpectedPdu(pdu.command, pdu.sequence, pdu.status))
        if status == p.ESME_RINVBNDSTS and waiting is not None and self.state is State.BOUND:
            # It knows nothing of our bind. In good order, since it may still answer what went before.
            self._leave("not_bound", now)

    def _on_enquire_link(self, pdu: Pdu, _now: float, _events: list[SessionEvent]) -> None:
        self._respond("enquire_link_resp", pdu.sequence, p.ESME_ROK)

    def _on_enquire_link_resp(self, _pdu: Pdu, _now: float, _events: list[SessionEvent]) -> None:
        """That it was heard is all there is to it."""

    def _on_unbind(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        self._respond("unbind_resp", pdu.sequence, p.ESME_ROK)
        events.append(PeerUnbound())
        events += self._close("peer_unbound")

    def _on_unbind_resp(self, pdu: Pdu, _now: float, events: list[SessionEvent]) -> None:
        if pdu.sequence == self._handshake[0]:
            events += self._close(self._leaving)
        else:
            events.append(UnexpectedPdu(pdu.command, pdu.sequence, pdu.status))

    def _leave(self, reason: str, now: float) -> None:
        self._leaving = reason
        self.unbind(now)

    def _close(self, reason: str) -> list[SessionEvent]:
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        events: list[SessionEvent] = [SubmitUnanswered(waiting.ref, reason) for waiting in self._submits.values()]
        events.append(SessionClosed(reason, len(self._deliveries)))
        self._submits.clear()
        self._deliveries.clear()
        self._incoming.clear()
        return events

    def _request(self, command: str, body: p.Body | None = None, tlvs: p.Tlvs = ()) -> int:
        sequence = self._sequence % p.SEQUENCE_MAX + 1  # SMPP 3.4 §5.1.4: 1 to 0x7FFFFFFF, then again
        self._outgoing.append(write(Pdu(command, p.ESME_ROK, sequence, body, tlvs)))
        self._sequence = sequence
        return sequence

    def _respond(self, command: str, sequence: int, status: int) -> None:
        # SMPP 3.4 §4.6.2: the message_id of deliver_sm_resp is unused and NULL.
        body = p.MessageId() if p.ROWS[command].body is p.MessageId else None
        self._outgoing.append(write(Pdu(command, status, sequence, body)))

    def _link_deadline(self) -> float:
        if self._enquired_at is not None:
            return self._enquired_at + self.settings.response_timeout_s
        return self._heard_at + self.settings.enquire_link_s

    def _is_idle(self, now: float) -> bool:
        limit = self.settings.inactivity_s
        return self.state is State.BOUND and limit > 0 and now >= self._active_at + limit

    def _remember_late(self, sequence: int, ref: object) -> None:
        if len(self._late) >= LATE_MAX:
            del self._late[next(iter(self._late))]
        self._late[sequence] = ref

    def _expect(self, *states: State) -> None:
        if self.state not in states:
            allowed = ", ".join(state.name for state in states)
            raise RuntimeError(f"session: found state {self.state.name}, allowed {allowed}")
