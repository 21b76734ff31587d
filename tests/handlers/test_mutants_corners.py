"""Corners that mutation testing found open: each holds a line whose change no other test of handlers noticed."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.bundles import listed, use
from handlers.effects import LedgerKey, Notify, Phrase, WakeAt
from handlers.events import LocationUpdated, UsageReported
from handlers.subscription import BundleOption, Instances, Period

END = "2026-12-01 00:00"
IMSI = "204080000000001"
NUMBER = "+31612345678"
WATCH = {"imsi": "204080000000003", "role": "multisim", "msisdn": "+31697000003"}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}
PRIMARY = {"imsi": IMSI, "role": "primary"}
MB = 1_000_000


def option(**options):
    return {name: {"enabled": True, "max_per_month": most} for name, most in options.items()}


def ledger(told):
    """The ledger keys of what the last event led to; nothing of it need be looked at one by one."""
    keys = [effect.ledger for effect in told.queue if isinstance(effect, Notify)]
    told.queue.clear()
    return keys


# Limits


def test_g10_a_raise_of_this_month_is_the_limit_in_force_when_another_is_set(story):
    told = story()
    told.sets(cost_limit_eur=100)
    told.sets(cost_limit_eur=100)
    assert told.profile.limit_in(told.key).version == 2
    told.sets(cost_limit_eur=50).because("G10", "pending", eur=50)
    assert [told.profile.limit_in(key).eur for key in ("2026-11", "2026-12")] == [100, 50]


def test_q63_the_price_is_that_of_the_last_rated_record_also_after_use_at_home(story):
    told = story({"sims": None})
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.uses("NL", mb=1).uses("DE", mb=1).silence()
    told.later(minutes=1).texts("DOORGAAN").hears("cost_lifted_100", mb=2_500_000).consents().data()


def test_q63_without_a_primary_sim_too(story):
    told = story({"sims": [WATCH]}).reaches_100()
    told.texts("DOORGAAN").hears("cost_lifted_100", mb=2_500_000).consents().data()


def test_q39_q63_the_price_of_a_place_is_that_of_its_zone_now(story):
    told = story(now="2025-11-03 09:00")
    told.uses("JP", mb=1).hears("bundle_activated")
    told.enters("UA").cancels().hears("border_world_no_bundle")
    told.uses("UA", mb=20).wakes("2025-12-01 00:00").not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.later(minutes=1).texts("DOORGAAN").hears("cost_lifted_100", mb=2_500_000).consents().data()


# Usage


def test_q22_a_record_with_a_start_in_its_month_is_judged_by_its_end(story):
    told = story().later(hours=2)
    told.sets(blocks={"data_outside_eu": True}).data()
    told.uses("US", mb=1, started_at="2026-11-02 10:30", used_at="2026-11-02 10:59").came("counted")
    told.uses("US", mb=1, started_at="2026-11-02 10:30", used_at="2026-11-02 11:00").came("leakage")


def test_q23_a_late_record_of_the_eu_says_so(story):
    told = story(now="2026-12-02 09:00")
    told.uses("DE", mb=3, used_at="2026-11-30 10:00").came("late")
    told.because("Q23", "late_record", period="2026-11", bytes=3 * MB)


def test_q32_one_byte_without_room_is_leakage_too(story):
    told = story({"bundles": option(ROW=1)}).later(hours=1)
    told.uses("AR", mb=5_000).wakes(END).hears("bundle_cap_reached").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data()
    told.uses("AR", volume_bytes=1, used_at="2026-11-02 09:30").came("leakage")


@pytest.mark.parametrize(("where", "settings"), [("NL", {"usage_alert_gb": 1}), ("US", {"roaming_limit_mb": 1000})])
def test_2_2_a_notice_of_volume_belongs_to_its_month(story, where, settings):
    told = story({**settings, "bundles": option(A=10)})
    told.uses(where, mb=1000)
    assert {key.period for key in ledger(told) if key is not None} == {"2026-11"}
    told.clock("2026-12-02 09:00").uses(where, mb=1000)
    assert {key.period for key in ledger(told) if key is not None} == {"2026-12"}


def test_e2_data_works_at_home_whichever_bundle_is_used_up(story):
    told = story({"bundles": option(B=1), "usage_alert_gb": 1})
    told.uses("JP", mb=7_500).wakes(END).hears("bundle_cap_reached").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data()
    told.uses("NL", mb=1_000).not_told("usage_80", "superseded").hears("usage_100", werking=Phrase("works"))


# Bundles


def test_b15_the_maximum_is_that_of_the_category(story):
    told = story({"bundles": option(A=3, B=1)})
    told.uses("US", mb=1).hears("bundle_activated", rest=2)
    told.uses("JP", mb=6_000).hears("bundle_80_last", max=1).not_told("bundle_activated", "superseded")


def test_b10_the_warning_is_one_rung_whichever_text_it_has(story):
    told = story({"bundles": option(B=1)})
    told.uses("JP", mb=1).hears("bundle_activated")
    told.uses("JP", mb=6_000)
    assert ledger(told) == [LedgerKey("2026-11", "bundle_80:B", 1, 0)]


def test_b14_each_block_of_a_category_is_told_of_by_its_own_number(story):
    """Of A none is started, and it is blocked twice: the number of the block tells the two notices apart."""
    told = story({"bundles": option(A=1, B=3)}, cap_scope="subscription")
    told.state = told.state._replace(id="sab1b")  # a number in hexadecimal, as the store gives it
    told.uses("JP", mb=1)
    first = [key for key in ledger(told) if key.kind.startswith("bundle_cap_reached")]
    told.later(hours=1).sets(bundles={"A": {"max_per_month": 2}}).data(reasons=())
    told.uses("JP", mb=7_500)
    second = [key for key in ledger(told) if key.kind.startswith("bundle_cap_reached")]
    assert (first, second) == (
        [LedgerKey("2026-11", "bundle_cap_reached:A", 0, 1)],
        [LedgerKey("2026-11", "bundle_cap_reached:A", 0, 2)],
    )


def test_b14_a_category_that_the_common_maximum_blocks_is_told_of_with_its_last_number(story):
    told = story({"bundles": option(A=2, B=2)}, cap_scope="subscription")
    told.uses("US", mb=1).hears("bundle_activated")
    told.uses("US", mb=29_998).hears("bundle_80")
    told.sets(bundles={"A": {"enabled": False}}).silence()
    told.uses("US", mb=1).hears("bundle_ended")
    told.sets(bundles={"A": {"enabled": True}}).silence()
    told.uses("JP", mb=1).wakes(END).hears("bundle_activated", rest=0).hears("bundle_cap_reached", bundel="A")
    told.data().because("B14", "send", bundle="A", number=1)


def test_q60_the_last_byte_fills_an_instance(story):
    told = story()
    told.uses("JP", volume_bytes=7_499_999_999).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.uses("JP", volume_bytes=1).hears("bundle_renewed", rest=8)


def test_q35_another_that_still_runs_keeps_data_on(story):
    told = story({"bundles": option(A=1, B=1)})
    told.uses("US", mb=1).hears("bundle_activated")
    told.uses("JP", mb=1).hears("bundle_activated")
    told.sets(bundles={"A": {"enabled": False}, "B": {"enabled": False}}).wakes(END, spread=False)
    told.because("Q35", "pending", reason="NO_BUNDLE_OPTION")
    told.uses("JP", mb=7_501).hears("bundle_ended", vervolg=Phrase("ended_rate", (("mb", 4_000_000),))).silence()
    assert told.period.charges_ueur == 8_000_000  # 2 MB at the standard rate


def test_q35_what_still_runs_is_told_of_at_the_border_and_when_another_ends(story):
    """WORLD was switched off before B was switched on, and then B too: both go on, B first."""
    told = story({"bundles": option(WORLD=1)})
    told.uses("AR", mb=1).hears("bundle_activated")
    told.sets(bundles={"WORLD": {"enabled": False}, "B": {"enabled": True, "max_per_month": 1}}).silence()
    told.uses("JP", mb=7_499).hears("bundle_ended", bundel="WORLD", vervolg=Phrase("ended_bundle", (("bundel", "B"),)))
    told = story({"bundles": option(B=1)})
    told.uses("JP", mb=1).hears("bundle_activated")
    told.sets(bundles={"B": {"enabled": False}, "WORLD": {"enabled": True}}).silence()
    told.uses("US", mb=1).hears("bundle_activated", bundel="WORLD")
    told.sets(bundles={"WORLD": {"enabled": False}}).wakes(END, spread=False)
    told.enters("AR").cancels().hears("border_world_bundle", bundel="WORLD")
    told.uses("JP", mb=7_499)
    told.hears("bundle_ended", bundel="B", vervolg=Phrase("ended_bundle", (("bundel", "WORLD"),))).silence()


def test_instances_of_several_categories_are_listed_category_by_category():
    rows = (Instances("B", 10, 1, 4), Instances("A", 20, 2, 25), Instances("B", 12, 1, 5))
    assert list(listed(Period("2026-11", bundles=rows))) == [
        ("A", 1, 20, 20),
        ("A", 2, 5, 20),
        ("B", 1, 4, 10),
        ("B", 2, 5, 12),
    ]


def test_b4_what_runs_of_another_size_opens_no_count_of_its_own(story, policy):
    told = story({"bundles": option(B=1)})
    profile = told.profile._replace(bundles={**told.profile.bundles, "B": BundleOption()})
    old = Period("2026-11", bundles=(Instances("B", 5_000 * MB, 1, 1),))
    assert use(profile, old, "B", MB, policy).instances == (Instances("B", 5_000 * MB, 1, MB + 1),)


# Blocks


def test_q24_the_block_of_a_bundle_begins_with_its_use_whatever_else_ended_later(story):
    told = story({"bundles": option(B=1)}).later(hours=2)
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.later(hours=1).texts("DOORGAAN").hears("cost_lifted_100").consents().data()
    told.uses("JP", mb=7_500, used_at="2026-11-02 10:00").wakes(END).hears("bundle_cap_reached")
    told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded").data()
    assert [start for start, _, _ in told.rows("BUNDLE_CAP")] == [told.at("2026-11-02 10:00")]


def test_q24_but_never_before_the_end_of_the_one_before_it(story):
    told = story({"bundles": option(B=1)}).later(hours=1)
    told.uses("JP", mb=7_500).wakes(END).hears("bundle_cap_reached").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data()
    lifted = told.later(hours=1).now
    told.sets(bundles={"B": {"max_per_month": 2}}).data()
    told.later(hours=1).uses("JP", mb=7_500, used_at="2026-11-02 09:30").wakes(END).hears("bundle_cap_reached")
    told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded").data()
    assert [start for start, _, _ in told.rows("BUNDLE_CAP")] == [told.at("2026-11-02 10:00"), lifted]


def test_q20_a_category_is_used_up_again_in_the_next_month(story):
    told = story({"bundles": option(B=1)})
    for month, end in (("2026-11-02 09:00", END), ("2026-12-02 09:00", "2027-01-01 00:00")):
        told.clock(month).uses("JP", mb=7_500).wakes(end).hears("bundle_cap_reached")
        told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded").queue.clear()
    assert [start for start, _, _ in told.rows("BUNDLE_CAP")] == [told.at("2026-11-02 09:00"), told.now]


def test_q66_a_block_from_minutes_ahead_ends_no_earlier_than_it_began(story):
    told = story({"bundles": option(B=1)})
    told.uses("JP", mb=7_500, used_at="2026-11-02 09:04").wakes(END).hears("bundle_cap_reached")
    told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded").data()
    told.sets(bundles={"B": {"max_per_month": 2}}).data()
    assert told.rows("BUNDLE_CAP") == [(told.at("2026-11-02 09:04"), told.at("2026-11-02 09:04"), 0)]


# At a border


def test_d4_a_watch_with_a_number_of_its_own_is_the_same_handset(story):
    told = story({"sims": [PRIMARY, WATCH]})
    told.enters("DE").cancels().hears("border_eu")
    told.enters("DE", imsi=WATCH["imsi"]).not_told("border_eu", "same_country")


def test_q50_home_is_home_for_a_barred_sim_too(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    told.sets(blocks={"roaming": True}).data()
    told.later(hours=5).enters("NL").silence()
    told.sets(blocks={"roaming": False}).data()
    told.later(hours=1).enters("DE").cancels().hears("border_eu")


def test_q27_no_primary_sim_and_no_word_of_which_it_was(story):
    told = story({"sims": [WATCH]})
    told.happens(LocationUpdated(told.now, told.now, "", "206-01")).silence().because("Q27", "stale_location")


def test_q42_without_a_quiet_time_every_entry_is_told_also_an_older_one_of_the_watch(story):
    told = story({"sims": [PRIMARY, WATCH]}, reentry_quiet_s=0).later(hours=1)
    told.enters("DE").cancels().hears("border_eu").enters("FR").cancels().hears("border_eu")
    told.enters("DE", imsi=WATCH["imsi"], when="2026-11-02 09:30").cancels().hears("border_eu")


def test_q42_a_quiet_time_of_a_second_is_one(story):
    told = story(reentry_quiet_s=1)
    told.enters("DE").cancels().hears("border_eu").enters("FR").cancels().hears("border_eu")
    told.enters("DE").not_told("border_eu", "reentry_quiet")


def test_q62_the_tariffs_alone_are_an_announcement(story, policy):
    switch = replace(policy.notifications["border_no_realtime"], control="LIMIET")
    notifications = {**policy.notifications, "border_no_realtime": switch}
    told = story({"preferences": {"LIMIET": False}}, notifications=notifications)
    told.enters("TM").cancels().hears("border_world_no_bundle").not_told("border_no_realtime", "preference:LIMIET")
    told.enters("NL").enters("TM").not_told("border_world_no_bundle", "reentry_quiet")


def test_e1_the_second_part_is_of_the_same_rule(story):
    told = story(border_long_form=True).enters("DE").cancels().hears("border_eu").hears("border_eu_vas")
    told.because("E1", "send", kind="border_eu_vas")


# Texts


def test_q65_help_is_answered_again_when_a_block_was_lifted_in_between(story):
    told = story()
    told.texts("HELP").hears("help")
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.texts("DOORGAAN").hears("cost_lifted_100").consents().data()
    told.later(seconds=10).texts("HELP").hears("help")


def test_q65_a_consent_of_before_is_no_change(story):
    told = story().reaches_100().lifts_100().later(minutes=1)
    told.texts("HELP").hears("help").texts("INFO").hears("status")
    told.later(seconds=1).texts("HELP").silence().because("Q65", "duplicate_mo")


# The portal


def test_a_sim_without_a_role_is_the_primary_one_and_may_have_no_imsi(story):
    told = story({"sims": [{"msisdn": NUMBER}]})
    (sim,) = told.profile.sims
    assert (sim.imsi, sim.role, sim.msisdn) == ("", "primary", NUMBER)


def test_a11_a_type_may_change_where_there_is_no_combi_sim(story):
    told = story({"sims": [PRIMARY]})
    told.sets(type="data_only").came("ignored").silence()
    assert told.profile.type == "data_only"


def test_a11_anything_else_may_change_where_there_is_one(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.sets(hard_cap=True).came("ignored").silence()
    assert told.profile.hard_cap


@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        (
            {"cost_limit_eur": 11},
            "/cost_limit_eur",
            "found 11, allowed: 10, 30, 50, 100, 150, 200, 500, 1000, 2000, 5000",
        ),
        (
            {"bundles": option(A=1, WORLD=1)},
            "/bundles/WORLD",
            "WORLD cannot be combined with another bundle; enabled would be: A, B, WORLD",
        ),
        (
            {"sims": [{"imsi": "1", "role": "combi", "msisdn": NUMBER}]},
            "/sims/0/msisdn",
            "a Combi SIM needs a number of its own",
        ),
        (
            {"sims": [PRIMARY, {"imsi": "2", "role": "primary"}]},
            "/sims/1/role",
            "found more than one primary SIM, allowed: one",
        ),
        (
            {"sims": [PRIMARY, {**WATCH, "imsi": IMSI}]},
            "/sims/1/imsi",
            "found twice, allowed: each IMSI once",
        ),
    ],
)
def test_a_refusal_says_what_was_found_and_what_is_allowed(story, changes, pointer, message):
    told = story()
    told.sets(**changes)
    assert told.judged.refusal.pointer == pointer
    assert told.judged.refusal.message == message


# Time


def test_q21_a_zone_west_of_greenwich_has_its_own_first_day(story):
    told = story(timezone=ZoneInfo("America/New_York"))
    assert told.policy.period_of(datetime(2026, 11, 1, 2, tzinfo=UTC)) == "2026-10"


@pytest.mark.parametrize(("year", "month", "day"), [(1, 1, 1), (9999, 12, 31)])
def test_q21_the_first_and_the_last_month_that_a_calendar_has(policy, year, month, day):
    assert policy.period_of(datetime(year, month, day, 12, tzinfo=UTC)) == f"{year:04d}-{month:02d}"


def test_q20_the_notice_of_a_new_month_is_in_the_ledger(story):
    told = story(notify_reset=True)
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block").data()
    told.month_begins("2026-12-01 00:05")
    assert ledger(told) == [LedgerKey("2026-12", "period_reset", 0, 0)]


def test_q66_use_ahead_over_the_month_end_is_looked_at_again_when_it_begins(story):
    told = story(now="2026-11-30 23:58")
    told.happens(UsageReported(told.at("2026-12-01 00:01"), told.now, IMSI, "310-410", 20 * MB))
    wakes = [effect.at for effect in told.queue if isinstance(effect, WakeAt)]
    told.queue.clear()
    assert wakes[0] == told.at(END)
