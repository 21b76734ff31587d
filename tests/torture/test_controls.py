"""The grader can fail an ESME: each known fault is found by the cases that are there for it, and by its own words.

The sound model passes the very same cases, so that what is found is the fault.
"""

import struct
from collections import deque

import pytest

from gateway.smpp import frames
from gateway.smpp import pdu as p
from gateway.smpp import session as sessions
from gateway.smpp.frames import write
from gateway.smpp.pdu import Pdu
from gateway.smpp.session import Session
from gateway.smpp.session_events import Bound, DeliveryReceived, PduRejected, SubmitAnswered, UnexpectedPdu
from gateway.smpp.states import MOVES, State
from simulator.torture.play import Unfit
from tests.torture.model import Model, graded

# Longer than any sound answer takes on a busy machine, and what a faulty one is given.
PATIENCE_S, IMPATIENCE_S = 5.0, 0.5
CONTROLS = {}


def control(**found):
    """Registers a fault: the cases that must find it, each with the words that say so."""

    def register(fault):
        CONTROLS[fault.__name__] = (fault, {name.replace("_", "-"): words for name, words in found.items()})
        return fault

    return register


# --- faults of the application


@control(plain="no answer to the next text", mo_flood="answered 0 of 100")
class Mute(Model):
    def on_delivery(self, event):
        """Says nothing."""


@control(receipt_twice="took a receipt for a text", receipt_in_free_words="took a receipt for a text")
class Parrot(Model):
    def on_delivery(self, event):
        self.esme.answer(event.token, p.ESME_ROK)
        self.reply("+" + event.pdu.body.source_addr)


@control(deliver_payload="no reply to the text")
class BlindToPayloads(Model):
    def on_delivery(self, event):
        if event.pdu.tlvs:
            self.esme.answer(event.token, p.ESME_ROK)
        else:
            super().on_delivery(event)


@control(mo_flood="that it took were lost")
class Sieve(Model):
    def reply(self, number):
        if int(number) % 7:
            super().reply(number)


@control(deliver_tlv_unknown="deliver_sm_resp ESME_ROPTPARNOTALLWD")
class RefusesTlvs(Model):
    def on_delivery(self, event):
        if event.pdu.tlvs:
            self.esme.answer(event.token, 0xC1)
        else:
            super().on_delivery(event)


@control(submit_unanswered="times")
class Stubborn(Model):
    def on_unanswered(self, number):
        self.queue.append(number)


@control(queue_full="a storm")
class Storm(Model):
    def on_refused(self, number):
        self.queue.append(number)

    def told(self, events):
        for _ in range(50):  # no pace holds it back
            self.esme.pace.answered(p.ESME_ROK, 0.0, 0.0)
        super().told(events)


@control(throttled_half="sent again after it was taken", submit_resp_no_id="sent it 3 times")
class Forgetful(Model):
    def told(self, events):
        super().told(events)
        for event in events:
            if isinstance(event, SubmitAnswered) and not event.status and self.tries[event.ref] < 3:
                self.reply(event.ref)


@control(throttled_half="the connection", submit_resp_vendor_status="the connection")
class Touchy(Model):
    def told(self, events):
        super().told(events)
        if any(isinstance(event, SubmitAnswered) and event.status for event in events):
            self.esme.connections[0].link.give_up()


@control(unknown_command="no answer; closed the connection")
class LeavesAtTheUnknown(Model):
    def told(self, events):
        super().told(events)
        if any(isinstance(event, PduRejected) for event in events):
            self.esme.connections[0].link._transport.abort()


@control(fin_mid_pdu="did not ask to bind", rst_mid_pdu="did not ask to bind")
class NeverComesBack(Model):
    async def run(self):
        await self.esme.connections[0]._connect_and_serve()


@control(lost_with_open_text="no answer to the text that was brought again")
class TakesNothingTwice(Model):
    def on_delivery(self, event):
        number = event.pdu.body.source_addr
        if number not in self.heard:
            self.heard[number] = event
            super().on_delivery(event)


@control(one_queue_full="to others were not sent meanwhile")
class HeadOfLine(Model):
    """What was refused goes first, and everybody waits for it."""

    def __init__(self, port):
        super().__init__(port, window=1)
        self.refused = None

    def on_refused(self, number):
        self.refused = number
        super().on_refused(number)

    def pump(self):
        if self.refused is None or self.refused in self.queue:
            self.queue = deque(sorted(self.queue, key=lambda number: number != self.refused))
            super().pump()


@control(enquire_link_nacked="closed the connection", stray_nack="closed the connection")
class LeavesAtANack(Model):
    def told(self, events):
        super().told(events)
        if any(isinstance(event, UnexpectedPdu) and event.command == "generic_nack" for event in events):
            self.esme.connections[0].link.give_up()


@control(lost_with_open_text="to the old session's text on the new one")
class AnswersTheOldSession(Model):
    def told(self, events):
        for event in events:
            if isinstance(event, Bound):
                for sequence in self.heard:
                    self.esme.connections[0].link.session._respond("deliver_sm_resp", sequence, 0)
            elif isinstance(event, DeliveryReceived):
                self.heard[event.pdu.sequence] = event
        super().told(events)


# --- faults of its settings


@control(window="had 20 open at a time")
class Boundless(Model):
    def __init__(self, port):
        super().__init__(port, window=1000)


@control(bind_refused="without a pause", hung_up="without a pause")
class Impatient(Model):
    def __init__(self, port):
        super().__init__(port, reconnect_min_s=0.001, reconnect_max_s=0.002)


@control(
    bind_no_response="still waited",
    bind_foreign_sequence="neither bound nor gone",
    enquire_link_no_response="kept the session",
    half_open="no new session",
)
class Asleep(Model):
    def __init__(self, port):
        super().__init__(port, response_timeout_s=3600, enquire_link_s=3600)


# --- faults of the session: patches of its class


class Patched(Model):
    """`patch` is put in its place for the time of the run."""

    @staticmethod
    def patch(monkeypatch):
        raise NotImplementedError


@control(data_sm="answered 2 times", deliver_no_text="answered 2 times")
class Stutters(Patched):
    @staticmethod
    def patch(monkeypatch):
        respond = Session._respond

        def twice(session, command, sequence, status):
            respond(session, command, sequence, status)
            if command != "enquire_link_resp":
                respond(session, command, sequence, status)

        monkeypatch.setattr(Session, "_respond", twice)


@control(plain="no enquire_link_resp")
class Miscounts(Patched):
    @staticmethod
    def patch(monkeypatch):
        respond = Session._respond
        monkeypatch.setattr(
            Session,
            "_respond",
            lambda session, command, sequence, status: respond(session, command, sequence ^ 1, status),
        )


@control(
    bind_answered_by_enquire_resp="took enquire_link_resp", bind_foreign_sequence="took the answer to another bind"
)
class Gullible(Patched):
    @staticmethod
    def patch(monkeypatch):
        def believe(session, _pdu, _now, events):
            session.state = State.BOUND
            events.append(Bound("", None))

        monkeypatch.setattr(Session, "_on_bind_resp", believe)
        monkeypatch.setitem(MOVES, State.BINDING, {**MOVES[State.BINDING], "enquire_link_resp": "_on_bind_resp"})


@control(length_2_mb="kept the session", length_max="kept the session", garbage="kept the session")
class WaitsForEver(Patched):
    """For the octets of any length, and without a probe that would tell it that nobody answers."""

    def __init__(self, port):
        super().__init__(port, enquire_link_s=3600)

    @staticmethod
    def patch(monkeypatch):
        monkeypatch.setattr(frames, "FRAME_MAX_BYTES", 2**32)


@control(unknown_response="generic_nack", stray_submit_resp="generic_nack", stray_nack="generic_nack")
class AnswersAnswers(Patched):
    @staticmethod
    def patch(monkeypatch):
        receive = Session.receive_bytes

        def nack(session, data, now):
            events = receive(session, data, now)
            for event in events:
                if isinstance(event, UnexpectedPdu):
                    session._outgoing.append(write(Pdu("generic_nack", p.ESME_RINVCMDID, event.sequence)))
                elif isinstance(event, PduRejected) and event.command is None:
                    (sequence,) = struct.unpack_from(">L", data, 12)
                    session._outgoing.append(write(Pdu("generic_nack", p.ESME_RINVCMDID, sequence)))
            return events

        monkeypatch.setattr(Session, "receive_bytes", nack)


@control(submit_to_the_esme="submit_sm_resp ESME_ROK")
class SaysYesToAll(Patched):
    @staticmethod
    def patch(monkeypatch):
        def agree(session, pdu, _now, _events):
            session._outgoing.append(write(Pdu("submit_sm_resp", 0, pdu.sequence, p.MessageId("1"))))

        monkeypatch.setattr(Session, "_agree", agree, raising=False)
        monkeypatch.setitem(MOVES, State.BOUND, {**MOVES[State.BOUND], "submit_sm": "_agree"})


@control(plain="submit_sm_resp ESME_ROK to deliver_sm")
class AnswersByAnotherName(Patched):
    @staticmethod
    def patch(monkeypatch):
        respond = Session._respond
        wrong = {"deliver_sm_resp": "submit_sm_resp", "data_sm_resp": "submit_sm_resp"}
        monkeypatch.setattr(
            Session,
            "_respond",
            lambda session, command, sequence, status: respond(session, wrong.get(command, command), sequence, status),
        )


@control(unbind_from_smsc="no unbind_resp")
class IgnoresUnbind(Patched):
    @staticmethod
    def patch(monkeypatch):
        monkeypatch.setattr(Session, "_on_unbind", lambda *_: None)


@control(split_with_a_pause="no answer to the text", octet_by_octet="no answer to the text")
class LosesTheBeginning(Patched):
    """What is not whole when it is read is thrown away."""

    @staticmethod
    def patch(monkeypatch):
        split = sessions.split_frames

        def careless(buffer):
            found = split(buffer)
            buffer.clear()
            return found

        monkeypatch.setattr(sessions, "split_frames", careless)


TOLERABLE = {
    ("Gullible", "bind-foreign-sequence"),
    ("AnswersAnswers", "unknown-response"),
    ("LeavesAtANack", "enquire-link-nacked"),
}


@pytest.mark.parametrize("fault", CONTROLS)
def test_a_fault_is_found_and_told(fault, monkeypatch):
    make, found = CONTROLS[fault]
    if issubclass(make, Patched):
        make.patch(monkeypatch)
    for name, words in found.items():
        result = graded(make, [name], patience_s=IMPATIENCE_S)[name]
        state = "tolerable" if (fault, name) in TOLERABLE else "fail"
        assert (result.state, words in result.did) == (state, True), (name, result.state, result.did)


def test_a_sound_one_passes_the_same_cases():
    names = dict.fromkeys(name for _, found in CONTROLS.values() for name in found)
    results = graded(Model, names, patience_s=PATIENCE_S)
    # A reply to the text that was brought again is a second one for whoever keeps no store.
    assert {name: one.did for name, one in results.items() if one.state != "pass"}.keys() <= {"lost-with-open-text"}
    assert len(results) == len(names)


def test_who_binds_as_something_else_cannot_be_graded():
    with pytest.raises(ExceptionGroup) as caught:
        graded(lambda port: Model(port, bind="receiver"), ["plain"])
    assert caught.group_contains(Unfit, match="bind_receiver")


def test_who_cannot_be_started_anew_and_does_not_come_back_ends_the_run():
    results = graded(NeverComesBack, ["plain", "deliver-no-text"], patience_s=IMPATIENCE_S)
    assert {name: one.state for name, one in results.items()} == {"plain": "fail"}
    assert "did not come back" in results["plain"].did
