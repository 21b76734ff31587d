"""Each reading that the operator may change: what holds where nothing was said, and that the other way works too.

A test tells the default beside the alternative; most rules have more tests of their own in the file of their feature.
Every key of the policy is tried here, which the last test sees to.
"""

import ast
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from handlers import costs, shortcodes
from handlers.effects import Phrase, WakeAt
from handlers.events import PeriodBegan
from handlers.history import lifted_at
from handlers.policy import NOTIFICATIONS, Policy
from handlers.shortcodes import Command
from handlers.subscription import Profile, Subscription

END = "2026-12-01 00:00"
PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": "+31612345678"}


def controlled(**switches):
    """The notification table with other switches for some kinds."""
    return {**NOTIFICATIONS, **{kind: replace(NOTIFICATIONS[kind], control=code) for kind, code in switches.items()}}


def lifted_once(told):
    """From the beginning to after the first lift, at 100 %."""
    told.reaches_100().lifts_100().later(minutes=1)
    return told


def open_to_the_end(told):
    """From the beginning to after the second lift, at 200 %."""
    told.uses("US", mb=40).wakes(END).not_told("cost_80", "superseded").not_told("cost_100_block", "superseded")
    told.hears("cost_200_block").data(outside_eu="blocked")
    told.texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")
    return told.silence()


# Q1: which switch silences what


def test_q1_a_block_notice_is_silenced_where_the_table_says_so(story):
    """The block stands and the row says why nobody was told (Q2 the other way)."""
    for told, silent in (
        (story({"preferences": {"LIMIET": False}}), False),
        (story({"preferences": {"LIMIET": False}}, notifications=controlled(cost_100_block="LIMIET")), True),
    ):
        told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded")
        if silent:
            told.not_told("cost_100_block", "preference:LIMIET").data(outside_eu="blocked")
        else:
            told.hears("cost_100_block").data(outside_eu="blocked")
        assert told.cost == "BLOCKED_100"
        told.texts("DOORGAAN").hears("cost_lifted_100").consents(level=100).data(outside_eu="open")


def test_q1_a_warning_may_be_made_mandatory_or_go_by_another_switch(story):
    off = {"preferences": {"LIMIET": False, "INFO": True, "BERICHT": True}}
    story(off).uses("US", mb=16).not_told("cost_80", "preference:LIMIET")
    story(off, notifications=controlled(cost_80="mandatory")).uses("US", mb=16).hears("cost_80")
    story(off, notifications=controlled(cost_80="INFO")).uses("US", mb=16).hears("cost_80")


def test_q4_the_emergency_text_comes_instead_whichever_switch_silenced_the_tariffs(story):
    told = story({"preferences": {"BERICHT": False}}, notifications=controlled(border_eu="BERICHT"))
    told.enters("DE").cancels().not_told("border_eu", "preference:BERICHT").hears("border_eu_emergency")
    told = story({"preferences": {"INFO": False}}, notifications=controlled(border_eu="mandatory"))
    told.enters("DE").cancels().hears("border_eu").silence()
    told = story({"preferences": {"INFO": False}}, notifications=controlled(border_eu_emergency="INFO"))
    told.enters("DE").not_told("border_eu", "preference:INFO").not_told("border_eu_emergency", "preference:INFO")


# Q6: the words


def test_q6_the_words_that_lift_are_those_of_the_operator(story):
    told = story().reaches_100()
    told.texts("ga door").hears("unknown")
    told = story(unblock_words=frozenset({"WEITER", "POURSUIVRE"})).reaches_100()
    told.texts("doorgaan").hears("unknown").later(minutes=1)
    assert told.cost == "BLOCKED_100"
    told.texts("Weiter!").hears("cost_lifted_100").consents(text="Weiter!").data(outside_eu="open")


def test_q6_so_are_the_words_that_leave_the_block(story):
    story().reaches_100().texts("nee").hears("lift_declined")
    story(decline_words=frozenset({"NON", "NEIN"})).reaches_100().texts("Nein").hears("lift_declined")
    story(decline_words=frozenset()).reaches_100().texts("nee").hears("unknown")


# Q9: a second warning


def test_q9_between_the_blocks_nothing_is_said(story):
    lifted_once(story()).uses("US", mb=19.9).silence().because("G7", "consented")


def test_q9_as_an_option_the_second_block_is_announced_once(story):
    told = lifted_once(story(second_warning_pct=180))
    told.uses("US", mb=15.9).silence().because("G7", "consented")
    told.uses("US", volume_bytes=100_000).hears("cost_second_warning", eur=90_000_000, limiet2=100_000_000)
    told.because("Q9", "send", pct=180).came("notified")
    assert (told.cost, told.allowed.outside_eu) == ("OPEN", "open")
    told.uses("US", mb=1).silence().because("Q9", "already_notified")
    told.uses("US", mb=3).wakes(END).hears("cost_200_block").data(outside_eu="blocked")


def test_q9_q8_a_record_that_passes_it_tells_of_the_block_alone(story):
    told = lifted_once(story(second_warning_pct=180)).uses("US", mb=25).wakes(END)
    told.not_told("cost_second_warning", "superseded").hears("cost_200_block").data(outside_eu="blocked")


def test_q9_it_is_a_warning_for_who_lifted_the_first_block(story):
    """At 190 % in one record the first block stands: that is what is told, and there is no second one to warn of."""
    told = story(second_warning_pct=180)
    told.uses("US", mb=38).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(outside_eu="blocked").later(minutes=1)
    told.texts("ja").hears("cost_lifted_100").consents(level=100).data(outside_eu="open")
    told.uses("US", mb=1).hears("cost_second_warning", eur=97_500_000)


def test_q9_limiet_off_silences_it_and_a_machine_never_hears_it(story):
    told = lifted_once(story(second_warning_pct=150))
    told.texts("LIMIET UIT").hears("pref_limiet_off")
    told.uses("US", mb=10).not_told("cost_second_warning", "preference:LIMIET")
    told.texts("LIMIET AAN").hears("pref_limiet_on")
    told.uses("US", mb=1).silence()
    told = lifted_once(story({"m2m": True}, second_warning_pct=150))
    told.uses("US", mb=10).not_told("cost_second_warning", "m2m")


def test_q9_q17_a_raise_arms_it_again(story):
    told = lifted_once(story(second_warning_pct=180)).uses("US", mb=16).hears("cost_second_warning")
    told.sets(cost_limit_eur=100).silence()
    told.uses("US", mb=4).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data().later(minutes=1)
    told.texts("DOORGAAN").hears("cost_lifted_100").consents(level=100).data()
    told.uses("US", mb=32).hears("cost_second_warning", eur=180_000_000, limiet2=200_000_000)


# Q10: after the second lift


def test_q10_q58_after_the_second_lift_there_is_silence(story):
    open_to_the_end(story()).uses("US", mb=1000).silence().because("Q58", "open_rest_of_month")


def test_q10_as_an_option_the_highest_level_is_told_once(story):
    told = open_to_the_end(story(courtesy_pcts=(300, 500, 1000)))
    told.uses("US", mb=19).silence().because("Q58", "open_rest_of_month")
    told.uses("US", mb=1).hears("cost_courtesy", eur=150_000_000, mb=2_500_000, datum=told.at(END))
    told.because("Q10", "send", pct=300)
    told.uses("US", mb=1).silence().because("Q10", "already_notified")
    told.uses("US", mb=139).not_told("cost_courtesy", "superseded").hears("cost_courtesy", eur=500_000_000)
    told.uses("US", mb=1000).silence().because("Q10", "already_notified")
    assert (told.cost, told.allowed.outside_eu) == ("OPEN_REST_OF_MONTH", "open")


def test_q10_nothing_of_it_is_told_before_the_limit_is_off(story):
    told = lifted_once(story(courtesy_pcts=(300,)))
    told.uses("US", mb=60).wakes(END).hears("cost_200_block").data(outside_eu="blocked")


def test_q10_limiet_off_silences_it_and_a_machine_never_hears_it(story):
    told = open_to_the_end(story({"preferences": {"LIMIET": False}}, courtesy_pcts=(300,)))
    told.uses("US", mb=20).not_told("cost_courtesy", "preference:LIMIET")
    told = open_to_the_end(story({"m2m": True}, courtesy_pcts=(300,)))
    told.uses("US", mb=20).not_told("cost_courtesy", "m2m")


def test_q10_a_new_month_begins_without_it(story):
    told = open_to_the_end(story(courtesy_pcts=(300,))).uses("US", mb=20).hears("cost_courtesy")
    told.month_begins(END).silence()
    told.uses("US", mb=16).hears("cost_80")


@hypothesis_settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.lists(st.one_of(st.integers(1, 60), st.sampled_from(["DOORGAAN", "raise"])), max_size=25),
    st.sampled_from([0, 120, 180, 199]),
    st.sampled_from([(), (201,), (300, 500, 1000)]),
)
def test_q9_q10_the_options_change_no_block_and_no_charge(story_class, policy, happenings, second, courtesies):
    """Beside a story without them: the same states, and of each level at most one text (which `Story` looks at)."""
    plain = story_class(None, policy)
    optional = story_class(None, replace(policy, second_warning_pct=second, courtesy_pcts=courtesies))
    for happening in happenings:
        told = {}
        for one in (plain, optional):
            one.later(minutes=1)
            if happening == "raise":
                one.sets(cost_limit_eur=100)
            elif isinstance(happening, str):
                one.texts(happening)
            else:
                one.uses("US", mb=happening)
            told[one] = [effect for effect in one.queue if getattr(effect, "kind", "") not in OPTIONAL]
            assert len([e for e in one.queue if getattr(e, "suppressed", "") is None]) <= 1
            one.queue.clear()
        assert told[plain] == told[optional]
        assert (plain.cost, plain.allowed, plain.period.charges_ueur, plain.period.consent) == (
            *(optional.cost, optional.allowed, optional.period.charges_ueur, optional.period.consent),
        )


OPTIONAL = ("cost_second_warning", "cost_courtesy")


# Q12: value added tax


@pytest.mark.parametrize(("pct", "shown"), [(21, 3_025_000), (0, 2_500_000), (9, 2_725_000)])
def test_q12_border_tariffs_are_shown_with_the_rate_of_vat(story, pct, shown):
    told = story(vat_pct=pct).enters("US").cancels().hears("border_world_no_bundle", mb=shown)
    told.uses("US", mb=16).hears("cost_80", eur=40_000_000)  # without it


# Q15: what a cost block stops


def test_q15_a_cost_block_stops_everything_outside_the_eu_or_what_no_bundle_covers(story):
    told = story().reaches_100()
    told.uses("JP", mb=1).silence().came("leakage")
    told = story(cost_block_scope="out_of_bundle")
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(outside_eu="open", blocked_categories=("A", "ROW"), reasons=("COST_LIMIT",))
    told.uses("US", mb=1).silence().came("leakage")
    told.uses("JP", mb=1).hears("bundle_activated").silence()  # a zone of an enabled option goes on
    assert told.period.leakage_bytes == 1_000_000


# Q20: the 1st


def test_q20_at_the_first_instant_the_state_is_that_of_the_new_month_by_itself(story):
    told = story().reaches_100().clock(END)
    assert (told.cost, told.allowed.outside_eu, told.allowed.reasons) == ("OPEN", "open", ())
    told.uses("US", mb=1).silence().came("counted")


def test_q20_the_network_hears_of_it_within_ten_minutes_always_at_the_same_moment(story):
    told = story()
    told.uses("US", mb=20)
    (wake,) = (effect for effect in told.queue if isinstance(effect, WakeAt))
    told.queue.clear()
    assert 0 <= (wake.at - told.at(END)).total_seconds() <= 600
    told.now = wake.at
    told.happens(PeriodBegan(wake.at, wake.at)).data(outside_eu="open", reasons=())
    told = story(period_lift_spread_s=0)
    told.uses("US", mb=20)
    assert WakeAt(told.at(END)) in told.queue
    told.queue.clear()


# Of three subscriptions: nothing in them may change with a restart or another version.
DELAYS_S = {"s0": 582, "s1": 128, "s2": 435}


def test_q20_subscriptions_are_spread_over_that_time(policy):
    ids = [f"s{number:x}" for number in range(2000)]
    subscriptions = [Subscription(one, Profile(msisdn="+31612345678")) for one in ids]
    begin = policy.period_end("2027-10")  # after a month with an hour of its own
    delays = [(lifted_at(one, "2027-10", policy) - begin).total_seconds() for one in subscriptions]
    assert (min(delays), max(delays)) >= (0, 540)
    assert max(delays) <= 600
    for minute in range(10):
        share = sum(minute * 60 <= delay < (minute + 1) * 60 for delay in delays) / len(ids)
        assert 0.07 < share < 0.13, minute
    assert delays[:3] == [DELAYS_S[one.id] for one in subscriptions[:3]]
    assert [lifted_at(one, "2026-11", policy) - policy.period_end("2026-11") for one in subscriptions[:3]] == [
        timedelta(seconds=delay) for delay in delays[:3]
    ]


def test_q20_a_gateway_that_was_down_over_the_1st_tells_the_network_when_it_is_back(story):
    told = story().reaches_100().clock("2026-12-03 08:00")
    told.happens(PeriodBegan(told.at("2026-12-01 00:04"), told.now)).data(outside_eu="open", reasons=())
    told.because("Q20", "lifted")


def test_q20_so_does_one_that_skipped_months(story):
    told = story(notify_reset=True).reaches_100().clock("2027-02-14 08:00")
    told.happens(PeriodBegan(told.at("2026-12-01 00:04"), told.now)).data(outside_eu="open", reasons=()).silence()


def test_q20_what_was_blocked_again_in_those_minutes_stays_so(story):
    told = story(notify_reset=True).reaches_100().clock("2026-12-01 00:02")
    told.reaches_100()
    told.clock("2026-12-01 00:04").happens(PeriodBegan(told.now, told.now))
    told.data(outside_eu="blocked", reasons=("COST_LIMIT",)).silence()


def test_q20_the_subscriber_hears_nothing_of_it(story):
    story().reaches_100().month_begins(END).data(outside_eu="open").silence()


def test_q20_as_an_option_who_was_blocked_hears_that_data_works_again(story):
    told = story(notify_reset=True).reaches_100()
    told.sets(cost_limit_eur=30).silence()
    told.month_begins(END).data(outside_eu="open").hears("period_reset", limiet=30_000_000).because("Q20", "send")
    told.month_begins("2026-12-01 00:05").data().silence()  # once a month, whoever wakes it
    told.uses("US", mb=12).wakes("2027-01-01 00:00").not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.month_begins("2027-01-01 00:00").data(outside_eu="open").hears("period_reset")


def test_q20_who_was_not_blocked_when_the_month_ended_does_not(story):
    told = story(notify_reset=True).reaches_100().lifts_100()
    told.month_begins(END).silence()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [({"preferences": {"LIMIET": False}}, "preference:LIMIET"), ({"m2m": True}, "m2m")],
)
def test_q20_the_switch_for_limits_silences_it_and_machines_do_not_hear_it(story, settings, reason):
    told = story(settings, notify_reset=True).reaches_100()
    told.month_begins(END).data(outside_eu="open").not_told("period_reset", reason)


def test_q20_where_something_else_goes_on_blocking_it_would_be_untrue(story):
    told = story(notify_reset=True).reaches_100()
    told.sets(blocks={"data_outside_eu": True}).data()
    told.month_begins(END).data(outside_eu="blocked", reasons=("ADMIN_DATA_NON_EU",)).silence()


# Q21: whose calendar


def test_q21_the_month_is_that_of_the_zone(story):
    told = story(now="2026-11-30 12:00").uses("US", mb=16).hears("cost_80")
    told.clock("2026-12-01 00:30").uses("US", mb=15.9).silence()
    assert told.key == "2026-12"
    told = story(now="2026-11-30 12:00", timezone=ZoneInfo("America/New_York")).uses("US", mb=16).hears("cost_80")
    told.clock("2026-12-01 00:30").uses("US", mb=1).silence()
    assert (told.key, told.period.charges_ueur) == ("2026-11", 42_500_000)


# Q23: late records


@pytest.mark.parametrize(
    ("day", "last", "closed"), [(15, "12-15 23:59", "12-16 00:00"), (3, "12-03 23:59", "12-04 00:00")]
)
def test_q23_records_of_a_month_are_taken_to_the_end_of_that_day(story, day, last, closed):
    told = story(late_until_day=day).clock(f"2026-{last}")
    told.uses("US", mb=1, used_at="2026-11-20 10:00").silence().came("late")
    told.clock(f"2026-{closed}").uses("US", mb=1, used_at="2026-11-20 10:00")
    told.refused("rejected_late", "/data/used_at").silence()


# Q42: the quiet time


def test_q42_a_country_is_told_again_after_the_quiet_time_or_every_time(story):
    told = story()
    told.enters("US").cancels().hears("border_world_no_bundle").later(minutes=10)
    told.enters("CA").cancels().hears("border_world_no_bundle").later(minutes=10)
    told.enters("US").not_told("border_world_no_bundle", "reentry_quiet").later(hours=4)
    told.enters("CA").cancels().hears("border_world_no_bundle")
    told = story(reentry_quiet_s=0)
    told.enters("US").cancels().hears("border_world_no_bundle").later(seconds=1)
    told.enters("US").not_told("border_world_no_bundle", "same_country").later(seconds=1)
    told.enters("CA").cancels().hears("border_world_no_bundle").later(seconds=1)
    told.enters("US").cancels().hears("border_world_no_bundle")


# Q53: what a GB is


@pytest.mark.parametrize(("gb", "eighty"), [(10**9, 800_000_000), (2**30, 858_993_460)])
def test_q53_a_gb_is_what_the_operator_says(story, gb, eighty):
    told = story({"usage_alert_gb": 1}, gb_bytes=gb)
    told.uses("NL", volume_bytes=eighty - 1).silence()
    told.uses("NL", volume_bytes=1).hears("usage_80", gb=gb, used=eighty)


# Q65: repeats and unknown texts


def test_q65_the_same_text_again_is_a_repeat_for_so_long(story):
    for seconds, window in ((29, 30), (4, 5)):
        told = story(mo_repeat_s=window)
        told.texts("HELP").hears("help").later(seconds=seconds)
        told.texts("help").silence().because("Q65", "duplicate_mo").later(seconds=window)
        told.texts("HELP").hears("help")
    told = story(mo_repeat_s=0)
    told.texts("HELP").hears("help").texts("HELP").hears("help")


def test_q65_unknown_texts_are_answered_so_often(story):
    def answers(told, hours):
        heard = []
        for number in range(6):
            told.later(hours=hours).texts(f"what {number}")
            (effect,) = told.queue
            told.queue.clear()
            heard.append(effect.suppressed)
        return [reason is None for reason in heard]

    assert answers(story(), 1) == [True, True, True, False, False, False]
    assert answers(story(), 0) == [True, False, False, False, False, False]
    assert answers(story(unknown_reply_per_hour=2), 0) == [True, True, False, False, False, False]
    assert answers(story(unknown_reply_per_hour=9, unknown_reply_per_day=4), 0) == [True] * 4 + [False] * 2
    assert answers(story(unknown_reply_per_hour=0), 1) == [False] * 6


# The long form, and what texts are told of the operator


def test_e1_the_second_part_of_the_eu_border_text_is_an_option(story):
    story().enters("DE").cancels().hears("border_eu").silence()
    told = story(border_long_form=True)
    told.enters("DE").cancels().hears("border_eu").hears("border_eu_vas", url="roam.example/DE").silence()
    told.enters("US").cancels().hears("border_world_no_bundle").silence()


def test_g7_a_lift_names_the_minutes_it_takes_and_links_are_those_of_the_operator(story):
    told = story(lift_within_min=5, info_url="kosten.example/r").reaches_100()
    told.texts("DOORGAAN").hears("cost_lifted_100", min=5).consents().data()
    told.enters("DE").cancels().hears("border_eu", url="kosten.example/r/DE")


def test_6_1_the_number_that_is_never_answered_is_that_of_the_service(story):
    story().texts("HELP", sender="1330").silence().because("6.1", "loop_guard")
    told = story(service_number="31612345678")
    told.texts("HELP").silence().because("6.1", "loop_guard")


# E4: a shortcode is a row


def test_e4_a_shortcode_is_a_row_of_the_table(story, monkeypatch):
    """A word for what exists already, and one for something new: both are found however they are written."""
    told = story().texts("stoppen").hears("unknown").later(minutes=1)
    monkeypatch.setitem(shortcodes.COMMANDS, "stoppen", Command("switch", "BERICHT", on=False))
    told.texts("  Stoppen! ").hears("pref_bericht_off")
    assert not told.profile.preferences.BERICHT
    monkeypatch.setitem(shortcodes.COMMANDS, "saldo", Command("balance"))
    monkeypatch.setitem(shortcodes._ACTIONS, "balance", lambda turn, _command, _event: costs.lift(turn, "saldo"))
    told.texts("SALDO?").hears("nothing_to_lift")


# Readings without a key hold by themselves


def test_q3_q6_a_reply_that_is_no_word_of_the_list_lifts_nothing(story):
    for word in ("OK", "AAN", "👍", "ja graag", "LIMIET UIT"):
        told = story().reaches_100().texts(word)
        told.queue.clear()
        assert told.cost == "BLOCKED_100", word


def test_q56_the_reasons_are_named_in_one_order(story):
    told = story({"bundle_gb": 0, "blocks": {"roaming": True, "data_eu": True}})
    told.texts("DOORGAAN").hears("lift_refused_other", reden=Phrase("reason_ZERO_BUNDLE"))


# None is forgotten


def test_every_key_of_the_policy_is_tried_here():
    tried = {
        keyword.arg
        for node in ast.walk(ast.parse(Path(__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
    }
    # The sheet has tests of its own (Q37 to Q41, Q55, Q67), bundles too (Q31), the API as well (Q66); a version is no
    # reading.
    assert {field.name for field in fields(Policy)} - tried == {"tariffs", "version", "cap_scope", "ahead_max_s"}
