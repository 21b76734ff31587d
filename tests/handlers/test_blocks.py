"""Blocks: what data may do, and the history of it."""

import pytest

from handlers.blocks import block_at, data_policy
from handlers.subscription import Block

END = "2026-12-01 00:00"


def test_b7_a_new_subscription_without_an_option_has_no_data_outside_the_eu(story):
    told = story({"bundles": {"B": {"enabled": False}}})
    created = told.created
    assert (created.eu, created.outside_eu, created.reasons) == ("open", "blocked", ("NO_BUNDLE_OPTION",))
    assert told.rows("NO_BUNDLE_OPTION") == [(None, None, 0)]  # from the beginning


def test_b2_b17_any_option_opens_all_zones_outside_the_eu(story):
    told = story({"bundles": {"B": {"enabled": False}}}).later(hours=1)
    told.sets(bundles={"ROW": {"enabled": True}}).data(outside_eu="open", reasons=()).because("F1", "lifted")
    assert told.rows("NO_BUNDLE_OPTION") == [(None, told.now, 0)]
    told.uses("US", mb=1).came("counted")


def test_a8_a9_an_empty_bundle_blocks_everything_until_the_portal_lifts_it(story):
    told = story({"bundle_gb": 0})
    assert (told.created.eu, told.created.outside_eu, told.created.reasons) == ("blocked", "blocked", ("ZERO_BUNDLE",))
    told.later(hours=1).sets(blocks={"zero_bundle_lifted": True}).data(eu="open", outside_eu="open", reasons=())
    told.uses("NL", mb=1).came("counted")


@pytest.mark.parametrize(
    ("name", "reason", "eu", "outside_eu"),
    [
        ("data_outside_eu", "ADMIN_DATA_NON_EU", "open", "blocked"),
        ("data_eu", "ADMIN_DATA_EU", "blocked", "open"),
        ("roaming", "ADMIN_ROAMING", "blocked", "blocked"),
    ],
)
def test_f1_the_portals_blocks(story, name, reason, eu, outside_eu):
    told = story()
    told.sets(blocks={name: True}).data(eu=eu, outside_eu=outside_eu, reasons=(reason,)).because("F1", "blocked")
    told.sets(blocks={name: True}).silence()
    told.later(hours=1).sets(blocks={name: False}).data(eu="open", outside_eu="open", reasons=())
    assert told.rows(reason) == [(told.at("2026-11-02 09:00"), told.now, 0)]


def test_f1a_f1b_flags_that_concern_no_data_block_none(story):
    told = story()
    told.sets(blocks={"premium": True, "international_calls": True}).silence()
    assert told.profile.blocks.premium
    assert told.state.blocks == ()


def test_q34_reasons_are_a_set_in_a_fixed_order(story):
    told = story().reaches_100()
    told.sets(blocks={"roaming": True, "data_eu": True}, bundle_gb=0, bundles={"B": {"enabled": False}})
    told.data(reasons=("COST_LIMIT", "ZERO_BUNDLE", "NO_BUNDLE_OPTION", "ADMIN_DATA_EU", "ADMIN_ROAMING"))


def test_q15_the_narrow_scope_spares_the_zones_of_an_enabled_option(story):
    told = story(cost_block_scope="out_of_bundle")
    told.uses("US", mb=20).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(outside_eu="open", blocked_categories=("A", "ROW"), reasons=("COST_LIMIT",))
    told.uses("JP", mb=1).hears("bundle_activated")
    told.uses("AR", mb=1).came("leakage").uses("SHIP", mb=1).came("leakage")
    told.enters("JP").cancels().hears("border_world_bundle")
    told.enters("US").cancels().hears("border_world_blocked")
    told.later(hours=1).texts("DOORGAAN").hears("cost_lifted_100").consents().data(blocked_categories=())


def capped(told, category="B"):
    """The one instance that the month may have is used up."""
    told.sets(bundles={category: {"max_per_month": 1}}).silence()
    told.uses("JP", mb=7_500).wakes(END).hears("bundle_cap_reached", max=1, rest=0)
    told.not_told("bundle_80_last", "superseded").not_told("bundle_activated", "superseded").data()
    return told.later(seconds=1)


def test_b14_a_category_that_is_used_up_is_blocked_and_the_others_work(story):
    told = capped(story({"bundles": {"A": {"enabled": True}, "B": {"enabled": True}}}))
    allowed = told.allowed
    assert (allowed.outside_eu, allowed.blocked_categories, allowed.reasons) == ("open", ("B",), ("BUNDLE_CAP:B",))
    told.uses("JP", mb=1).came("leakage").uses("US", mb=1).hears("bundle_activated", bundel="A")
    told.enters("JP").cancels().hears("border_world_data_off")
    told.enters("US").cancels().hears("border_world_bundle")


def test_q36_a_used_up_world_bundle_blocks_all_its_zones(story):
    told = capped(story({"bundles": {"B": {"enabled": False}, "WORLD": {"enabled": True}}}), "WORLD")
    assert told.allowed.blocked_categories == ("A", "B", "ROW")
    assert told.allowed.reasons == ("BUNDLE_CAP:WORLD",)


def test_q33_an_answer_lifts_no_used_up_bundle(story):
    told = capped(story())
    told.texts("DOORGAAN").hears("lift_refused_other")


def test_q34_a_used_up_bundle_is_a_reason_only_where_it_stops_something(story):
    told = capped(story())
    assert told.allowed.reasons == ("BUNDLE_CAP:B",)
    told.sets(bundles={"B": {"enabled": False}, "WORLD": {"enabled": True}}).data(reasons=(), blocked_categories=())
    told.texts("DOORGAAN").hears("nothing_to_lift").later(minutes=1)
    told.uses("SHIP", mb=5).wakes(END).not_told("cost_80", "superseded").hears("cost_100_block")
    told.data(reasons=("COST_LIMIT",))
    told.texts("DOORGAAN").hears("cost_lifted_100").consents().data(outside_eu="open", reasons=())
    told.uses("JP", mb=1).hears("bundle_activated", bundel="WORLD")
    # Q33: the block is still there, and is a reason again where nothing else covers its zone.
    told.sets(bundles={"B": {"enabled": True}, "WORLD": {"enabled": False}}).silence()
    told.uses("JP", mb=7_499).hears("bundle_ended", to="+31612345678")
    told.data(reasons=("BUNDLE_CAP:B",), blocked_categories=("B",))


def test_q20_a_used_up_bundle_ends_with_the_month(story):
    told = capped(story())
    told.month_begins(END).data(blocked_categories=(), reasons=())
    told.uses("JP", mb=1).hears("bundle_activated", rest=0)


@pytest.mark.parametrize(("moment", "holds"), [("08:59", False), ("09:00", True), ("09:59", True), ("10:00", False)])
def test_q24_a_block_holds_from_its_start_up_to_its_end(story, policy, moment, holds):
    told = story()
    row = Block("x", "ADMIN_DATA_NON_EU", told.now, told.at("2026-11-02 10:00"))
    state = told.state._replace(blocks=(row,))
    found = block_at(state, "A", told.at(f"2026-11-02 {moment}"), "2026-11", policy)
    assert (found is row) is holds


def test_the_portal_may_ask_what_data_may_do_in_a_month(story, policy):
    told = story().reaches_100()
    assert data_policy(told.state, "2026-11", policy).outside_eu == "blocked"
    assert data_policy(told.state, "2026-12", policy).outside_eu == "open"


def test_each_block_has_an_id_of_its_own(story):
    told = story({"bundle_gb": 0, "bundles": {"B": {"enabled": False}}})
    told.sets(blocks={"roaming": True}).data()
    assert [block.id for block in told.state.blocks] == ["s1-b1", "s1-b2", "s1-b3"]
    assert told.state.blocks_made == 3
