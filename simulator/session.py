"""One ESME's session as the SMSC sees it: the state table of SMPP 3.4 §2.2 and an answer to every PDU.

Rules: a request is answered on the session it came in on; a frame that cannot be read is answered with generic_nack
(or its own response when the header and layout were sound) and never touches another session; one read ends in at
most one write; no task, future or timer per PDU. What a message leads to is the SMSC's business (smsc.py).
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, NAMES, Status
from simulator.counters import Counters
from simulator.deliveries import Delivery
from simulator.messages import State, smpp_time
from simulator.modes import ALLOWED, BINDS, BOUND, RECEIVERS, SENDERS, UNANSWERABLE, Mode
from simulator.pdu import HEADER_BYTES, RESPONSE_BIT, Malformed, Pdu, SubmitSm
from simulator.plain import PlainReader

if TYPE_CHECKING:
    from simulator.smsc import Smsc

INTERFACE_VERSION: Final = 0x34
SMSC_ID: Final = "simulator"

_SUBMIT_RESP: Final = COMMANDS["submit_sm_resp"].to_bytes(4, "big") + bytes(4)
_DELIVER: Final = COMMANDS["deliver_sm"].to_bytes(4, "big") + bytes(4)


class Session(asyncio.Protocol):
    """One TCP connection. `deliver` and `free_slots` are what deliveries.py sees of it."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._loop = asyncio.get_running_loop()
        self.counters: Counters = smsc.counters
        self.mode = Mode.OPEN
        self.account = ""
        self.interface_version = INTERFACE_VERSION
        self.peer = ""
        self.opened_at_s = self.heard_at_s = self._loop.time()
        self._deframer = smpp.Deframer()
        self._plain = PlainReader()
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._reading = False
        self._flush_due = False
        self._sequence = 0
        self._pending: dict[int, tuple[Delivery, float]] = {}
        self._probe: tuple[int, float] | None = None
        self._table: dict[bytes, Callable[[bytes], None]] = {
            COMMANDS["submit_sm"].to_bytes(4, "big"): self._on_submit_frame,
            COMMANDS["deliver_sm_resp"].to_bytes(4, "big"): self._on_response,
            COMMANDS["data_sm_resp"].to_bytes(4, "big"): self._on_response,
        }
        self._requests: dict[str, Callable[[Pdu], None]] = {
            "submit_multi": self._on_submit_multi,
            "data_sm": self._on_data,
            "query_sm": self._on_query,
            "cancel_sm": self._on_cancel,
            "replace_sm": self._on_replace,
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

    def pause_writing(self) -> None:
        # A peer that does not read its answers gets no more questions in.
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

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
        self._flush()

    def _take_plain(self) -> None:
        """The road of messages that need no looking at, as far as they follow each other."""
        room = 0 if self._smsc.on_frame is not None else self._smsc.centre.plain_room(self)
        if not room:
            return
        plain = self._plain.read(self._deframer.buffer, self._deframer.at, room)
        if plain.frames:
            self._deframer.at = plain.end
            self.counters.submits_in += len(plain.frames)
            self._out.append(self._smsc.centre.take_plain(self, plain))

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
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()
        if self.mode is Mode.CLOSED and self._transport is not None:
            self._transport.close()

    def close(self) -> None:
        """Closes after what is queued has left."""
        self.mode = Mode.CLOSED
        if not self._reading:
            self._flush()

    def abort(self) -> None:
        """Drops the connection at once, as a broken line does."""
        self.mode = Mode.CLOSED
        self._out.clear()
        if self._transport is not None:
            self._transport.abort()

    def answer(self, request: Pdu, status: int, **fields: smpp.Value) -> None:
        """The response that belongs to a request."""
        self.write(smpp.encode(Pdu(f"{request.command}_resp", request.sequence, int(status), fields)))

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
        self.account = request.text("system_id")
        self.interface_version = request.integer("interface_version")
        # §3.5: an ESME before version 3.4 gets no optional parameters.
        tlvs = (smpp.tlv("sc_interface_version", INTERFACE_VERSION),) if self.speaks_34 else ()
        response = Pdu(f"{request.command}_resp", request.sequence, 0, {"system_id": SMSC_ID}, tlvs)
        self.write(smpp.encode(response))
        self._smsc.bound(self)

    @property
    def speaks_34(self) -> bool:
        return self.interface_version >= INTERFACE_VERSION

    def _on_submit_frame(self, frame: bytes) -> None:
        submit = SubmitSm(frame)
        self.counters.submits_in += 1
        if self.mode not in SENDERS:
            self.answer_submit(submit, Status.RINVBNDSTS)
            return
        self._smsc.centre.submit(self, submit)

    def answer_submit(self, submit: SubmitSm, status: int, message_id: str = "") -> None:
        """submit_sm_resp, written by hand: it is the answer that counts by the hundred thousand."""
        if status:
            self.write(smpp.raw(COMMANDS["submit_sm_resp"], int.from_bytes(submit.sequence, "big"), status=status))
            return
        head = (HEADER_BYTES + 1 + len(message_id)).to_bytes(4, "big") + _SUBMIT_RESP + submit.sequence
        self.write(head + message_id.encode("ascii") + b"\0")

    def _on_submit_multi(self, request: Pdu) -> None:
        self._smsc.centre.submit_multi(self, request)

    def _on_data(self, request: Pdu) -> None:
        self._smsc.centre.submit_data(self, request)

    def _on_query(self, request: Pdu) -> None:
        message = self._smsc.centre.messages.find(request.text("message_id"), request.text("source_addr"))
        if message is None:
            self.answer(request, Status.RQUERYFAIL)
            return
        final = message.state is not State.ENROUTE and message.done_at is not None
        self.answer(
            request,
            Status.ROK,
            message_id=message.message_id,
            final_date=smpp_time(message.done_at) if final and message.done_at else "",
            message_state=int(message.state),
        )

    def _on_cancel(self, request: Pdu) -> None:
        self.answer(request, Status.ROK if self._smsc.centre.cancel(request) else Status.RCANCELFAIL)

    def _on_replace(self, request: Pdu) -> None:
        self.answer(request, self._smsc.centre.replace(request))

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

    # --- deliver_sm --------------------------------------------------------------------------------------

    @property
    def free_slots(self) -> int:
        """How many deliver_sm may still go out unanswered."""
        return self._smsc.settings.window - len(self._pending) if self.mode in RECEIVERS else 0

    def deliver(self, delivery: Delivery) -> None:
        """Sends a delivery's next part and remembers it until the answer."""
        body = delivery.body
        sequence = self.next_sequence()
        self._pending[sequence] = (delivery, self._loop.time())
        self.counters.unanswered += 1
        if delivery.is_receipt:
            self.counters.receipts_out += 1
        else:
            self.counters.mo_out += 1
        head = (HEADER_BYTES + len(body)).to_bytes(4, "big") + _DELIVER + sequence.to_bytes(4, "big")
        self.write(head + body)

    # --- timers ------------------------------------------------------------------------------------------

    def sweep(self, now_s: float) -> None:
        """Looks at every SMPP timer of this session (§7.2); called by the SMSC's one sweep."""
        settings = self._smsc.settings
        if self.mode is Mode.OPEN and now_s - self.opened_at_s > settings.session_init_s:
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

    def unbind(self) -> None:
        """Asks the ESME to end the session; the connection closes when it agrees."""
        self.write(smpp.encode(Pdu("unbind", self.next_sequence())))

    def alert(self, number: str) -> None:
        """alert_notification (§4.12): a handset that was waited for is back."""
        fields: dict[str, smpp.Value] = {
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "source_addr": number.removeprefix("+"),
            "esme_addr": self.account,
        }
        self.write(smpp.encode(Pdu("alert_notification", self.next_sequence(), 0, fields)))


def same_secret(given: str, known: str) -> bool:
    """Compares in a time that tells nothing about where the difference lies."""
    return hmac.compare_digest(given.encode(), known.encode())
