"""The gateway's half: a case against its session alone, and against all of gateway.smpp with only the engine left out.

Must not be put here: the simulator's half.
"""

import asyncio
import random
import typing

from gateway.faultpoints import FaultPoints
from gateway.items import Busy, ReceiptItem, Settlement, SmsItem
from gateway.smpp import pdu as p
from gateway.smpp.esme import Esme
from gateway.smpp.frames import write
from gateway.smpp.link import Link
from gateway.smpp.outbox import Outbox
from gateway.smpp.pdu import Pdu
from gateway.smpp.session import DELIVERIES_MAX, LATE_MAX, Session
from gateway.smpp.session_events import (
    DeliveryReceived,
    LateResponse,
    SessionClosed,
    SessionEvent,
    SubmitAnswered,
    SubmitUnanswered,
)
from gateway.smpp.settings import SmppSettings
from gateway.smpp.states import State
from simulator.commands import COMMANDS
from simulator.pdu import Deframer, decode
from tests.fuzz.cases import cut, rest_of
from tests.fuzz.codecs import Disagreement
from tests.fuzz.corpus import enquiry
from tests.fuzz.wire import NACK, RESPONSE_BIT, Remembering, answered, header

WINDOW = 8
LONGEST = p.FRAME_MAX_BYTES
SENTINEL = 0x5EA15EA1
HOWS = ("binding", *("bound",) * 5, "transmitter", "receiver", "draining", "unbinding")
UNANSWERABLE = {COMMANDS["outbind"], COMMANDS["alert_notification"]}
ENDS = {
    *("unbound", "peer_unbound", "bind_refused", "bind_timeout", "link_dead", "alignment_lost"),
    *("inactive", "smsc_silent", "not_bound"),
}
MESSAGE = p.Message(source_addr="1330", destination_addr="31610000001", short_message=b"hallo")
EVENTS = typing.get_args(SessionEvent)


def sound(octets):
    """What this side wrote, as the other codec reads it."""
    frames = Deframer()
    found = frames.feed(octets)
    for frame in found:
        decode(frame)
    if frames.broken is not None or sum(map(len, found)) != len(octets):
        raise Disagreement("unsound octets written", octets.hex()[:200])
    return found


# --- the session alone -------------------------------------------------------------------------------------


class SessionPlay:
    """One case: `play` ends with an outcome or raises Disagreement."""

    def __init__(self, case):
        self.case, self.chance = case, case.chance
        self.how = HOWS[case.number % len(HOWS)]
        bind = self.how if self.how in ("transmitter", "receiver") else "transceiver"
        settings = SmppSettings(bind=bind, window=WINDOW, inactivity_s=60)
        self.session = Session(settings, generation=1)
        self.now = 0.0
        self.events, self.output, self.refs = [], [], 0
        self._begin(f"bind_{bind}_resp")

    def _begin(self, resp):
        session = self.session
        session.open(0.0)
        if self.how != "binding":
            session.receive_bytes(write(Pdu(resp, 0, 1, p.BindResp("SMSC"))), 0.0)
            while session.free_slots and self.refs < 4:
                session.submit(self.refs, MESSAGE, (), 0.0)
                self.refs += 1
        if self.how == "draining":
            session.drain()
        if self.how == "unbinding":
            session.unbind(0.0)
        session.take_bytes()

    def play(self):
        for chunk in self.case.chunks:
            self._hear(chunk)
            if self.chance.random() < 0.05:
                self.now += self.chance.choice((5, 11, 31))
                self._told(self.session.on_deadline(self.now))
        _, rest, _ = cut(self.case.stream, LONGEST)
        last = rest_of(rest, LONGEST) + enquiry(SENTINEL)
        self._hear(last)
        frames, _, lost = cut(self.case.stream + last, LONGEST)
        self._check_answers(frames, lost)
        return self._end()

    def _hear(self, octets):
        self._told(self.session.receive_bytes(octets, self.now))
        # By design: never more than the frame that has not come whole.
        bounds = (
            (len(self.session._incoming), LONGEST),
            (self.session.deliveries_open, DELIVERIES_MAX),
            (len(self.session._late), LATE_MAX),
            (self.session.submits_open, WINDOW),
        )
        if any(found > allowed for found, allowed in bounds):
            raise Disagreement("out of bounds", f"{bounds}")

    def _told(self, events):
        self.events += events
        for event in events:
            if not isinstance(event, EVENTS):
                raise Disagreement("undocumented event", f"{event!r}")
            if isinstance(event, DeliveryReceived):
                self.session.answer(event.token, self.chance.choice((p.ESME_ROK, p.ESME_RMSGQFUL)))
        self.output.append(self.session.take_bytes())

    def _check_answers(self, frames, lost):
        said = sound(b"".join(self.output))
        responses = [frame for frame in said if header(frame)[0] & RESPONSE_BIT]
        requests = [
            frame for frame in frames if not (header(frame)[0] & RESPONSE_BIT or header(frame)[0] in UNANSWERABLE)
        ]
        end = next((event for event in self.events if isinstance(event, SessionClosed)), None)
        gave_up = end is not None and end.reason == "alignment_lost"
        if gave_up and (not lost or header(responses.pop()) != (NACK, p.ESME_RINVCMDLEN, 0)):
            raise Disagreement("alignment", "given up, and kept by the specification")
        if lost and end is None:
            raise Disagreement("alignment", "lost, and the session goes on")
        if end is not None and end.reason == "peer_unbound" and header(responses[-1])[0] != COMMANDS["unbind_resp"]:
            raise Disagreement("request without an answer", "the unbind that ended it")
        left = answered(requests, responses)
        # Deliveries that came in the read in which it ended can not be answered any more; they are told.
        if (gave_up or end is None) and len(left) != (end.unanswered if gave_up else 0):
            raise Disagreement("request without an answer", f"{left}")

    def _end(self):
        self._told(self.session.connection_lost("over"))
        ends = [event for event in self.events if isinstance(event, SessionClosed)]
        if len(ends) != 1 or self.events[-1] is not ends[0] or ends[0].reason not in ENDS | {"over"}:
            raise Disagreement("undocumented end", f"{ends}")
        settled = [event.ref for event in self.events if isinstance(event, SubmitAnswered | SubmitUnanswered)]
        late = {event.ref for event in self.events if isinstance(event, LateResponse)}
        if sorted(settled) != list(range(self.refs)) or not late <= set(settled):
            raise Disagreement("a submit settled twice or never", f"{settled} of {self.refs}")
        if self.session.receive_bytes(enquiry(1), self.now) or self.session.take_bytes():
            raise Disagreement("life after the end", ends[0].reason)
        return f"ended: {ends[0].reason}" if ends[0].reason != "over" else "went on"


# --- all of gateway.smpp -----------------------------------------------------------------------------------


class Engine:
    """Takes what it is given, sometimes not now; an item must be fit to be stored."""

    def __init__(self, chance):
        self.chance = chance
        self.items = []

    def settle(self, item):
        self.items.append(item)

    def deliver(self, item, answer):
        if self.chance.random() < 0.1:
            raise Busy
        self.items.append(item)
        answer.done(0, None)

    def look(self):
        """Nothing waits here."""

    def check(self):
        for item in self.items:
            match item:
                case SmsItem():
                    words = (item.sender, item.destination, item.text or "")
                case ReceiptItem():
                    words = (*item.keys, item.recipient, item.state, item.stat, item.error)
                case Settlement():
                    words = (item.notification, item.message_id, item.reason)
            for word in words:
                word.encode()  # what SQLite takes


class StackPlay:
    """One case against Link, Connection, Esme and Outbox together, in a running loop."""

    def __init__(self, case):
        self.case = case
        self.lines = []
        self.engine = Engine(case.chance)
        self.outbox = Outbox("1330", FaultPoints(), lambda: "f_1", self._log)
        settings = SmppSettings(window=WINDOW)
        esme = Esme(settings, self.outbox.on_session_events, log=self._log, rng=random.Random(1))
        self.outbox.join(esme, self.engine)
        connection = esme.connections[0]
        loop = asyncio.get_running_loop()
        self.link = Link(Session(settings, generation=1), loop, connection._dispatch, self._log, loop.time())
        connection.link = self.link
        self.transport = Remembering()
        self.link.connection_made(self.transport)
        self.link.data_received(write(Pdu("bind_transceiver_resp", 0, 1, p.BindResp("SMSC"))))
        for number in range(3):
            esme.submit((f"n{number}", 1), MESSAGE)

    def _log(self, event, **fields):
        self.lines.append((event, fields))

    def play(self):
        for chunk in self.case.chunks:
            if self.transport.closing:
                break
            self.link.data_received(chunk)
        sound(self.transport.take())
        outcome = "ended" if self.link.session.state is State.CLOSED else "went on"
        self.link.abort()
        for event, fields in self.lines:
            if event == "smpp.pdu_rejected" and str(fields["why"]).endswith("while reading"):
                raise Disagreement("raised inside the session", fields["why"])
        if self.link.closed.done() and self.link.closed.exception() is not None:
            raise Disagreement("raised behind the session", repr(self.link.closed.exception()))
        self.engine.check()
        return outcome
