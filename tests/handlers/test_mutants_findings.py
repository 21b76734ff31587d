"""Why a decision fell: each situation with all rules that were looked at, what came of each, and its figures.

Findings are shown by the decisions API and counted by the metrics, so their words are an interface: a rule's id, a
word of the closed lists, names of figures. One row a situation; the last thing that happened is the one looked at.
"""

import pytest

NUMBER, COMBI_IMSI = "+31612345678", "204080000000002"
SIMS = [
    {"imsi": "204080000000001", "role": "primary", "msisdn": NUMBER},
    {"imsi": COMBI_IMSI, "role": "combi", "msisdn": "+31687654321"},
]
ONE_A_MONTH = {"bundles": {"B": {"enabled": True, "max_per_month": 1}}}

# What the portal set beyond option B, what happened, what was found.
SITUATIONS = {
    "home": ({}, [lambda told: told.enters("NL")], ["Q44 not_applicable_zone place=NL"]),
    "an older location": (
        {},
        [lambda told: told.enters("US"), lambda told: told.enters("BE", when="2026-11-02 08:00")],
        ["Q27 stale_location plmn=206-01"],
    ),
    "a country": ({}, [lambda told: told.enters("BE")], ["E1 send kind=border_eu"]),
    "a move inside it": (
        {},
        [lambda told: told.enters("BE"), lambda told: told.enters("BE")],
        ["Q42 same_country kind=border_eu"],
    ),
    "back too soon": (
        {},
        [lambda told: told.enters("BE"), lambda told: told.enters("FR"), lambda told: told.enters("BE")],
        ["Q42 reentry_quiet kind=border_eu"],
    ),
    "barred": (
        {"blocks": {"roaming": True}},
        [lambda told: told.enters("BE")],
        ["Q50 roaming_barred kind=border_eu_data_off"],
    ),
    "a Combi SIM": ({"sims": SIMS}, [lambda told: told.enters("US", imsi=COMBI_IMSI)], ["Q47 send kind=border_combi"]),
    "usage seen later": (
        {},
        [lambda told: told.enters("TM")],
        ["E1 send kind=border_world_no_bundle", "Q55 send kind=border_no_realtime"],
    ),
    "INFO off": (
        {"preferences": {"INFO": False}},
        [lambda told: told.enters("BE")],
        ["E1 preference:INFO kind=border_eu", "Q4 send kind=border_eu_emergency"],
    ),
    "no known network": (
        {},
        [lambda told: told.enters("nowhere")],
        ["4 unknown_network plmn=999-99", "E1 send kind=border_world_no_bundle"],
    ),
    "lift at 100": (
        {},
        [lambda told: told.uses("US", mb=20), lambda told: told.texts("ja")],
        ["Q24 lifted block=s1-b1 level=100", "G7 send kind=cost_lifted_100 charges_ueur=50000000 consent=1"],
    ),
    "lift at 200": (
        {},
        [lambda told: told.uses("US", mb=40), lambda told: told.texts("ja")],
        ["Q24 lifted block=s1-b1 level=200", "G8 send kind=cost_lifted_200 charges_ueur=100000000 consent=2"],
    ),
    "lift, and more blocks": (
        {},
        [
            lambda told: told.uses("US", mb=20),
            lambda told: told.sets(blocks={"data_eu": True}),
            lambda told: told.texts("ja"),
        ],
        ["Q24 lifted block=s1-b1 level=100", "Q34 send kind=lift_partial charges_ueur=50000000 consent=1"],
    ),
    "hard cap": (
        {"hard_cap": True},
        [lambda told: told.uses("US", mb=20), lambda told: told.texts("ja")],
        ["G9 send kind=lift_refused_hard_cap"],
    ),
    "declined": (
        {},
        [lambda told: told.uses("US", mb=20), lambda told: told.texts("nee")],
        ["Q6 send kind=lift_declined"],
    ),
    "another block": (
        {"blocks": {"data_eu": True}},
        [lambda told: told.texts("ja")],
        ["Q56 send kind=lift_refused_other"],
    ),
    "no block": ({}, [lambda told: told.texts("ja")], ["Q7 send kind=nothing_to_lift"]),
    "BERICHT UIT": ({}, [lambda told: told.texts("bericht uit")], ["E6 send kind=pref_bericht_off"]),
    "BERICHT AAN": ({}, [lambda told: told.texts("bericht aan")], ["E5 send kind=pref_already"]),
    "INFO UIT": ({}, [lambda told: told.texts("info uit")], ["E8 send kind=pref_info_off"]),
    "LIMIET UIT": ({}, [lambda told: told.texts("limiet uit")], ["E10 send kind=pref_limiet_off"]),
    "LIMIET AAN": (
        {"preferences": {"LIMIET": False}},
        [lambda told: told.texts("limiet aan")],
        ["E9 send kind=pref_limiet_on"],
    ),
    "how it stands": ({}, [lambda told: told.texts("limiet")], ["6.1 send kind=status"]),
    "HELP": ({}, [lambda told: told.texts("help")], ["E11 send kind=help"]),
    "an unknown text": ({}, [lambda told: told.texts("wat")], ["Q65 send kind=unknown"]),
    "and another": (
        {},
        [lambda told: told.texts("wat"), lambda told: told.texts("wat nu")],
        ["Q65 rate_limited kind=unknown"],
    ),
    "the same text": ({}, [lambda told: told.texts("help"), lambda told: told.texts("help")], ["Q65 duplicate_mo"]),
    "a name": ({}, [lambda told: told.texts("help", sender="KPN")], ["6.1 loop_guard"]),
    "no alert set": ({}, [lambda told: told.uses("NL", mb=9)], ["E2 not_configured"]),
    "below the alert": (
        {"usage_alert_gb": 2},
        [lambda told: told.uses("NL", mb=100)],
        ["E2 below_threshold used_bytes=100000000 limit_bytes=2000000000 pct=80"],
    ),
    "97 % of it": (
        {"usage_alert_gb": 2},
        [lambda told: told.uses("NL", mb=1950)],
        ["E2 send kind=usage_80 used_bytes=1950000000 limit_bytes=2000000000 pct=80"],
    ),
    "all of it": (
        {"usage_alert_gb": 2},
        [lambda told: told.uses("NL", mb=2500)],
        [
            "E2 superseded kind=usage_80 used_bytes=2500000000 limit_bytes=2000000000 pct=100",
            "E2 send kind=usage_100 used_bytes=2500000000 limit_bytes=2000000000 pct=100",
        ],
    ),
    "beyond it": (
        {"usage_alert_gb": 2},
        [lambda told: told.uses("NL", mb=2500), lambda told: told.uses("NL", mb=1)],
        ["E2 already_notified used_bytes=2501000000 limit_bytes=2000000000 pct=100"],
    ),
    "a roaming limit": (
        {"roaming_limit_mb": 10},
        [lambda told: told.uses("US", mb=9)],
        [
            "E3 send kind=roaming_limit_80 used_bytes=9000000 limit_bytes=10000000 pct=80",
            "G4 below_threshold charges_ueur=22500000 limit_ueur=50000000 pct=80",
        ],
    ),
    "beyond the roaming limit": (
        {"roaming_limit_mb": 10},
        [lambda told: told.uses("US", mb=10), lambda told: told.uses("US", mb=1)],
        [
            "E3 already_notified used_bytes=11000000 limit_bytes=10000000 pct=100",
            "G4 below_threshold charges_ueur=27500000 limit_ueur=50000000 pct=80",
        ],
    ),
    "the first byte": (
        {},
        [lambda told: told.uses("JP", mb=9)],
        [
            "Q14 covered_by_bundle bytes=9000000 zone=B bundle=B number=1",
            "B19 send kind=bundle_activated bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "most of a bundle": (
        {},
        [lambda told: told.uses("JP", mb=9), lambda told: told.uses("JP", mb=6000)],
        [
            "Q14 covered_by_bundle bytes=6000000000 zone=B bundle=B number=1",
            "B10 send kind=bundle_80 bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "a second one": (
        {},
        [lambda told: told.uses("JP", mb=9000)],
        [
            "Q14 covered_by_bundle bytes=9000000000 zone=B bundle=B number=2",
            "B11 send kind=bundle_renewed bundle=B number=2",
            "B10 superseded kind=bundle_80 bundle=B number=1",
            "B19 superseded kind=bundle_activated bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "a third one": (
        {},
        [lambda told: told.uses("JP", mb=16_000)],
        [
            "Q14 covered_by_bundle bytes=16000000000 zone=B bundle=B number=3",
            "B11 send kind=bundle_renewed_many bundle=B number=3",
            "B10 superseded kind=bundle_80 bundle=B number=2",
            "B19 superseded kind=bundle_activated bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "the last one": (
        ONE_A_MONTH,
        [lambda told: told.uses("JP", mb=9), lambda told: told.uses("JP", mb=6000)],
        [
            "Q14 covered_by_bundle bytes=6000000000 zone=B bundle=B number=1",
            "B10 send kind=bundle_80_last bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "no more": (
        ONE_A_MONTH,
        [lambda told: told.uses("JP", mb=9000)],
        [
            "Q32 leakage bytes=1500000000 zone=B",
            "Q14 covered_by_bundle bytes=7500000000 zone=B bundle=B number=1",
            "B14 blocked block=s1-b1 category=B",
            "B14 send kind=bundle_cap_reached bundle=B number=1",
            "B10 superseded kind=bundle_80_last bundle=B number=1",
            "B19 superseded kind=bundle_activated bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "more allowed": (
        ONE_A_MONTH,
        [lambda told: told.uses("JP", mb=9000), lambda told: told.sets(bundles={"B": {"max_per_month": 2}})],
        ["Q33 lifted block=s1-b1 category=B"],
    ),
    "the end of an option": (
        {},
        [
            lambda told: told.uses("JP", mb=9),
            lambda told: told.sets(bundles={"B": {"enabled": False}}),
            lambda told: told.uses("JP", mb=9000),
        ],
        [
            "Q35 leakage bytes=1509000000 zone=B",
            "Q14 covered_by_bundle bytes=7491000000 zone=B bundle=B number=1",
            "Q35 blocked block=s1-b1 reason=NO_BUNDLE_OPTION",
            "Q35 send kind=bundle_ended bundle=B number=1",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=0 limit_ueur=50000000 pct=80",
        ],
    ),
    "with another one on": (
        {},
        [
            lambda told: told.uses("JP", mb=9),
            lambda told: told.sets(bundles={"B": {"enabled": False}, "A": {"enabled": True}}),
            lambda told: told.uses("JP", mb=9000),
        ],
        [
            "Q14 covered_by_bundle bytes=7491000000 zone=B bundle=B number=1",
            "Q35 send kind=bundle_ended bundle=B number=1",
            "E3 not_configured",
            "G6 blocked block=s1-b1 level=200",
            "G4 superseded kind=cost_80 charges_ueur=6036000000 limit_ueur=50000000 pct=200",
            "G6 superseded kind=cost_100_block charges_ueur=6036000000 limit_ueur=50000000 pct=200",
            "G6 send kind=cost_200_block charges_ueur=6036000000 limit_ueur=50000000 pct=200",
        ],
    ),
    "80 % of the limit": (
        {},
        [lambda told: told.uses("US", mb=16)],
        ["E3 not_configured", "G4 send kind=cost_80 charges_ueur=40000000 limit_ueur=50000000 pct=80"],
    ),
    "below the limit": (
        {},
        [lambda told: told.uses("US", mb=1)],
        ["E3 not_configured", "G4 below_threshold charges_ueur=2500000 limit_ueur=50000000 pct=80"],
    ),
    "consented to": (
        {},
        [
            lambda told: told.uses("US", mb=20),
            lambda told: told.texts("ja"),
            lambda told: told.later(hours=1),
            lambda told: told.uses("US", mb=1),
        ],
        ["E3 not_configured", "G7 consented charges_ueur=52500000 limit_ueur=50000000 pct=100"],
    ),
    "without a limit": (
        {},
        [
            lambda told: told.uses("US", mb=40),
            lambda told: told.texts("ja"),
            lambda told: told.later(hours=1),
            lambda told: told.uses("US", mb=1),
        ],
        ["E3 not_configured", "Q58 open_rest_of_month charges_ueur=102500000 limit_ueur=50000000 pct=200"],
    ),
    "leakage": (
        {},
        [lambda told: told.uses("US", mb=20), lambda told: told.later(hours=1), lambda told: told.uses("US", mb=1)],
        ["Q25 leakage bytes=1000000 block=s1-b1 reason=COST_LIMIT"],
    ),
    "late": (
        {},
        [lambda told: told.uses("US", mb=1, used_at="2026-10-31 12:00")],
        ["Q23 late_record period=2026-10 bytes=1000000"],
    ),
    "too late": (
        {},
        [lambda told: told.clock("2026-11-16 00:00"), lambda told: told.uses("US", mb=1, used_at="2026-10-31 12:00")],
        ["Q23 refused code=rejected_late"],
    ),
    "too long": (
        {},
        [lambda told: told.uses("US", mb=1, used_at="2026-11-02 08:00", started_at="2026-09-30 12:00")],
        ["Q22 refused code=invalid"],
    ),
    "over midnight": (
        {},
        [lambda told: told.uses("US", mb=2, used_at="2026-11-01 01:00", started_at="2026-10-31 23:00")],
        [
            "Q23 late_record period=2026-10 bytes=1000000",
            "E3 not_configured",
            "G4 below_threshold charges_ueur=2500000 limit_ueur=50000000 pct=80",
        ],
    ),
    "a raise": (
        {},
        [lambda told: told.uses("US", mb=20), lambda told: told.sets(cost_limit_eur=100)],
        ["Q17 changed eur=100", "Q24 lifted block=s1-b1 level=100", "Q17 send kind=cost_unblocked_admin"],
    ),
    "a raise that leaves a block": (
        {},
        [lambda told: told.uses("US", mb=60), lambda told: told.sets(cost_limit_eur=100)],
        ["Q17 changed eur=100", "Q24 lifted block=s1-b1 level=200", "G6 blocked block=s1-b2 level=100"],
    ),
    "a lowering": ({}, [lambda told: told.sets(cost_limit_eur=10)], ["G10 pending eur=10"]),
    "a lowering taken back": (
        {},
        [lambda told: told.sets(cost_limit_eur=10), lambda told: told.sets(cost_limit_eur=50)],
        ["Q17 changed eur=50"],
    ),
    "blocked by the portal": (
        {},
        [lambda told: told.sets(blocks={"data_outside_eu": True})],
        ["F1 blocked reason=ADMIN_DATA_NON_EU"],
    ),
    "opened by the portal": (
        {"blocks": {"data_outside_eu": True}},
        [lambda told: told.sets(blocks={"data_outside_eu": False})],
        ["F1 lifted reason=ADMIN_DATA_NON_EU"],
    ),
    "WORLD beside another": (
        {},
        [lambda told: told.sets(bundles={"WORLD": {"enabled": True}})],
        ["settings refused pointer=/bundles/WORLD"],
    ),
    "the 1st": (
        {},
        [lambda told: told.uses("US", mb=20), lambda told: told.month_begins("2026-12-01 00:00")],
        ["Q20 lifted block=s1-b1"],
    ),
}


def said(finding):
    rule, word, figures = finding
    return " ".join([rule, word, *(f"{name}={value}" for name, value in figures)])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_rule_that_was_looked_at_is_named(story, situation):
    given, steps, expected = SITUATIONS[situation]
    told = story(given)
    for step in steps:
        told.queue.clear()
        step(told)
    told.queue.clear()
    found = [said(finding) for finding in told.judged.findings]
    if found != expected:
        told.fail(f"expected {expected}, found {found}")
