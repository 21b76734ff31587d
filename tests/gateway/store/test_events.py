"""Events in the store: each counted once, answered in the words of the API, judged at the time it happened."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.items import EventResult
from gateway.store import judge
from gateway.store.settle import Settle
from tests.gateway.store.bench import IMSI, NUMBER, OTHER, OTHER_IMSI


def charged(bench, **of):
    return bench.get(**of)["cost"]["charged_eur"]


class TestOnce:
    def test_an_event_that_only_counts(self, served):
        result = served.one(served.usage(4, id="u-1"))
        assert result == EventResult("u-1", "accepted", "counted")
        assert served.get()["usage"]["outside_eu_bytes"] == 4_000_000

    def test_one_that_tells_names_its_kinds(self, served):
        result = served.one(served.usage(16, id="u-1"))  # 40 of 50 euro
        assert result == EventResult("u-1", "accepted", "notified", ("cost_80",))

    @pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
    def test_the_same_again_repeats_the_answer_and_counts_nothing(self, served, together):
        event = served.usage(16, id="u-1")
        if together:
            first, second = served.apply(event, event).results
        else:
            first, second = served.one(event), served.one(event)
        assert second == first._replace(status="duplicate")
        assert charged(served) == "40.00"
        assert served.sent() == [("cost_80", "pending")]
        assert [fields["source_event_id"] for fields in served.took("event.duplicate")] == ["u-1"]

    @pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two"])
    def test_other_content_under_a_known_id_is_a_conflict(self, served, together):
        events = served.usage(1, id="u-1"), served.usage(2, id="u-1")
        results = served.apply(*events).results if together else [served.one(event) for event in events]
        assert [result.status for result in results] == ["accepted", "conflict"]
        assert "u-1" in results[1].errors[0].message
        assert charged(served) == "2.50"
        assert served.took("event.conflict")

    def test_an_id_belongs_to_its_source(self, served):
        events = served.usage(1, id="b", source="/a"), served.usage(1, id="/ab", source=""), served.usage(1, id="b")
        assert {result.status for result in served.apply(*events).results} == {"accepted"}
        assert charged(served) == "7.50"

    def test_a_restart_forgets_no_id(self, served):
        event = served.usage(16)
        first = served.one(event)
        assert served.restart().one(event) == first._replace(status="duplicate")

    def test_results_stand_in_the_order_of_the_items(self, served):
        events = [served.usage(n, id=f"u-{n}", msisdn=NUMBER if n % 2 else OTHER) for n in range(1, 40)]
        results = served.apply(*events).results
        assert [result.id for result in results] == [event.id for event in events]
        assert [result.status for result in results] == ["accepted" if n % 2 else "rejected" for n in range(1, 40)]

    def test_more_than_any_batch_has(self, served):
        events = [served.usage(0.001) for _ in range(1500)]
        assert {result.status for result in served.apply(*events).results} == {"accepted"}
        assert served.get()["usage"]["outside_eu_bytes"] == 1_500_000


class TestRejected:
    @pytest.mark.parametrize("by", [{"msisdn": OTHER}, {"imsi": OTHER_IMSI}])
    def test_nobody_has_this_number(self, served, by):
        event = served.usage(1, **by)
        result = served.one(event)
        assert (result.status, result.code, result.errors[0].pointer) == ("rejected", "unknown_subscription", "/data")
        assert not served.sql("SELECT * FROM event")  # it may be sent again once there is one

    def test_it_may_be_sent_again_once_somebody_has_it(self, served):
        event = served.usage(1, msisdn=OTHER)
        first, _, again = served.apply(event, served.put(OTHER, bundles={"B": {"enabled": True}}), event).results
        assert (first.status, again.status) == ("rejected", "accepted")

    def test_a_month_that_is_closed(self, served):
        october = datetime(2026, 10, 20, tzinfo=UTC)
        served.later(days=13)
        assert served.one(served.usage(1, at=october)).outcome == "late"
        served.later(days=1)
        event = served.usage(1, at=october, id="late")
        result = served.one(event)
        assert (result.status, result.code) == ("rejected", "rejected_late")
        assert result.errors[0].pointer == "/data/used_at"
        # Q23: the row is kept, and says so again
        assert served.sql("SELECT answer FROM event WHERE answer LIKE '%late%' ORDER BY seq")[-1] == ("rejected_late",)
        again = served.restart().one(event)
        assert (again.status, again.code, again.errors[0].pointer) == ("rejected", "rejected_late", "/data/used_at")
        other = served.one(served.usage(2, at=october, id="late"))
        assert other.status == "conflict"
        assert charged(served, period="2026-10") == "2.50"

    def test_too_long_a_record_leaves_no_id(self, served):
        event = served.usage(1, started_at=datetime(2026, 8, 1, tzinfo=UTC))
        result = served.one(event)
        assert (result.status, result.code, result.errors[0].pointer) == ("rejected", "invalid", "/data/started_at")
        assert not served.sql("SELECT * FROM event")


class TestSessions:
    def total(self, bench):
        return bench.get()["usage"]["outside_eu_bytes"] // 1_000_000

    @pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in several"])
    @pytest.mark.parametrize("totals", [(1, 3, 5), (5, 3, 1), (3, 3, 5, 5), (1, 5, 3)])
    def test_running_totals_are_merged_by_maximum(self, served, totals, together):
        events = [served.usage(session="s", total_mb=total) for total in totals]
        for batch in [events] if together else [[event] for event in events]:
            served.apply(*batch)
        assert self.total(served) == 5

    def test_each_session_has_its_own(self, served):
        served.apply(served.usage(session="s", total_mb=2), served.usage(session="t", total_mb=3), served.usage(1))
        assert self.total(served) == 6

    def test_a_restart_remembers_it(self, served):
        served.apply(served.usage(session="s", total_mb=2))
        served.restart().apply(served.usage(session="s", total_mb=3))
        assert self.total(served) == 3

    def test_a_repeat_costs_nothing(self, served):
        event = served.usage(session="s", total_mb=2)
        served.apply(event, event)
        assert served.one(event).status == "duplicate"
        assert self.total(served) == 2

    def test_one_of_another_subscription_is_another(self, served):
        served.apply(served.put(OTHER, bundles={"B": {"enabled": True}}))
        served.apply(served.usage(session="s", total_mb=2), served.usage(session="s", total_mb=3, msisdn=OTHER))
        assert (self.total(served), served.get(OTHER)["usage"]["outside_eu_bytes"]) == (2, 3_000_000)

    @pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in several"])
    def test_a12_two_sims_may_use_one_name_at_once(self, served, together):
        sims = [{"imsi": IMSI, "role": "primary"}, {"imsi": OTHER_IMSI, "role": "multisim"}]
        served.apply(served.patch(sims=sims))
        events = [
            served.usage(session="1", total_mb=total, imsi=one) for one in (IMSI, OTHER_IMSI) for total in (3, 5)
        ]
        for batch in [events] if together else [[event] for event in events]:
            served.apply(*batch)
        assert self.total(served) == 10

    def test_a_sim_that_came_in_the_same_batch_has_its_own(self, served):
        served.apply(served.usage(session="s", total_mb=2))
        sims = [{"imsi": IMSI, "role": "primary"}, {"imsi": OTHER_IMSI, "role": "multisim"}]
        served.apply(served.patch(sims=sims), served.usage(session="s", total_mb=5, imsi=OTHER_IMSI))
        assert self.total(served) == 7


class TestAtItsTime:
    """Rules 5: a number is looked up at the moment of the event."""

    def test_usage_belongs_to_who_had_the_sim_then(self, served):
        before = served.now
        served.later(hours=1)
        served.apply(served.patch(sims=[{"imsi": "", "role": "primary", "msisdn": NUMBER}]))
        served.later(hours=1)
        sims = [{"imsi": IMSI, "role": "primary", "msisdn": OTHER}]
        assert served.one(served.put(OTHER, sims=sims, bundles={"B": {"enabled": True}})).status == 201
        served.later(hours=1)
        results = served.apply(
            served.usage(1, imsi=IMSI, at=before),
            served.usage(2, imsi=IMSI, at=before + timedelta(hours=1)),
            served.usage(4, imsi=IMSI, at=before + timedelta(hours=2)),
        ).results
        assert [result.status for result in results] == ["accepted", "rejected", "accepted"]
        assert (charged(served), charged(served, msisdn=OTHER)) == ("2.50", "10.00")

    def test_a_location_by_number_is_that_of_the_sim_with_it(self, served):
        combi = {"imsi": OTHER_IMSI, "role": "combi", "msisdn": OTHER}
        served.apply(served.patch(sims=[{"imsi": IMSI, "role": "primary"}, combi]))
        served.apply(served.location("310-410", msisdn=OTHER), served.location("206-01"))
        assert {spot["imsi"]: spot["country"] for spot in served.get()["location"]} == {OTHER_IMSI: "US", IMSI: "BE"}

    def test_the_first_owner_had_it_always(self, served):
        assert served.one(served.usage(1, at=datetime(2026, 10, 31, tzinfo=UTC))).outcome == "late"


class TestQuarantine:
    @pytest.fixture
    def tripping(self, monkeypatch):
        """A rule that trips over one volume, and over the text TRIP."""
        decide = judge.decide

        def trips(subscription, event, policy):
            if getattr(event, "volume_bytes", 0) == 13_000_000 or getattr(event, "text", "") == "TRIP":
                raise RuntimeError("a rule tripped")
            return decide(subscription, event, policy)

        monkeypatch.setattr(judge, "decide", trips)

    @pytest.mark.usefixtures("tripping")
    def test_the_event_alone_is_put_aside(self, served):
        before, bad, after = served.usage(1), served.usage(13), served.usage(2)
        results = served.apply(before, bad, after).results
        assert [(result.status, result.code) for result in results] == [
            ("accepted", None),
            ("rejected", "quarantined"),
            ("accepted", None),
        ]
        assert charged(served) == "7.50"
        ((error,),) = served.sql("SELECT error FROM quarantine")
        assert "a rule tripped" in error
        assert len(served.took("event.quarantined")) == 1

    @pytest.mark.usefixtures("tripping")
    def test_it_leaves_no_id_behind(self, served, monkeypatch):
        bad = served.usage(13)
        served.apply(bad)
        monkeypatch.undo()
        assert served.one(bad).status == "accepted"

    @pytest.mark.usefixtures("tripping")
    def test_a_text_is_answered_since_it_would_return_for_ever(self, served):
        result, _ = served.apply(served.text("TRIP"), served.text("HELP")).results
        assert result.taken
        assert served.sent() == [("help", "pending")]

    def test_a_change_of_the_portal(self, served, monkeypatch):
        monkeypatch.setattr(judge, "decide", lambda *_: 1 / 0)
        result = served.one(served.patch(language="en"))
        assert result.status == 500
        assert "put aside as q" in result.detail
        assert served.get()["language"] == "nl"

    def test_an_answer_of_the_smsc(self, served, monkeypatch):
        served.apply(served.text("HELP"))
        (send,) = served.claim()
        monkeypatch.setattr(Settle, "settlement", lambda *_: 1 / 0)
        results = served.apply(*served.answers(send, message_id="a"), served.usage(1)).results
        assert results[0] is None
        assert results[1].status == "accepted"
        assert len(served.sql("SELECT * FROM quarantine")) == 1

    def test_a_moment_that_came_is_not_tried_again_for_ever(self, served, monkeypatch):
        served.apply(served.usage(20))
        monkeypatch.setattr(judge, "decide", lambda *_: 1 / 0)
        served.now = served.store.next_due
        served.apply()
        assert served.store.next_due is None
        ((item,),) = served.sql("SELECT item FROM quarantine")
        assert item.startswith("due period of s")

    def test_sums_that_shrink_are_our_fault(self, served, monkeypatch):
        served.apply(served.usage(5))
        decide = judge.decide

        def shrinks(subscription, event, policy):
            decision = decide(subscription, event, policy)
            key = policy.period_of(event.at)
            return decision._replace(
                subscription=decision.subscription.with_period(
                    decision.subscription.in_period(key)._replace(outside_eu_bytes=1)
                )
            )

        monkeypatch.setattr(judge, "decide", shrinks)
        assert served.one(served.usage(5)).code == "quarantined"
        monkeypatch.undo()
        assert served.get()["usage"]["outside_eu_bytes"] == 5_000_000


class TestWhatLeaves:
    def test_blocks_are_told_to_the_network(self, served):
        served.apply(served.usage(1))
        pushed = served.apply(served.usage(20)).pushes
        ((one, seq, body),) = pushed
        assert '"outside_eu":"blocked"' in body
        assert (one, seq, body) in served.sql("SELECT subscription, seq, body FROM policy_push")

    def test_nobody_to_tell(self, shut):
        bench = shut.open(push=False)
        assert bench.apply(bench.put()).pushes == []
        assert not bench.sql("SELECT * FROM policy_push")

    def test_the_first_of_the_month_lifts_the_block(self, served):
        served.apply(served.usage(20))
        assert served.get()["data"]["reasons"] == ["COST_LIMIT"]
        due = served.store.next_due
        begin = datetime(2026, 11, 30, 23, tzinfo=UTC)
        assert begin <= due <= begin + timedelta(minutes=10)
        served.now = begin
        assert served.get()["data"]["outside_eu"] == "open"  # by the calendar alone; the network hears of it later
        served.now = due - timedelta(microseconds=1)
        assert served.apply().pushes == []
        served.now = due
        (push,) = served.apply().pushes
        assert '"outside_eu":"open"' in push[2]
        assert served.store.next_due is None
        assert served.get()["data"]["outside_eu"] == "open"

    def test_a_moment_that_passed_while_nobody_ran(self, served):
        served.apply(served.usage(20))
        served.close()
        served.later(days=60)
        served.open()
        assert len(served.apply().pushes) == 1

    def test_a_consent_is_kept_with_its_words(self, served):
        served.apply(served.usage(20), served.text("doorgaan"))
        ((level, charges, text),) = served.sql("SELECT level, charges_ueur, text FROM consent")
        assert (level, charges, text) == (100, 50_000_000, "doorgaan")
        assert served.get()["cost"]["state"] == "OPEN"


class TestUnknownNetworks:
    def test_a_warning_names_the_network(self, served):
        served.apply(served.usage(1, "999-99"), served.location("999-99"))
        assert [fact["plmn"] for fact in served.took("network.unknown")] == ["999-99", "999-99"]
        assert "network.unknown" in served.told.getvalue()

    def test_abroad_without_a_country_is_no_network(self, served):
        assert served.one(served.location("")).outcome == "ignored"
        assert served.took("network.unknown") == []


class TestAbsurdVolumes:
    """P11: what no counter has room for is put aside, and stops nothing else."""

    @pytest.mark.parametrize(("plmn", "volume"), [("901-14", 10**18), ("310-410", 2**63 - 1)])
    def test_one_record(self, served, plmn, volume):
        good, bad = served.usage(1), served.usage(volume / 1e6, plmn)
        bad = bad._replace(report=bad.report._replace(volume_bytes=volume))
        results = served.apply(bad, good).results
        assert [(result.status, result.code) for result in results] == [
            ("rejected", "quarantined"),
            ("accepted", None),
        ]
        assert served.get()["usage"]["outside_eu_bytes"] == 1_000_000

    @pytest.mark.parametrize("blocked", [False, True], ids=["counted", "leakage"])
    def test_two_that_are_too_much_together(self, served, blocked):
        served.apply(served.patch(blocks={"data_eu": blocked}))
        served.later(minutes=1)
        events = [served.usage(1, "262-01") for _ in range(2)]
        events = [one._replace(report=one.report._replace(volume_bytes=2**63 - 1)) for one in events]
        assert [result.code for result in served.apply(*events).results] == [None, "quarantined"]
        assert served.one(served.location()).status == "accepted"
