"""Cost control outside the EU as conversations; the ladder against its reference model is in test_cost_ladder."""

import pytest

from handlers.effects import Phrase
from handlers.events import PeriodBegan

END = "2026-12-01 00:00"
PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": "+31612345678"}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}


def reaches_200(told):
    told.uses("US", mb=20).wakes(END).hears("cost_200_block")
    return told.data(outside_eu="blocked", reasons=("COST_LIMIT",)).silence()


# The ladder


def test_g1_g4_80_percent_is_announced_and_blocks_nothing(story):
    told = story()
    told.uses("US", volume_bytes=15_999_999).silence()
    told.uses("US", volume_bytes=1).hears("cost_80", eur=40_000_000, limiet=50_000_000).came("notified")
    told.because("G4", "send", charges_ueur=40_000_000, limit_ueur=50_000_000, pct=80)
    assert (told.cost, told.allowed.outside_eu) == ("OPEN", "open")
    told.uses("US", mb=1).silence().came("counted").because("G4", "already_notified")


def test_g6_q15_q16_100_percent_blocks_from_the_record_that_reached_it(story):
    told = story()
    told.uses("US", mb=19).hears("cost_80")
    told.later(hours=2).uses("US", mb=1, used_at="2026-11-02 10:30").wakes(END)
    told.hears("cost_100_block", limiet=50_000_000, limiet2=100_000_000, mb=2_500_000)
    told.data(eu="open", outside_eu="blocked", blocked_categories=(), reasons=("COST_LIMIT",)).silence()
    assert told.cost == "BLOCKED_100"
    assert told.rows("COST_LIMIT") == [(told.at("2026-11-02 10:30"), None, 100)]
    told.uses("DE", mb=1).came("counted")  # Q16
    told.uses("JP", mb=1).silence().came("leakage")  # Q15: bundle or not


def test_g7_g8_each_answer_lifts_one_block_and_after_the_second_there_is_no_more(story):
    told = story().reaches_100().later(minutes=1)
    told.texts("DOORGAAN")
    told.hears("cost_lifted_100", mb=2_500_000, limiet2=100_000_000, eur=50_000_000, min=15)
    told.consents(block_id="s1-b1", level=100, period="2026-11", charges_ueur=50_000_000, rate_ueur_per_mb=2_500_000)
    told.data(outside_eu="open", reasons=())
    told.uses("US", mb=19).silence().because("G7", "consented")
    told.uses("US", mb=1).wakes(END)
    told.hears("cost_200_block", eur=100_000_000, limiet2=100_000_000, mb=2_500_000, datum=told.at(END))
    told.data(outside_eu="blocked").later(minutes=1)
    told.texts("ja").hears("cost_lifted_200", mb=2_500_000, eur=100_000_000).because("G8", "send")
    told.consents(block_id="s1-b2", level=200, text="ja").data(outside_eu="open")
    last = dict(told.judged.effects[0].fields)["tot"]
    assert last.astimezone(told.policy.timezone).date().isoformat() == "2026-11-30"
    told.uses("US", mb=1000).silence().came("counted").because("Q58", "open_rest_of_month")
    assert told.cost == "OPEN_REST_OF_MONTH"
    rows = [(start, end) for start, end, _ in told.rows("COST_LIMIT")]
    assert rows == [
        (told.at("2026-11-02 09:00"), told.at("2026-11-02 09:01")),
        (told.at("2026-11-02 09:01"), told.now),
    ]


@pytest.mark.parametrize(
    ("place", "eighty", "rate"), [("US", 16, 2_500_000), ("AR", 8, 5_000_000), ("SHIP", 4, 10_000_000)]
)
def test_q11_q63_reaching_is_enough_and_the_text_names_the_zone_that_crossed(story, place, eighty, rate):
    told = story()
    told.uses(place, mb=eighty).hears("cost_80")
    told.uses(place, mb=eighty / 4).wakes(END).hears("cost_100_block", mb=rate).data(outside_eu="blocked")


def test_q8_only_the_highest_level_acts_and_one_answer_then_opens_to_the_end(story):
    told = story()
    told.uses("US", mb=52).wakes(END).not_told("cost_80", "superseded").not_told("cost_100_block", "superseded")
    told.hears("cost_200_block", eur=130_000_000).data(outside_eu="blocked").came("notified")
    told.texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")
    assert told.cost == "OPEN_REST_OF_MONTH"


def test_q2_q3_limiet_off_silences_the_warning_alone(story):
    told = story({"preferences": {"LIMIET": False}})
    told.uses("US", mb=16).not_told("cost_80", "preference:LIMIET").came("suppressed")
    told.texts("LIMIET AAN").hears("pref_limiet_on")
    told.uses("US", mb=1).silence().because("G4", "already_notified")
    told.texts("LIMIET UIT").hears("pref_limiet_off")
    told.uses("US", mb=3).wakes(END).hears("cost_100_block").data(outside_eu="blocked")


def test_q46_a_machine_is_told_of_the_block_alone(story):
    told = story({"m2m": True})
    told.uses("US", mb=16).not_told("cost_80", "m2m")
    told.uses("US", mb=4).wakes(END).hears("cost_100_block").data(outside_eu="blocked")


def test_q46_without_any_number_the_block_is_there_and_the_text_a_row(story):
    told = story({"sms_capable": False})
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").not_told("cost_100_block", "no_sms_device")
    told.data(outside_eu="blocked")


def test_g2_the_limit_is_the_one_that_was_set(story):
    told = story({"cost_limit_eur": 10})
    told.uses("US", mb=3.2).hears("cost_80", eur=8_000_000, limiet=10_000_000)


# Answers


def test_q7_an_answer_is_never_kept_for_later(story):
    told = story()
    told.uses("US", mb=2).texts("DOORGAAN").hears("nothing_to_lift", eur=5_000_000, limiet=50_000_000)
    told.later(minutes=5)
    told.uses("US", mb=18).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    assert told.cost == "BLOCKED_100"


def test_q7_a_second_answer_does_not_approve_the_block_at_200(story):
    told = story().reaches_100().lifts_100().later(minutes=1)
    told.texts("DOORGAAN").hears("nothing_to_lift").later(minutes=1)
    reaches_200(told)
    assert told.cost == "BLOCKED_200"


def test_q6_no_means_to_stay_blocked_and_is_answered(story):
    told = story().reaches_100()
    told.texts("NEE").hears("lift_declined", datum=told.at(END))
    assert told.cost == "BLOCKED_100"


@pytest.mark.parametrize(
    ("settings", "kind"), [({}, "nothing_to_lift"), ({"blocks": {"data_outside_eu": True}}, "lift_refused_other")]
)
def test_q6_no_without_a_cost_block_tells_what_is_so(story, settings, kind):
    story(settings).texts("nee").hears(kind)


def test_g9_q57_a_hard_cap_refuses_and_the_notice_says_so_before(story):
    told = story({"hard_cap": True})
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded")
    told.hears("cost_100_block_hard", limiet=50_000_000, datum=told.at(END)).data(outside_eu="blocked")
    told.texts("DOORGAAN").hears("lift_refused_hard_cap", limiet=50_000_000, datum=told.at(END)).because("G9", "send")
    told.texts("NEE").hears("lift_refused_hard_cap")
    assert told.cost == "BLOCKED_100"


def test_q57_under_a_hard_cap_the_notice_at_200_is_the_same(story):
    told = story({"hard_cap": True})
    told.uses("US", mb=40).wakes(END).not_told("cost_80", "superseded")
    told.not_told("cost_100_block_hard", "superseded").hears("cost_100_block_hard").data(outside_eu="blocked")
    assert told.cost == "BLOCKED_200"


def test_q57_a_level_told_under_a_hard_cap_is_not_told_again_without_it(story):
    told = story({"hard_cap": True})
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block_hard").data()
    told.sets(hard_cap=False).silence()
    told.uses("US", mb=1, used_at="2026-11-02 08:00").silence().because("G6", "already_notified")


def test_q19_a_hard_cap_refuses_from_now_on_and_leaves_earlier_consent(story):
    told = story().reaches_100().lifts_100()
    told.sets(hard_cap=True).silence()
    assert told.cost == "OPEN"
    told.uses("US", mb=20).wakes(END).hears("cost_100_block_hard").data(outside_eu="blocked")
    told.later(minutes=1).texts("DOORGAAN").hears("lift_refused_hard_cap")
    told.sets(hard_cap=False).silence()
    told.later(minutes=1).texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")


def test_q34_q56_an_answer_lifts_the_cost_block_and_names_what_remains(story):
    told = story().reaches_100()
    told.sets(blocks={"data_outside_eu": True}).data(reasons=("COST_LIMIT", "ADMIN_DATA_NON_EU"))
    told.texts("DOORGAAN")
    told.hears("lift_partial", mb=2_500_000, eur=50_000_000, reden=Phrase("reason_ADMIN_DATA_NON_EU"))
    told.consents(level=100).data(outside_eu="blocked", reasons=("ADMIN_DATA_NON_EU",))


def test_q56_a_hard_cap_is_named_whatever_else_blocks(story):
    told = story({"hard_cap": True})
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block_hard").data()
    told.sets(blocks={"roaming": True}).data(eu="blocked")
    told.texts("DOORGAAN").hears("lift_refused_hard_cap")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"bundle_gb": 0}, "ZERO_BUNDLE"),
        ({"bundles": {"B": {"enabled": False}}}, "NO_BUNDLE_OPTION"),
        ({"blocks": {"data_outside_eu": True, "data_eu": True}}, "ADMIN_DATA_NON_EU"),
        ({"blocks": {"data_eu": True}}, "ADMIN_DATA_EU"),
        ({"blocks": {"roaming": True}}, "ADMIN_ROAMING"),
    ],
)
def test_q56_a9_an_answer_lifts_no_other_block_and_the_reply_names_it(story, settings, reason):
    told = story(settings)
    told.texts("DOORGAAN").hears("lift_refused_other", reden=Phrase(f"reason_{reason}"))


def test_q63_a_reply_names_the_price_of_where_the_primary_sim_is(story):
    told = story({"sims": [PRIMARY, COMBI]}).reaches_100()
    told.enters("AR", imsi=COMBI["imsi"]).cancels().hears("border_combi")
    told.enters("SHIP").cancels().hears("border_non_terrestrial")
    told.texts("DOORGAAN").hears("cost_lifted_100", mb=10_000_000).consents(rate_ueur_per_mb=10_000_000).data()


def test_q63_in_the_eu_a_reply_names_the_price_of_the_last_rated_record(story):
    told = story({"sims": [PRIMARY]})
    told.uses("AR", mb=8).hears("cost_80")
    told.uses("US", mb=4).wakes(END).hears("cost_100_block").data()
    told.enters("DE").cancels().hears("border_eu")
    told.texts("DOORGAAN").hears("cost_lifted_100", mb=2_500_000).consents(rate_ueur_per_mb=2_500_000).data()


# Records out of order


def test_q24_a_record_from_before_the_block_counts_and_may_raise_it(story):
    told = story().reaches_100().later(hours=1)
    told.uses("US", mb=19, used_at="2026-11-02 08:30").silence().came("counted").because("G6", "already_notified")
    told.uses("US", mb=1, used_at="2026-11-02 08:30").wakes(END)
    told.hears("cost_200_block", eur=100_000_000).silence()  # what data may do has not changed
    assert told.rows("COST_LIMIT") == [
        (told.at("2026-11-02 09:00"), told.now, 100),
        (told.now, None, 200),
    ]
    told.texts("DOORGAAN").hears("cost_lifted_200").consents(block_id="s1-b2", level=200).data(outside_eu="open")


def test_q24_a_block_never_begins_before_the_end_of_the_one_before(story):
    told = story().reaches_100().later(hours=1).lifts_100().later(hours=1)
    told.uses("US", mb=20, used_at="2026-11-02 08:00").wakes(END).hears("cost_200_block").data(outside_eu="blocked")
    assert told.rows("COST_LIMIT")[1] == (told.at("2026-11-02 10:00"), None, 200)


def test_a_record_minutes_ahead_blocks_at_its_own_time_and_a_lift_ends_that(story):
    told = story()
    told.uses("US", mb=20, used_at="2026-11-02 09:04").wakes(END).not_told("cost_80", "superseded")
    told.hears("cost_100_block").data(outside_eu="blocked")
    told.later(minutes=1).lifts_100()
    ahead = told.at("2026-11-02 09:04")
    assert told.rows("COST_LIMIT") == [(ahead, ahead, 100)]


def test_a_record_ahead_in_the_next_month_blocks_there_and_is_looked_at_when_it_begins(story):
    told = story(now="2026-11-30 23:57")
    told.uses("US", mb=20, used_at="2026-12-01 00:01").wakes(END, spread=False).wakes("2027-01-01 00:00")
    told.not_told("cost_80", "superseded").hears("cost_100_block", limiet=50_000_000)
    # Q66: in November data is open, and the network hears of December when it begins.
    assert told.cost == "OPEN"
    told.month_begins(END).data(outside_eu="blocked", reasons=("COST_LIMIT",)).because("Q20", "blocked")
    assert told.cost == "BLOCKED_100"


# The limit changes


def test_q17_a_raise_above_the_charges_opens_at_once_and_is_told(story):
    told = story().reaches_100().later(minutes=5)
    told.sets(cost_limit_eur=100).hears("cost_unblocked_admin", limiet=100_000_000, eur=50_000_000, mb=2_500_000)
    told.data(outside_eu="open", reasons=()).because("Q17", "changed", eur=100)
    assert told.rows("COST_LIMIT") == [(told.at("2026-11-02 09:00"), told.now, 100)]
    told.uses("US", mb=11).silence()
    told.uses("US", mb=1).hears("cost_80", limiet=100_000_000)
    told.uses("US", mb=8).wakes(END).hears("cost_100_block", limiet=100_000_000).data(outside_eu="blocked")


@pytest.mark.parametrize(
    "also",
    [
        {"blocks": {"data_outside_eu": True}},
        {"blocks": {"roaming": True}},
        {"bundle_gb": 0},
        {"bundles": {"B": {"enabled": False}}},
    ],
)
def test_q17_that_data_works_again_is_not_said_where_it_stays_off(story, also):
    told = story().reaches_100()
    told.sets(cost_limit_eur=100, **also).data(outside_eu="blocked").silence()
    assert told.cost == "OPEN"


def test_q17_that_data_works_again_is_said_where_a_used_up_bundle_stops_one_category(story):
    told = story({"bundles": {"B": {"enabled": True, "max_per_month": 1}}})
    told.uses("JP", mb=7_500).wakes(END).hears("bundle_cap_reached").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data()
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.sets(cost_limit_eur=100, blocks={"data_eu": True}).hears("cost_unblocked_admin")
    told.data(outside_eu="open", blocked_categories=("B",))


def test_q17_that_data_works_again_is_not_said_where_a_used_up_bundle_stops_all(story):
    told = story({"bundles": {"B": {"enabled": False}, "WORLD": {"enabled": True, "max_per_month": 1}}})
    told.uses("JP", mb=7_500).wakes(END).hears("bundle_cap_reached").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data()
    told.uses("SHIP", mb=5).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.sets(cost_limit_eur=100).data(outside_eu="open", blocked_categories=("A", "B", "ROW")).silence()


def test_q17_a_raise_resets_the_first_consent_when_the_charges_are_below_it(story):
    told = story().reaches_100().lifts_100()
    told.sets(cost_limit_eur=100).silence()
    assert told.period.consent == 0
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()


def test_q17_a_raise_leaves_consent_that_the_charges_have_passed(story):
    told = story().reaches_100().lifts_100()
    reaches_200(told)
    told.sets(cost_limit_eur=100).hears("cost_unblocked_admin").data(outside_eu="open")
    assert (told.period.consent, told.cost) == (1, "OPEN")
    told.uses("US", mb=1).silence().because("G7", "consented")
    told.uses("US", mb=39).wakes(END).not_told("cost_80", "superseded").not_told("cost_100_block", "superseded")
    told.hears("cost_200_block", limiet2=200_000_000).data(outside_eu="blocked")


def test_q17_a_raise_that_still_blocks_says_nothing_and_is_a_block_of_its_own_level(story):
    told = story()
    told.uses("US", mb=44).wakes(END).not_told("cost_80", "superseded").not_told("cost_100_block", "superseded")
    told.hears("cost_200_block").data(outside_eu="blocked").later(minutes=1)
    told.sets(cost_limit_eur=100).wakes(END).silence()
    assert told.cost == "BLOCKED_100"
    assert [(end, level) for _, end, level in told.rows("COST_LIMIT")] == [(told.now, 200), (None, 100)]
    told.uses("US", mb=1, used_at="2026-11-02 08:00").not_told("cost_80", "superseded").hears("cost_100_block")


def test_q17_q58_after_the_second_lift_a_raise_changes_nothing(story):
    told = story().reaches_100().lifts_100()
    reaches_200(told).later(minutes=1)
    told.texts("DOORGAAN").hears("cost_lifted_200").consents().data()
    told.sets(cost_limit_eur=500).silence()
    told.uses("US", mb=1000).silence().because("Q58", "open_rest_of_month")


def test_g10_a_lowering_waits_for_the_1st(story):
    told = story()
    told.uses("US", mb=15).silence()
    told.sets(cost_limit_eur=30).silence().because("G10", "pending", eur=30)
    assert told.cost == "OPEN"
    told.clock(END).uses("US", mb=11).hears("cost_80", limiet=30_000_000)


# The 1st


def test_q20_on_the_1st_a_cost_block_is_gone_and_the_network_hears_of_it(story):
    told = story().reaches_100()
    told.month_begins(END).data(outside_eu="open", reasons=()).because("Q20", "lifted").silence().came("ignored")
    assert told.cost == "OPEN"
    told.reaches_100()


def test_q20_other_blocks_stay(story):
    told = story().reaches_100()
    told.sets(blocks={"data_outside_eu": True}).data()
    told.month_begins(END).data(outside_eu="blocked", reasons=("ADMIN_DATA_NON_EU",))


def test_q20_where_nothing_ended_nothing_is_said(story):
    told = story().reaches_100().lifts_100()
    told.month_begins(END).silence()


def test_q20_a_wake_up_that_comes_months_late_still_opens_whatever_rows_are_at_hand(story):
    told = story().reaches_100()
    told.state = told.state._replace(blocks=(), periods={})
    told.clock("2027-02-03 04:05")
    told.happens(PeriodBegan(told.at(END), told.now)).data(outside_eu="open", reasons=())


def test_g8_consent_ends_with_the_month(story):
    told = story().reaches_100().lifts_100()
    told.clock(END).reaches_100()
