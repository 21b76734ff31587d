"""The simulator's half: a case against a session of its SMSC, with the centre, the handsets and receipts behind it.

Must not be put here: the gateway's half.
"""

import asyncio
from functools import cache

from gateway.smpp.frames import read, split_frames
from gateway.smpp.pdu import Malformed
from simulator.clock import VirtualClock
from simulator.commands import COMMANDS, Status
from simulator.messages import MessageStore
from simulator.pdu import PDU_BYTES_MAX, Pdu, encode
from simulator.places import Places
from simulator.profiles import PROFILES
from simulator.session import BOUND, Mode, Session
from simulator.smsc import COMPLAINTS_MAX, SmscSettings
from simulator.world import World, WorldSettings
from tests.fuzz.cases import cut, rest_of
from tests.fuzz.codecs import Disagreement
from tests.fuzz.corpus import enquiry
from tests.fuzz.gateway_side import SENTINEL
from tests.fuzz.wire import NACK, RESPONSE_BIT, Remembering, answered, header

WINDOW = 4
BINDS = (None, *("bind_transceiver",) * 5, "bind_transmitter", "bind_receiver")
HABITS = tuple(PROFILES)
NUMBERS = ("+31610000001", "+31610000002")


@cache
def places():
    return Places.load()


def sound(octets):
    """What this side wrote, as the other codec reads it."""
    buffer = bytearray(octets)
    frames, fault = split_frames(buffer)
    bad = [found for found in map(read, frames) if isinstance(found, Malformed)]
    if fault or buffer or bad:
        raise Disagreement("unsound octets written", f"{fault} {bad} {octets.hex()[:200]}")
    return frames


class SmscPlay:
    """One case: `play` ends with an outcome or raises Disagreement. It needs a running loop."""

    def __init__(self, case):
        self.case = case
        settings = SmscSettings(receipt_delay_s=case.number % 2, window=WINDOW, response_timeout_s=5)
        self.world = World(WorldSettings(smsc=settings), VirtualClock(), places=places())
        self.smsc = self.world.smsc
        self.world.handset(NUMBERS[1]).on = case.number % 3 > 0
        self.smsc.centre.profiles.choose(HABITS[case.number % len(HABITS)], account="gateway")
        if case.number % 4 < 2:
            # Nobody looks at the messages: then the plain ones take a road of their own.
            self.smsc.centre.on_delivered = self.smsc.centre.reach = None
        # A store for hundreds of thousands is made in every case otherwise.
        self.smsc.centre.messages = MessageStore(first_id=1 << 20, messages_max=1_000)
        self.transport = Remembering()
        self.session = Session(self.smsc)
        self.session.connection_made(self.transport)
        self.output = []
        self._begin(BINDS[case.number % len(BINDS)])

    def _begin(self, bind):
        if bind is not None:
            version = 0x33 if self.case.number % 7 == 0 else 0x34
            fields = {"system_id": "gateway", "password": "secret", "interface_version": version}
            self.session.data_received(encode(Pdu(bind, 1, 0, fields)))
            for number in NUMBERS:
                self.smsc.post_mo(number, "1330", "HELP")
        self.transport.take()

    def play(self):
        try:
            return self._play()
        finally:
            self.session.connection_lost(None)
            self.smsc.deliveries.stop()

    def _play(self):
        for chunk in self.case.chunks:
            self._hear(chunk)
            if self.case.chance.random() < 0.05:
                self.smsc.agenda.play()
        _, rest, _ = cut(self.case.stream, PDU_BYTES_MAX)
        last = rest_of(rest, PDU_BYTES_MAX) + enquiry(SENTINEL)
        self._hear(last)
        frames, _, lost = cut(self.case.stream + last, PDU_BYTES_MAX)
        self._check_answers(frames, lost)
        outcome = "ended" if self.session.mode is Mode.CLOSED else "went on"
        self._later()
        return outcome

    def _hear(self, octets):
        if self.transport.closing:
            return
        self.session.data_received(octets)
        self.output.append(self.transport.take())
        # By design: never more than the frame that has not come whole. Who ended it is read no further.
        rest = len(self.session._deframer.buffer) - self.session._deframer.at
        bounds = (
            (0 if self.session.mode is Mode.CLOSED else rest, PDU_BYTES_MAX),
            (len(self.session._pending), WINDOW),
            (len(self.session._out), 0),
            (len(self.smsc.complaints), COMPLAINTS_MAX),
        )
        if any(found > allowed for found, allowed in bounds):
            raise Disagreement("out of bounds", f"{bounds}")

    def _check_answers(self, frames, lost):
        said = sound(b"".join(self.output))
        responses = [frame for frame in said if header(frame)[0] & RESPONSE_BIT]
        requests = [frame for frame in frames if not header(frame)[0] & RESPONSE_BIT]
        if self._gave_up():
            # What says that it is a response is not answered, not even then.
            silent = self.session._deframer.broken.command_id & RESPONSE_BIT
            told = silent or header(responses.pop())[:2] == (NACK, Status.RINVCMDLEN)
            if not lost or not told:
                raise Disagreement("alignment", "given up, and kept by the specification")
        elif self.session.mode is Mode.CLOSED:
            self._check_end(frames, responses)
            # It answers in order: so many were read before the end, and all of those must have their answer.
            requests = requests[: len(responses)]
        elif lost:
            raise Disagreement("alignment", "lost, and the session goes on")
        if left := answered(requests, responses):
            raise Disagreement("request without an answer", f"{left}")

    def _gave_up(self):
        broken, complaints = self.session._deframer.broken, self.smsc.complaints
        return broken is not None and complaints and complaints[-1].endswith(broken.reason)

    def _check_end(self, frames, responses):
        """It ends with the answer to an unbind, or when its own is answered."""
        if COMMANDS["unbind_resp"] in {header(frame)[0] for frame in frames}:
            return
        if not responses or header(responses[-1])[0] != COMMANDS["unbind_resp"]:
            raise Disagreement("undocumented end", "neither unbind nor a lost alignment")

    def _later(self):
        """Its timers run out: whatever was open is given up, and nothing is left over."""
        loop = asyncio.get_running_loop()
        self.session.sweep(loop.time() + 6)
        self.session.sweep(loop.time() + 60)
        self.session.sweep(loop.time() + 70)
        if self.smsc.counters.unanswered:
            raise Disagreement("left over", f"{self.smsc.counters.unanswered} unanswered")
        if self.session.mode in BOUND:
            raise Disagreement("left over", "a dead link was not found")
