"""Texts recognised by their templates: each template its own, with the values in it."""

import re

import pytest

from simulator.scenarios.catalogue import bundle_names, load, prices_ueur_per_mb, recognise

FIELD = re.compile(r"\{(\w+)\}")
SAMPLES = {"uit": "1,09", "in_": "0,54", "sms": "0,30", "nummer": "1330"}


def rendered(catalogue, kind):
    """A text of that kind, each field a word that stands for itself."""
    return FIELD.sub(lambda match: SAMPLES.get(match[1], f"<{match[1]}>"), catalogue.texts[kind])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_template_is_told_from_all_others(language):
    catalogue = load(language)
    for kind in catalogue.names:
        found = catalogue.recognise(rendered(catalogue, kind))
        assert [one.kind for one in found] == [kind]
        assert found[0].name == catalogue.names[kind]
        for name, value in found[0].fields.items():
            assert value == SAMPLES.get(name, f"<{name}>")


def test_a_field_that_comes_twice_must_repeat_itself():
    catalogue = load("nl")
    text = rendered(catalogue, "status")
    assert text.count("<code>") == 3
    assert catalogue.recognise(text)
    assert not catalogue.recognise(text.replace("<code>", "INFO", 1))


def test_a_text_is_looked_for_in_one_language_after_the_other():
    english = load("en")
    text = rendered(english, "help")
    assert [one.kind for one in recognise(text, ["nl", "en"])] == ["help"]
    assert recognise("Gefeliciteerd!", ["nl", "en"]) == []


def test_a_public_name_may_be_shared_by_kinds():
    catalogue = load("nl")
    assert {"border_eu", "border_world_blocked"} <= set(catalogue.kinds("grensbericht"))
    assert {"land", "data per MB", "bundel"} <= catalogue.fields_of("grensbericht")
    assert catalogue.field_of("data per MB") == "mb"
    assert catalogue.public_names.count("grensbericht") == 1


def test_of_the_sheet_only_what_turns_money_into_bytes_is_read():
    assert prices_ueur_per_mb()["A"] == 2_500_000


def test_clauses_are_words_that_a_text_may_hold():
    assert load("nl").clauses["works"] == "Data werkt door"


def test_a_bundle_is_called_as_the_reader_calls_it():
    assert [bundle_names(language)["WORLD"] for language in ("nl", "en", "de", "fr")] == [
        *("Wereld", "World", "Welt", "Monde"),
    ]
    assert {bundle_names(language)["A"] for language in ("nl", "en", "de", "fr")} == {"A"}
