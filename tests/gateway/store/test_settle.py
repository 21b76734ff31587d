"""What becomes of texts: every answer of an SMSC, receipts in any order and spelling, restarts, expiry."""

from datetime import timedelta

import pytest

from gateway.items import PushDone, Settlement
from gateway.store.settle import EARLY_KEPT, TEMPORARY_ATTEMPTS, TIMEOUTS, Backoff
from tests.gateway.store.bench import IMSI, NUMBER, OTHER

# Each status the gateway knows by number (SMPP 3.4 §5.1.3).
RMSGQFUL, RSYSERR, RTHROTTLED = 0x14, 0x08, 0x58


@pytest.fixture
def asked(served):
    """One short text waits to be sent."""
    served.apply(served.text("HELP"))
    return served


@pytest.fixture
def long(served):
    """One text of three parts waits to be sent."""
    served.apply(served.text("INFO"))
    (one,) = [row[0] for row in served.sql("SELECT id FROM notification")]
    served.close()
    served.write_from_beside("UPDATE notification SET parts = 3, text = ? WHERE id = ?", "lang " * 80, one)
    for number in (2, 3):
        served.write_from_beside(
            "INSERT INTO part SELECT notification, ?, state, NULL, NULL, reference, umr + ? FROM part"
            " WHERE number = 1",
            number,
            number,
        )
    return served.open()


def state(bench, number=NUMBER):
    """As the API shows it, and as it is."""
    ((kept,),) = bench.sql("SELECT state FROM notification WHERE recipient = ? ORDER BY seq DESC LIMIT 1", number)
    return bench.notifications(number)[-1]["state"], kept


def parts(bench):
    return [row[0] for row in bench.sql("SELECT state FROM part ORDER BY notification, number")]


class TestClaim:
    def test_a_text_leaves_with_what_it_is_to_say(self, asked):
        (send,) = asked.claim()
        shown = asked.notifications()[0]
        assert (send.notification, send.recipient, send.text) == (shown["id"], NUMBER, shown["text"])
        assert (send.validity_s, send.attempt, len(send.parts)) == (24 * 3600, 1, 1)
        assert state(asked) == ("pending", "inflight")

    def test_it_may_leave_in_the_transaction_that_decided_it(self, served):
        (send,) = served.apply(served.text("HELP"), slots=1).sends
        assert served.sql("SELECT state FROM part") == [("pending",)]
        assert send.text == served.notifications()[0]["text"]

    def test_later_it_is_worth_less_time(self, asked):
        asked.later(hours=23, minutes=59, seconds=58)
        (send,) = asked.claim()
        assert send.validity_s == 2

    def test_one_of_a_subscriber_at_a_time_in_the_order_of_decision(self, asked):
        asked.apply(asked.text("INFO"), asked.text("HULP"), asked.put(OTHER), asked.text("HELP", OTHER))
        order = []
        for turn in range(3):
            sends = asked.claim()
            assert len({send.recipient for send in sends}) == len(sends)
            order += [send.notification for send in sends if send.recipient == NUMBER]
            for send in sends:
                asked.apply(*asked.answers(send, message_id=f"x{turn}{send.recipient}"))
        assert order == [shown["id"] for shown in asked.notifications()]

    def test_no_more_than_there_is_room_for(self, served):
        numbers = [f"+3161000{n:04d}" for n in range(5)]
        served.apply(*(served.put(number) for number in numbers))
        served.apply(*(served.text("HELP", number) for number in numbers))
        assert [len(served.claim(slots)) for slots in (0, 2, 2, 2)] == [0, 2, 2, 1]

    def test_every_part_has_a_reference_of_its_own(self, served):
        """An SMSC may know a part that was sent again by its user_message_reference alone."""
        served.apply(served.patch(preferences={"INFO": False}))
        served.apply(*(served.text(text) for text in ("HELP", "INFO", "LIMIET", "BERICHT")))
        served.apply(served.location("206-01"), served.usage(20))
        seen = [row[0] for row in served.sql("SELECT umr FROM part")]
        assert len(seen) == len(set(seen)) >= 6


class TestAnswers:
    def test_accepted(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, message_id="5A3F09"))
        assert state(asked) == ("submitted", "submitted")
        assert asked.notifications()[0]["message_ids"] == ["5A3F09"]
        assert asked.took("mt.accepted")[0]["smsc_id"] == "5A3F09"
        assert len(asked.dispatch) == 0

    def test_accepted_without_an_id(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send))
        assert state(asked) == ("submitted", "submitted")

    @pytest.mark.parametrize("status", [RTHROTTLED, RMSGQFUL])
    def test_too_busy_is_tried_again_for_as_long_as_it_is_worth_it(self, asked, status):
        for attempt in range(1, 2 * TEMPORARY_ATTEMPTS):
            (send,) = asked.claim()
            assert send.attempt == attempt
            asked.apply(*asked.answers(send, "retry", status=status, reason="ESME_RTHROTTLED"))
            assert state(asked) == ("pending", "pending")
            assert asked.claim() == []
            wait_s = min(30, 0.5 * 2 ** (attempt - 1))
            assert asked.dispatch.next_retry() == asked.transport_now + wait_s
            asked.transport_now += wait_s
        assert asked.notifications()[0]["attempts"] == 2 * TEMPORARY_ATTEMPTS - 1
        assert asked.took("mt.retry_scheduled")[0] == {
            "flow_id": "f-2",
            "msg_id": send.notification,
            "msisdn": NUMBER,
            "status": "ESME_RTHROTTLED",
            "wait_s": 0.5,
        }

    def test_a_fault_that_lasts_is_not_temporary(self, asked):
        for _ in range(TEMPORARY_ATTEMPTS):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, "retry", status=RSYSERR, reason="ESME_RSYSERR"))
            asked.transport_now += 30
        assert asked.claim() == []
        assert state(asked) == ("failed", "failed")
        assert asked.notifications()[0]["reason"] == "ESME_RSYSERR"
        assert asked.took("mt.failed")[0]["attempts"] == TEMPORARY_ATTEMPTS

    def test_a_permanent_one_lets_the_next_go(self, asked):
        asked.apply(asked.text("INFO"))
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "failed", status=0x0B, reason="ESME_RINVDSTADR"))
        assert asked.sent() == [("help", "failed"), ("status", "pending")]
        assert asked.notifications()[0]["reason"] == "ESME_RINVDSTADR"
        assert [one.text for one in asked.claim()] == [asked.notifications()[1]["text"]]

    def test_a_back_off_holds_the_followers_of_that_subscriber_only(self, asked):
        asked.apply(asked.text("INFO"), asked.put(OTHER), asked.text("HELP", OTHER))
        mine, other = asked.claim()
        asked.apply(*asked.answers(mine, "retry", status=RTHROTTLED), *asked.answers(other, message_id="o"))
        asked.apply(asked.text("INFO", OTHER))
        assert [send.recipient for send in asked.claim()] == [OTHER]
        asked.transport_now += 0.5
        assert [send.notification for send in asked.claim()] == [mine.notification]

    def test_unsent_costs_no_attempt(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "unsent", reason="peer_unbound"))
        assert state(asked) == ("pending", "pending")
        (again,) = asked.claim()
        assert again.attempt == 1
        assert again.parts == send.parts
        assert not asked.took("mt.unknown")
        asked.apply(*asked.answers(again, "unsent", reason="peer_unbound"))
        assert asked.notifications()[0]["attempts"] == 0

    def test_an_answer_to_nothing_we_sent(self, asked):
        asked.apply(Settlement("m0", 1, "accepted", "x"))
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, message_id="a"), *asked.answers(send, "failed"))
        assert state(asked) == ("submitted", "submitted")


class TestUnknown:
    def test_it_is_sent_once_more_with_the_same_reference(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        assert state(asked) == ("submitted", "unknown")
        (again,) = asked.claim()
        assert again.parts == send.parts
        (told,) = asked.took("mt.unknown")
        assert (told["msg_id"], told["reason"], told["again"]) == (send.notification, "response_timeout", True)

    def test_a_silent_smsc_does_not_get_it_for_ever(self, asked):
        asked.apply(asked.text("INFO"))
        for _ in range(TIMEOUTS):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        assert [fields["again"] for fields in asked.took("mt.unknown")] == [True, False]
        assert state_of(asked, 0) == ("submitted", "no_answer")
        (following,) = asked.claim()
        assert following.notification == asked.notifications()[1]["id"]

    def test_given_up_on_it_is_not_taken_up_after_a_restart(self, asked):
        for _ in range(TIMEOUTS):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        asked.restart()
        assert asked.claim() == []

    def test_an_answer_after_all_while_it_waits_to_be_sent_again(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        asked.apply(*asked.answers(send, message_id="a"), asked.receipt("a"))
        assert state(asked) == ("delivered", "delivered")
        assert asked.claim() == []
        assert asked.notifications()[0]["message_ids"] == ["a"]

    def test_a_receipt_with_its_reference_shows_that_it_arrived(self, asked):
        (send,) = asked.claim()
        asked.close()
        asked.open(reconcile_s=5)
        ((_, _, reference),) = send.parts
        assert asked.claim() == []
        asked.apply(asked.receipt("a", recipient=OTHER, reference=reference))
        asked.apply(asked.receipt("b", reference=reference + 1))
        asked.apply(asked.receipt("c"))
        assert state(asked) == ("submitted", "unknown")
        asked.apply(asked.receipt("d", reference=reference))
        assert state(asked) == ("delivered", "delivered")
        assert asked.notifications()[0]["message_ids"] == ["d"]
        asked.transport_now += 5
        assert asked.claim() == []

    def test_of_several_parts_only_those_without_a_receipt_are_sent_again(self, long):
        (send,) = long.claim()
        long.close()
        long.open(reconcile_s=5)
        long.apply(long.receipt("a", reference=send.parts[1][2]))
        assert long.claim() == []
        long.transport_now += 5
        (again,) = long.claim()
        assert again.parts == (send.parts[0], send.parts[2])

    def test_it_waits_for_its_receipt_as_long_as_it_is_told_to(self, asked):
        asked.close()
        asked.open(reconcile_s=5)
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        assert asked.claim() == []
        asked.transport_now += 5
        (again,) = asked.claim()
        assert again.parts == send.parts

    @pytest.mark.parametrize("early", [False, True])
    def test_an_answer_after_all_once_it_was_given_up_on(self, asked, early):
        for _ in range(TIMEOUTS):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        asked.apply(asked.put(OTHER), asked.text("HELP", OTHER), slots=1)  # something is under way
        answers, receipt = asked.answers(send, message_id="a"), asked.receipt("a", "failed", error="027")
        asked.apply(receipt) if early else None
        asked.apply(*answers)
        asked.apply(receipt)
        assert state_of(asked, 0) == ("failed", "027")

    def test_an_answer_after_all_to_what_was_sent_again(self, asked):
        """The later of two ids is the one that no longer counts."""
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "unknown", reason="response_timeout"))
        (again,) = asked.claim()
        asked.apply(*asked.answers(send, message_id="a"))
        asked.apply(*asked.answers(again, message_id="b"))
        assert asked.notifications()[0]["message_ids"] == ["a"]
        assert state(asked) == ("submitted", "submitted")

    def test_an_answer_after_all_of_one_part_of_several(self, long):
        (send,) = long.claim()
        first, second, third = long.answers(send, message_id="a")
        gone = [Settlement(send.notification, number, "unknown", reason="response_timeout") for number in (1, 2)]
        long.apply(*gone)
        long.apply(first)  # while the third is still awaited
        long.apply(third)
        (again,) = long.claim()
        assert again.parts == send.parts[1:2]
        long.apply(*(Settlement(send.notification, 2, "unknown", reason="response_timeout"),))
        assert state(long) == ("submitted", "unknown")
        long.apply(second)
        assert state(long) == ("submitted", "submitted")
        assert long.notifications()[0]["message_ids"] == ["a-1", "a-2", "a-3"]

    def test_lost_sessions_are_no_timeouts(self, asked):
        for _ in range(2 * TIMEOUTS):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, "unknown", reason="connection_lost"))
        assert len(asked.claim()) == 1

    def test_what_was_under_way_when_the_process_died(self, asked):
        asked.apply(asked.text("INFO"))
        (send,) = asked.claim()
        asked.restart()
        assert asked.store.revived == [send.notification]
        assert state_of(asked, 0) == ("submitted", None)
        (again,) = asked.claim()
        assert (again.notification, again.parts, again.attempt) == (send.notification, send.parts, 2)
        assert again.text == send.text
        asked.apply(*asked.answers(again, message_id="a"))
        assert [one.notification for one in asked.claim()] == [asked.notifications()[1]["id"]]

    def test_waiting_ones_are_due_at_once_after_a_restart(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, "retry", status=RTHROTTLED))
        assert asked.claim() == []
        asked.restart()
        assert asked.store.revived == []
        (again,) = asked.claim()
        assert again.attempt == 2


def state_of(bench, index):
    shown = bench.notifications()[index]
    return shown["state"], shown["reason"]


class TestParts:
    def test_all_of_them_go_with_one_claim(self, long):
        (send,) = long.claim(1)
        assert [number for number, _, _ in send.parts] == [1, 2, 3]
        assert len({reference for _, reference, _ in send.parts}) == 1
        assert len({umr for _, _, umr in send.parts}) == 3
        long.apply(*long.answers(send, message_id="a"))
        assert state(long) == ("submitted", "submitted")
        assert long.notifications()[0]["message_ids"] == ["a-1", "a-2", "a-3"]

    def test_it_is_under_way_until_the_last_answer(self, long):
        long.apply(long.text("HELP"))
        (send,) = long.claim()
        first, second, third = long.answers(send, message_id="a")
        for answer in (third, first):
            assert long.apply(answer, slots=9).sends == []
        assert len(long.apply(second, slots=9).sends) == 1

    def test_only_what_is_unsettled_is_sent_again(self, long):
        (send,) = long.claim()
        first, second, third = long.answers(send, message_id="a")
        busy = Settlement(send.notification, 2, "retry", status=RTHROTTLED, reason="ESME_RTHROTTLED")
        long.apply(first, busy, third)
        assert state(long) == ("pending", "pending")
        assert parts(long) == ["accepted", "pending", "accepted"]
        long.transport_now += 1
        (again,) = long.claim()
        assert again.parts == send.parts[1:2]
        long.apply(second)
        assert state(long) == ("submitted", "submitted")

    def test_a_restart_sends_only_those_without_an_answer(self, long):
        (send,) = long.claim()
        long.apply(long.answers(send, message_id="a")[0])
        long.restart()
        (again,) = long.claim()
        assert again.parts == send.parts[1:]

    @pytest.mark.parametrize(
        ("answers", "becomes"),
        [
            (("accepted", "failed", "accepted"), "failed"),
            (("failed", "retry", "unknown"), "failed"),
            (("retry", "unknown", "accepted"), "unknown"),
            (("unsent", "retry", "accepted"), "pending"),
            (("unsent", "unsent", "accepted"), "pending"),
        ],
    )
    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    def test_the_gravest_answer_decides(self, long, answers, becomes, order):
        (send,) = long.claim()
        given = [
            Settlement(send.notification, n + 1, answers[n], f"i{n}", status=RSYSERR, reason="why") for n in order
        ]
        long.apply(*given)
        assert state(long)[1] == becomes
        assert (len(long.dispatch) == 0) == (becomes == "failed")

    @pytest.mark.parametrize(
        ("receipts", "becomes"),
        [
            (("delivered",), "submitted"),
            (("delivered", "delivered", "delivered"), "delivered"),
            (("delivered", "failed", "delivered"), "failed"),
            (("expired", "delivered", "delivered"), "expired"),
            (("expired", "failed", "delivered"), "expired"),  # final with the first that says so
        ],
    )
    def test_a_text_is_what_the_worst_of_its_parts_is(self, long, receipts, becomes):
        (send,) = long.claim()
        long.apply(*long.answers(send, message_id="a"))
        for number, receipt in enumerate(receipts, 1):
            long.apply(long.receipt(f"a-{number}", receipt))
        assert state(long) == (becomes, becomes)

    def test_a_receipt_for_one_part_does_not_end_the_wait_of_another(self, long):
        """Part 1 has arrived while part 2 waits for a retry: a restart must still send part 2."""
        (send,) = long.claim()
        first, _, third = long.answers(send, message_id="a")
        long.apply(first, third, Settlement(send.notification, 2, "retry", status=RTHROTTLED, reason="busy"))
        long.apply(long.receipt("a-1"), long.receipt("a-3"))
        assert state(long) == ("pending", "pending")
        long.restart()
        (again,) = long.claim()
        assert again.parts == send.parts[1:2]
        long.apply(*long.answers(again, message_id="b"), long.receipt("b"))
        assert state(long) == ("delivered", "delivered")

    def test_a_cancelled_text_stays_cancelled(self, long):
        (send,) = long.claim()
        first, second, _ = long.answers(send, message_id="a")
        long.apply(first, second, Settlement(send.notification, 3, "retry", status=RTHROTTLED, reason="busy"))
        long.close()
        long.write_from_beside("UPDATE notification SET kind = 'border_eu'")
        long.open().apply(long.location("310-410"))
        long.apply(long.receipt("a-1"))
        assert state_of(long, 0) == ("cancelled", None)


class TestReceipts:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("5A3F09", "5A3F09"),
            ("5A3F09", "5a3f09"),
            ("5914377", "5A3F09"),
            ("5A3F09", "5914377"),
            ("0000001291", "1291"),
            ("1291", "000000050B"),
            ("c2-mt-77", "c2-mt-77"),
        ],
    )
    @pytest.mark.parametrize("early", [False, True], ids=["after the answer", "before it"])
    def test_matched_however_it_is_spelt(self, asked, given, said, early):
        (send,) = asked.claim()
        receipt, answers = asked.receipt(said), asked.answers(send, message_id=given)
        if early:
            asked.apply(receipt)
            asked.apply(*answers)
        else:
            asked.apply(*answers)
            asked.apply(receipt)
        assert state(asked) == ("delivered", "delivered")
        assert [fields["msg_id"] for fields in asked.took("mt.delivered")] == [send.notification]

    @pytest.mark.parametrize("becomes", ["delivered", "failed", "expired"])
    def test_what_it_says(self, asked, becomes):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, message_id="a1"))
        asked.apply(asked.receipt("a1", becomes, error="027"))
        assert state(asked) == (becomes, becomes)
        assert asked.notifications()[0]["reason"] == ("027" if becomes == "failed" else None)

    def test_an_early_one_that_failed(self, asked):
        (send,) = asked.claim()
        asked.apply(asked.receipt("a1", "failed", error="027"))
        asked.apply(*asked.answers(send, message_id="a1"))
        assert state_of(asked, 0) == ("failed", "027")

    def test_one_under_way_changes_nothing(self, asked):
        (send,) = asked.claim()
        asked.apply(asked.receipt("a1", ""))
        asked.apply(*asked.answers(send, message_id="a1"))
        asked.apply(asked.receipt("a1", ""))
        assert state(asked) == ("submitted", "submitted")

    @pytest.mark.parametrize("early", [False, True])
    def test_the_first_final_one_holds(self, asked, early):
        (send,) = asked.claim()
        answers, receipts = asked.answers(send, message_id="a1"), [asked.receipt("a1"), asked.receipt("a1", "failed")]
        if early:
            asked.apply(*receipts)
            asked.apply(*answers)
        else:
            asked.apply(*answers, *receipts)
        assert state(asked) == ("delivered", "delivered")
        assert len(asked.took("mt.delivered")) == 1
        assert not asked.took("mt.failed")

    def test_nobody_knows_it(self, asked):
        asked.apply(asked.receipt("a1"))
        assert [fields["smsc_id"] for fields in asked.took("dlr.orphaned")] == ["a1"]
        assert not asked.sql("SELECT * FROM early_receipt")

    @pytest.mark.parametrize("early", [False, True])
    def test_the_same_id_of_another_subscribers_text(self, asked, early):
        """The decimal 291 is the hexadecimal 123: two texts, and each receipt is for one of them."""
        asked.apply(asked.put(OTHER), asked.text("HELP", OTHER))
        mine, other = asked.claim()
        answers = asked.answers(mine, message_id="291"), asked.answers(other, message_id="123")
        receipt = asked.receipt("123", "failed", recipient=OTHER)
        if early:
            asked.apply(receipt)
            asked.apply(*answers[0], *answers[1])
        else:
            asked.apply(*answers[0], *answers[1])
            asked.apply(receipt)
        assert (state(asked)[0], state(asked, OTHER)[0]) == ("submitted", "failed")

    def test_an_id_that_came_round(self, asked):
        asked.apply(asked.text("INFO"))
        for _ in range(2):
            (send,) = asked.claim()
            asked.apply(*asked.answers(send, message_id="1"))
        asked.apply(asked.receipt("1"))
        assert [shown["state"] for shown in asked.notifications()] == ["submitted", "delivered"]

    def test_early_ones_whose_answer_never_comes_are_swept_out(self, asked):
        asked.claim()
        asked.apply(asked.receipt("a1"))
        asked.later(minutes=59).apply(asked.receipt("a2"))
        assert len(asked.sql("SELECT * FROM early_receipt")) == 2
        asked.later(minutes=1, seconds=1).apply(asked.receipt("a3"))
        assert timedelta(hours=1) == EARLY_KEPT
        assert len(asked.sql("SELECT * FROM early_receipt")) == 2

    def test_early_ones_hold_no_number(self, asked):
        asked.claim()
        asked.apply(asked.receipt("a1"))
        ((key,),) = asked.sql("SELECT key FROM early_receipt")
        assert NUMBER[1:] not in key


class TestOver:
    def test_what_waited_longer_than_it_was_worth(self, asked):
        asked.apply(asked.text("INFO"))
        asked.later(hours=24, seconds=-1).apply()
        assert len(asked.dispatch) == 2
        asked.later(seconds=1).apply()
        assert asked.sent() == [("help", "expired"), ("status", "expired")]
        assert len(asked.took("mt.expired")) == 2
        assert asked.claim() == []

    def test_while_it_is_under_way_it_does_not_expire(self, asked):
        (send,) = asked.claim()
        asked.later(hours=25).apply()
        assert state(asked) == ("pending", "inflight")
        asked.apply(*asked.answers(send, "retry", status=RTHROTTLED))
        asked.apply()
        assert state(asked) == ("expired", "expired")

    def test_it_expires_after_a_restart_too(self, asked):
        asked.close()
        asked.later(hours=25)
        asked.open()
        assert asked.claim() == []
        assert state(asked) == ("expired", "expired")

    def test_a_receipt_after_that_changes_nothing(self, asked):
        (send,) = asked.claim()
        asked.apply(*asked.answers(send, message_id="a"))
        asked.apply(asked.receipt("a", "expired"))
        asked.apply(asked.receipt("a", "delivered"))
        assert state(asked) == ("expired", "expired")

    def test_a_newer_border_text_takes_the_place_of_one_that_has_not_left(self, served):
        """Q51."""
        served.apply(served.location("206-01"))
        served.later(minutes=1).apply(served.text("HELP"), served.location("310-410"))
        assert served.sent() == [
            ("border_eu", "cancelled"),
            ("help", "pending"),
            ("border_world_no_bundle", "pending"),
        ]
        assert len(served.took("mt.cancelled")) == 1
        order = []
        while sends := served.claim():
            order += [send.notification for send in sends]
            served.apply(*served.answers(sends[0], message_id=f"a{len(order)}"))
        assert order == [shown["id"] for shown in served.notifications()[1:]]

    def test_within_one_batch_too(self, served):
        served.apply(served.location("206-01"), served.location("310-410"), slots=9)
        assert [one for _, one in served.sent()] == ["cancelled", "pending"]
        assert served.sql("SELECT count(*) FROM notification WHERE state = 'inflight'") == [(1,)]

    def test_one_that_has_left_stays(self, served):
        served.apply(served.location("206-01"), slots=1)
        served.apply(served.location("310-410"))
        assert [one for _, one in served.sent()] == ["pending", "pending"]
        assert not served.took("mt.cancelled")

    def test_one_that_waits_for_a_retry_is_cancelled_after_a_restart(self, served):
        (send,) = served.apply(served.location("206-01"), slots=1).sends
        served.apply(*served.answers(send, "retry", status=RTHROTTLED))
        served.restart().apply(served.location("310-410"))
        assert [one for _, one in served.sent()] == ["cancelled", "pending"]

    @pytest.mark.parametrize("restarted", [False, True])
    def test_that_of_a_combi_sim_by_one_of_the_same_and_of_no_other(self, served, restarted):
        """Q51: before and after a restart, also of the second text where usage is seen only later (Q62)."""
        combis = [{"imsi": f"20408000000010{n}", "role": "combi", "msisdn": f"+3165555550{n}"} for n in (1, 2)]
        served.apply(served.patch(sims=[{"imsi": IMSI, "role": "primary"}, *combis]))
        first, second = (combi["imsi"] for combi in combis)
        served.apply(*(served.location("438-02", imsi=imsi) for imsi in (first, second, IMSI)))
        if restarted:
            served.restart()
        served.later(minutes=1).apply(served.location("310-410", imsi=first))
        assert [one for _, one in served.sent()] == ["cancelled"] * 2 + ["pending"] * 5
        served.apply(served.location("206-01", imsi=IMSI))
        assert [one for _, one in served.sent()] == [
            *["cancelled"] * 2,  # of the first Combi SIM
            *["pending"] * 2,  # of the second
            *["cancelled"] * 2,  # of the own handset
            *["pending"] * 2,
        ]


def test_a_policy_that_the_network_took_goes(served):
    ((one, seq),) = served.sql("SELECT subscription, seq FROM policy_push")
    assert [(row[0], row[1]) for row in served.restart().store.pushes] == [(one, seq)]
    served.apply(PushDone(one, seq))
    assert served.restart().store.pushes == []


def test_back_off_doubles_up_to_its_most():
    backoff = Backoff(0.5, 30)
    assert [backoff.after(attempts) for attempts in (1, 2, 3, 7, 8, 10_000)] == [0.5, 1, 2, 30, 30, 30]
