"""Bundle instances in conversations: what is told, what is blocked, and a small model of one category.

Sizes are those of the sheet: A 30 GB, B 7.5 GB, ROW 5 GB, WORLD 7.5 GB. The US are in zone A, Japan in B, Argentina
in ROW.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.bundles import listed
from handlers.effects import Notify, Phrase
from handlers.subscription import Instances

_TICK = timedelta(microseconds=1)
END = "2026-12-01 00:00"
GB = 1_000_000_000
MB = 1_000_000


def enabled(*categories, **options):
    """Settings with these options on; `options` set a maximum: ROW=2."""
    on = {category: {"enabled": True} for category in categories}
    return {"bundles": on | {category: {"enabled": True, "max_per_month": most} for category, most in options.items()}}


def used_up(told, kind="bundle_cap_reached", **fields):
    """All that the month may have went in one record: a block, its notice, and the network hears of it."""
    told.wakes(END).hears(kind, **fields).not_told("bundle_80_last", "superseded")
    return told.not_told("bundle_activated", "superseded")


# Starting


def test_b3_b19_q30_enabling_costs_nothing_and_the_first_byte_starts_an_instance(story):
    told = story(enabled("A")).silence()
    told.sets(bundles={"ROW": {"enabled": True}}).silence()
    assert told.period.bundles == ()
    told.uses("AR", volume_bytes=1).hears("bundle_activated", bundel="ROW", gb=5 * GB, prijs=50_000_000, rest=9)
    told.came("notified").because("B19", "send", bundle="ROW", number=1)
    told.uses("AR", mb=1).silence().came("counted").because("Q14", "covered_by_bundle", bundle="ROW", number=1)
    assert told.period.bundles == (Instances("ROW", 5 * GB, 1, 1_000_001),)
    assert told.period.charges_ueur == 0


def test_q29_a_record_of_nothing_starts_none(story):
    told = story(enabled("B"))
    told.uses("JP", volume_bytes=0).silence().came("counted")
    assert told.period.bundles == ()


def test_b1_none_at_home_in_the_eu_or_on_ships(story):
    told = story(enabled("WORLD"))
    for place in ("NL", "DE", "SHIP"):
        told.uses(place, mb=1).silence()
    assert told.period.bundles == ()


def test_q36_world_covers_the_three_zones_with_one_instance(story):
    told = story(enabled("WORLD"))
    told.uses("US", mb=1).hears("bundle_activated", bundel="WORLD", gb=7_500 * MB, prijs=45_000_000)
    told.uses("JP", mb=1).silence().uses("AR", mb=1).silence()
    assert list(listed(told.period)) == [("WORLD", 1, 3 * MB, 7_500 * MB)]


def test_b18_beside_an_enabled_option_the_standard_rate_feeds_the_cost_limit(story):
    told = story(enabled("ROW"))
    told.uses("AR", mb=1).hears("bundle_activated")
    told.uses("US", mb=1).silence()
    assert told.period.charges_ueur == 2_500_000


def test_b20_b21_an_instance_ends_with_its_month_whenever_it_began(story):
    told = story(enabled("B"), now="2027-02-28 23:00")
    told.uses("JP", mb=1).hears("bundle_activated", tot=told.at("2027-03-01 00:00") - _TICK)
    told.clock("2027-03-01 00:00")
    told.uses("JP", mb=1).hears("bundle_activated", rest=9, tot=told.at("2027-04-01 00:00") - _TICK)
    assert list(listed(told.period)) == [("B", 1, MB, 7_500 * MB)]


# Going on


def test_b10_b11_b12_80_percent_and_full_are_told_and_the_next_starts_by_itself(story):
    told = story(enabled("ROW"))
    told.uses("AR", mb=3_999).hears("bundle_activated")
    told.uses("AR", mb=1).hears("bundle_80", bundel="ROW", left=GB, prijs=50_000_000, rest=9)
    told.uses("AR", mb=999).silence().came("counted")
    told.uses("AR", mb=2).hears("bundle_renewed", bundel="ROW", gb=5 * GB, prijs=50_000_000, rest=8)
    assert list(listed(told.period)) == [("ROW", 1, 5 * GB, 5 * GB), ("ROW", 2, MB, 5 * GB)]
    assert told.allowed.outside_eu == "open"


def test_q60_an_instance_that_is_exactly_full_starts_the_next_with_nothing_used(story):
    told = story(enabled("ROW"))
    told.uses("AR", mb=4_500).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.uses("AR", mb=500).hears("bundle_renewed", rest=8)
    assert list(listed(told.period))[-1] == ("ROW", 2, 0, 5 * GB)
    told.uses("AR", mb=1).silence()


def test_q59_one_record_of_45_gb_is_one_text(story):
    """The story of ten: nine full ones and the tenth with nothing used."""
    told = story(enabled("ROW"))
    told.uses("AR", mb=45_000)
    told.hears("bundle_renewed_many", n=9, nr=10, gb=5 * GB, prijs=50_000_000, rest=0, bundel="ROW")
    told.not_told("bundle_80", "superseded").not_told("bundle_activated", "superseded").silence()
    assert len(list(listed(told.period))) == 10


def test_q59_what_one_record_did_is_told_by_the_gravest_text(story):
    told = story(enabled("ROW"))
    told.uses("AR", mb=4_000).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.uses("AR", mb=1_000).hears("bundle_renewed").silence()
    told.uses("AR", mb=9_000).hears("bundle_renewed").not_told("bundle_80", "superseded").silence()
    told.uses("AR", mb=500).silence()  # 90 %: the warning of this one is behind us
    told.uses("AR", mb=5_600).hears("bundle_renewed_many", n=2, nr=5).not_told("bundle_80", "superseded").silence()


def test_q59_each_category_of_a_record_has_its_own_text(story):
    told = story(enabled("A"))
    told.uses("US", mb=29_000).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.sets(bundles={"A": {"enabled": False}, "WORLD": {"enabled": True}}).silence()
    told.uses("US", mb=2_000).hears("bundle_ended").hears("bundle_activated", bundel="WORLD").silence()


def test_q59_what_a_switch_silences_keeps_back_no_text_of_a_charge(story):
    told = story({**enabled("ROW"), "preferences": {"BERICHT": False}})
    told.uses("AR", mb=4_000).not_told("bundle_80", "preference:BERICHT").hears("bundle_activated").silence()
    told.texts("BERICHT AAN").hears("pref_bericht_on")
    told.uses("AR", mb=500).silence()


def test_q46_a_machine_is_told_of_charges_and_blocks_only(story):
    told = story({**enabled(ROW=1), "m2m": True})
    told.uses("AR", mb=4_000).not_told("bundle_80_last", "m2m").hears("bundle_activated")
    told.uses("AR", mb=1_000).wakes(END).hears("bundle_cap_reached").data().silence()


def test_q46_without_a_device_what_was_due_is_a_row(story):
    told = story({**enabled("ROW"), "sms_capable": False})
    told.uses("AR", mb=4_000).not_told("bundle_80", "no_sms_device").not_told("bundle_activated", "superseded")


# The maximum


def test_b14_b15_from_the_first_byte_to_the_last_instance(story):
    told = story(enabled("ROW"), now="2026-03-01 08:00")
    told.uses("AR", mb=1).hears("bundle_activated", rest=9)
    told.uses("AR", mb=45_000).hears("bundle_renewed_many", n=9, nr=10, rest=0).not_told("bundle_80", "superseded")
    told.uses("AR", mb=3_999).hears("bundle_80_last", max=10, left=GB, rest=0, bundel="ROW").silence()
    told.uses("AR", mb=1_000).wakes("2026-04-01 00:00").hears("bundle_cap_reached", max=10, rest=0, bundel="ROW")
    told.data(outside_eu="open", blocked_categories=("ROW",), reasons=("BUNDLE_CAP:ROW",)).came("notified")
    told.later(seconds=1).uses("AR", mb=1).silence().came("leakage").because("Q25", "leakage", reason="BUNDLE_CAP")
    told.uses("US", mb=1).silence().came("counted")  # B18
    told.month_begins("2026-04-01 00:00").data(blocked_categories=(), reasons=())
    told.uses("AR", mb=1).hears("bundle_activated", rest=9)


def test_q32_the_rest_of_the_record_is_leakage_and_costs_nothing(story):
    told = story(enabled("A", ROW=2))
    told.uses("AR", mb=11_000).wakes(END).hears("bundle_cap_reached", max=2)
    told.not_told("bundle_renewed_many", "superseded").not_told("bundle_80_last", "superseded")
    told.not_told("bundle_activated", "superseded").data(reasons=("BUNDLE_CAP:ROW",)).silence()
    told.because("Q32", "leakage", bytes=GB, zone="ROW").because("B14", "blocked", category="ROW")
    assert (told.period.outside_eu_bytes, told.period.leakage_bytes) == (10 * GB, GB)
    assert told.period.charges_ueur == 0
    assert told.rows("BUNDLE_CAP") == [(told.now, None, 0)]


def test_q24_q32_use_from_before_the_block_that_finds_no_room_is_leakage(story):
    told = story(enabled(ROW=1)).later(hours=2)
    used_up(told.uses("AR", mb=5_000)).data()
    told.uses("AR", mb=1, used_at="2026-11-02 10:00").silence().came("leakage").because("Q32", "leakage")
    assert told.period.leakage_bytes == MB


def test_q33_the_portal_lifts_it_with_a_higher_maximum_and_a_reply_does_not(story):
    told = story(enabled(ROW=1))
    used_up(told.uses("AR", mb=5_000)).data()
    told.later(hours=1).texts("DOORGAAN").hears("lift_refused_other").silence()
    told.sets(bundles={"ROW": {"enabled": False}, "A": {"enabled": True}}).silence()
    told.sets(bundles={"ROW": {"enabled": True}}).silence()
    told.later(hours=1).sets(bundles={"ROW": {"max_per_month": 2}})
    told.data(blocked_categories=(), reasons=()).because("Q33", "lifted", category="ROW")
    assert told.rows("BUNDLE_CAP") == [(told.at("2026-11-02 09:00"), told.now, 0)]
    told.uses("AR", mb=1, used_at="2026-11-02 10:30").silence().came("leakage")  # Q25
    assert told.period.bundles[0].started == 1
    told.uses("AR", mb=1).hears("bundle_activated", rest=0)
    told.uses("AR", mb=4_999).wakes(END).hears("bundle_cap_reached", max=2)
    told.not_told("bundle_80_last", "superseded").data(reasons=("BUNDLE_CAP:ROW",))


def test_q33_a_lower_maximum_lets_what_was_started_be_used_up(story):
    told = story(enabled("ROW"))
    told.uses("AR", mb=11_000).hears("bundle_renewed_many", nr=3).not_told("bundle_80", "superseded")
    told.not_told("bundle_activated", "superseded")
    told.sets(bundles={"ROW": {"max_per_month": 1}}).silence()
    told.uses("AR", mb=3_500).hears("bundle_80_last", max=3, rest=0)
    told.uses("AR", mb=500).wakes(END).hears("bundle_cap_reached", max=3, rest=0).data()
    told.sets(bundles={"ROW": {"max_per_month": 3}}).silence()
    told.sets(bundles={"ROW": {"max_per_month": 4}}).data(reasons=())


def test_b10_a_warning_is_given_once_though_the_instance_is_no_longer_the_last(story):
    told = story(enabled(ROW=1))
    told.uses("AR", mb=4_000).hears("bundle_80_last").not_told("bundle_activated", "superseded")
    told.sets(bundles={"ROW": {"max_per_month": 3}}).silence()
    told.uses("AR", mb=500).silence()
    told.uses("AR", mb=500).hears("bundle_renewed", rest=1)


def test_q31_one_maximum_for_all_categories(story):
    told = story(enabled(A=3, B=3, ROW=3), cap_scope="subscription")
    told.uses("AR", mb=1).hears("bundle_activated", rest=2)
    told.uses("JP", mb=1).hears("bundle_activated", rest=1)
    told.uses("AR", mb=5_000)
    # None is left for A, which has not begun; what runs goes on.
    told.wakes(END).hears("bundle_renewed", rest=0).not_told("bundle_80", "superseded")
    told.hears("bundle_cap_reached", bundel="A", max=3, rest=0)
    told.data(blocked_categories=("A",), reasons=("BUNDLE_CAP:A",)).silence()
    told.uses("JP", mb=6_000).hears("bundle_80_last", max=3)
    told.uses("JP", mb=1_499).wakes(END).hears("bundle_cap_reached", bundel="B", max=3)
    told.data(reasons=("BUNDLE_CAP:A", "BUNDLE_CAP:B"))
    told.sets(bundles={"A": {"max_per_month": 4}}).data(reasons=("BUNDLE_CAP:B",))
    told.uses("US", mb=1).hears("bundle_activated", bundel="A", rest=0).silence()


def test_q31_by_default_each_category_has_its_own(story):
    told = story(enabled(A=1, B=1))
    told.uses("US", mb=1).hears("bundle_activated", rest=0)
    told.uses("JP", mb=1).hears("bundle_activated", rest=0).silence()


def test_q33_b14_switched_on_again_at_its_maximum_it_is_blocked_and_told_so(story):
    """P6: no block without its notice, also where the portal sets what leads to it."""
    told = story(enabled("A", B=1))
    told.uses("JP", mb=1).hears("bundle_activated", rest=0)
    told.sets(bundles={"B": {"enabled": False}}).silence()
    told.uses("JP", mb=7_500).hears("bundle_ended", vervolg=phrase("ended_rate", mb=4_000_000)).silence()
    told.later(hours=1).sets(bundles={"B": {"enabled": True}}).wakes(END)
    told.hears("bundle_cap_reached", bundel="B", max=1, rest=0)
    told.data(blocked_categories=("B",), reasons=("BUNDLE_CAP:B",)).came("notified").silence()
    assert told.rows("BUNDLE_CAP") == [(told.now, None, 0)]
    told.later(hours=1).sets(bundles={"B": {"enabled": False}}).silence()  # Q33: it stays, and is told once
    told.sets(bundles={"B": {"enabled": True}}).silence()


def test_q31_an_option_that_the_common_maximum_leaves_nothing_is_told_so(story):
    told = story(enabled(B=2), cap_scope="subscription")
    told.uses("JP", mb=1).hears("bundle_activated", rest=1)
    told.later(hours=1).sets(bundles={"A": {"enabled": True, "max_per_month": 1}}).wakes(END)
    told.hears("bundle_cap_reached", bundel="A", max=1, rest=0).data(reasons=("BUNDLE_CAP:A",)).silence()


def test_q34_one_that_stops_nothing_is_not_told(story):
    """What runs of WORLD covers zone A, so the block of A stops no data until that is used up."""
    told = story(enabled(WORLD=1), cap_scope="subscription")
    told.uses("US", mb=1).hears("bundle_activated", rest=0)
    told.later(hours=1).sets(bundles={"WORLD": {"enabled": False}, "A": {"enabled": True, "max_per_month": 1}})
    told.wakes(END).silence()
    assert told.allowed.blocked_categories == ()
    told.uses("US", mb=7_499).hears("bundle_ended", bundel="WORLD", vervolg=phrase("ended_off"))
    told.data(blocked_categories=("A",), reasons=("BUNDLE_CAP:A",)).silence()


# Beside a cost block


def test_q15_a_cost_block_stops_what_a_bundle_would_cover(story):
    told = story(enabled("B")).reaches_100().later(minutes=1)
    told.uses("JP", mb=1).silence().came("leakage")
    assert told.period.bundles == ()


def test_q34_a_lifted_cost_block_names_the_bundle_that_stays_used_up(story):
    told = story(enabled(B=1))
    used_up(told.uses("JP", mb=7_500)).data()
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(outside_eu="blocked", reasons=("COST_LIMIT", "BUNDLE_CAP:B"))
    told.later(hours=1).texts("DOORGAAN").hears("lift_partial").consents(level=100)
    told.data(outside_eu="open", blocked_categories=("B",), reasons=("BUNDLE_CAP:B",))


# An option that is switched off


def phrase(name, **fields):
    return Phrase(name, tuple(fields.items()))


def test_q35_the_last_option_off_and_its_instance_runs_on(story):
    told = story(enabled("B"))
    told.uses("JP", mb=1).hears("bundle_activated")
    told.later(hours=1).sets(bundles={"B": {"enabled": False}}).wakes(END, spread=False).silence()
    told.because("Q35", "pending")
    assert (told.allowed.outside_eu, told.allowed.reasons) == ("open", ())
    told.uses("JP", mb=7_000).silence().came("counted")  # no warning: nothing will start
    told.uses("US", mb=1).silence().came("counted")
    told.later(hours=1).uses("JP", mb=600)
    told.hears("bundle_ended", bundel="B", rest=0, vervolg=phrase("ended_off"))
    told.data(outside_eu="blocked", reasons=("NO_BUNDLE_OPTION",)).silence()
    told.because("Q35", "leakage", bytes=101 * MB).because("Q35", "blocked")
    assert told.rows("NO_BUNDLE_OPTION") == [(told.now, None, 0)]
    assert told.period.leakage_bytes == 101 * MB
    told.uses("JP", mb=1, used_at="2026-11-02 10:59").silence().came("counted")  # Q24: data was on then
    told.uses("JP", mb=1).silence().came("leakage")
    told.month_begins(END).silence()


def test_q35_what_still_runs_at_the_end_of_the_month_ends_with_it(story):
    told = story(enabled("B"))
    told.uses("JP", mb=1).hears("bundle_activated")
    told.later(hours=1).sets(bundles={"B": {"enabled": False}}).wakes(END, spread=False)
    told.uses("JP", mb=1, used_at="2026-11-02 10:00").silence().came("counted")
    told.clock(END)
    assert told.allowed.reasons == ("NO_BUNDLE_OPTION",)
    told.uses("JP", mb=1).silence().came("leakage")
    told.uses("JP", mb=1, used_at="2026-11-30 23:59").silence().came("late")
    assert told.state.periods["2026-11"].bundles == (Instances("B", 7_500 * MB, 1, 3 * MB),)
    told.month_begins("2026-12-01 00:05").data(outside_eu="blocked", reasons=("NO_BUNDLE_OPTION",))


def test_q35_switched_on_again_in_time_it_goes_on_as_if_nothing_was(story):
    told = story(enabled("B"))
    told.uses("JP", mb=1).hears("bundle_activated")
    told.later(hours=1).sets(bundles={"B": {"enabled": False}}).wakes(END, spread=False)
    told.later(hours=1).sets(bundles={"B": {"enabled": True}}).silence()
    told.uses("JP", mb=7_000).hears("bundle_80")
    told.month_begins(END).silence()
    told.uses("JP", mb=1).hears("bundle_activated")


def test_q35_with_another_option_on_the_standard_rate_follows(story):
    told = story(enabled("A", "B"))
    told.uses("JP", mb=7_499).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.sets(bundles={"B": {"enabled": False}}).silence()
    told.uses("JP", mb=3).hears("bundle_ended", vervolg=phrase("ended_rate", mb=4_000_000)).silence()
    assert told.period.charges_ueur == 8_000_000
    told.sets(bundles={"B": {"enabled": True}}).silence()
    told.uses("JP", mb=1).hears("bundle_activated", rest=8)


def test_q35_with_another_option_for_that_zone_that_one_follows(story):
    told = story(enabled("B"))
    told.uses("JP", mb=1).hears("bundle_activated")
    told.sets(bundles={"B": {"enabled": False}, "WORLD": {"enabled": True}}).silence()
    told.uses("JP", mb=1).silence().because("Q14", "covered_by_bundle", bundle="B")
    told.uses("AR", mb=1).hears("bundle_activated", bundel="WORLD")
    told.uses("JP", mb=7_498).hears("bundle_ended", vervolg=phrase("ended_bundle", bundel="WORLD")).silence()
    told.uses("JP", mb=1).silence().because("Q14", "covered_by_bundle", bundle="WORLD")


def test_q35_the_end_is_told_whatever_the_switches_say(story):
    told = story({**enabled("A", "B"), "preferences": {"BERICHT": False, "INFO": False, "LIMIET": False}})
    told.uses("JP", mb=7_499).not_told("bundle_80", "preference:BERICHT").hears("bundle_activated")
    told.sets(bundles={"B": {"enabled": False}}).silence()
    told.uses("JP", mb=1).hears("bundle_ended").silence()


def test_q35_two_that_run_on_keep_data_on_until_both_are_used_up(story):
    told = story(enabled("A", "B"))
    told.uses("JP", mb=7_499).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.uses("US", mb=29_999).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.sets(bundles={"A": {"enabled": False}, "B": {"enabled": False}}).wakes(END, spread=False)
    told.uses("JP", mb=2).hears("bundle_ended", vervolg=phrase("ended_rate", mb=4_000_000)).silence()
    told.uses("US", mb=2).hears("bundle_ended", vervolg=phrase("ended_off")).data(reasons=("NO_BUNDLE_OPTION",))


def test_q33_q35_a_used_up_category_does_not_stop_what_another_covers(story):
    told = story(enabled(B=1))
    used_up(told.uses("JP", mb=7_500)).data(blocked_categories=("B",)).later(hours=1)
    told.sets(bundles={"B": {"enabled": False}, "WORLD": {"enabled": True}})
    told.data(blocked_categories=(), reasons=())
    told.uses("JP", mb=1).hears("bundle_activated", bundel="WORLD")


def test_q15_q35_with_the_narrow_scope_the_rest_runs_into_the_cost_block(story):
    told = story(enabled("A", "B"), cost_block_scope="out_of_bundle")
    told.uses("JP", mb=7_499).hears("bundle_80").not_told("bundle_activated", "superseded")
    told.uses("AR", mb=10).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(blocked_categories=("ROW",))
    told.later(hours=1).sets(bundles={"B": {"enabled": False}}).silence()
    told.uses("JP", mb=3).hears("bundle_ended", vervolg=phrase("ended_off")).because("Q25", "leakage", bytes=2 * MB)
    told.data(blocked_categories=("B", "ROW"))
    assert told.period.charges_ueur == 50_000_000


# Late


def test_q23_a_late_record_fills_instances_of_its_month_and_nothing_is_said(story):
    told = story(enabled(ROW=2))
    told.uses("AR", mb=1).hears("bundle_activated")
    told.clock("2026-12-05 12:00")
    told.uses("AR", mb=11_000, used_at="2026-11-20 12:00").silence().came("late")
    old = told.state.periods["2026-11"]
    assert [used for _, _, used, _ in listed(old)] == [5 * GB, 5 * GB]
    assert (old.leakage_bytes, old.charges_ueur) == (1_001 * MB, 0)
    assert told.state.blocks == ()
    told.uses("AR", mb=1).hears("bundle_activated", rest=1)


def test_q22_a_record_over_midnight_starts_an_instance_in_each_month(story):
    told = story(enabled("B"), now="2026-12-01 01:00")
    told.uses("JP", mb=2, started_at="2026-11-30 23:00", used_at="2026-12-01 01:00").hears(
        "bundle_activated"
    ).silence()
    assert {key: list(listed(one)) for key, one in told.state.periods.items()} == {
        key: [("B", 1, MB, 7_500 * MB)] for key in ("2026-11", "2026-12")
    }


# A model of one category in one month

PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)
SIZE = 5 * GB


@dataclass
class Model:
    """ROW alone, record by record and byte range by byte range: a list of instances, and what is due to be told."""

    most: int = 2
    on: bool = True
    bericht: bool = True
    used: list = field(default_factory=list)
    capped: bool = False
    leakage: int = 0

    def record(self, volume):
        running = bool(self.used) and self.used[-1] < SIZE
        if volume == 0:
            return None
        if self.capped or not (self.on or running):
            self.leakage += volume
            return None
        due, full, started = set(), 0, not running
        while True:
            if not self.used or self.used[-1] == SIZE:
                if not self.on or len(self.used) >= self.most:
                    break
                self.used.append(0)
            elif volume:
                step = min(volume, SIZE - self.used[-1])
                if self.used[-1] * 5 < SIZE * 4 <= (self.used[-1] + step) * 5 and self.on:
                    due.add("80_last" if len(self.used) >= self.most else "80")
                self.used[-1], volume = self.used[-1] + step, volume - step
                full += self.used[-1] == SIZE
            else:
                break
        self.leakage += volume
        return self.word(due, full, started)

    def word(self, due, full, started):
        if self.used[-1] == SIZE:
            self.capped = self.on
            return "bundle_cap_reached" if self.on else "bundle_ended"
        if full:
            return "bundle_renewed_many" if full > 1 else "bundle_renewed"
        if due and self.bericht:
            return f"bundle_{max(due)}"
        return "bundle_activated" if started else None

    def set(self, most):
        self.most = most
        self.settle()

    def switch(self):
        self.on = not self.on
        self.settle()

    def settle(self):
        """A block stays when the option is switched off, and is lifted by a higher maximum alone (Q33)."""
        spent = bool(self.used) and self.used[-1] == SIZE and len(self.used) >= self.most
        self.capped = spent and (self.on or self.capped)


STEPS = st.one_of(
    st.tuples(
        st.just("use"), st.sampled_from([0, 1, GB, 4 * GB - 1, 4 * GB, SIZE - 1, SIZE, SIZE + 1, 13 * GB, 60 * GB])
    ),
    st.tuples(st.just("most"), st.integers(1, 10)),
    st.tuples(st.just("switch"), st.none()),
)


@PROPERTY
@given(bericht=st.booleans(), steps=st.lists(STEPS, max_size=15))
def test_q59_q60_instances_are_told_and_counted_as_the_model_does(story_class, bericht, steps):
    """At most one text a record, each instance told once, the maximum kept, each byte in one place (B13, B14, Q32)."""
    told = story_class({**enabled(ROW=2), "preferences": {"BERICHT": bericht}})
    model = Model(bericht=bericht)
    used = 0
    for what, value in steps:
        told.later(seconds=1)
        if what == "most":
            model.set(value)
            told.sets(bundles={"ROW": {"max_per_month": value}})
        elif what == "switch":
            model.switch()
            told.sets(bundles={"ROW": {"enabled": model.on}})
        else:
            used += value
            word = model.record(value)
            told.uses("AR", volume_bytes=value)
            sent = [e.kind for e in told.queue if isinstance(e, Notify) and e.suppressed is None]
            assert sent == ([word] if word else []), "\n".join(told.said)
        told.queue.clear()
        assert [one for _, _, one, _ in listed(told.period)] == model.used, "\n".join(told.said)
        assert told.period.leakage_bytes == model.leakage
        assert told.period.outside_eu_bytes == sum(model.used)
        assert sum(model.used) + model.leakage == used
        assert ("BUNDLE_CAP:ROW" in told.allowed.reasons) is model.capped
        runs = bool(model.used) and model.used[-1] < SIZE
        assert ("NO_BUNDLE_OPTION" in told.allowed.reasons) is not (model.on or runs)
        assert told.period.charges_ueur == 0


@PROPERTY
@given(volumes=st.lists(st.integers(0, 20 * GB), min_size=1, max_size=8))
def test_any_split_into_records_leaves_the_same_month(story_class, volumes):
    """Time stands still, so that what is over is leakage of the block or of the record, but leakage in any case."""
    split, whole = story_class(enabled(ROW=4)), story_class(enabled(ROW=4))
    for volume in volumes:
        split.uses("AR", volume_bytes=volume).queue.clear()
    whole.uses("AR", volume_bytes=sum(volumes)).queue.clear()
    assert split.period == whole.period
    assert split.allowed == whole.allowed
