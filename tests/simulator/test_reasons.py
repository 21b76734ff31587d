"""Why a text was sent or not, in a line."""

import re
from pathlib import Path

from simulator.reasons import RULES, decision_for, public_name, why_not, why_sent

SENT = {"kind": "cost_80", "event": {"source": "s", "id": "u-1"}}
DECISION = {
    "event": {"type": "usage", "source": "s", "id": "u-1"},
    "outcome": "notified",
    "findings": [
        {"rule": "E3", "result": "not_configured", "figures": {}},
        {
            "rule": "G4",
            "result": "send",
            "figures": {"kind": "cost_80", "charges_ueur": 40_000_000, "limit_eur": 50, "rate_ueur_per_mb": 2_500_000},
        },
        {"rule": "X9", "result": "superseded", "figures": {"used_bytes": 16_000_000, "again": True}},
    ],
}


def test_the_decision_is_the_one_on_the_same_event():
    other = {**DECISION, "event": {"source": "s", "id": "u-2"}}
    assert decision_for(SENT, [other, DECISION]) is DECISION
    assert decision_for(SENT, [other]) is None
    assert decision_for({"kind": "help"}, [other]) is None


def test_a_text_is_explained_by_the_rules_that_made_it():
    assert why_sent(SENT, DECISION, "nl") == [
        "cost_80 · kostenlimiet 80%",
        "G4 80 % of the cost limit: send (charges € 40.00, limit € 50, rate € 2.50/MB)",
    ]
    assert why_sent(SENT, None, "xx") == ["cost_80"]


def test_silence_is_explained_by_what_was_held_back_or_looked_at():
    assert why_not([{"kind": "border_eu", "reason": "preference:INFO"}], []) == ["no border_eu: preference:INFO"]
    assert why_not([], [DECISION]) == ["no text: X9: superseded (used 16 MB, again True)"]
    only = {"outcome": "counted", "findings": [{"rule": "E2", "result": "not_configured"}]}
    assert why_not([], [only]) == ["no text: E2 data usage alert: not_configured"]
    assert why_not([], [{"outcome": "ignored", "findings": []}]) == ["no text: ignored"]


def test_public_names_come_from_the_template_files():
    assert public_name("cost_80", "en") == "cost limit 80%"
    assert public_name("unheard_of", "nl") == "unheard_of"


def test_each_rule_that_a_decision_names_has_words():
    handlers = Path(__file__).parents[2] / "handlers"
    named = {
        rule
        for path in handlers.glob("*.py")
        for rule in re.findall(r'"([A-Z][0-9]{1,2}|6\.1|4)"', path.read_text(encoding="utf-8"))
    }
    assert {"4", "6.1", "G4", "Q25"} <= named
    assert named - RULES.keys() == set()
