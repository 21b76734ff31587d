"""What GET shows: pages, cursors, earlier months, decisions told and counted, one state at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.store import reads
from gateway.store.views import euro, instant
from tests.gateway.store.bench import IMSI, NUMBER, OTHER, OTHER_IMSI, THIRD


class TestSubscription:
    def test_one_that_is_not_there(self, bench):
        assert bench.get() is None
        assert bench.runner.run(bench.reads.notifications(NUMBER, None, None)) is None
        assert bench.runner.run(bench.reads.decisions(NUMBER, None, None)) is None

    def test_all_that_the_portal_set(self, bench):
        given = {
            "customer": "acme",
            "language": "en",
            "type": "voice_data",
            "bundle_gb": "unlimited",
            "sims": [
                {"imsi": IMSI, "role": "primary", "msisdn": NUMBER},
                {"imsi": OTHER_IMSI, "role": "combi", "msisdn": OTHER},
            ],
            "sms_capable": False,
            "notify_msisdn": THIRD,
            "m2m": True,
            "cost_limit_eur": 200,
            "hard_cap": True,
            "usage_alert_gb": 2.5,
            "roaming_limit_mb": 500,
            "bundles": {
                "A": {"enabled": True, "max_per_month": 3},
                "B": {"enabled": False, "max_per_month": 10},
                "ROW": {"enabled": True, "max_per_month": 1},
                "WORLD": {"enabled": False, "max_per_month": 10},
            },
            "blocks": {
                "data_outside_eu": True,
                "data_eu": True,
                "roaming": False,
                "premium": True,
                "international_calls": True,
                "zero_bundle_lifted": True,
            },
            "preferences": {"BERICHT": False, "INFO": True, "LIMIET": False},
        }
        bench.apply(bench.put(**given))
        shown = bench.restart().get()
        assert {name: shown[name] for name in given} == given
        assert shown["msisdn"] == NUMBER
        assert shown["data"] == {
            "eu": "blocked",
            "outside_eu": "blocked",
            "blocked_categories": [],
            "reasons": ["ADMIN_DATA_NON_EU", "ADMIN_DATA_EU"],
        }

    def test_its_counters(self, served):
        served.apply(served.usage(3, "204-08"), served.usage(2), served.usage(20), served.usage(7))
        assert served.get()["usage"] == {
            "domestic_eu_bytes": 3_000_000,
            "outside_eu_bytes": 22_000_000,
            "leakage_bytes": 7_000_000,
        }
        assert served.get()["cost"] == {
            "state": "BLOCKED_100",
            "charged_eur": "55.00",
            "limit_eur": 50,
            "pending_limit": None,
        }

    def test_a_lowered_limit_waits(self, served):
        served.apply(served.patch(cost_limit_eur=10))
        assert served.get()["cost"]["pending_limit"] == {"eur": 10, "from": "2026-12-01"}
        assert served.get()["cost_limit_eur"] == 50
        assert served.get(period="2026-12")["cost"]["limit_eur"] == 10

    def test_an_earlier_month(self, served):
        served.apply(served.usage(20))
        served.now = datetime(2026, 12, 5, tzinfo=UTC)
        served.apply(served.usage(1))
        assert served.get()["period"] == "2026-12"
        assert served.get()["cost"]["charged_eur"] == "2.50"
        november = served.get(period="2026-11")
        assert (november["period"], november["cost"]["charged_eur"]) == ("2026-11", "50.00")
        assert november["cost"]["state"] == "BLOCKED_100"
        served.now = datetime(2027, 9, 5, tzinfo=UTC)
        assert served.restart().get(period="2026-11")["cost"]["charged_eur"] == "50.00"
        assert served.get(period="2026-01")["cost"]["charged_eur"] == "0.00"

    def test_where_its_sims_are(self, served):
        served.apply(served.location("310-410"))
        since = served.now
        served.later(hours=1).apply(served.location("310-260"))
        ((spot),) = served.get()["location"]
        assert spot == {"imsi": IMSI, "plmn": "310-260", "country": "US", "zone": "A", "since": instant(since)}

    def test_a_sim_without_an_imsi(self, bench):
        bench.apply(bench.put(), bench.location("206-01"))
        assert bench.get()["sims"] == [{"imsi": None, "role": "primary", "msisdn": NUMBER}]
        assert bench.get()["location"][0]["imsi"] is None

    @pytest.mark.parametrize(
        ("ueur", "shown"),
        [(0, "0.00"), (4_999, "0.00"), (5_000, "0.01"), (39_995_000, "40.00"), (10**12, "1000000.00")],
    )
    def test_money_is_half_up(self, ueur, shown):
        assert euro(ueur) == shown

    def test_one_state_whatever_the_writer_does(self, served, monkeypatch):
        """Erased between two statements of a reader: it still sees the subscription whole, or not at all."""
        found = reads._id

        def erased_meanwhile(raw, msisdn):
            one = found(raw, msisdn)
            served.write_from_beside("DELETE FROM subscription")
            return one

        monkeypatch.setattr(reads, "_id", erased_meanwhile)
        assert served.get()["msisdn"] == NUMBER
        monkeypatch.undo()
        assert served.get() is None

    def test_a_reader_that_fails_leaves_the_next_alone(self, served, monkeypatch):
        monkeypatch.setattr(reads, "subscription_view", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            served.get()
        monkeypatch.undo()
        assert served.get()["msisdn"] == NUMBER


class TestList:
    def page(self, bench, customer=None, cursor=None, limit=None):
        page = bench.runner.run(bench.reads.subscriptions(customer, cursor, limit))
        return [item["msisdn"] for item in page["items"]], page["cursor"]

    @pytest.fixture
    def seven(self, bench):
        bench.numbers = [f"+3161000000{n}" for n in range(7)]
        bench.apply(*(bench.put(number, customer="ab"[n % 2]) for n, number in enumerate(bench.numbers)))
        return bench

    def test_page_by_page(self, seven):
        seen, cursor = [], None
        for size in (3, 3, 1):
            page, cursor = self.page(seven, cursor=cursor, limit=3)
            assert len(page) == size
            seen += page
        assert (seen, cursor) == (seven.numbers, None)

    def test_a_page_that_is_just_full_is_the_last(self, seven):
        assert self.page(seven, limit=7) == (seven.numbers, None)

    def test_of_one_customer(self, seven):
        assert self.page(seven, customer="b") == (seven.numbers[1::2], None)
        assert self.page(seven, customer="b", limit=2) == (seven.numbers[1:5:2], seven.numbers[3])
        assert self.page(seven, customer="nobody") == ([], None)

    def test_a_customer_that_was_changed(self, seven):
        seven.apply(seven.patch(seven.numbers[0], customer="b"))
        assert self.page(seven, customer="b")[0][0] == seven.numbers[0]

    def test_the_most_there_is(self, bench, monkeypatch):
        monkeypatch.setattr(reads, "PAGE_MAX", 2)
        bench.apply(*(bench.put(f"+3161000000{n}") for n in range(3)))
        assert len(self.page(bench, limit=1000)[0]) == 2


class TestNotifications:
    def test_sent_and_not_sent_in_the_order_of_decision(self, served):
        served.apply(served.patch(preferences={"LIMIET": False}))
        served.apply(served.text("HELP"), served.usage(16), served.text("INFO"))
        sent, silenced, _ = served.notifications()
        assert [one["kind"] for one in served.notifications()] == ["help", "cost_80", "status"]
        assert sent == {
            "id": sent["id"],
            "kind": "help",
            "state": "pending",
            "reason": None,
            "text": sent["text"],
            "language": "nl",
            "parts": 1,
            "encoding": "gsm7",
            "to": NUMBER,
            "created_at": "2026-11-02T09:00:00.000Z",
            "event": {"source": "smpp", "id": ""},
            "flow_id": "f-2",
            "attempts": 0,
            "message_ids": [],
        }
        assert (silenced["state"], silenced["reason"]) == ("suppressed", "preference:LIMIET")
        assert (silenced["text"], silenced["encoding"], silenced["parts"]) == (None, None, 0)
        assert silenced["event"] == {"source": "/mediation/1", "id": "e-1"}

    def test_the_cursor(self, served):
        served.apply(*(served.text(text) for text in ("HELP", "INFO", "LIMIET")))
        first = served.runner.run(served.reads.notifications(NUMBER, None, 2))
        assert [one["kind"] for one in first["items"]] == ["help", "status"]
        second = served.runner.run(served.reads.notifications(NUMBER, first["cursor"], 2))
        assert len(second["items"]) == 1
        third = served.runner.run(served.reads.notifications(NUMBER, second["cursor"], 2))
        assert (third["items"], third["cursor"]) == ([], second["cursor"])

    @pytest.mark.parametrize("after", [None, "", "x", "²", "-1"])
    def test_what_is_no_cursor_is_the_beginning(self, served, after):
        served.apply(served.text("HELP"))
        assert len(served.notifications(after=after)) == 1


class TestDecisions:
    def test_why(self, served):
        served.apply(served.usage(16, id="u-1"))
        told = served.decisions()[-1]
        assert told["event"] == {"type": "usage.reported", "source": "/mediation/1", "id": "u-1"}
        assert (told["outcome"], told["sent"], told["not_sent"]) == ("notified", ["cost_80"], [])
        (finding,) = (one for one in told["findings"] if one["rule"] == "G4")
        assert finding["result"] == "send"
        assert finding["figures"]["charges_ueur"] == 40_000_000
        assert told["tariffs"] == "2026-sample"
        assert told["policy"]

    def test_why_not(self, served):
        served.apply(served.patch(preferences={"LIMIET": False}), served.usage(16))
        told = served.decisions()[-1]
        assert (told["outcome"], told["not_sent"]) == (
            "suppressed",
            [{"kind": "cost_80", "reason": "preference:LIMIET"}],
        )

    def test_what_only_counted_is_listed_too(self, served):
        used_at = served.now - timedelta(minutes=5)
        served.apply(served.usage(1, at=used_at))
        served.apply(served.usage(1), served.text("HELP"), served.usage(1))
        outcomes = [one["outcome"] for one in served.decisions()]
        assert outcomes[1:] == ["counted", "counted", "notified", "counted"]
        counted = served.decisions()[1]
        assert counted["at"] == instant(served.now)
        figures = {"charges_ueur": 2_500_000, "limit_ueur": 50_000_000, "pct": 80}
        assert {"rule": "G4", "result": "below_threshold", "figures": figures} in counted["findings"]
        assert counted["event"]["bytes"] == 1_000_000
        assert counted["event"]["id"].startswith("e-")
        assert counted["decided_at"] == instant(served.now)
        assert not served.sql("SELECT body FROM decision WHERE body LIKE '%counted%'")

    def test_leakage_is_told_with_what_leaked(self, served):
        served.apply(served.usage(20))
        served.later(minutes=1).apply(served.usage(3))
        (finding,) = served.decisions()[-1]["findings"]
        assert (finding["rule"], finding["figures"]["bytes"]) == ("Q25", 3_000_000)

    def test_q23_a_record_that_came_too_late_is_listed(self, served):
        served.later(days=20).apply(served.usage(1, at=datetime(2026, 10, 9, tzinfo=UTC)))
        assert served.decisions()[-1]["outcome"] == "rejected_late"

    def test_an_erasure_takes_the_names_of_events_along(self, served):
        served.apply(served.usage(1, id="call of +31612345678"), served.usage(1))
        served.restart().apply(served.usage(1, id="another of +31612345678"))
        served.apply(served.delete())
        assert served.sql("SELECT trace FROM event") == [("",)] * 3

    def test_of_more_than_one_month(self, served):
        served.apply(served.usage(1), served.usage(2, at=datetime(2026, 10, 9, tzinfo=UTC)))
        served.restart()
        served.apply(served.usage(1), served.usage(2, at=datetime(2026, 10, 9, tzinfo=UTC)))
        assert [one["outcome"] for one in served.decisions()][1:] == ["counted", "late", "counted", "late"]

    def test_the_list_goes_on_over_batches_and_restarts(self, served):
        for _ in range(3):
            served.apply(*(served.usage(0.001) for _ in range(4)))
            served.restart()
        assert [one["outcome"] for one in served.decisions()][1:] == ["counted"] * 12

    def test_it_is_whole_beside_an_event_that_led_to_a_text(self, served):
        for volume in (1, 1, 15):
            served.apply(served.usage(volume))
        assert [one["outcome"] for one in served.decisions()][1:] == ["counted", "counted", "notified"]

    def test_it_goes_on_behind_an_event_that_was_put_aside(self, served, monkeypatch):
        from gateway.store import judge

        served.apply(served.usage(1))
        decide = judge.decide
        monkeypatch.setattr(judge, "decide", lambda *_: 1 / 0)
        served.apply(served.usage(1))
        monkeypatch.setattr(judge, "decide", decide)
        served.apply(served.usage(1))
        assert [one["outcome"] for one in served.decisions()][1:] == ["counted", "counted"]

    def test_page_by_page(self, served):
        for n in range(5):
            served.apply(served.usage(1), served.text("INFO" if n % 2 else "LIMIET"))
            served.later(minutes=1)
        every = served.decisions()
        seen, cursor = [], None
        for _ in range(5):
            page = served.runner.run(served.reads.decisions(NUMBER, cursor, 3))
            seen += page["items"]
            cursor = page["cursor"]
        assert len(seen) == 11
        assert seen == every

    def test_no_more_than_so_many_of_a_month(self, served, monkeypatch):
        monkeypatch.setattr(reads, "COUNTED_MAX", 3)
        served.apply(*(served.usage(1, id=f"u-{n}") for n in range(5)))
        assert len(served.decisions()) == 1 + 3
