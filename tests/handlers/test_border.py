"""Borders: which text, when none, and to whom."""

import pytest

from handlers.effects import CancelUndelivered, Notify, Phrase

PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": "+31612345678"}
WATCH = {"imsi": "204080000000002", "role": "multisim", "msisdn": "+31612345678"}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}
NO_OPTION = {"bundles": {"B": {"enabled": False}}}


# The European Union and what is treated like it


def test_e1_q45_entering_an_eu_country_tells_that_data_works_as_at_home(story):
    told = story()
    told.enters("DE").cancels("border_eu").hears("border_eu", land="DE", url="roam.example/DE").came("notified")
    assert told.state.memory.locations["204080000000001"].place == "DE"


@pytest.mark.parametrize("place", ["DE", "NO", "UA"])
def test_q4_with_info_off_the_emergency_text_is_sent_instead(story, place):
    told = story({"preferences": {"INFO": False}})
    told.enters(place).cancels().not_told("border_eu", "preference:INFO").hears("border_eu_emergency", land=place)
    told.came("notified").because("Q4", "send")


@pytest.mark.parametrize("place", ["CH", "GB", "CHANNEL"])
def test_q4_q37_where_that_law_does_not_hold_info_off_is_silence(story, place):
    told = story({"preferences": {"INFO": False}})
    told.enters(place).not_told("border_eu", "preference:INFO").silence().came("suppressed")


def test_q37_the_emergency_text_follows_the_regime_and_not_the_tariff(story):
    told = story()
    told.enters("BM").cancels().hears("border_world_no_bundle").hears("border_eu_emergency")


@pytest.mark.parametrize("settings", [{"blocks": {"data_eu": True}}, {"bundle_gb": 0}])
def test_f1d_a8_where_data_is_off_in_the_eu_the_text_says_so(story, settings):
    told = story(settings)
    told.enters("FR").cancels().hears("border_eu_data_off")


def test_f1c_a_block_outside_the_eu_is_no_matter_in_it(story):
    told = story({"blocks": {"data_outside_eu": True}})
    told.enters("FR").cancels().hears("border_eu")


def test_the_long_form_adds_the_text_on_value_added_services(story):
    told = story(border_long_form=True)
    told.enters("FR").cancels("border_eu_vas").hears("border_eu").hears("border_eu_vas", url="roam.example/FR")
    told.texts("INFO UIT").hears("pref_info_off")
    told.enters("BE").cancels().not_told("border_eu", "preference:INFO").hears("border_eu_emergency")


def test_q39_ukraine_is_outside_the_eu_before_2026_and_in_it_from_then(story):
    """Q52: in the middle of the night as well."""
    told = story(now="2025-12-31 23:59")
    told.enters("UA").cancels().hears("border_world_no_bundle")
    told = story(now="2026-01-01 00:00")
    told.enters("UA").cancels().hears("border_eu")


# Outside


def test_e1_q12_q13_outside_the_eu_the_text_names_list_prices_including_vat(story):
    told = story()
    told.enters("US").cancels()
    told.hears("border_world_no_bundle", land="US", mb=3_025_000, uit=1_089_000, in_=544_500, sms=302_500)
    assert dict(told.judged.effects[1].fields)["grens"] == Phrase("limit", (("limiet", 50_000_000),))


def test_b18_where_an_option_covers_the_zone_the_text_names_the_bundle(story):
    told = story()
    told.enters("JP").cancels().hears("border_world_bundle", bundel="B", gb=7_500_000_000)


def test_q36_the_world_bundle_covers_all_zones_but_ships(story):
    told = story({"bundles": {"B": {"enabled": False}, "WORLD": {"enabled": True}}})
    for place in ("US", "JP", "AR"):
        told.enters(place).cancels().hears("border_world_bundle", bundel="WORLD")
    told.enters("SHIP").cancels().hears("border_non_terrestrial")


@pytest.mark.parametrize("settings", [NO_OPTION, {"blocks": {"data_outside_eu": True}}, {"bundle_gb": 0}])
def test_b7_f1c_where_data_is_off_the_text_says_so(story, settings):
    told = story(settings)
    told.enters("JP").cancels().hears("border_world_data_off", land="JP", sms=423_500)


def test_q61_a_cost_block_that_a_reply_lifts_is_named_with_the_way_out(story):
    told = story().reaches_100()
    told.enters("JP").cancels().hears("border_world_blocked", limiet=50_000_000, mb=4_840_000)


def test_q61_a_cost_block_under_a_hard_cap_is_data_off(story):
    told = story().reaches_100()
    told.sets(hard_cap=True).silence()
    told.enters("US").cancels().hears("border_world_data_off")


def test_q61_another_reason_beside_the_cost_block_is_data_off(story):
    told = story().reaches_100()
    told.sets(blocks={"data_outside_eu": True}).data(reasons=("COST_LIMIT", "ADMIN_DATA_NON_EU"))
    told.enters("US").cancels().hears("border_world_data_off")


def test_q61_after_the_200_lift_no_limit_is_named(story):
    told = story()
    told.uses("US", mb=40).wakes("2026-12-01 00:00")
    told.not_told("cost_80", "superseded").not_told("cost_100_block", "superseded").hears("cost_200_block")
    told.data(outside_eu="blocked")
    told.texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")
    told.enters("US").cancels().hears("border_world_no_bundle", grens=Phrase("no_limit"))


def test_q4_outside_the_eu_info_off_is_silence(story):
    told = story({"preferences": {"INFO": False}})
    told.enters("US").not_told("border_world_no_bundle", "preference:INFO").came("suppressed")


def test_q62_without_real_time_usage_a_second_text_says_the_limit_does_not_work(story):
    told = story()
    told.enters("TM").cancels("border_no_realtime").hears("border_world_no_bundle")
    told.hears("border_no_realtime", land="TM", limiet=50_000_000, url="roam.example/TM")
    told.enters("NL").silence()
    told.later(hours=1).enters("TM").not_told("border_world_no_bundle", "reentry_quiet")


def test_q55_that_text_has_no_opt_out(story):
    told = story({"preferences": {"INFO": False}})
    told.enters("TM").cancels().not_told("border_world_no_bundle", "preference:INFO").hears("border_no_realtime")
    told.enters("NL").enters("TM").not_told("border_world_no_bundle", "reentry_quiet")


def test_an_unknown_network_is_abroad_in_the_dearest_zone_and_said_so(story):
    told = story()
    told.enters("nowhere").cancels().hears("border_world_no_bundle", land="mcc999", mb=6_050_000)
    told.because("4", "unknown_network", plmn="999-99")


def test_q40_a_ship_is_told_of_at_every_connection(story):
    told = story()
    for _ in range(2):
        told.enters("SHIP").cancels().hears("border_non_terrestrial", land="MARITIME", mb=12_100_000, sms=726_000)
        told.later(minutes=5)
    assert told.state.memory.announced["+31612345678"] == {}


def test_q41_a_platform_is_a_place_of_its_own_at_the_rate_of_its_zone(story):
    told = story()
    told.enters("NORTHSEA").cancels().hears("border_world_no_bundle", land="NORTHSEA", mb=3_025_000)


def test_northern_cyprus_is_where_its_network_says(story):
    told = story()
    told.enters("TR").cancels().hears("border_world_no_bundle", land="TR")


@pytest.mark.parametrize(
    ("mcc", "place", "kind"),
    [("262", "DE", "border_eu"), ("234", "GB", "border_eu"), ("310", "US", "border_world_no_bundle")],
)
def test_q43_a_country_without_a_network_is_told_like_any(story, mcc, place, kind):
    told = story()
    told.enters(mcc).cancels().hears(kind, land=place, **({} if kind == "border_eu" else {"mb": 3_025_000}))
    assert told.state.memory.locations["204080000000001"].plmn == mcc


@pytest.mark.parametrize(("first", "second"), [("310-410", "310"), ("310", "310-410")])
def test_q42_a_network_and_its_country_are_one_entry_in_either_order(story, first, second):
    told = story()
    told.enters(first).cancels().hears("border_world_no_bundle")
    told.later(minutes=1).enters(second).not_told("border_world_no_bundle", "same_country").came("suppressed")
    location = told.state.memory.locations["204080000000001"]
    assert (location.plmn, location.since, location.at) == ("310-410", told.at("2026-11-02 09:00"), told.now)


@pytest.mark.parametrize(("plmn", "place"), [("CHANNEL", "CHANNEL"), ("NORTHSEA", "NORTHSEA"), ("SHIP", "MARITIME")])
def test_q43_a_country_alone_does_not_take_back_the_network(story, plmn, place):
    """Q40: nor is it a connection, on a ship."""
    told = story()
    told.enters(plmn).queue.clear()
    told.later(hours=5).enters("234" if place == "CHANNEL" else "901").came("suppressed")
    told.queue.clear()
    assert told.state.memory.locations["204080000000001"].place == place
    assert told.judged.findings[-1][1] == "same_country"


def test_q43_once_elsewhere_a_country_alone_is_the_country(story):
    told = story()
    told.enters("CHANNEL").cancels().hears("border_eu", land="CHANNEL")
    told.later(hours=1).enters("FR").cancels().hears("border_eu", land="FR")
    told.later(hours=1).enters("234").cancels().hears("border_eu", land="GB")
    told.later(hours=1).enters("CHANNEL").not_told("border_eu", "reentry_quiet")


def test_q43_the_network_may_show_another_place_than_its_country(story):
    told = story()
    told.enters("234").cancels().hears("border_eu", land="GB")
    told.enters("CHANNEL").cancels().hears("border_eu", land="CHANNEL")


def test_q40_on_a_ship_known_by_its_country_code_the_network_is_a_connection(story):
    told = story()
    told.enters("901").cancels().hears("border_non_terrestrial")
    told.enters("901").not_told("border_non_terrestrial", "same_country")
    told.enters("NL").silence()
    told.enters("901").cancels().hears("border_non_terrestrial")
    told.enters("SHIP").cancels().hears("border_non_terrestrial")


def test_abroad_without_a_country_leads_to_nothing(story):
    told = story()
    told.enters("NL").silence()
    before = told.state
    told.enters("").silence().came("ignored").because("4", "unknown_network", plmn="")
    assert told.state == before


def test_q44_home_without_a_network_is_silence_and_resets_no_announcement(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    told.later(hours=1).enters("204").silence().came("ignored")
    told.later(hours=1).enters("262").not_told("border_eu", "reentry_quiet")


def test_q27_a_country_older_than_the_last_location_is_ignored(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    told.enters("310", when="2026-11-02 08:59").silence().came("ignored").because("Q27", "stale_location")


def test_q50_a_country_of_a_barred_sim_is_no_entry_either(story):
    told = story({"blocks": {"roaming": True}})
    told.enters("262").not_told("border_eu_data_off", "roaming_barred")
    told.sets(blocks={"roaming": False}).data(eu="open", outside_eu="open", reasons=())
    told.enters("262").cancels().hears("border_eu")


def test_q39_q4_before_2026_ukraine_has_no_emergency_text(story):
    told = story({"preferences": {"INFO": False}}, now="2025-12-31 23:59")
    told.enters("UA").not_told("border_world_no_bundle", "preference:INFO").silence()


def test_q40_on_a_ship_info_off_is_silence(story):
    told = story({"preferences": {"INFO": False}})
    told.enters("SHIP").not_told("border_non_terrestrial", "preference:INFO").silence()


# When nothing is said


def test_q44_home_is_silence(story):
    told = story()
    told.enters("NL").silence().came("ignored").because("Q44", "not_applicable_zone")


def test_q42_a_move_inside_a_country_says_nothing(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    told.later(days=3).enters("262-02").not_told("border_eu", "same_country").came("suppressed")
    location = told.state.memory.locations["204080000000001"]
    assert (location.plmn, location.since, location.at) == ("262-02", told.at("2026-11-02 09:00"), told.now)


@pytest.mark.parametrize("between", ["NL", "BE"])
def test_q42_entering_again_is_told_after_four_hours_and_home_does_not_reset_that(story, between):
    told = story()
    told.enters("DE").cancels().hears("border_eu", land="DE")
    told.later(hours=1).enters(between)
    told.queue.clear()
    told.clock("2026-11-02 12:59").enters("DE").not_told("border_eu", "reentry_quiet").came("suppressed")
    told.enters("NL")
    told.clock("2026-11-02 13:00").enters("DE").cancels().hears("border_eu", land="DE")


def test_q42_the_window_may_be_zero(story):
    told = story(reentry_quiet_s=0)
    told.enters("DE").cancels().hears("border_eu").enters("NL").enters("DE").cancels().hears("border_eu")


def test_q42_what_was_not_said_was_not_announced(story):
    told = story({"preferences": {"INFO": False}})
    told.enters("US").not_told("border_world_no_bundle", "preference:INFO")
    told.enters("NL").texts("INFO AAN").hears("pref_info_on")
    told.enters("US").cancels().hears("border_world_no_bundle")


def test_q42_announcements_are_forgotten_when_they_no_longer_matter(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    told.later(hours=5).enters("BE").cancels().hears("border_eu")
    assert set(told.state.memory.announced["+31612345678"]) == {"BE"}


def test_q27_a_location_older_than_the_last_is_ignored(story):
    told = story()
    told.enters("DE").cancels().hears("border_eu")
    before = told.state
    told.enters("US", when="2026-11-02 08:59").silence().came("ignored").because("Q27", "stale_location")
    assert told.state is before


def test_f1e_q50_a_barred_sim_is_not_told_of_and_has_yet_to_enter(story):
    told = story({"blocks": {"roaming": True}})
    told.enters("DE").not_told("border_eu_data_off", "roaming_barred").came("suppressed").because(
        "Q50", "roaming_barred"
    )
    told.enters("NL").silence()
    told.enters("DE").not_told("border_eu_data_off", "roaming_barred")
    told.sets(blocks={"roaming": False}).data(eu="open", outside_eu="open", reasons=())
    told.enters("DE").cancels().hears("border_eu")


# To whom


def test_d4_q42_the_watch_shares_the_border_of_the_phone(story):
    told = story({"sims": [PRIMARY, WATCH]})
    told.enters("DE").cancels().hears("border_eu")
    told.enters("DE", imsi=WATCH["imsi"]).not_told("border_eu", "same_country")
    assert set(told.state.memory.locations) == {PRIMARY["imsi"], WATCH["imsi"]}


def test_q27_each_sim_has_a_last_update_of_its_own(story):
    told = story({"sims": [PRIMARY, WATCH]})
    told.enters("DE").cancels().hears("border_eu")
    told.enters("DE", imsi=WATCH["imsi"], when="2026-11-02 08:00").not_told("border_eu", "same_country")


def test_q47_the_owner_is_told_of_a_combi_sim_on_the_parents_number(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.enters("DE", imsi=COMBI["imsi"]).cancels("border_combi", "border_no_realtime")
    told.hears("border_combi", to="+31612345678", suffix="0009", land="DE", regel=Phrase("combi_as_home"))


@pytest.mark.parametrize(
    ("place", "settings", "rule"),
    [
        ("US", {}, Phrase("combi_rate", (("mb", 3_025_000),))),
        ("JP", {}, Phrase("combi_bundle", (("bundel", "B"),))),
        ("JP", NO_OPTION, Phrase("combi_data_off")),
        ("DE", {"blocks": {"data_eu": True}}, Phrase("combi_data_off")),
        ("SHIP", {}, Phrase("combi_rate", (("mb", 12_100_000),))),
    ],
)
def test_q47_the_combi_text_says_what_data_does_there(story, place, settings, rule):
    told = story({"sims": [PRIMARY, COMBI], **settings})
    told.enters(place, imsi=COMBI["imsi"]).cancels().hears("border_combi", regel=rule)


def test_q61_a_combi_sim_gets_no_emergency_text(story):
    told = story({"sims": [PRIMARY, COMBI], "preferences": {"INFO": False}})
    told.enters("DE", imsi=COMBI["imsi"]).not_told("border_combi", "preference:INFO").silence()


def test_q62_the_owner_of_a_combi_sim_hears_that_the_limit_does_not_work(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.enters("TM", imsi=COMBI["imsi"]).cancels().hears("border_combi").hears("border_no_realtime")


def test_q42_a_combi_sim_has_a_country_of_its_own(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.enters("DE").cancels().hears("border_eu")
    told.enters("DE", imsi=COMBI["imsi"]).cancels().hears("border_combi")
    told.enters("DE", imsi=COMBI["imsi"]).not_told("border_combi", "same_country")


def test_q27_a_late_location_of_a_sim_that_is_gone_is_not_the_primary_handsets(story):
    told = story({"sims": [PRIMARY, COMBI]}).later(hours=1)
    told.sets(sims=[PRIMARY]).data()
    before = told.state
    told.enters("DE", imsi=COMBI["imsi"], when="2026-11-02 09:30").silence().came("ignored")
    told.because("Q27", "stale_location", plmn="262-01")
    assert told.state is before
    told.enters("DE").cancels().hears("border_eu")


def test_q27_nor_is_it_where_the_primary_sim_was_never_named(story):
    told = story({"sims": [{"role": "primary"}, COMBI]}).later(hours=1)
    told.sets(sims=[{"role": "primary"}]).data()
    told.enters("DE", imsi=COMBI["imsi"], when="2026-11-02 09:30").silence().came("ignored")
    told.enters("DE", imsi="").cancels().hears("border_eu")


def test_a_sim_that_the_portal_did_not_name_is_the_primary(story):
    told = story({"sims": None})
    told.enters("DE", imsi="").cancels().hears("border_eu")
    told.later(hours=1).sets(sims=[PRIMARY]).data()
    # From before it had its name, and of the same handset
    told.enters("BE", imsi="", when="2026-11-02 09:30").cancels().hears("border_eu")
    assert set(told.state.memory.locations) == {PRIMARY["imsi"]}
    told.enters("FR", imsi="", when="2026-11-02 09:29").silence().because("Q27", "stale_location")
    told.enters("BE").not_told("border_eu", "same_country")


def test_q46_a_machine_is_told_nothing_at_a_border(story):
    told = story({"m2m": True, "preferences": {"INFO": False}})
    told.enters("DE").not_told("border_eu", "m2m").silence()
    told.enters("TM").not_told("border_world_no_bundle", "m2m").not_told("border_no_realtime", "m2m").silence()


def test_a14_q46_without_a_device_for_texts_they_go_to_the_number_to_notify(story):
    told = story({"type": "data_only", "sms_capable": False, "notify_msisdn": "+31687654321"})
    told.enters("DE").cancels(to="+31687654321").hears("border_eu", to="+31687654321")


def test_q46_without_any_number_it_is_a_row_that_says_so(story):
    told = story({"type": "data_only", "sms_capable": False}, border_long_form=True)
    told.enters("DE").not_told("border_eu", "no_sms_device").silence().came("suppressed")


def test_q51_a_combi_sim_cancels_nothing_of_another_handset(story):
    other = {"imsi": "204080000000010", "role": "combi", "msisdn": "+31697000010"}
    told = story({"sims": [PRIMARY, COMBI, other]})
    for sim, handset in ((COMBI, COMBI["msisdn"]), (other, other["msisdn"]), (PRIMARY, "")):
        told.enters("DE", imsi=sim["imsi"])
        effects = [one for one in told.judged.effects if isinstance(one, CancelUndelivered | Notify)]
        assert {one.handset for one in effects} == {handset}
        told.cancels().hears("border_eu" if sim is PRIMARY else "border_combi")
