"""Texts to the service number: the parser as tables, the commands as conversations."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from handlers import shortcodes
from handlers.effects import Phrase
from handlers.shortcodes import CODES, COMMANDS, STATES, Command, Verb, fold, parse

LANGUAGES = sorted((Path(__file__).parents[2] / "templates").glob("*.toml"))

COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}
PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": "+31612345678"}

FOLDED = [
    ("  Info\u00a0 UIT \r\n", "info uit"),
    ("İNFO AAN", "info aan"),
    ("ınfo aan", "info aan"),
    ("ＬＩＭＩＥＴ　ＡＡＮ", "limiet aan"),
    ("LÍMÌËT aan", "limiet aan"),
    ("«info»", "«info»"),
    ("‘INFO’ “uit”.,!?", "info uit"),
    ("\"INFO\" 'uit'", "info uit"),
    ("info-uit", "info uit"),
    ("info – uit", "info uit"),
    ("info\u2014uit", "info uit"),
    ("info\u2212uit", "info uit"),
    ("in\u200bfo uit", "info uit"),
    ("Info… uit", "info uit"),
    ("?!", ""),
    ("", ""),
]

PARSED = [
    *(
        (f"{code} {state}", Command("switch", code, on=on))
        for code in CODES
        for state, on in (("AAN", True), ("UIT", False))
    ),
    ("bericht on", Command("switch", "BERICHT", on=True)),
    ("Limiet Off", Command("switch", "LIMIET", on=False)),
    ("AAN BERICHT", Command("switch", "BERICHT", on=True)),
    ("uit info", Command("switch", "INFO", on=False)),
    ("BERICHTAAN", Command("switch", "BERICHT", on=True)),
    ("InfoUit!", Command("switch", "INFO", on=False)),
    ("INFO?", Command("status", "INFO")),
    ("limiet", Command("status", "LIMIET")),
    ("bericht ?", Command("status", "BERICHT")),
    ("help", Command("help")),
    ("Hulp.", Command("help")),
    ("?", Command("help")),
    (" ？\n", Command("help")),
    ("DOORGAAN", Command("lift")),
    ("“Doorgaan!”", Command("lift")),
    ("ja", Command("lift")),
    ("YES", Command("lift")),
    ("verder", Command("lift")),
    ("continue", Command("lift")),
    ("Deblokkeer", Command("lift")),
    ("NEE", Command("decline")),
    ("no.", Command("decline")),
    ("OK", Command("unknown")),
    ("AAN", Command("unknown")),
    ("👍", Command("unknown")),
    ("*43#", Command("unknown")),
    ("ik wil geen info aan", Command("unknown")),
    ("INFO AAN graag", Command("unknown")),
    ("AANINFO", Command("unknown")),
    ("INFO AAN UIT", Command("unknown")),
    ("doorgaan doorgaan", Command("unknown")),
    ("«info»", Command("unknown")),
    ("", Command("unknown")),
    ("...", Command("unknown")),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_6_1_texts_are_folded_before_they_are_compared(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(("text", "command"), PARSED)
def test_6_1_only_a_whole_text_is_a_command(text, command, policy):
    assert parse(text, policy) == command


def test_q6_the_words_that_lift_are_the_operators(story):
    told = story(unblock_words=frozenset({"Vooruit maar"}), decline_words=frozenset({"LAAT"}))
    told.reaches_100()
    told.texts("DOORGAAN").hears("unknown").silence()
    told.texts("laat").hears("lift_declined").silence()
    told.texts("vooruit MAAR").hears("cost_lifted_100").consents(text="vooruit MAAR").data(outside_eu="open")


@pytest.mark.parametrize("code", ["BERICHT", "INFO", "LIMIET"])
def test_e5_to_e10_each_code_is_switched_off_and_on(story, code):
    told = story()
    limit = {"limiet": 50_000_000} if code == "LIMIET" else {}
    told.texts(f"{code} UIT").hears(f"pref_{code.lower()}_off", **limit).came("notified")
    assert getattr(told.profile.preferences, code) is False
    told.texts(f"{code} AAN").hears(f"pref_{code.lower()}_on", **limit)
    assert getattr(told.profile.preferences, code) is True


def test_e5_a_switch_that_stood_so_already_changes_nothing(story):
    told = story()
    told.texts("BERICHT AAN").hears("pref_already", code="BERICHT", stand=Phrase("on")).because("E5", "send")
    told.texts("INFO UIT").hears("pref_info_off")
    told.later(minutes=1).texts("INFO UIT").hears("pref_already", code="INFO", stand=Phrase("off"))


def test_6_1_a_code_alone_asks_how_it_stands(story):
    told = story({"preferences": {"LIMIET": False}})
    told.texts("INFO?").hears("status", code="INFO", stand=Phrase("on"))
    told.texts("LIMIET").hears("status", code="LIMIET", stand=Phrase("off"))


def test_e11_help_lists_the_codes(story):
    told = story()
    told.texts("HELP").hears("help").came("notified").because("E11", "send")


@pytest.mark.parametrize("file", LANGUAGES, ids=[file.stem for file in LANGUAGES])
def test_e11_every_code_stands_in_the_help_of_every_language(file, policy):
    """Of the words that ask for the same thing one is enough; AAN and UIT are no codes."""
    text = tomllib.loads(file.read_text(encoding="utf-8"))["kind"]["help"]["text"]
    listed = set(re.findall(r"\w+", fold(text)))
    states = {fold(state) for state in STATES}
    codes = {(command.verb, command.code): set[str]() for command in COMMANDS.values()}
    for words, command in COMMANDS.items():
        codes[command.verb, command.code] |= set(words.split()) - states
    codes["lift", ""] = {fold(word) for word in policy.unblock_words}
    lacking = [" or ".join(sorted(words)) for words in codes.values() if not words & listed]
    assert not lacking, f"[kind.help] of templates/{file.name} does not list {', '.join(lacking)}"


def test_e4_every_verb_has_its_action():
    assert set(shortcodes._ACTIONS) == set(get_args(Verb))
    assert {command.verb for command in COMMANDS.values()} <= set(get_args(Verb))


def test_q54_a_text_about_nothing_known_gets_an_answer(story):
    told = story()
    told.texts("Ik wil geen info aan").hears("unknown").because("Q65", "send", kind="unknown")
    assert told.profile.preferences.INFO is True


def test_q65_unknown_texts_are_answered_once_in_a_rolling_hour(story):
    told = story()
    told.texts("een").hears("unknown")
    told.later(minutes=59, seconds=59).texts("twee").not_told("unknown", "rate_limited").came("suppressed")
    told.later(seconds=1).texts("drie").hears("unknown")


def test_q65_unknown_texts_are_answered_three_times_in_24_hours(story):
    told = story()
    for word in ("een", "twee", "drie"):
        told.texts(word).hears("unknown").later(hours=2)
    told.texts("vier").not_told("unknown", "rate_limited")
    told.later(hours=17, minutes=59).texts("vijf").not_told("unknown", "rate_limited")
    told.later(minutes=1).texts("zes").hears("unknown")


def test_q65_the_limits_on_unknown_texts_are_the_operators(story):
    told = story(unknown_reply_per_hour=2, unknown_reply_per_day=2)
    told.texts("een").hears("unknown").texts("twee").hears("unknown")
    told.later(hours=2).texts("drie").not_told("unknown", "rate_limited")
    told.texts("HELP").hears("help")


def test_q65_the_same_text_within_30_s_is_answered_once(story):
    told = story()
    told.texts("INFO UIT").hears("pref_info_off")
    told.later(seconds=29).texts(" info-uit!").silence().came("ignored").because("Q65", "duplicate_mo")
    told.later(seconds=1).texts("INFO UIT").hears("pref_already")


def test_q65_another_text_in_between_is_no_repeat(story):
    told = story()
    told.texts("INFO UIT").hears("pref_info_off")
    told.texts("INFO AAN").hears("pref_info_on")
    told.texts("INFO UIT").hears("pref_info_off")


def test_q65_the_guard_can_be_switched_off(story):
    told = story(mo_repeat_s=0)
    told.texts("HELP").hears("help").texts("HELP").hears("help")


def test_q65_a_second_handset_is_no_repeat_of_the_first(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.texts("HELP").hears("help")
    told.texts("HELP", sender="+31697000009").hears("help")


def test_q7_q65_a_repeated_doorgaan_answers_once_but_lifts_a_block_of_a_new_level(story):
    told = story()
    told.texts("DOORGAAN").hears("nothing_to_lift")
    told.later(seconds=1).reaches_100()
    told.later(seconds=1).lifts_100()
    told.later(seconds=1).texts("DOORGAAN").silence().because("Q65", "duplicate_mo")
    told.uses("US", mb=20).wakes("2026-12-01 00:00").hears("cost_200_block").data(outside_eu="blocked")
    told.later(seconds=1).texts("DOORGAAN").hears("cost_lifted_200").consents(level=200).data(outside_eu="open")


@pytest.mark.parametrize("sender", ["KPN", "1330", "+1330", "2222", "31612345678", "+31 6", "", "+0123456789"])
def test_6_1_machines_and_short_codes_get_no_answer(story, sender):
    told = story()
    before = told.state
    told.texts("HELP", sender=sender).silence().came("ignored").because("6.1", "loop_guard")
    assert told.state is before


def test_6_1_the_own_number_may_be_a_long_one(story):
    told = story(service_number="31970001330")
    told.texts("HELP", sender="+31970001330").silence().because("6.1", "loop_guard")


def test_q47_a_text_from_the_combi_sim_acts_on_the_parent_and_is_answered_there(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.texts("INFO UIT", sender="+31697000009").hears("pref_info_off", to="+31612345678")
    assert told.profile.preferences.INFO is False


def test_6_1_a_text_is_not_kept_in_the_state(story):
    told = story()
    told.texts("een heel persoonlijk bericht").hears("unknown")
    assert "persoonlijk" not in repr(told.state)
