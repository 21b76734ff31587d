"""Between engine and session: what a text looks like on the wire, and what each thing that comes back means."""

import asyncio

import pytest

from gateway.faultpoints import FaultPoints
from gateway.items import Busy, DeliveryResult, ReceiptItem, Settlement, SmsItem
from gateway.smpp import pdu as p
from gateway.smpp.flood import Flood
from gateway.smpp.frames import write
from gateway.smpp.outbox import Outbox, relative_time
from gateway.smpp.pdu import Message, Pdu, tlv
from gateway.smpp.session_events import (
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    LateResponse,
    PduRejected,
    SessionClosed,
    SubmitAnswered,
    SubmitUnanswered,
    Token,
)
from gateway.smpp.statuses import TABLE, Statuses
from gateway.store.settle import Send

NUMBER = "+31612345678"
TOKEN = Token(1, 7)


class Wire:
    """A session with so many slots; what was submitted and answered."""

    def __init__(self, slots=64, bound=True):
        self.free_slots, self.sending = slots, bound
        self.submitted, self.answered = [], []

    def submit(self, ref, message, tlvs):
        assert self.free_slots > 0, "no room in the window"
        write(Pdu("submit_sm", 0, 1, message, tlvs))  # raises where a field does not fit
        self.free_slots -= 1
        self.submitted.append((ref, message, dict(tlvs)))

    def answer(self, token, status):
        self.answered.append((token, status))
        return True


class Inbox:
    """An engine that takes down what it is given."""

    def __init__(self):
        self.settled, self.delivered, self.looks = [], [], 0
        self.full = False

    def settle(self, item):
        self.settled.append(item)

    def deliver(self, item, sink):
        if self.full:
            raise Busy
        self.delivered.append((item, sink))

    def look(self):
        self.looks += 1


class Between:
    def __init__(self, **wire):
        self.wire, self.inbox, self.lines, self.passed = Wire(**wire), Inbox(), [], []
        self.faults = FaultPoints()
        self.faults.passing = self.passed.append
        self.outbox = Outbox("1330", self.faults, lambda: "f-1", self.log)
        self.outbox.join(self.wire, self.inbox)

    def log(self, name, **fields):
        self.lines.append((name, fields))

    def send(self, text="Hallo", *, name="m1", parts=((1, 77, 501),), validity_s=14400):
        send = Send(name, NUMBER, text, validity_s, 1, "f-9", tuple(parts))

        async def turn():
            self.outbox.send([send])
            await asyncio.sleep(0)

        asyncio.run(turn())
        return send

    def hears(self, *events):
        async def turn():
            self.outbox.on_session_events(events)

        asyncio.run(turn())

    @property
    def items(self):
        return [item for item, _ in self.inbox.delivered]


@pytest.fixture
def between():
    return Between()


class TestSubmit:
    """Every field of a submit_sm."""

    def test_a_short_text(self, between):
        between.send("Hallo @ €")
        ((ref, message, tlvs),) = between.wire.submitted
        assert ref == ("m1", 1)
        assert message == Message(
            source_addr_ton=3,
            source_addr_npi=0,
            source_addr="1330",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="31612345678",
            esm_class=0,
            validity_period="000000040000000R",
            registered_delivery=1,
            data_coding=0,
            short_message=b"Hallo \x00 \x1be",
        )
        assert tlvs == dict([tlv("user_message_reference", 501)])

    def test_one_outside_the_default_alphabet(self, between):
        between.send("Żółw")
        ((_, message, _),) = between.wire.submitted
        assert (message.data_coding, message.short_message) == (8, "Żółw".encode("utf-16-be"))

    def test_a_long_one(self, between):
        parts = tuple((number, 0xABCD, 500 + number) for number in (1, 2, 3))
        between.send("x" * 400, parts=parts)
        sent = between.wire.submitted
        assert [ref for ref, _, _ in sent] == [("m1", 1), ("m1", 2), ("m1", 3)]
        assert {message.esm_class for _, message, _ in sent} == {0x40}
        assert [message.short_message[:7] for _, message, _ in sent] == [
            bytes([6, 8, 4, 0xAB, 0xCD, 3, number]) for number in (1, 2, 3)
        ]
        assert b"".join(message.short_message[7:] for _, message, _ in sent) == b"x" * 400
        assert len({tuple(tlvs.values()) for _, _, tlvs in sent}) == 3
        ((name, fields),) = between.lines
        assert (name, fields["segments"], fields["chars"], fields["encoding"]) == ("mt.submitted", 3, 400, "gsm7")

    def test_only_the_open_parts_again_as_they_were(self, between):
        between.send("x" * 400, parts=((2, 0xABCD, 502),))
        ((ref, message, tlvs),) = between.wire.submitted
        assert ref == ("m1", 2)
        assert message.short_message[:7] == bytes([6, 8, 4, 0xAB, 0xCD, 3, 2])
        assert tlvs == dict([tlv("user_message_reference", 502)])

    def test_a_crash_may_be_asked_for_once_it_has_left(self, between):
        between.send()
        assert between.passed == ["after_submit_before_resp"]

    @pytest.mark.parametrize(
        ("seconds", "written"),
        [
            (4 * 3600, "000000040000000R"),
            (24 * 3600, "000001000000000R"),
            (48 * 3600, "000002000000000R"),
            (90_061, "000001010101000R"),
            (59, "000000000059000R"),
            (0, "000000000001000R"),
            (10**9, "000099014640000R"),
        ],
    )
    def test_validity_is_a_length_of_time(self, seconds, written):
        """SMPP 3.4 §7.1.1: YYMMDDhhmmsstnnp, relative."""
        assert relative_time(seconds) == written
        assert len(written) == 16


class TestWindow:
    def test_no_more_than_there_are_slots(self):
        between = Between(slots=2)
        between.send("x" * 400, parts=tuple((n, 1, n) for n in (1, 2, 3)))
        assert [ref for ref, _, _ in between.wire.submitted] == [("m1", 1), ("m1", 2)]
        assert between.outbox.slots == 0
        between.wire.free_slots = 2
        assert between.outbox.slots == 1  # one is spoken for
        between.hears(SubmitAnswered(("m1", 1), 0, "a", 0.1))
        assert between.wire.submitted[-1][0] == ("m1", 3)
        assert between.outbox.slots == 1

    def test_without_a_session(self):
        assert Outbox("1330", FaultPoints(), lambda: "", print).slots == 0

    def test_what_had_no_slot_when_the_session_ended_never_left(self):
        between = Between(slots=1)
        between.send("x" * 400, parts=tuple((n, 1, n) for n in (1, 2, 3)))
        between.wire.free_slots, between.wire.sending = 0, False
        between.hears(SubmitUnanswered(("m1", 1), "peer_unbound"), SessionClosed("peer_unbound", 0))
        assert between.inbox.settled == [
            Settlement("m1", 1, "unknown", reason="peer_unbound"),
            Settlement("m1", 2, "unsent", reason="peer_unbound"),
            Settlement("m1", 3, "unsent", reason="peer_unbound"),
        ]
        between.wire.free_slots = 9
        between.hears(Bound("SMSC", 0x34))
        assert len(between.wire.submitted) == 1

    def test_what_had_no_slot_goes_by_another_session(self):
        between = Between(slots=1)
        between.send("x" * 400, parts=tuple((n, 1, n) for n in (1, 2, 3)))
        between.wire.free_slots = 1  # of the one that is left
        between.hears(SubmitUnanswered(("m1", 1), "link_dead"), SessionClosed("link_dead", 0))
        assert between.inbox.settled == [Settlement("m1", 1, "unknown", reason="link_dead")]
        assert [ref for ref, _, _ in between.wire.submitted] == [("m1", 1), ("m1", 2)]

    def test_a_session_that_was_lost_before_the_commit(self):
        """Claimed while there was one: it must not count as under way until the next."""
        between = Between(slots=0, bound=False)
        between.send()
        assert between.wire.submitted == []
        assert between.inbox.settled == [Settlement("m1", 1, "unsent", reason="no_session")]

    def test_every_event_is_a_reason_to_look(self, between):
        between.hears(Bound("SMSC", None))
        between.hears()
        assert between.inbox.looks == 2


class TestAnswers:
    def settled(self, between, event):
        between.hears(event)
        (item,) = between.inbox.settled
        return item

    def test_accepted(self, between):
        item = self.settled(between, SubmitAnswered(("m1", 2), 0, "000A1", 0.1))
        assert item == Settlement("m1", 2, "accepted", "000A1")

    def test_accepted_without_an_id(self, between):
        assert self.settled(between, SubmitAnswered(("m1", 1), 0, "", 0.1)) == Settlement("m1", 1, "accepted")

    @pytest.mark.parametrize("status", [status for status, verdict in TABLE.items() if verdict == "failed"])
    def test_the_text_is_at_fault(self, between, status):
        item = self.settled(between, SubmitAnswered(("m1", 1), status, "", 0.1))
        assert (item.verdict, item.status, item.reason) == ("failed", status, p.status_name(status))

    @pytest.mark.parametrize("status", [0x58, 0x14, 0x08, 0x45, 0x04, 0x0D, 0x64, 0xFE, 0xFF, 0x400, 0xFFFFFFFF])
    def test_it_may_pass_by_itself(self, between, status):
        item = self.settled(between, SubmitAnswered(("m1", 1), status, "", 0.1))
        assert (item.verdict, item.status) == ("retry", status)
        assert item.reason

    def test_the_operators_own_statuses(self, between):
        between.outbox._statuses = Statuses(permanent=((0x400, 0x40F), (0x58, 0x58)), temporary=((0x0B, 0x0B),))
        verdicts = [
            between.outbox._settlement(SubmitAnswered(("m1", 1), status, "", 0.1)).verdict
            for status in (0x400, 0x40F, 0x410, 0x58, 0x0B, 0x0A)
        ]
        assert verdicts == ["failed", "failed", "retry", "failed", "retry", "failed"]

    @pytest.mark.parametrize("reason", ["response_timeout", "connection_lost"])
    def test_none(self, between, reason):
        item = self.settled(between, SubmitUnanswered(("m1", 1), reason))
        assert item == Settlement("m1", 1, "unknown", reason=reason)

    def test_one_that_comes_late_settles_it_after_all(self, between):
        item = self.settled(between, LateResponse(("m1", 1), 9, 0, "a1"))
        assert (item.verdict, item.message_id) == ("accepted", "a1")
        assert between.lines[0][0] == "mt.late_response"

    def test_a_late_refusal_is_only_told(self, between):
        between.hears(LateResponse(("m1", 1), 9, 0x58, ""))
        assert between.inbox.settled == []
        assert between.lines == [("mt.late_response", {"msg_id": "m1", "status": "ESME_RTHROTTLED"})]

    def test_what_else_a_session_tells_is_passed_over(self, between):
        between.hears(PduRejected("cut off", "deliver_sm", 20), DeliveryRefused(Pdu("deliver_sm", 0, 1), 0x14))
        assert between.inbox.settled == between.inbox.delivered == between.wire.answered == []


def text(octets=b"HELP", **fields):
    message = Message(
        source_addr_ton=1, source_addr="31612345678", destination_addr="1330", short_message=octets, **fields
    )
    return Pdu("deliver_sm", 0, 5, message)


class TestDeliveries:
    def test_a_text(self, between):
        between.hears(DeliveryReceived(TOKEN, text()))
        assert between.items == [SmsItem(NUMBER, "1330", "HELP", flow_id="f-1")]

    def test_it_is_answered_after_the_commit(self, between):
        between.hears(DeliveryReceived(TOKEN, text()))
        assert between.wire.answered == []
        (_, sink), *_ = between.inbox.delivered
        sink.done(0, DeliveryResult())
        assert between.wire.answered == [(TOKEN, p.ESME_ROK)]

    def test_a_part_of_one(self, between):
        between.hears(DeliveryReceived(TOKEN, text(b"\x05\x00\x03\x2a\x02\x01HE", esm_class=0x40)))
        assert between.items == [SmsItem(NUMBER, "1330", None, b"HE", 0, 0x2A, 1, 2, "f-1")]

    def test_a_receipt(self, between):
        octets = b"id:0000001291 sub:001 dlvrd:001 stat:UNDELIV err:027 text:HELP"
        between.hears(DeliveryReceived(TOKEN, text(octets, esm_class=4)))
        (receipt,) = between.items
        assert receipt == ReceiptItem(("1291", "50b", "4753"), NUMBER, "failed", "UNDELIV", "027")

    def test_every_id_as_it_was_written_comes_before_any_conversion(self, between):
        pdu = text(b"id:291 stat:DELIVRD err:000", esm_class=4)._replace(tlvs=(tlv("receipted_message_id", "123"),))
        between.hears(DeliveryReceived(TOKEN, pdu))
        (receipt,) = between.items
        assert receipt.keys[:2] == ("123", "291")

    @pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "NOVEL"])
    def test_a_receipt_that_changes_nothing(self, between, stat):
        between.hears(DeliveryReceived(TOKEN, text(f"id:1 stat:{stat}".encode(), esm_class=4)))
        assert between.items[0].state == ""

    def test_what_cannot_be_read_would_return_for_ever(self, between):
        between.hears(DeliveryReceived(TOKEN, text(b"\x01", data_coding=4)))
        assert between.items == []
        assert between.wire.answered == [(TOKEN, p.ESME_ROK)]
        assert between.lines[0][0] == "smpp.pdu_rejected"

    def test_a_full_inbox_says_later(self, between):
        between.inbox.full = True
        between.hears(DeliveryReceived(TOKEN, text()))
        assert between.wire.answered == [(TOKEN, p.ESME_RMSGQFUL)]


class TestFlood:
    """One sender cannot fill the inbox: the SMSC keeps what is too much (ESME_RTHROTTLED)."""

    @staticmethod
    def mo(number, sender="31612345678", **fields):
        body = Message(source_addr_ton=1, source_addr=sender, destination_addr="1330", short_message=b"HELP", **fields)
        return DeliveryReceived(Token(1, number), Pdu("deliver_sm", 0, number, body))

    def test_too_many_of_one_sender_are_brought_again(self, between):
        between.outbox.flood = Flood(undecided_max=2)
        between.hears(*(self.mo(number) for number in (1, 2, 3)), self.mo(4, "31687654321"))
        assert [item.sender for item in between.items] == [NUMBER, NUMBER, "+31687654321"]
        assert between.wire.answered == [(Token(1, 3), p.ESME_RTHROTTLED)]
        for _, sink in list(between.inbox.delivered):
            sink.done(0, DeliveryResult())
        between.hears(self.mo(5), self.mo(6))
        assert len(between.items) == 5

    def test_what_could_not_be_taken_is_not_under_way(self, between):
        between.outbox.flood = Flood(undecided_max=1)
        between.inbox.full = True
        between.hears(self.mo(1), self.mo(2))
        assert [status for _, status in between.wire.answered] == [p.ESME_RMSGQFUL] * 2
        between.inbox.full = False
        between.hears(self.mo(3), self.mo(4))
        assert len(between.items) == 1

    def test_a_receipt_that_cannot_be_taken_is_brought_again(self, between):
        between.inbox.full = True
        body = Message(source_addr_ton=1, source_addr="31612345678", esm_class=4, short_message=b"id:1 stat:DELIVRD")
        between.hears(DeliveryReceived(TOKEN, Pdu("deliver_sm", 0, 1, body)))
        assert between.wire.answered == [(TOKEN, p.ESME_RMSGQFUL)]

    def test_receipts_are_never_too_many(self, between):
        between.outbox.flood = Flood(undecided_max=1)
        body = Message(source_addr_ton=1, source_addr="31612345678", esm_class=4, short_message=b"id:1 stat:DELIVRD")
        between.hears(*(DeliveryReceived(Token(1, n), Pdu("deliver_sm", 0, n, body)) for n in range(5)))
        assert len(between.items) == 5
        for _, sink in list(between.inbox.delivered):
            sink.done(0, DeliveryResult())
        assert {status for _, status in between.wire.answered} == {p.ESME_ROK}
