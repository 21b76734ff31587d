"""The portal's calls in the store: judged in the writer's transaction, conflicts told apart; what DELETE leaves."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from gateway.items import SmsItem
from gateway.store import judge
from tests.gateway.store.bench import IMSI, NUMBER, OTHER, OTHER_IMSI, THIRD

SESSION = "gtp-0a1b2c3d"


def sim(imsi, msisdn, role="primary"):
    return {"imsi": imsi, "role": role, "msisdn": msisdn}


class TestChange:
    def test_put_creates_and_shows_what_it_made(self, bench):
        result = bench.one(bench.put(customer="acme", language="en", cost_limit_eur=100))
        assert result.status == 201
        assert result.body == bench.get()
        assert (result.body["customer"], result.body["language"], result.body["cost_limit_eur"]) == ("acme", "en", 100)

    def test_put_again_changes_what_is_given_and_keeps_the_rest(self, served):
        result = served.one(served.put(language="en"))
        assert result.status == 200
        assert (result.body["customer"], result.body["language"]) == ("acme", "en")
        assert result.body == served.get()

    def test_patch_changes(self, served):
        assert served.one(served.patch(preferences={"INFO": False})).body["preferences"] == {
            "BERICHT": True,
            "INFO": False,
            "LIMIET": True,
        }
        assert served.took("portal.changed")[-1]["fields"] == ["preferences"]

    @pytest.mark.parametrize("verb", ["patch", "delete"])
    def test_a_number_that_nobody_has(self, bench, verb):
        result = bench.one(bench.put(verb=verb))
        assert (result.status, result.body) == (404, None)
        assert NUMBER in result.detail

    def test_what_cannot_be_is_refused_as_a_whole(self, served):
        result = served.one(served.patch(language="en", bundles={"WORLD": {"enabled": True}}))
        assert (result.status, result.errors[0].pointer) == (409, "/bundles/WORLD")
        assert served.get()["language"] == "nl"

    def test_a_value_that_is_not_allowed(self, served):
        result = served.one(served.patch(cost_limit_eur=11))
        assert (result.status, result.errors[0].pointer) == (422, "/cost_limit_eur")

    def test_one_conflict_rolls_back_nothing_else(self, served):
        first, second, third = served.apply(
            served.patch(language="en"),
            served.put(OTHER, sims=[sim(IMSI, OTHER)]),
            served.put(THIRD),
        ).results
        assert [first.status, second.status, third.status] == [200, 409, 201]
        assert served.get()["language"] == "en"
        assert served.get(OTHER) is None

    def test_items_of_one_batch_see_each_other(self, bench):
        created, patched, event, told, erased, gone = bench.apply(
            bench.put(bundles={"B": {"enabled": True}}),
            bench.patch(cost_limit_eur=100),
            bench.usage(40),
            bench.text("HELP"),
            bench.delete(),
            bench.patch(language="en"),
        ).results
        assert [created.status, patched.status, erased.status, gone.status] == [201, 200, 204, 404]
        assert event.kinds == ("cost_100_block",)
        assert told.taken


class TestNumbers:
    def test_an_imsi_of_another(self, served):
        result = served.one(served.put(OTHER, sims=[sim(OTHER_IMSI, OTHER), sim(IMSI, OTHER, "multisim")]))
        assert (result.status, [error.pointer for error in result.errors]) == (409, ["/sims/1/imsi"])

    def test_a_number_of_another(self, served):
        result = served.one(served.put(OTHER, sims=[sim(OTHER_IMSI, OTHER), sim("", NUMBER, "combi")]))
        assert (result.status, [error.pointer for error in result.errors]) == (409, ["/sims/1/msisdn"])

    def test_a_conflict_within_one_batch(self, bench):
        first, second, third = bench.apply(
            bench.put(NUMBER, sims=[sim(IMSI, NUMBER)]),
            bench.put(OTHER, sims=[sim(IMSI, OTHER)]),
            bench.put(OTHER, sims=[sim(OTHER_IMSI, OTHER)]),
        ).results
        assert [first.status, second.status, third.status] == [201, 409, 201]

    def test_an_imsi_that_was_let_go_in_the_same_batch(self, served):
        freed, taken = served.apply(
            served.patch(sims=[sim("", NUMBER)]), served.put(OTHER, sims=[sim(IMSI, OTHER)])
        ).results
        assert [freed.status, taken.status] == [200, 201]
        assert served.one(served.usage(1, imsi=IMSI, at=served.now)).status == "accepted"
        assert (
            served.get(OTHER)["usage"]["outside_eu_bytes"] + served.get(OTHER)["usage"]["leakage_bytes"] == 1_000_000
        )

    def test_the_number_of_anothers_combi_sim(self, served):
        served.apply(served.patch(sims=[sim(IMSI, NUMBER), sim(OTHER_IMSI, OTHER, "combi")]))
        assert served.one(served.put(OTHER)).status == 409
        assert [served.one(served.put(OTHER, verb)).status for verb in ("patch", "delete")] == [404, 404]
        assert served.get(OTHER) is None
        # a text from that number is the subscriber's all the same
        served.apply(served.text("HELP", OTHER))
        assert served.sent() == [("help", "pending")]

    def test_a_sim_change_closes_the_old_number(self, served):
        served.apply(served.patch(sims=[sim(IMSI, NUMBER), sim(OTHER_IMSI, OTHER, "combi")]))
        served.later(hours=1)
        served.apply(served.patch(sims=[sim(IMSI, NUMBER)]))
        changed_at = served.now
        served.later(hours=1)
        assert served.one(served.usage(1, msisdn=OTHER)).code == "unknown_subscription"
        assert served.one(served.usage(1, msisdn=OTHER, at=changed_at - timedelta(seconds=1))).status == "accepted"
        served.apply(served.text("HELP", OTHER))
        assert served.sent() == []
        assert served.took("mo.unknown_sender") == [{"flow_id": "f-2", "msisdn": OTHER, "provisioned": False}]

    def test_a_new_sim_in_the_same_phone(self, served):
        """The number stays; what was used with the old SIM is still known by it."""
        before = served.now
        served.later(hours=1)
        served.apply(served.patch(sims=[sim(OTHER_IMSI, NUMBER)]))
        served.later(hours=1)
        results = served.apply(
            served.usage(1, imsi=IMSI, at=before), served.usage(1, imsi=OTHER_IMSI), served.usage(1, imsi=IMSI)
        ).results
        assert [result.status for result in results] == ["accepted", "accepted", "rejected"]
        rows = served.sql("SELECT value, until IS NULL FROM number ORDER BY value, since")
        assert rows == [(NUMBER, 0), (NUMBER, 1), (IMSI, 0), (OTHER_IMSI, 1)]

    def test_given_and_taken_back_while_the_clock_stands(self, served):
        mine, other = [sim(IMSI, NUMBER)], [sim("", NUMBER)]
        for _ in range(3):
            served.apply(served.patch(sims=other))
            assert served.one(served.usage(1, imsi=IMSI)).code == "unknown_subscription"
            served.apply(served.patch(sims=mine))
            assert served.one(served.usage(1, imsi=IMSI)).status == "accepted"

    def test_no_text_to_a_number_that_has_no_subscription(self, served):
        served.apply(served.text("HELP", "+31600000000"), served.text("HELP", "BANK"))
        assert not served.sql("SELECT * FROM notification")

    def test_a_text_to_another_number_is_not_ours(self, served):
        assert served.one(SmsItem(NUMBER, "1331", "HELP")).taken
        assert served.sent() == []


class TestErase:
    """Personal data goes, counts stay."""

    WORDS = "een heel bijzondere tekst"
    CONSENT = "dOORGAAN"

    @pytest.fixture
    def lived(self, served):
        """A subscription to which everything happened that leaves something behind."""
        served.apply(served.put(THIRD, customer="acme"), served.text("HELP", THIRD))
        served.apply(served.location("310-410"), served.text(self.WORDS), served.usage(session=SESSION, total_mb=20))
        served.apply(served.text(self.CONSENT))
        for send in served.claim():
            served.apply(*served.answers(send, message_id=f"smsc-{send.notification}"))
        served.apply(served.usage(21), served.patch(notify_msisdn=OTHER, usage_alert_gb=2))
        return served

    def bytes_on_disk(self, bench):
        """The database and its log, after the log was written back and cut."""
        with closing(sqlite3.connect(bench.path)) as raw:
            assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        paths = [bench.path.with_name(bench.path.name + end) for end in ("", "-wal")]
        return b"".join(path.read_bytes() for path in paths if path.exists())

    def test_nothing_of_the_person_is_left(self, lived):
        held = self.bytes_on_disk(lived)
        texts = [text for (text,) in lived.sql("SELECT text FROM notification WHERE recipient <> ?", THIRD) if text]
        needles = [NUMBER[1:], IMSI, OTHER[1:], SESSION, self.CONSENT, *(text[:40] for text in texts)]
        assert [needle for needle in needles if needle.encode() not in held] == []
        assert lived.one(lived.delete()).status == 204
        left = self.bytes_on_disk(lived)
        assert [needle for needle in needles if needle.encode() in left] == []
        assert THIRD[1:].encode() in left  # the others are as they were
        assert lived.sent(THIRD)

    def test_parts_of_a_long_text_go_too(self, served):
        served.apply(SmsItem(NUMBER, "1330", None, b"the first half", 0, 7, 1, 2))
        served.apply(served.delete())
        left = self.bytes_on_disk(served)
        assert [needle for needle in (b"the first half", NUMBER[1:].encode()) if needle in left] == []

    def test_what_was_put_aside_goes_too(self, served, monkeypatch):
        monkeypatch.setattr(judge, "decide", lambda *_: 1 / 0)
        served.apply(served.text(self.WORDS), served.usage(1), served.usage(1, imsi=IMSI))
        monkeypatch.undo()
        served.apply(served.delete())
        left = self.bytes_on_disk(served)
        assert [needle for needle in (self.WORDS, NUMBER[1:], IMSI) if needle.encode() in left] == []

    def test_what_happened_in_the_same_batch_goes_too(self, served):
        served.apply(served.put(THIRD), served.text("INFO"))
        served.apply(
            served.text("HELP", THIRD),
            served.text("LIMIET"),
            served.usage(20),
            served.usage(session=SESSION, total_mb=1),
            served.text(self.CONSENT),
            served.patch(notify_msisdn=OTHER),
            served.delete(),
            served.patch(THIRD, language="en"),
        )
        left = self.bytes_on_disk(served)
        needles = (NUMBER[1:], OTHER[1:], IMSI, SESSION, self.CONSENT, "LIMIET staat")
        assert [needle for needle in needles if needle.encode() in left] == []
        assert served.sql("SELECT count(*) FROM due") == [(0,)]
        assert served.sql("SELECT charges_ueur FROM period") == [(50_000_000,)]  # counts stay
        # nobody else is touched
        assert (served.sent(THIRD), served.get(THIRD)["language"]) == ([("help", "pending")], "en")
        served.restart()
        assert [send.recipient for send in served.claim()] == [THIRD]

    def test_an_owner_of_one_batch_is_remembered(self, bench):
        bench.apply(bench.put(), bench.delete())
        began = bench.later(hours=1).now
        bench.apply(bench.put(bundles={"B": {"enabled": True}}))
        assert bench.one(bench.usage(1, at=began - timedelta(minutes=1))).code == "unknown_subscription"

    def test_many_at_once_leave_nothing_between_the_rows(self, served):
        """Rows that moved from page to page must not leave copies of themselves."""
        numbers = [f"+3161{n:07d}" for n in range(400)]
        for begin in range(0, 400, 100):
            some = numbers[begin : begin + 100]
            served.apply(*(served.put(number, customer=f"c{n % 7}") for n, number in enumerate(some)))
            served.apply(*(served.text("HELP", number) for number in some))
        erased = numbers[::3]
        served.apply(*(served.delete(number) for number in erased))
        left = self.bytes_on_disk(served)
        assert [number for number in erased if number[1:].encode() in left] == []
        assert all(number[1:].encode() in left for number in numbers if number not in erased)

    def test_counts_stay(self, lived):
        counted = lived.sql("SELECT charges_ueur, volume_bytes FROM period ORDER BY charges_ueur DESC LIMIT 1")
        texts = lived.sql("SELECT kind, state FROM notification ORDER BY seq")
        lived.apply(lived.delete())
        assert lived.sql("SELECT charges_ueur, volume_bytes FROM period ORDER BY charges_ueur DESC LIMIT 1") == counted
        after = lived.sql("SELECT kind, state FROM notification ORDER BY seq")
        assert [kind for kind, _ in after] == [kind for kind, _ in texts]
        assert lived.sql("SELECT count(*) FROM ledger")[0][0] > 0

    def test_it_is_gone_for_everyone(self, lived):
        lived.apply(lived.delete())
        assert (lived.get(), lived.one(lived.delete()).status) == (None, 404)
        assert lived.one(lived.usage(1)).code == "unknown_subscription"
        lived.apply(lived.text("HELP"))
        assert lived.took("mo.unknown_sender")
        assert lived.store.next_due is None or lived.sql("SELECT count(*) FROM due") == [(0,)]

    @pytest.mark.parametrize("restarted", [False, True])
    def test_a_recycled_number_begins_now(self, lived, restarted):
        lived.apply(lived.delete())
        lived.later(hours=1)
        if restarted:
            lived.restart()
        began = lived.now
        lived.apply(lived.put(NUMBER, bundles={"B": {"enabled": True}}, sims=[sim(IMSI, NUMBER)]))
        lived.later(hours=1)
        old, fresh = lived.apply(
            lived.usage(1, at=began - timedelta(minutes=1)), lived.usage(1, imsi=IMSI, at=began)
        ).results
        assert (old.code, fresh.status) == ("unknown_subscription", "accepted")
        assert lived.get()["cost"]["charged_eur"] == "2.50"
        assert lived.notifications() == []

    def test_what_waited_to_be_sent_is_cancelled(self, served):
        served.apply(served.text("HELP"), served.text("INFO"))
        assert len(served.dispatch) == 2
        served.apply(served.delete())
        assert len(served.dispatch) == 0
        assert served.claim() == []
        assert served.sql("SELECT state, text, recipient FROM notification") == [("cancelled", None, "")] * 2

    @pytest.mark.parametrize("verdict", ["retry", "unsent", "unknown"])
    @pytest.mark.parametrize("restarted", [False, True])
    def test_what_was_under_way_is_not_sent_again(self, served, verdict, restarted):
        served.apply(served.text("HELP"), served.text("INFO"))
        (send,) = served.claim()
        served.apply(served.delete())
        if restarted:
            served.restart()
        else:
            served.apply(*served.answers(send, verdict))
            served.transport_now += 60
        assert served.claim() == []
        assert {state for (state,) in served.sql("SELECT state FROM notification")} == {"cancelled"}
        assert len(served.dispatch) == 0

    def test_a_receipt_for_what_was_erased(self, served):
        served.apply(served.text("HELP"))
        (send,) = served.claim()
        served.apply(*served.answers(send, message_id="a1"))
        served.apply(served.delete())
        assert served.one(served.receipt("a1")).taken
        assert served.took("dlr.orphaned")
