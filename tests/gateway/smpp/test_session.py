"""The session as conversations, without sockets and without waiting: octets and times in, events and octets out."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import pdu as p
from gateway.smpp import session as module
from gateway.smpp.frames import read, split_frames, write
from gateway.smpp.pdu import Message, MessageId, Pdu, tlv
from gateway.smpp.session import SILENT_MAX, Session, SmppSettings
from gateway.smpp.session_events import (
    BindRefused,
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    LateResponse,
    PduRejected,
    PeerUnbound,
    SessionClosed,
    SubmitAnswered,
    SubmitUnanswered,
    Token,
    UnexpectedPdu,
)
from gateway.smpp.states import MOVES, State

SETTINGS = SmppSettings(window=3, enquire_link_s=30, response_timeout_s=10)
MESSAGE = Message(source_addr="1330", source_addr_ton=3, destination_addr="31612345678", short_message=b"hallo")
DELIVER = Pdu("deliver_sm", 0, 501, Message(source_addr="31612345678", short_message=b"HELP"))
DATA = Pdu("data_sm", 0, 502, p.DataMessage(source_addr="31612345678"), (tlv("message_payload", b"HELP"),))
BIND_RESP = Pdu("bind_transceiver_resp", 0, 1, p.BindResp("SMSC"), (tlv("sc_interface_version", 0x34),))


class Talk:
    """A session and the peer's view of it."""

    def __init__(self, *, bound=True, **settings):
        values = {"window": 3, "enquire_link_s": 30, "response_timeout_s": 10, **settings}
        self.session = Session(SmppSettings(**values), generation=4)
        self.session.open(0.0)
        if bound:
            assert [pdu.command for pdu in self.said()] == [f"bind_{self.session.settings.bind}"]
            resp = BIND_RESP._replace(command=f"bind_{self.session.settings.bind}_resp")
            assert self.hears(resp) == [Bound("SMSC", 0x34)]

    def hears(self, *pdus, now=0.0):
        return self.session.receive_bytes(b"".join(map(write, pdus)), now)

    def said(self):
        frames, fault = split_frames(bytearray(self.session.take_bytes()))
        assert fault is None
        return [read(frame) for frame in frames]

    def submits(self, *refs, now=0.0):
        """The sequences under which they went."""
        for ref in refs:
            self.session.submit(ref, MESSAGE, (), now)
        said = self.said()
        assert [pdu.command for pdu in said] == ["submit_sm"] * len(refs)
        return [pdu.sequence for pdu in said]


def resp(sequence, message_id="", status=0):
    return Pdu("submit_sm_resp", status, sequence, MessageId(message_id))


# ------------------------------------------------------------------------------------------------ binding
@pytest.mark.parametrize("bind", ["transceiver", "transmitter", "receiver"])
def test_a_bind_says_who_we_are(bind):
    session = Session(SmppSettings(system_id="gw", password="geheim", bind=bind))
    session.open(0.0)
    body = p.Bind(system_id="gw", password="geheim", interface_version=0x34)
    assert read(session.take_bytes()) == Pdu(f"bind_{bind}", 0, 1, body)
    assert session.take_bytes() == b""
    assert "geheim" not in repr(session.settings)


def test_nothing_is_done_before_open():
    session = Session(SETTINGS)
    assert session.next_deadline() is None
    assert session.on_deadline(1e9) == []
    assert session.receive_bytes(write(DELIVER), 0.0) == []
    assert session.take_bytes() == b""
    assert session.free_slots == 0


def test_bound_with_and_without_the_version_of_the_peer():
    talk = Talk(bound=False)
    assert talk.session.free_slots == 0
    assert talk.hears(BIND_RESP._replace(tlvs=())) == [Bound("SMSC", None)]
    assert talk.session.state is State.BOUND
    assert talk.session.free_slots == 3


def test_a_bind_resp_without_a_body_or_with_a_bad_one_is_believed_by_its_header():
    assert Talk(bound=False).hears(BIND_RESP._replace(body=None, tlvs=())) == [Bound("", None)]
    talk = Talk(bound=False)
    events = talk.session.receive_bytes(struct.pack(">LLLL", 18, 0x80000009, 0, 1) + b"ab", 0.0)
    assert events == [
        PduRejected("bind_transceiver_resp.system_id: no NUL in 2 octets, allowed 16", "bind_transceiver_resp", 18),
        Bound("", None),
    ]


@pytest.mark.parametrize("status", [p.ESME_RTHROTTLED, 0x0E, 0x0D, 0x05, 0x400, 0xFFFFFFFF])
def test_a_refused_bind_ends_the_session(status):
    talk = Talk(bound=False)
    events = talk.hears(Pdu("bind_transceiver_resp", status, 1))
    assert events == [BindRefused(status), SessionClosed("bind_refused", 0)]
    assert talk.session.closed
    assert talk.hears(BIND_RESP) == []


@pytest.mark.parametrize(("sequence", "status"), [(1, 3), (0, 3), (1, 0)])
def test_a_bind_may_be_refused_by_generic_nack(sequence, status):
    talk = Talk(bound=False)
    events = talk.hears(Pdu("generic_nack", status, sequence))
    assert events == [BindRefused(status or p.ESME_RUNKNOWNERR), SessionClosed("bind_refused", 0)]


def test_only_our_own_bind_resp_binds():
    talk = Talk(bound=False)
    strangers = [
        BIND_RESP._replace(sequence=2),
        BIND_RESP._replace(command="bind_receiver_resp"),
        Pdu("generic_nack", 3, 9),
        Pdu("enquire_link_resp", 0, 1),
        Pdu("submit_sm_resp", 0, 1, MessageId("1")),
    ]
    events = talk.hears(*strangers)
    assert events == [
        UnexpectedPdu(pdu.command, pdu.sequence, pdu.status) for pdu in strangers if pdu.command != "enquire_link_resp"
    ]
    assert talk.session.state is State.BINDING
    assert talk.hears(BIND_RESP) == [Bound("SMSC", 0x34)]
    assert talk.hears(BIND_RESP) == [UnexpectedPdu("bind_transceiver_resp", 1, 0)]


def test_a_delivery_in_the_same_octets_as_the_bind_resp():
    talk = Talk(bound=False)
    talk.said()
    assert talk.hears(BIND_RESP, DELIVER) == [Bound("SMSC", 0x34), DeliveryReceived(Token(4, 1), DELIVER)]


@pytest.mark.parametrize("pdu", [DELIVER, DATA])
def test_a_delivery_before_the_bind_resp_is_refused(pdu):
    talk = Talk(bound=False)
    talk.said()
    assert talk.hears(pdu) == [DeliveryRefused(pdu, p.ESME_RINVBNDSTS)]
    assert talk.said() == [Pdu(f"{pdu.command}_resp", p.ESME_RINVBNDSTS, pdu.sequence, MessageId())]


def test_no_answer_to_the_bind():
    talk = Talk(bound=False)
    assert talk.session.next_deadline() == 10.0
    assert talk.session.on_deadline(9.9) == []
    assert talk.session.on_deadline(10.0) == [SessionClosed("bind_timeout", 0)]
    assert talk.session.next_deadline() is None
    assert talk.session.on_deadline(20.0) == []


def test_a_transmitter_takes_no_deliveries_and_a_receiver_makes_no_submits():
    talk = Talk(bind="transmitter")
    assert talk.session.free_slots == 3
    assert talk.hears(DELIVER) == [DeliveryRefused(DELIVER, p.ESME_RINVBNDSTS)]
    talk = Talk(bind="receiver")
    assert talk.session.free_slots == 0
    assert talk.hears(DELIVER) == [DeliveryReceived(Token(4, 1), DELIVER)]
    with pytest.raises(RuntimeError, match=r"^submit: found 0 free slots in state BOUND, allowed 1$"):
        talk.session.submit("a", MESSAGE, (), 0.0)


# ------------------------------------------------------------------------------------------------ submitting
def test_a_submit_and_its_answer():
    talk = Talk()
    reference = (tlv("user_message_reference", 9),)
    talk.session.submit("row 1", MESSAGE, reference, 1.0)
    assert talk.said() == [Pdu("submit_sm", 0, 2, MESSAGE, reference)]
    assert talk.hears(resp(2, "id7"), now=1.5) == [SubmitAnswered("row 1", 0, "id7", 0.5)]
    assert talk.session.submits_open == 0


def test_answers_come_in_any_order_and_all_in_one_read():
    talk = Talk()
    first, second, third = talk.submits("a", "b", "c")
    events = talk.hears(resp(third, "3"), resp(first, "1"), resp(second, "2"), now=2.0)
    assert events == [
        SubmitAnswered("c", 0, "3", 2.0),
        SubmitAnswered("a", 0, "1", 2.0),
        SubmitAnswered("b", 0, "2", 2.0),
    ]


def test_the_window_is_kept():
    talk = Talk()
    sequences = talk.submits("a", "b", "c")
    assert talk.session.free_slots == 0
    with pytest.raises(RuntimeError, match="found 0 free slots"):
        talk.session.submit("d", MESSAGE, (), 0.0)
    assert talk.said() == []
    talk.hears(resp(sequences[1]))
    assert talk.session.free_slots == 1
    talk.submits("d")


def test_a_submit_that_does_not_fit_takes_no_slot_and_no_sequence():
    talk = Talk()
    with pytest.raises(ValueError, match="short_message"):
        talk.session.submit("a", MESSAGE._replace(short_message=bytes(255)), (), 0.0)
    assert talk.session.free_slots == 3
    assert talk.submits("b") == [2]


@pytest.mark.parametrize("status", [p.ESME_RTHROTTLED, p.ESME_RMSGQFUL, 0x45, 0x400, 0x4FF, 0xDEADBEEF])
def test_a_negative_answer_with_any_status_settles(status):
    talk = Talk()
    (sequence,) = talk.submits("a")
    assert talk.hears(Pdu("submit_sm_resp", status, sequence)) == [SubmitAnswered("a", status, "", 0.0)]
    assert talk.session.free_slots == 3


@pytest.mark.parametrize(("status", "told"), [(p.ESME_RINVCMDID, p.ESME_RINVCMDID), (0, p.ESME_RUNKNOWNERR)])
def test_a_generic_nack_settles_and_is_never_a_yes(status, told):
    talk = Talk()
    (sequence,) = talk.submits("a")
    assert talk.hears(Pdu("generic_nack", status, sequence)) == [SubmitAnswered("a", told, "", 0.0)]


def test_an_answer_without_or_with_a_broken_body_settles_by_its_header():
    talk = Talk()
    first, second = talk.submits("a", "b")
    assert talk.hears(Pdu("submit_sm_resp", 0, first)) == [SubmitAnswered("a", 0, "", 0.0)]
    events = talk.session.receive_bytes(struct.pack(">LLLL", 18, 0x80000004, 0, second) + b"ab", 0.0)
    assert events[1:] == [SubmitAnswered("b", 0, "", 0.0)]
    assert events[0].command == "submit_sm_resp"
    assert talk.said() == []


def test_foreign_and_repeated_answers_are_told_and_passed_over():
    talk = Talk()
    (sequence,) = talk.submits("a")
    strangers = [
        resp(sequence + 1, "x"),
        resp(0, "x"),
        resp(0xFFFFFFFF),
        Pdu("data_sm_resp", 0, sequence, MessageId("x")),
        Pdu("generic_nack", 3, 99),
    ]
    assert talk.hears(*strangers) == [UnexpectedPdu(pdu.command, pdu.sequence, pdu.status) for pdu in strangers]
    assert talk.hears(resp(sequence, "1"), resp(sequence, "1")) == [
        SubmitAnswered("a", 0, "1", 0.0),
        UnexpectedPdu("submit_sm_resp", sequence, 0),
    ]
    assert talk.said() == []


def test_no_answer_in_time_and_one_too_late():
    talk = Talk()
    (first,) = talk.submits("a", now=1.0)
    (second,) = talk.submits("b", now=2.0)
    assert talk.session.next_deadline() == 11.0
    assert talk.session.on_deadline(10.9) == []
    assert talk.session.on_deadline(11.0) == [SubmitUnanswered("a", "response_timeout")]
    assert talk.session.free_slots == 2
    assert talk.session.next_deadline() == 12.0
    assert talk.hears(resp(first, "late"), now=11.5) == [LateResponse("a", first, 0, "late")]
    assert talk.hears(resp(first, "late"), now=11.5) == [UnexpectedPdu("submit_sm_resp", first, 0)]
    assert talk.hears(resp(second, "2"), now=11.5) == [SubmitAnswered("b", 0, "2", 9.5)]


def test_all_that_waited_too_long_goes_in_one_sweep():
    talk = Talk()
    talk.submits("a", "b", now=1.0)
    talk.submits("c", now=1.5)
    assert talk.session.on_deadline(11.2) == [
        SubmitUnanswered("a", "response_timeout"),
        SubmitUnanswered("b", "response_timeout"),
    ]
    assert talk.session.submits_open == 1


def test_late_answers_are_remembered_within_a_bound(monkeypatch):
    monkeypatch.setattr(module, "LATE_MAX", 2)
    talk = Talk()
    sequences = talk.submits("a", "b", "c")
    talk.session.on_deadline(10.0)
    assert talk.hears(*(resp(sequence) for sequence in sequences)) == [
        UnexpectedPdu("submit_sm_resp", sequences[0], 0),
        LateResponse("b", sequences[1], 0, ""),
        LateResponse("c", sequences[2], 0, ""),
    ]


def test_sequence_numbers_begin_again_after_the_last():
    session = Session(SETTINGS, first_sequence=p.SEQUENCE_MAX - 1)
    session.open(0.0)
    session.receive_bytes(write(BIND_RESP._replace(sequence=p.SEQUENCE_MAX - 1)), 0.0)
    session.submit("a", MESSAGE, (), 0.0)
    session.submit("b", MESSAGE, (), 0.0)
    frames, _ = split_frames(bytearray(session.take_bytes()))
    assert [read(frame).sequence for frame in frames] == [p.SEQUENCE_MAX - 1, p.SEQUENCE_MAX, 1]
    assert session.receive_bytes(write(resp(1, "x")), 0.0) == [SubmitAnswered("b", 0, "x", 0.0)]


# ------------------------------------------------------------------------------------------------ deliveries
@pytest.mark.parametrize("pdu", [DELIVER, DATA])
@pytest.mark.parametrize("status", [p.ESME_ROK, p.ESME_RMSGQFUL, p.ESME_RSYSERR])
def test_a_delivery_is_answered_when_it_is_told_to(pdu, status):
    talk = Talk()
    assert talk.hears(pdu) == [DeliveryReceived(Token(4, 1), pdu)]
    assert talk.said() == []
    assert talk.session.deliveries_open == 1
    assert talk.session.answer(Token(4, 1), status) is True
    assert talk.said() == [Pdu(f"{pdu.command}_resp", status, pdu.sequence, MessageId(""))]
    assert talk.session.deliveries_open == 0


def test_answers_go_in_any_order_even_with_one_sequence_for_all():
    talk = Talk()
    events = talk.hears(DELIVER, DATA._replace(sequence=DELIVER.sequence))
    second, first = events[1].token, events[0].token
    assert talk.session.answer(second, 0)
    assert talk.session.answer(first, 8)
    assert [(pdu.command, pdu.status) for pdu in talk.said()] == [("data_sm_resp", 0), ("deliver_sm_resp", 8)]


def test_an_answer_to_another_session_or_given_twice_is_dropped():
    talk = Talk()
    talk.hears(DELIVER)
    assert talk.session.answer(Token(3, 1), 0) is False
    assert talk.session.answer(Token(4, 2), 0) is False
    assert talk.session.answer(Token(4, 1), 0) is True
    assert talk.session.answer(Token(4, 1), 0) is False
    assert len(talk.said()) == 1


def test_more_open_deliveries_than_the_bound_are_refused_at_once(monkeypatch):
    monkeypatch.setattr(module, "DELIVERIES_MAX", 2)
    talk = Talk()
    third = DELIVER._replace(sequence=503)
    events = talk.hears(DELIVER, DATA, third)
    assert events[2] == DeliveryRefused(third, p.ESME_RMSGQFUL)
    assert talk.said() == [Pdu("deliver_sm_resp", p.ESME_RMSGQFUL, 503, MessageId())]
    talk.session.answer(events[0].token, 0)
    assert isinstance(talk.hears(third)[0], DeliveryReceived)


# ------------------------------------------------------------------------------------------------ the link
def test_an_idle_link_is_asked_and_an_answer_keeps_it():
    talk = Talk()
    assert talk.session.next_deadline() == 30.0
    assert talk.session.on_deadline(29.9) == []
    assert talk.session.on_deadline(30.0) == []
    assert talk.said() == [Pdu("enquire_link", 0, 2)]
    assert talk.session.next_deadline() == 40.0
    assert talk.hears(Pdu("enquire_link_resp", 0, 2), now=33.0) == []
    assert talk.session.next_deadline() == 63.0


def test_whatever_is_heard_shows_that_the_link_lives():
    talk = Talk()
    talk.session.on_deadline(30.0)
    talk.session.receive_bytes(b"\0", 39.0)
    assert talk.session.on_deadline(40.0) == []
    assert talk.session.next_deadline() == 69.0


def test_a_half_open_link_is_found_dead():
    talk = Talk()
    talk.hears(DELIVER)
    talk.submits("a", now=25.0)
    assert talk.session.on_deadline(30.0) == []
    assert talk.session.on_deadline(35.0) == [SubmitUnanswered("a", "response_timeout")]
    assert [pdu.command for pdu in talk.said()] == ["enquire_link"]
    talk.submits("b", now=36.0)
    assert talk.session.on_deadline(40.0) == [SubmitUnanswered("b", "link_dead"), SessionClosed("link_dead", 1)]
    assert talk.session.next_deadline() is None
    assert talk.session.answer(Token(4, 1), 0) is False
    assert talk.said() == []


def test_the_peers_enquire_link_is_answered_in_every_state():
    for prepare in (lambda _: None, lambda talk: talk.session.drain(), lambda talk: talk.session.unbind(0.0)):
        talk = Talk()
        prepare(talk)
        talk.said()
        assert talk.hears(Pdu("enquire_link", 0, 7)) == []
        assert talk.said() == [Pdu("enquire_link_resp", 0, 7)]
    talk = Talk(bound=False)
    talk.said()
    talk.hears(Pdu("enquire_link", 0, 7))
    assert talk.said() == [Pdu("enquire_link_resp", 0, 7)]


def test_a_lost_connection_tells_what_hangs_once():
    talk = Talk()
    talk.submits("a", "b")
    talk.hears(DELIVER)
    assert talk.session.connection_lost() == [
        SubmitUnanswered("a", "connection_lost"),
        SubmitUnanswered("b", "connection_lost"),
        SessionClosed("connection_lost", 1),
    ]
    assert talk.session.connection_lost("again") == []
    assert talk.session.receive_bytes(write(DELIVER), 0.0) == []
    assert talk.session.free_slots == 0


# ------------------------------------------------------------------------------------------------ ending
def test_unbinding_in_good_order():
    talk = Talk()
    (sequence,) = talk.submits("a")
    talk.session.unbind(5.0)
    assert talk.said() == [Pdu("unbind", 0, 3)]
    assert talk.session.free_slots == 0
    assert talk.session.next_deadline() == 10.0
    assert talk.hears(resp(sequence, "1"), now=5.5) == [SubmitAnswered("a", 0, "1", 5.5)]
    assert talk.session.next_deadline() == 15.0
    assert talk.hears(Pdu("unbind_resp", 0, 2)) == [UnexpectedPdu("unbind_resp", 2, 0)]
    assert talk.hears(Pdu("unbind_resp", 0, 3)) == [SessionClosed("unbound", 0)]


def test_no_answer_to_the_unbind():
    talk = Talk()
    talk.session.unbind(5.0)
    assert talk.session.on_deadline(14.9) == []
    assert talk.session.on_deadline(15.0) == [SessionClosed("unbound", 0)]


def test_draining_takes_nothing_new_and_finishes_the_old():
    talk = Talk()
    (sequence,) = talk.submits("a")
    (first,) = talk.hears(DELIVER)
    talk.session.drain()
    assert talk.session.free_slots == 0
    for pdu in (DELIVER, DATA):
        assert talk.hears(pdu) == [DeliveryRefused(pdu, p.ESME_RMSGQFUL)]
    assert talk.session.answer(first.token, 0)
    assert talk.hears(resp(sequence, "1")) == [SubmitAnswered("a", 0, "1", 0.0)]
    assert (talk.session.submits_open, talk.session.deliveries_open) == (0, 0)
    # the link is watched still
    assert talk.session.next_deadline() == 30.0
    talk.session.unbind(1.0)
    assert talk.hears(DELIVER) == [DeliveryRefused(DELIVER, p.ESME_RMSGQFUL)]


def test_the_peer_unbinds():
    talk = Talk()
    talk.submits("a")
    events = talk.hears(Pdu("unbind", 0, 8), DELIVER)
    assert events == [PeerUnbound(), SubmitUnanswered("a", "peer_unbound"), SessionClosed("peer_unbound", 0)]
    assert talk.said() == [Pdu("unbind_resp", 0, 8)]


@pytest.mark.parametrize("call", [lambda s: s.open(0.0), lambda s: s.drain(), lambda s: s.unbind(0.0)])
def test_what_is_asked_in_the_wrong_state_is_an_error(call):
    talk = Talk()
    talk.session.connection_lost()
    with pytest.raises(RuntimeError, match=r"^session: found state CLOSED, allowed (NEW|BOUND|BOUND, DRAINING)$"):
        call(talk.session)


def test_every_move_of_the_table_is_there_to_be_made():
    named = {move for moves in MOVES.values() for move in moves.values()}
    assert all(callable(getattr(Session, move)) for move in named)
    assert set(MOVES) == set(State) - {State.NEW, State.CLOSED}


# ------------------------------------------------------------------------------------------------ bad octets
@pytest.mark.parametrize("length", [0, 8, 15, p.FRAME_MAX_BYTES + 1, 2**32 - 1])
def test_a_length_that_cannot_be_ends_the_session(length):
    talk = Talk()
    talk.submits("a")
    good = write(DELIVER)
    events = talk.session.receive_bytes(good + struct.pack(">LLLL", length, 5, 0, 9), 0.0)
    assert events == [
        DeliveryReceived(Token(4, 1), DELIVER),
        PduRejected(f"command_length: found {length}, allowed 16 to {p.FRAME_MAX_BYTES}", None, 16),
        SubmitUnanswered("a", "alignment_lost"),
        SessionClosed("alignment_lost", 1),
    ]
    assert talk.said() == [Pdu("generic_nack", p.ESME_RINVCMDLEN, 0)]


@pytest.mark.parametrize(
    ("command_id", "body", "answer"),
    [
        (0x00000042, b"", Pdu("generic_nack", p.ESME_RINVCMDID, 9)),
        (0x00010200, b"vendor", Pdu("generic_nack", p.ESME_RINVCMDID, 9)),
        (0x00000005, b"", Pdu("deliver_sm_resp", p.ESME_RINVMSGLEN, 9, MessageId())),
        (0x00000103, b"abc", Pdu("data_sm_resp", p.ESME_RINVMSGLEN, 9, MessageId())),
        (0x00000005, write(DELIVER)[16:] + b"\0", Pdu("deliver_sm_resp", p.ESME_RINVOPTPARSTREAM, 9, MessageId())),
        (0x00000015, b"x", Pdu("enquire_link_resp", p.ESME_RINVOPTPARSTREAM, 9)),
        (0x00000006, b"x", Pdu("unbind_resp", p.ESME_RINVOPTPARSTREAM, 9)),
        (0x00000004, b"x", Pdu("generic_nack", p.ESME_RINVMSGLEN, 9)),
        (0x0000000B, b"x", None),  # outbind has no response
        (0x80000042, b"", None),  # a response is never answered
        (0x80000103, b"x", None),
    ],
)
def test_what_cannot_be_read_is_answered_and_the_next_pdu_is_read(command_id, body, answer):
    talk = Talk()
    bad = struct.pack(">LLLL", 16 + len(body), command_id, 0, 9) + body
    events = talk.session.receive_bytes(bad + write(DELIVER), 0.0)
    assert isinstance(events[0], PduRejected)
    assert events[-1] == DeliveryReceived(Token(4, 1), DELIVER)
    assert talk.said() == ([answer] if answer else [])


@pytest.mark.parametrize("command", ["submit_sm", "bind_transceiver"])
def test_a_request_that_an_esme_does_not_serve(command):
    talk = Talk()
    body = p.ROWS[command].body()
    assert talk.hears(Pdu(command, 0, 9, body)) == [
        PduRejected(f"{command}: not served by an ESME in state BOUND", command, 16)
    ]
    assert talk.said() == [Pdu("generic_nack", p.ESME_RINVCMDID, 9)]


@pytest.mark.parametrize(
    "pdu", [Pdu("outbind", 0, 9, p.Outbind("smsc", "x")), Pdu("alert_notification", 0, 9, p.Alert())]
)
def test_a_request_that_wants_no_response_gets_none(pdu):
    talk = Talk()
    assert talk.hears(pdu) == [UnexpectedPdu(pdu.command, 9, 0)]
    assert talk.said() == []


# ------------------------------------------------------------------------------------------------ however it is cut
SCRIPT = b"".join(
    map(
        write,
        [
            BIND_RESP,
            DELIVER,
            Pdu("enquire_link", 0, 600),
            Pdu("submit_sm_resp", 0x400, 99),
            DATA,
            Pdu("submit_multi", 0, 9, p.Opaque(b"x")),
            Pdu("unbind", 0, 601),
        ],
    )
)


def played(pieces):
    talk = Talk(bound=False)
    events = [event for piece in pieces for event in talk.session.receive_bytes(piece, 0.0)]
    return events, talk.session.take_bytes()


def test_octet_by_octet_is_the_same_conversation():
    assert played([SCRIPT[i : i + 1] for i in range(len(SCRIPT))]) == played([SCRIPT])


@pytest.mark.parametrize("cut", range(1, len(SCRIPT)))
def test_cut_anywhere_is_the_same_conversation(cut):
    assert played([SCRIPT[:cut], SCRIPT[cut:]]) == played([SCRIPT])


FRAMES = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda command_id, status, sequence, body: (
            struct.pack(">LLLL", 16 + len(body), command_id, status, sequence) + body
        ),
        st.sampled_from([row.command_id for row in p.ROWS.values()]) | st.integers(0, 2**32 - 1),
        st.sampled_from([0, 8, 0x58, 0x400]) | st.integers(0, 2**32 - 1),
        st.integers(0, 8) | st.integers(0, 2**32 - 1),
        st.binary(max_size=60) | st.sampled_from([b"\0", b"1\0", write(DELIVER)[16:]]),
    ),
)


@given(
    st.booleans(),
    st.lists(st.tuples(FRAMES, st.sampled_from(["submit", "answer", "wait", "drain", "unbind"])), max_size=12),
)
def test_whatever_comes_becomes_events_and_nothing_is_forgotten(bound, turns):
    """Each submit ends exactly once, or hangs in the window; the window holds; nothing raises."""
    talk = Talk(bound=bound)
    session = talk.session
    submitted, settled, open_tokens, now = 0, [], [], 0.0
    for octets, action in turns:
        events = session.receive_bytes(octets, now)
        if action == "submit" and session.free_slots:
            session.submit(submitted, MESSAGE, (), now)
            submitted += 1
        elif action == "answer" and open_tokens:
            session.answer(open_tokens.pop(), 0)
        elif action == "wait":
            now = session.next_deadline() or now
            events += session.on_deadline(now)
        elif action == "drain" and session.state is State.BOUND:
            session.drain()
        elif action == "unbind" and session.state in (State.BOUND, State.DRAINING):
            session.unbind(now)
        open_tokens += [event.token for event in events if isinstance(event, DeliveryReceived)]
        settled += [event.ref for event in events if isinstance(event, SubmitAnswered | SubmitUnanswered)]
        assert session.submits_open <= 3
        assert (session.next_deadline() is None) == session.closed
        if session.closed:
            assert not events or isinstance(events[-1], SessionClosed)
    said, fault = split_frames(bytearray(session.take_bytes()))
    assert fault is None
    assert all(isinstance(read(frame), Pdu) for frame in said)
    settled += [event.ref for event in session.connection_lost() if isinstance(event, SubmitUnanswered)]
    assert sorted(settled) == list(range(submitted))


# ------------------------------------------------------------------------------------------------ timers of §7.2
def test_the_bind_has_what_is_left_of_the_time_to_become_bound():
    session = Session(SmppSettings(session_init_s=12, response_timeout_s=10))
    session.open(105.0, began_at=100.0)
    assert session.next_deadline() == 112.0
    assert session.on_deadline(111.9) == []
    assert session.on_deadline(112.0) == [SessionClosed("bind_timeout", 0)]
    session = Session(SmppSettings(session_init_s=12, response_timeout_s=10))
    session.open(101.0, began_at=100.0)
    assert session.next_deadline() == 111.0


@pytest.mark.parametrize("answered", [True, False])
def test_a_session_without_a_message_is_left(answered):
    talk = Talk(inactivity_s=100)
    # probes keep the link alive and are no use of it
    for now in (30.0, 60.0, 90.0):
        assert talk.session.next_deadline() == now
        assert talk.session.on_deadline(now) == []
        (probe,) = talk.said()
        talk.hears(Pdu("enquire_link_resp", 0, probe.sequence), now=now)
        talk.hears(Pdu("enquire_link", 0, 77), now=now)
        talk.said()
    assert talk.session.next_deadline() == 100.0
    assert talk.session.on_deadline(100.0) == []
    (unbind,) = talk.said()
    assert (unbind.command, talk.session.free_slots) == ("unbind", 0)
    if answered:
        assert talk.hears(Pdu("unbind_resp", 0, unbind.sequence), now=101.0) == [SessionClosed("inactive", 0)]
    else:
        assert talk.session.on_deadline(110.0) == [SessionClosed("inactive", 0)]


@pytest.mark.parametrize("used_by", ["submit", "answer", "delivery"])
def test_every_message_is_use(used_by):
    talk = Talk(inactivity_s=100, enquire_link_s=1000, response_timeout_s=1000)
    (sequence,) = talk.submits("a", now=50.0)
    assert talk.session.next_deadline() == 150.0
    if used_by == "submit":
        talk.submits("b", now=140.0)
    elif used_by == "answer":
        talk.hears(resp(sequence), now=140.0)
    else:
        talk.hears(DELIVER, now=140.0)
    assert talk.session.on_deadline(150.0) == []
    assert talk.session.next_deadline() == 240.0
    assert talk.session.state is State.BOUND


def test_a_session_is_kept_for_ever_where_nobody_says_otherwise():
    talk = Talk(enquire_link_s=3600)
    assert talk.session.next_deadline() == 3600.0
    assert not talk.session._is_idle(1e9)


# ------------------------------------------------------------------------------------------------ leaving
def test_an_smsc_that_knows_nothing_of_our_bind_is_left_for_a_new_one():
    talk = Talk()
    first, second = talk.submits("a", "b")
    assert talk.hears(resp(second, status=p.ESME_RINVBNDSTS)) == [SubmitAnswered("b", p.ESME_RINVBNDSTS, "", 0.0)]
    (unbind,) = talk.said()
    assert (unbind.command, talk.session.free_slots) == ("unbind", 0)
    # what went before is still answered, and a second such answer asks for nothing more
    assert talk.hears(resp(first, "1")) == [SubmitAnswered("a", 0, "1", 0.0)]
    assert talk.said() == []
    assert talk.hears(Pdu("unbind_resp", p.ESME_RINVBNDSTS, unbind.sequence)) == [SessionClosed("not_bound", 0)]


def test_a_foreign_answer_does_not_end_the_session():
    talk = Talk()
    assert talk.hears(resp(77, status=p.ESME_RINVBNDSTS)) == [UnexpectedPdu("submit_sm_resp", 77, p.ESME_RINVBNDSTS)]
    assert talk.session.state is State.BOUND


def test_an_unbind_may_be_answered_by_generic_nack():
    talk = Talk()
    talk.session.unbind(0.0)
    (unbind,) = talk.said()
    assert talk.hears(Pdu("generic_nack", 3, 77)) == [UnexpectedPdu("generic_nack", 77, 3)]
    assert talk.hears(Pdu("generic_nack", 3, unbind.sequence)) == [SessionClosed("unbound", 0)]


@pytest.mark.parametrize("pdu", [DELIVER, DATA])
def test_deliveries_are_left_with_the_smsc_while_submits_go_on(pdu):
    talk = Talk()
    (token,) = [event.token for event in talk.hears(DELIVER)]
    talk.session.refuse_deliveries()
    assert talk.hears(pdu) == [DeliveryRefused(pdu, p.ESME_RMSGQFUL)]
    assert talk.said() == [Pdu(f"{pdu.command}_resp", p.ESME_RMSGQFUL, pdu.sequence, MessageId())]
    assert talk.session.answer(token, 0)
    talk.said()
    assert len(talk.submits("a")) == 1


def test_an_smsc_behind_which_nothing_works_is_left_for_a_new_one():
    talk = Talk(window=SILENT_MAX, enquire_link_s=7)
    for n in range(SILENT_MAX - 1):
        talk.submits(n, now=float(n))
    now = 0.0
    for n in range(SILENT_MAX - 1):
        now = 10.0 + n
        talk.hears(Pdu("enquire_link", 0, 500 + n), now=now)
        assert talk.session.on_deadline(now) == [SubmitUnanswered(n, "response_timeout")]
    talk.said()
    assert talk.session.state is State.BOUND
    talk.submits("last", now=20.0)
    talk.hears(Pdu("enquire_link", 0, 600), now=30.0)
    talk.said()
    assert talk.session.on_deadline(30.0) == [SubmitUnanswered("last", "response_timeout")]
    (unbind,) = talk.said()
    assert unbind.command == "unbind"
    assert talk.session.on_deadline(40.0) == [SessionClosed("smsc_silent", 0)]


@pytest.mark.parametrize("late", [True, False])
def test_one_answer_among_them_shows_that_it_works(late):
    talk = Talk(window=100, enquire_link_s=1000)
    first, *_ = talk.submits(*range(SILENT_MAX - 1))
    talk.session.on_deadline(10.0)
    (answered,) = talk.submits("answered", now=10.0)
    talk.hears(resp(first if late else answered, "1"), now=11.0)
    talk.submits(*range(SILENT_MAX - 2), now=11.0)
    talk.session.on_deadline(21.0)
    assert talk.said() == []
    assert talk.session.state is State.BOUND
