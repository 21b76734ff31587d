"""The service as data: every rule that is ours to keep, in two languages, each once, and each proved by scenarios."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from simulator.scenarios.reading import read
from simulator.service import load

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "simulator" / "scenarios" / "library"
OURS = [rule for rule in load().rules.values() if rule.scope != "out"]
SCOPES = {"IN": "in", "EDGE": "edge", "OUT": "out"}


def scopes():
    """The ids of the description as `tests/test_description.py` has read them."""
    source = (ROOT / "tests" / "test_description.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    kept = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "numbered"]
    kept += [one for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id in SCOPES]
    names = {}
    exec(compile(ast.Module(kept, []), "test_description.py", "exec"), names)  # noqa: S102 - our own
    return {one: scope for name, scope in SCOPES.items() for one in names[name]}


def test_each_rule_of_the_description_is_there_with_its_scope():
    found = {rule.id: rule.scope for rule in load().rules.values()}
    # F1 is the heading of its five letters.
    assert found == {**scopes(), "F1": "in"}


def test_each_rule_is_a_row_of_the_rules_as_built():
    text = (ROOT / "handlers" / "RULES.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE))
    out = set(re.search(r"^Out of scope: (.*)\.$", text, re.MULTILINE)[1].split(", "))
    assert set(load().rules) <= {row.strip() for row in rows} | out


def test_each_rule_is_there_once_and_worded_twice():
    rules = [rule for chapter in load().chapters for rule in chapter.rules]
    assert len(rules) == len(load().rules)
    for rule in rules:
        assert rule.nl.endswith(".")
        assert rule.en.endswith(".")
        assert rule.nl != rule.en
        assert (rule.told("nl"), rule.told("en")) == (rule.nl, rule.en)


def test_chapters_are_told_in_two_languages():
    chapters = load().chapters
    assert len({chapter.id for chapter in chapters}) == len(chapters)
    assert [chapter.is_reading for chapter in chapters] == sorted(chapter.is_reading for chapter in chapters)
    assert (chapters[0].told("nl"), chapters[0].told("en")) == ("Abonnementen", "Subscriptions")


def test_rules_of_tags_are_each_named_once():
    assert load().rules_of(["@G4", "@fout:smsc.throttle", "@G8", "@G4", "@G99"]) == ("G4", "G8")


@cache
def tagged():
    """How many scenarios of the library name each rule."""
    scenarios = [scenario for path in sorted(LIBRARY.rglob("*.feature")) for scenario in read(path)[0]]
    return Counter(rule for scenario in scenarios for rule in load().rules_of(scenario.tags))


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_a_rule_that_is_ours_is_proved_by_a_scenario(rule):
    assert tagged()[rule.id] > 0, f"no scenario of the library has the tag @{rule.id}: {rule.en}"
