"""Usage: months, counters, leakage, and the two volume ladders."""

from typing import NamedTuple

import pytest

from handlers.effects import Phrase
from handlers.thresholds import Ladder
from handlers.usage import ROAMING_LIMIT, USAGE_ALERT


def test_a_record_in_the_eu_counts_for_netherlands_and_eu(story):
    """Q48: without a value set there is nothing to tell. A10: nor does it cost anything outside the EU."""
    told = story()
    told.uses("NL", mb=3).came("counted").uses("DE", mb=4).silence().came("counted")
    told.because("E2", "not_configured")
    assert (told.period.domestic_eu_bytes, told.period.outside_eu_bytes) == (7_000_000, 0)


def test_g5_outside_the_eu_volume_is_rated_at_the_list_rate(story):
    """Q45: and use brings no border text."""
    told = story()
    told.uses("US", mb=3).silence().came("counted").because("E3", "not_configured")
    told.because("G4", "below_threshold", charges_ueur=7_500_000, limit_ueur=50_000_000, pct=80)
    assert told.period.outside_eu_bytes == 3_000_000
    assert told.period.charges_ueur == 7_500_000


def test_q53_money_comes_from_cumulative_bytes(story):
    told = story()
    for _ in range(3):
        told.uses("US", volume_bytes=1).silence()
    assert told.period.charges_ueur == 7  # 3 bytes at 2.5 micro-euro


def test_q14_q5_what_a_bundle_covers_is_volume_but_not_cost(story):
    told = story()
    told.uses("JP", mb=1).hears("bundle_activated")
    told.uses("JP", mb=99).silence().because("Q14", "covered_by_bundle", bytes=99_000_000, zone="B", bundle="B")
    assert (told.period.outside_eu_bytes, told.period.charges_ueur) == (100_000_000, 0)


def test_q40_a_ship_counts_for_the_limit_at_its_own_rate(story):
    told = story()
    told.uses("SHIP", mb=1).silence()
    assert told.period.charges_ueur == 10_000_000


def test_an_unknown_network_is_rated_in_the_dearest_zone(story):
    told = story()
    told.uses("nowhere", mb=1).silence().because("4", "unknown_network", plmn="999-99")
    assert told.period.charges_ueur == 5_000_000


def test_q29_a_record_of_nothing_counts_nothing(story):
    told = story()
    told.uses("US", mb=0).silence().came("counted")
    assert told.period.charges_ueur == 0


def test_q28_a_negative_volume_is_our_fault_if_it_gets_here(story):
    told = story()
    with pytest.raises(AssertionError):
        told.uses("US", volume_bytes=-1)


# Months


def test_q21_the_month_is_amsterdams_at_the_time_of_use(story):
    told = story(now="2026-11-30 23:50")
    told.uses("US", mb=1, used_at="2026-11-30 23:59").uses("US", mb=2, used_at="2026-12-01 00:00").came("counted")
    assert told.state.periods["2026-11"].outside_eu_bytes == 1_000_000
    assert told.state.periods["2026-12"].outside_eu_bytes == 2_000_000


def test_a7_q20_a_new_month_begins_at_zero(story):
    told = story().reaches_100()
    told.clock("2026-12-01 00:00")
    assert told.cost == "OPEN"
    told.uses("US", mb=1).silence().came("counted")
    assert told.period.charges_ueur == 2_500_000


def test_q23_a_late_record_is_added_to_its_month_and_nothing_is_said(story):
    told = story({"roaming_limit_mb": 10, "usage_alert_gb": 1})
    told.clock("2026-12-15 23:59")
    told.uses("US", mb=100, used_at="2026-11-20 12:00").silence().came("late").because("Q23", "late_record")
    told.uses("DE", mb=2000, used_at="2026-11-20 12:00").silence().came("late")
    old = told.state.periods["2026-11"]
    assert (old.charges_ueur, old.domestic_eu_bytes, old.notices) == (250_000_000, 2_000_000_000, frozenset())
    assert told.cost == "OPEN"


def test_q23_c2_after_the_15th_it_is_refused(story):
    told = story(now="2026-12-16 00:00")
    told.uses("US", mb=1, used_at="2026-11-30 23:59").silence().refused("rejected_late", "/data/used_at")
    told.uses("US", mb=1, used_at="2026-10-30 23:59").silence().refused("rejected_late", "/data/used_at")


def test_q23_the_last_day_is_the_operators(story):
    told = story(now="2026-12-03 23:59", late_until_day=3)
    told.uses("US", mb=1, used_at="2026-11-30 23:59").came("late")
    told.clock("2026-12-04 00:00")
    told.uses("US", mb=1, used_at="2026-11-30 23:59").refused("rejected_late", "/data/used_at")


def test_q23_a_late_record_from_inside_a_block_is_leakage_of_its_month(story):
    told = story().reaches_100()
    told.clock("2026-12-05 12:00")
    told.uses("US", mb=5, used_at="2026-11-02 10:00").silence().came("late").because("Q25", "leakage")
    told.uses("US", mb=5, used_at="2026-11-02 08:59").silence().came("late")
    old = told.state.periods["2026-11"]
    assert (old.leakage_bytes, old.charges_ueur) == (5_000_000, 62_500_000)


def test_q22_a_record_over_midnight_of_the_1st_is_split_by_time(story):
    told = story(now="2026-12-01 02:00")
    told.uses("US", volume_bytes=1_000_001, started_at="2026-11-30 23:00", used_at="2026-12-01 02:00").came("counted")
    assert told.state.periods["2026-11"].outside_eu_bytes == 333_333
    assert told.state.periods["2026-12"].outside_eu_bytes == 666_668


def test_q22_the_parts_of_a_record_have_the_tariff_of_their_time(story):
    told = story(now="2026-01-01 01:00")
    told.uses("UA", mb=2, started_at="2025-12-31 23:00", used_at="2026-01-01 01:00").came("counted")
    assert told.state.periods["2025-12"].charges_ueur == 2_500_000
    assert told.state.periods["2026-01"].domestic_eu_bytes == 1_000_000


def test_q22_the_hour_that_summer_time_takes_is_no_time(story):
    told = story(now="2026-04-01 12:00")
    told.uses("DE", volume_bytes=95, started_at="2026-03-28 12:00", used_at="2026-04-01 12:00").came("counted")
    assert told.state.periods["2026-03"].domestic_eu_bytes == 83
    assert told.state.periods["2026-04"].domestic_eu_bytes == 12


def test_q22_a_start_within_the_month_changes_nothing(story):
    told = story()
    told.uses("US", mb=1, started_at="2026-11-01 00:00").came("counted")
    assert told.period.outside_eu_bytes == 1_000_000


def test_q22_a_record_over_three_months_is_refused(story):
    told = story()
    told.uses("US", mb=1, started_at="2026-09-30 23:00").silence().refused("invalid", "/data/started_at")


def test_q22_q23_a_record_that_reaches_into_a_closed_month_is_refused(story):
    told = story(now="2026-12-20 12:00")
    told.uses("US", mb=1, started_at="2026-11-30 23:00", used_at="2026-12-20 12:00")
    told.refused("rejected_late", "/data/started_at")


def test_q22_both_parts_are_live_while_the_old_month_is(story):
    told = story({"roaming_limit_mb": 10}, now="2026-11-30 23:58")
    told.uses("US", mb=16, started_at="2026-11-30 23:00", used_at="2026-12-01 01:00")
    told.hears("roaming_limit_80", pct=80).hears("roaming_limit_80").silence().came("notified")


# Leakage


@pytest.mark.parametrize(
    ("settings", "blocked", "free"),
    [
        ({"bundle_gb": 0}, ["NL", "DE", "US", "JP", "SHIP"], []),
        ({"blocks": {"roaming": True}}, ["DE", "US", "JP", "SHIP"], ["NL"]),
        ({"blocks": {"data_eu": True}}, ["DE", "CH"], ["NL", "US", "SHIP"]),
        ({"blocks": {"data_outside_eu": True}}, ["US", "JP", "SHIP"], ["NL", "DE"]),
        ({"bundles": {"B": {"enabled": False}}}, ["US", "JP", "SHIP"], ["NL", "DE"]),
    ],
)
def test_f2_use_inside_a_block_is_leakage_and_nothing_else(story, settings, blocked, free):
    told = story({"usage_alert_gb": 0.001, "roaming_limit_mb": 1, **settings})
    for place in blocked:
        told.uses(place, mb=1).silence().came("leakage").because("Q25", "leakage", bytes=1_000_000)
    assert told.period.leakage_bytes == len(blocked) * 1_000_000
    assert (told.period.domestic_eu_bytes, told.period.outside_eu_bytes, told.period.charges_ueur) == (0, 0, 0)
    for place in free:
        told.uses(place, volume_bytes=1).silence().came("counted")


def test_q25_use_inside_a_block_is_leakage_also_after_the_lift(story):
    told = story().reaches_100().later(hours=1).lifts_100().later(hours=1)
    told.uses("US", mb=1, used_at="2026-11-02 09:59").silence().came("leakage")
    told.uses("US", mb=1, used_at="2026-11-02 10:00").silence().came("counted")


def test_q24_a_portal_block_runs_from_the_change(story):
    told = story().later(hours=1)
    told.sets(blocks={"data_outside_eu": True}).data(outside_eu="blocked", reasons=("ADMIN_DATA_NON_EU",))
    told.uses("US", mb=1, used_at="2026-11-02 09:59").came("counted")
    told.uses("US", mb=1, used_at="2026-11-02 10:00").came("leakage")
    told.later(hours=1).sets(blocks={"data_outside_eu": False}).data(outside_eu="open")
    told.uses("US", mb=1, used_at="2026-11-02 10:59").came("leakage")
    told.uses("US", mb=1).came("counted")


def test_q20_a_cost_block_ends_with_its_month_also_without_anyone_saying_so(story):
    told = story().reaches_100().clock("2026-12-01 00:03")
    told.uses("US", mb=1, used_at="2026-11-30 23:59").came("late").because("Q25", "leakage")
    told.uses("US", mb=1, used_at="2026-12-01 00:00").came("counted")


# The two volume ladders


class Volume(NamedTuple):
    """A ladder of volume: its rungs, how to set it to 10 and 20 MB, where to use data, its switch, its rule."""

    ladder: Ladder
    ten: dict[str, float]
    twenty: dict[str, float]
    place: str
    code: str
    rule: str

    @property
    def kinds(self):
        return (rung.kind for rung in self.ladder)


BOTH = pytest.mark.parametrize(
    "volume",
    [
        Volume(USAGE_ALERT, {"usage_alert_gb": 0.01}, {"usage_alert_gb": 0.02}, "DE", "BERICHT", "E2"),
        # Ships: no bundle, and with a limit of € 5000 no word of costs.
        Volume(
            *(ROAMING_LIMIT, {"roaming_limit_mb": 10, "cost_limit_eur": 5000}),
            *({"roaming_limit_mb": 20}, "SHIP", "LIMIET", "E3"),
        ),
    ],
    ids=["usage_alert", "roaming_limit"],
)


@BOTH
def test_e2_e3_80_and_100_percent_are_told_once(story, volume):
    low, high = volume.kinds
    told = story(volume.ten)
    told.uses(volume.place, volume_bytes=7_999_999).silence().because(volume.rule, "below_threshold", pct=80)
    told.uses(volume.place, volume_bytes=1).hears(low, pct=80).came("notified").because(volume.rule, "send")
    told.uses(volume.place, mb=1).silence().came("counted").because(volume.rule, "already_notified")
    told.uses(volume.place, mb=1).hears(high)
    told.uses(volume.place, mb=1).silence().because(volume.rule, "already_notified")
    assert told.allowed.outside_eu == "open"


@BOTH
def test_q49_another_value_arms_them_again_and_only_the_highest_is_told(story, volume):
    low, high = volume.kinds
    told = story(volume.ten)
    told.uses(volume.place, mb=10).not_told(low, "superseded").hears(high)
    told.sets(**volume.twenty).silence()
    told.uses(volume.place, mb=5).silence().because(volume.rule, "below_threshold")
    told.uses(volume.place, mb=2).hears(low, pct=85)
    told.sets(**volume.ten).silence()
    told.uses(volume.place, mb=0).not_told(low, "superseded").hears(high)


@BOTH
def test_q1_the_switch_silences_them_and_on_again_brings_nothing_back(story, volume):
    low, high = volume.kinds
    told = story({**volume.ten, "preferences": {volume.code: False}})
    told.uses(volume.place, mb=8).not_told(low, f"preference:{volume.code}").came("suppressed")
    told.texts(f"{volume.code} AAN").hears(f"pref_{volume.code.lower()}_on")
    told.uses(volume.place, mb=1).silence()
    told.uses(volume.place, mb=1).hears(high)


def test_e2_the_texts_name_the_volumes(story):
    told = story({"usage_alert_gb": 2.5})
    told.uses("NL", mb=2100).hears("usage_80", pct=84, gb=2_500_000_000, used=2_100_000_000)
    told.uses("NL", mb=400).hears("usage_100", gb=2_500_000_000, used=2_500_000_000)


def test_e3_the_texts_name_the_limit_that_goes_on_to_hold(story):
    told = story({"roaming_limit_mb": 10, "cost_limit_eur": 100})
    told.uses("US", mb=9).hears("roaming_limit_80", pct=90, limiet_mb=10_000_000)
    told.uses("US", mb=1).hears("roaming_limit_100", limiet_mb=10_000_000, verder=to_limit(100))


def to_limit(eur):
    return Phrase("on_to_limit", (("limiet", eur * 1_000_000),))


class TestE3TheTextAt100SaysWhatDataDoesNow:
    """The roaming limit blocks nothing (Q5), but the same record may have brought about what does."""

    def test_blocked_by_the_cost_limit(self, story):
        told = story({"roaming_limit_mb": 20})
        told.uses("US", mb=20).not_told("roaming_limit_80", "superseded")
        told.hears("roaming_limit_100", verder=Phrase("on_blocked")).wakes("2026-12-01 00:00")
        told.not_told("cost_80", "superseded").hears("cost_100_block").data(outside_eu="blocked")

    def test_blocked_by_the_last_bundle(self, story):
        told = story({"bundles": {"B": {"enabled": True, "max_per_month": 1}}, "roaming_limit_mb": 7_500})
        told.uses("JP", mb=7_500).wakes("2026-12-01 00:00").hears("bundle_cap_reached")
        told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded")
        told.data(blocked_categories=("B",)).not_told("roaming_limit_80", "superseded")
        told.hears("roaming_limit_100", verder=Phrase("on_blocked"))

    def test_blocked_elsewhere_it_works_here(self, story):
        told = story({"bundles": {"B": {"enabled": True, "max_per_month": 1}}, "roaming_limit_mb": 7_510})
        told.uses("JP", mb=7_500).wakes("2026-12-01 00:00").hears("bundle_cap_reached")
        told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded")
        told.data(blocked_categories=("B",)).hears("roaming_limit_80")
        told.uses("US", mb=10).hears("roaming_limit_100", verder=to_limit(50))

    def test_blocked_by_the_portal_before_the_record_came(self, story):
        told = story({"roaming_limit_mb": 1}).later(minutes=10)
        told.sets(blocks={"data_outside_eu": True}).data(outside_eu="blocked")
        told.uses("US", mb=1, used_at="2026-11-02 09:05").not_told("roaming_limit_80", "superseded")
        told.hears("roaming_limit_100", verder=Phrase("on_blocked"))

    def test_no_cost_limit_any_more_this_month(self, story):
        told = story({"roaming_limit_mb": 50})
        told.uses("US", mb=40).hears("roaming_limit_80").wakes("2026-12-01 00:00")
        told.not_told("cost_80", "superseded").not_told("cost_100_block", "superseded").hears("cost_200_block").data()
        told.later(minutes=1).texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")
        told.later(minutes=1).uses("US", mb=10).hears("roaming_limit_100", verder=Phrase("on_without_limit"))


@pytest.mark.parametrize(("place", "works"), [("DE", "works_not"), ("NL", "works")])
def test_e2_the_usage_alert_does_not_say_that_data_works_where_it_is_off_by_now(story, place, works):
    told = story({"usage_alert_gb": 1}).later(minutes=10)
    told.sets(blocks={"data_eu": True}).data(eu="blocked")
    told.uses(place, mb=1000, used_at="2026-11-02 09:05").not_told("usage_80", "superseded")
    told.hears("usage_100", werking=Phrase(works))


def test_q46_a_machine_is_not_told_of_volumes(story):
    told = story({"m2m": True, "roaming_limit_mb": 10, "usage_alert_gb": 1})
    told.uses("US", mb=9).not_told("roaming_limit_80", "m2m")
    told.uses("NL", mb=900).not_told("usage_80", "m2m")
