"""One ESME's session as the SMSC sees it: the state table of SMPP 3.4 §2.2 and an answer to every PDU.

Rules: a request is answered on the session it came in on; a frame that cannot be read is answered with generic_nack
(or its own response when the header and layout were sound) and never touches another session; one read ends in at
most one write; no task, future or timer per PDU. Messages above the account's window or rate are refused before
anybody looks at them. What a message leads to is the SMSC's business (centre.py).
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from simulator import changes, submissions
from simulator import pdu as smpp
from simulator.accounts import Account
from simulator.commands import COMMANDS, NAMES, Status
from simulator.counters import Counters
from simulator.deliveries import Delivery
from simulator.limits import TokenBucket
from simulator.line import Line
from simulator.modes import ALLOWED, BINDS, BOUND, RECEIVERS, SENDERS, UNANSWERABLE, Mode
from simulator.pdu import HEADER_BYTES, RESPONSE_BIT, Malformed, Pdu, SubmitSm, Tlv, Value, without_tlvs
from simulator.plain import PlainReader

if TYPE_CHECKING:
    from simulator.smsc import Smsc

INTERFACE_VERSION: Final = 0x34
"""What this SMSC speaks; an ESME of a later version is told so, and then speaks it too (SMPP 5.0 §2.11.2)."""
VERSION_5: Final = 0x50
SMSC_ID: Final = "simulator"
NOBODY: Final = Account(system_id="")

_SUBMIT_RESP: Final = COMMANDS["submit_sm_resp"].to_bytes(4, "big") + bytes(4)
_DELIVER: Final = {name: COMMANDS[name].to_bytes(4, "big") + bytes(4) for name in ("deliver_sm", "data_sm")}


class Session(Line):
    """One TCP connection. `deliver`, `free_slots` and `serves` are what deliveries.py sees of it, `reply` and
    `answer_submit` what the centre sees.
    """

    def __init__(self, smsc: "Smsc") -> None:
        super().__init__(smsc)
        self.number = smsc.next_session()
        self._loop = asyncio.get_running_loop()
        self.counters: Counters = smsc.counters
        self.granted = NOBODY
        self.interface_version = INTERFACE_VERSION
        self.peer = ""
        self.opened_at_s = self.heard_at_s = self._loop.time()
        self._deframer = smpp.Deframer()
        self._plain = PlainReader()
        self._bucket: TokenBucket | None = None
        self._late: list[bytes] = []
        self._reading = False
        self._flush_due = False
        self._sequence = 0
        # Messages whose answer has not left, and those of them whose answer leaves with the next flush.
        self._unanswered = self._leaving = 0
        self._pending: dict[int, tuple[Delivery, float]] = {}
        self._probe: tuple[int, float] | None = None
        self._unbind_at_s: float | None = None
        self._table: dict[bytes, Callable[[bytes], None]] = {
            COMMANDS["submit_sm"].to_bytes(4, "big"): self._on_submit_frame,
            COMMANDS["deliver_sm_resp"].to_bytes(4, "big"): self._on_response,
            COMMANDS["data_sm_resp"].to_bytes(4, "big"): self._on_response,
        }
        centre = smsc.centre
        self._requests: dict[str, Callable[[Pdu], None]] = {
            "submit_multi": partial(self._on_message, self._on_multi),
            "data_sm": partial(self._on_message, partial(submissions.submit_data, centre, self)),
            "query_sm": partial(changes.query, centre, self),
            "cancel_sm": partial(changes.cancel, centre, self),
            "replace_sm": partial(changes.replace, centre, self),
            "unbind": self._on_unbind,
            "enquire_link": lambda request: self.answer(request, Status.ROK),
        }

    # --- asyncio.Protocol --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, port = (transport.get_extra_info("peername") or ("?", 0))[:2]
        self.peer = f"{host}:{port}"
        self._smsc.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.mode = Mode.CLOSED
        lost = [delivery for delivery, _ in self._pending.values()]
        self._pending.clear()
        self.counters.unanswered -= len(lost)
        self._smsc.closed(self, lost)

    def data_received(self, data: bytes) -> None:
        self.heard_at_s = self._loop.time()
        self._probe = None
        self._reading = True
        self._deframer.push(data)
        while self.mode is not Mode.CLOSED:
            self._take_plain()
            frame = self._deframer.pull()
            if frame is None:
                break
            self._take(frame)
        if self._deframer.broken is not None and self.mode is not Mode.CLOSED:
            # Alignment is lost: what follows can not be trusted to start a PDU.
            self._refuse(self._deframer.broken)
            self.close()
        self._smsc.after_read()
        self._reading = False
        if self._late:
            self._answer_later()
        self._flush()

    def _take_plain(self) -> None:
        """The road of messages that need no looking at, as far as they follow each other."""
        room = self._plain_room()
        if room <= 0:
            return
        centre = self._smsc.centre
        is_on = centre.is_on if centre.is_asked else None
        plain = self._plain.read(self._deframer.buffer, self._deframer.at, room, is_on)
        count = len(plain.frames)
        if count:
            self._deframer.at = plain.end
            self.counters.submits_in += count
            self._unanswered += count
            self._leaving += count
            if self._bucket is not None:
                self._bucket.take(count)
            self._out.append(centre.take_plain(self, plain))

    def _plain_room(self) -> int:
        if self._smsc.on_frame is not None or self.granted.answer_s:
            return 0
        room = self._smsc.centre.plain_room(self)
        if room and self.granted.window:
            room = min(room, self.granted.window - self._unanswered)
        if room and self._bucket is not None:
            room = min(room, self._bucket.left(self.heard_at_s))
        return room

    def _take(self, frame: bytes) -> None:
        if self._smsc.on_frame is not None:
            self._smsc.on_frame(self, "in", frame)
        try:
            self._table.get(frame[4:8], self._on_frame)(frame)
        except Malformed as malformed:
            self._refuse(malformed)

    # --- writing -----------------------------------------------------------------------------------------

    def write(self, frame: bytes) -> None:
        """Queues a frame; what one read or one loop turn queues leaves in one write."""
        if self._smsc.on_frame is not None:
            self._smsc.on_frame(self, "out", frame)
        self._out.append(frame)
        if not self._reading and not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        self._unanswered -= self._leaving
        self._leaving = 0
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()
        if self.mode is Mode.CLOSED and self._transport is not None and not self._silent:
            self._transport.close()

    def close(self) -> None:
        """Closes after what is queued has left."""
        self.mode = Mode.CLOSED
        if not self._reading:
            self._flush()

    def answer(self, request: Pdu, status: int, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> None:
        """The response that belongs to a request."""
        self.write(_response(request, status, tlvs, fields))

    def reply(self, request: Pdu, status: int, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> None:
        """The response to a message (submit_multi, data_sm): it leaves when the account's answers do."""
        self._reply(_response(request, status, tlvs if self.speaks_34 else (), fields))

    def answer_submit(self, submit: SubmitSm, status: int, message_id: str = "") -> None:
        """submit_sm_resp, written by hand: it is the answer that counts by the hundred thousand."""
        if status:
            sequence = int.from_bytes(submit.sequence, "big")
            self._reply(smpp.raw(COMMANDS["submit_sm_resp"], sequence, status=status))
            return
        head = (HEADER_BYTES + 1 + len(message_id)).to_bytes(4, "big") + _SUBMIT_RESP + submit.sequence
        self._reply(head + message_id.encode("ascii") + b"\0")

    def _reply(self, frame: bytes) -> None:
        if not self.granted.answer_s:
            self._leaving += 1
            self.write(frame)
            return
        self._late.append(frame)
        if not self._reading:
            self._answer_later()

    def _answer_later(self) -> None:
        """One timer for all answers of a read."""
        frames, self._late = self._late, []
        self.counters.unanswered += len(frames)
        self._loop.call_later(self.granted.answer_s, self._answer_now, frames)

    def _answer_now(self, frames: list[bytes]) -> None:
        self.counters.unanswered -= len(frames)
        if self.mode is not Mode.CLOSED:
            self._leaving += len(frames)
            for frame in frames:
                self.write(frame)
        self._smsc.after_read()

    def next_sequence(self) -> int:
        self._sequence = self._sequence % smpp.SEQUENCE_MAX + 1
        return self._sequence

    # --- reading -----------------------------------------------------------------------------------------

    def _refuse(self, malformed: Malformed) -> None:
        self._smsc.complain(self, malformed.reason)
        command = NAMES.get(malformed.command_id, "")
        if malformed.command_id == COMMANDS["submit_sm"]:
            self.counters.submits_in += 1
        if malformed.command_id & RESPONSE_BIT:
            return  # A response is never answered.
        if malformed.nack or not command or command in UNANSWERABLE:
            self.write(smpp.raw(COMMANDS["generic_nack"], malformed.sequence, status=malformed.status))
        else:
            self.answer(Pdu(command, malformed.sequence), malformed.status)

    def _on_frame(self, frame: bytes) -> None:
        request = smpp.decode(frame)
        if request.command in BINDS:
            self._on_bind(request)
        elif COMMANDS[request.command] & RESPONSE_BIT:
            self._on_response(frame)
        elif self.mode in ALLOWED[request.command]:
            self._requests[request.command](request)
        elif request.command in UNANSWERABLE:
            self.write(smpp.raw(COMMANDS["generic_nack"], request.sequence, status=Status.RINVBNDSTS))
        else:
            self.answer(request, Status.RINVBNDSTS)

    def _on_bind(self, request: Pdu) -> None:
        status = Status.RALYBND if self.mode is not Mode.OPEN else self._smsc.bind_status(request)
        if status is not Status.ROK:
            self.answer(request, status)
            return
        self.mode = BINDS[request.command]
        self.granted, self._bucket = self._smsc.grant(request.text("system_id"))
        self.interface_version = request.integer("interface_version")
        # An ESME before version 3.4 gets no optional parameters (SMPP 3.4, backward compatibility).
        tlvs = (smpp.tlv("sc_interface_version", INTERFACE_VERSION),) if self.speaks_34 else ()
        self.answer(request, Status.ROK, tlvs, system_id=SMSC_ID)
        self._smsc.bound(self)

    @property
    def account(self) -> str:
        """The system_id it is bound as; empty before that."""
        return self.granted.system_id

    @property
    def speaks_34(self) -> bool:
        return self.interface_version >= INTERFACE_VERSION

    @property
    def speaks_50(self) -> bool:
        return self.interface_version >= VERSION_5

    def serves(self, destination: str) -> bool:
        """Whether texts to that number are this account's; an account that names none takes what nobody names."""
        numbers = self.granted.numbers
        return destination in numbers if numbers else not self._smsc.is_named(destination)

    def _on_submit_frame(self, frame: bytes) -> None:
        submit = SubmitSm(frame)
        self.counters.submits_in += 1
        self._unanswered += 1
        if self.mode not in SENDERS:
            self.answer_submit(submit, Status.RINVBNDSTS)
            return
        status = self._above_limits()
        if status is not None:
            self.answer_submit(submit, status)
            return
        self._smsc.centre.submit(self, submit)

    def _on_message(self, taken: Callable[[Pdu], None], request: Pdu) -> None:
        """submit_multi or data_sm."""
        self._unanswered += 1
        status = self._above_limits()
        if status is not None:
            self.reply(request, status)
            return
        taken(request)

    def _above_limits(self) -> Status | None:
        """What an account that sends too much is told. What came in one read was sent without its answers being seen,
        so they all count as unanswered.
        """
        if self.granted.window and self._unanswered > self.granted.window:
            return Status.RMSGQFUL
        if self._bucket is not None:
            if self._bucket.left(self.heard_at_s) < 1:
                return Status.RTHROTTLED
            self._bucket.take(1)
        return None

    def _on_multi(self, request: Pdu) -> None:
        submissions.submit_multi(self._smsc.centre, self, request, self._smsc.lists)

    def _on_unbind(self, request: Pdu) -> None:
        self.answer(request, Status.ROK)
        self.close()

    def _on_response(self, frame: bytes) -> None:
        """deliver_sm_resp and every other answer; a late or foreign one is noted and changes nothing."""
        _, command_id, status, sequence = smpp.HEADER.unpack_from(frame)
        if len(frame) != HEADER_BYTES + 1 and not (status and len(frame) == HEADER_BYTES):
            try:
                smpp.decode(frame)
            except Malformed as malformed:
                self._smsc.complain(self, malformed.reason)
        if command_id == COMMANDS["generic_nack"] and status == Status.ROK:
            status = Status.RUNKNOWNERR  # A nack is never an agreement, whatever it says.
        entry = self._pending.pop(sequence, None)
        if entry is not None:
            self.counters.unanswered -= 1
            self._smsc.deliveries.answered(entry[0], status)
        elif command_id == COMMANDS["unbind_resp"]:
            self.close()
        elif command_id != COMMANDS["enquire_link_resp"]:
            self._smsc.strays += 1

    # --- to the ESME -------------------------------------------------------------------------------------

    @property
    def free_slots(self) -> int:
        """How many deliver_sm may still go out unanswered."""
        if self.mode not in RECEIVERS or self._unbind_at_s is not None:
            return 0
        return self._smsc.settings.window - len(self._pending)

    def deliver(self, delivery: Delivery) -> None:
        """Sends a delivery's next part and remembers it until the answer."""
        body = delivery.body if self.speaks_34 else without_tlvs(delivery.body)
        sequence = self.next_sequence()
        self._pending[sequence] = (delivery, self._loop.time())
        self.counters.unanswered += 1
        if delivery.is_receipt:
            self.counters.receipts_out += 1
        else:
            self.counters.mo_out += 1
        head = (HEADER_BYTES + len(body)).to_bytes(4, "big") + _DELIVER[delivery.command]
        self.write(head + sequence.to_bytes(4, "big") + body)

    def unbind(self) -> None:
        """Asks the ESME to end the session: nothing more is brought to it, and the connection closes when it agrees or
        has not answered in time.
        """
        self._unbind_at_s = self._loop.time()
        self.write(smpp.encode(Pdu("unbind", self.next_sequence())))

    def alert(self, number: str, esme: dict[str, Value] | None = None) -> None:
        """alert_notification (§4.12): a handset that was waited for is back. `esme` holds the esme_addr fields;
        without them it is the account's name.
        """
        fields: dict[str, Value] = {
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "source_addr": number.removeprefix("+"),
            **(esme or {"esme_addr": self.account}),
        }
        tlvs = (smpp.tlv("ms_availability_status", 0),)  # §5.3.2.30: available
        self.write(smpp.encode(Pdu("alert_notification", self.next_sequence(), 0, fields, tlvs)))

    # --- timers ------------------------------------------------------------------------------------------

    def sweep(self, now_s: float) -> None:
        """Looks at every SMPP timer of this session (§7.2); called by the SMSC's one sweep."""
        settings = self._smsc.settings
        is_late = self.mode is Mode.OPEN and now_s - self.opened_at_s > settings.session_init_s
        if is_late or (self._unbind_at_s is not None and now_s - self._unbind_at_s > settings.response_timeout_s):
            self.abort()
            return
        late = [n for n, (_, sent_s) in self._pending.items() if now_s - sent_s > settings.response_timeout_s]
        for sequence in late:
            delivery, _ = self._pending.pop(sequence)
            self.counters.unanswered -= 1
            self._smsc.deliveries.unanswered(delivery)
        if self._probe is not None:
            if now_s - self._probe[1] > settings.response_timeout_s:
                self.abort()
        elif self.mode in BOUND and now_s - self.heard_at_s > settings.enquire_link_s:
            self._probe = (self.next_sequence(), now_s)
            self.write(smpp.encode(Pdu("enquire_link", self._probe[0])))


def _response(request: Pdu, status: int, tlvs: tuple[Tlv, ...], fields: dict[str, Value]) -> bytes:
    return smpp.encode(Pdu(f"{request.command}_resp", request.sequence, int(status), fields, tlvs))
