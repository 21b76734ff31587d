"""What the portal sets."""

import pytest

from handlers.policy import COST_LIMITS_EUR
from handlers.subscription import BundleOption, CostLimit, Sim, Threshold

PRIMARY = {"imsi": "204080000000001", "role": "primary"}
WATCH = {"imsi": "204080000000002", "role": "multisim"}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}


def test_what_is_given_is_changed_and_the_rest_kept(story):
    told = story({"customer": "acme", "language": "en", "bundle_gb": 6})
    told.sets(language="nl", notify_msisdn="+31687654321", sms_capable=False, preferences={"INFO": False}).silence()
    profile = told.profile
    assert (profile.customer, profile.language, profile.bundle_gb) == ("acme", "nl", 6)
    assert (profile.notify_msisdn, profile.sms_capable) == ("+31687654321", False)
    assert (profile.preferences.INFO, profile.preferences.BERICHT) == (False, True)
    told.sets(notify_msisdn=None).silence()
    assert told.profile.notify_msisdn is None


def test_without_sims_there_is_one_primary_sim_with_the_number(story):
    assert story({"sims": None}).profile.sims == (Sim("", "primary", "+31612345678"),)


def test_sims_are_replaced_as_a_list_and_share_the_number_where_none_is_given(story):
    told = story({"sims": [PRIMARY, WATCH, COMBI]})
    assert [(sim.role, sim.msisdn) for sim in told.profile.sims] == [
        ("primary", "+31612345678"),
        ("multisim", "+31612345678"),
        ("combi", "+31697000009"),
    ]


def test_what_a_sim_did_is_forgotten_with_it(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.enters("DE").cancels().hears("border_eu")
    told.enters("FR", imsi=COMBI["imsi"]).cancels().hears("border_combi")
    told.sets(sims=[PRIMARY]).data()
    memory = told.state.memory
    assert set(memory.locations) == {PRIMARY["imsi"]}
    assert set(memory.handset_place) == set(memory.announced) == {"+31612345678"}


@pytest.mark.parametrize(
    "sims",
    [[PRIMARY, COMBI], [{**PRIMARY, "imsi": "204080000000007"}], [WATCH, {**PRIMARY, "imsi": None}]],
    ids=["added", "changed", "unnamed"],
)
def test_q47_a12_the_network_hears_what_a_new_sim_may_use(story, sims):
    told = story({"sims": [PRIMARY]}).reaches_100()
    told.sets(sims=sims).data(outside_eu="blocked", reasons=("COST_LIMIT",)).silence()
    told.sets(sims=sims).silence()


def test_q47_the_network_hears_of_a_new_sim_where_nothing_is_blocked_too(story):
    story({"sims": [PRIMARY]}).sets(sims=[PRIMARY, WATCH]).data(outside_eu="open", reasons=()).silence()


def test_q47_the_same_sims_in_another_order_are_no_news(story):
    story({"sims": [PRIMARY, WATCH]}).sets(sims=[WATCH, PRIMARY], customer="acme").silence()


@pytest.mark.parametrize("eur", COST_LIMITS_EUR)
def test_g3_the_ten_limits_are_allowed(story, eur):
    assert story({"cost_limit_eur": eur}).profile.limits == (CostLimit(eur, 1, ""),)


@pytest.mark.parametrize("eur", [0, 1, 49, 51, 10_000])
def test_g3_no_other_limit_is(story, eur):
    story().sets(cost_limit_eur=eur, language="en").silence().refused("invalid", "/cost_limit_eur")


def test_b5_world_and_another_option_are_a_conflict(story):
    told = story()
    told.sets(bundles={"WORLD": {"enabled": True}}).silence().refused("conflict", "/bundles/WORLD")
    told.sets(bundles={"WORLD": {"enabled": True}, "B": {"enabled": False}}).silence()
    told.sets(bundles={"A": {"enabled": True}}).silence().refused("conflict", "/bundles/A")


def test_b6_the_three_others_go_together(story):
    told = story()
    told.sets(bundles={"A": {"enabled": True}, "ROW": {"enabled": True, "max_per_month": 3}}).silence()
    assert told.profile.bundles["ROW"] == BundleOption(enabled=True, max_per_month=3)


def test_b13_a_maximum_alone_may_be_set(story):
    told = story()
    told.sets(bundles={"B": {"max_per_month": 2}}).silence()
    assert told.profile.bundles["B"] == BundleOption(enabled=True, max_per_month=2)


def test_a11_a_combi_sim_needs_voice_and_data(story):
    told = story({"type": "data_only"})
    told.sets(sims=[PRIMARY, COMBI]).refused("invalid", "/sims/1/role")
    told = story({"sims": [PRIMARY, COMBI]})
    told.sets(type="data_only").refused("invalid", "/type")


@pytest.mark.parametrize(
    ("sims", "pointer"),
    [
        ([PRIMARY, {"imsi": "204080000000009", "role": "combi"}], "/sims/1/msisdn"),
        ([PRIMARY, {**WATCH, "role": "primary"}], "/sims/1/role"),
        ([PRIMARY, {**WATCH, "imsi": PRIMARY["imsi"]}], "/sims/1/imsi"),
    ],
)
def test_sims_that_cannot_be_beside_each_other(story, sims, pointer):
    story().sets(sims=sims).silence().refused("invalid", pointer)


def test_q49_volumes_have_a_version_that_changes_with_them(story):
    told = story()
    told.sets(usage_alert_gb=2.3, roaming_limit_mb=500).silence()
    assert told.profile.usage_alert == Threshold(2_300_000_000, 1)
    assert told.profile.roaming_limit == Threshold(500_000_000, 1)
    told.sets(usage_alert_gb=2.3).silence()
    assert told.profile.usage_alert.version == 1
    told.sets(usage_alert_gb=None).silence()
    assert told.profile.usage_alert == Threshold(None, 2)


def test_q53_a_gigabyte_is_as_large_as_the_operator_says(story):
    assert story({"usage_alert_gb": 1}, gb_bytes=2**30).profile.usage_alert.volume_bytes == 2**30


def test_nothing_changes_where_nothing_is_new(story):
    told = story({"cost_limit_eur": 100})
    profile = told.profile
    told.sets(cost_limit_eur=100, language="nl").silence()
    assert told.profile == profile
