"""Tables under steps: read strictly, and what is wrong in them has a row."""

import tomllib
from pathlib import Path

import pytest

from simulator.scenarios import tables
from simulator.scenarios.failure import why_not_quiet
from simulator.scenarios.tables import BadCell


def test_the_subscribers_as_a_table():
    rows = (
        ("naam", "nummer", "kostenlimiet", "bundel", "hoogstens", "taal", "tegoed", "soort", "sms", "m2m"),
        ("Anna", "+31610000007", "€ 1.000", "A, ROW", "5", "de", "onbeperkt", "data only", "nee", "ja"),
        ("Bram", "", "€ 12,50", "", "", "Engels", "15 GB", "", "", ""),
    )
    assert tables.people(rows, "nl") == [
        {
            "name": "Anna",
            "number": "+31610000007",
            "cost_limit_eur": 1000,
            "bundles": ["A", "ROW"],
            "max_per_month": 5,
            "language": "de",
            "bundle_gb": "unlimited",
            "type": "data_only",
            "sms_capable": False,
            "m2m": True,
        },
        {"name": "Bram", "cost_limit_eur": 12.5, "language": "en", "bundle_gb": 15},
    ]


def test_volumes_in_a_table_are_what_the_portal_takes():
    rows = (("name", "data usage alert", "data roaming limit"), ("Bob", "2.5 GB", "100 MB"), ("Eve", "10 GB", ""))
    assert tables.people(rows, "en") == [
        {"name": "Bob", "usage_alert_gb": 2.5, "roaming_limit_mb": 100},
        {"name": "Eve", "usage_alert_gb": 10},
    ]


@pytest.mark.parametrize(
    ("column", "cell", "key"),
    [
        ("nummer", "0612345678", "bad_cell"),
        ("kostenlimiet", "50", "bad_amount"),
        ("bundel", "C", "bad_cell"),
        ("hoogstens", "tien", "bad_cell"),
        ("taal", "xx", "bad_cell"),
        ("tegoed", "15", "bad_volume"),
        ("soort", "mobiel", "bad_cell"),
        ("sms", "soms", "bad_cell"),
    ],
)
def test_a_wrong_cell_has_its_row(column, cell, key):
    rows = (("naam", column), ("Anna", ""), ("Bram", cell))
    with pytest.raises(BadCell) as bad:
        tables.people(rows, "nl")
    assert (bad.value.row, bad.value.found, bad.value.key) == (2, cell, key)


def test_a_subscriber_has_a_name():
    with pytest.raises(BadCell) as bad:
        tables.people((("naam", "bundel"), ("", "A")), "nl")
    assert (bad.value.row, bad.value.key) == (1, "bad_cell")


def test_how_often_a_fault_strikes():
    columns = tables.FAULT_KEYS
    assert tables.keyed((("hoe vaak", "3"), ("bij wie", "Anna")), columns, "nl") == {"times": 3, "who": "Anna"}
    assert tables.keyed((("how often", "always"),), columns, "en") == {"times": None}
    for row in (("hoe vaak", "0"), ("hoe vaak",), ("hoevaak", "1")):
        with pytest.raises(BadCell):
            tables.keyed((row,), columns, "nl")


NOT_QUIET = """\
the world did not become quiet within 5 s (gateway boot 1)
  events_out 3 here, events_in 2 at the gateway
  simulator: 1 unanswered
  simulator: 2 still to be brought to the gateway
  gateway: busy with 1; it says {'oldest': 'submit'}
  gateway: next retry in 0.20 s
  the counters agree but never twice in a row
"""


def test_why_it_is_not_quiet_in_the_language_of_the_scenario():
    assert why_not_quiet(NOT_QUIET, "nl") == [
        "events_out: 3 hier, 2 bij de gateway",
        "simulator: 1 onbeantwoord",
        "simulator: 2 moet nog naar de gateway",
        "gateway: bezig met 1; zegt {'oldest': 'submit'}",
        "gateway: volgende poging over 0.20 s",
        "the counters agree but never twice in a row",
    ]


def test_settings_are_keys_of_the_policy_with_what_stands_behind_them():
    rows = (
        ("tweede waarschuwing", "150%"),
        ("beleefdheidsberichten", "300%, 500%"),
        ("nieuwe maand melden", "nee"),
        ("kostenblokkade", "Buiten de bundel"),
        ("maximum bundels", "samen"),
        ("lange grensberichten", "ja"),
    )
    found = tables.keyed(rows, tables.SETTINGS, "nl")
    assert found == {
        "second_warning_pct": "150",
        "courtesy_pcts": "[300, 500]",
        "notify_reset": "false",
        "cost_block_scope": '"out_of_bundle"',
        "cap_scope": '"subscription"',
        "border_long_form": "true",
    }
    policy = tomllib.loads((Path(__file__).parents[2] / "config.toml").read_text(encoding="utf-8"))["policy"]
    told = tomllib.loads("\n".join(f"{key} = {value}" for key, value in found.items()))
    assert {key: type(value) for key, value in told.items()} == {key: type(policy[key]) for key in told}


@pytest.mark.parametrize(
    "row", [("second warning", "200%"), ("second warning", "150"), ("courtesy notices", "x%"), ("cost block", "none")]
)
def test_a_setting_that_nothing_can_be_has_its_row(row):
    with pytest.raises(BadCell) as bad:
        tables.keyed((("tell of a new month", "no"), row), tables.SETTINGS, "en")
    assert bad.value.row == 1
