"""Q65: a handset that sends a text again, and texts that nobody understands: each handset by itself."""

import pytest

from handlers.effects import Phrase
from handlers.shortcodes import TEXTS_KEPT

NUMBER = "+31612345678"
PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": NUMBER}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}


@pytest.mark.parametrize("between", ["HELP", "INFO", "hoi", "NEE", "BERICHT AAN"])
def test_q65_a_text_in_between_that_changes_nothing_leaves_a_repeat_one(story, between):
    told = story()
    told.texts("INFO UIT").hears("pref_info_off")
    told.texts(between)
    told.queue.clear()
    told.texts("INFO UIT").silence().because("Q65", "duplicate_mo")
    told.texts(between).silence().because("Q65", "duplicate_mo")


def test_q65_what_was_changed_or_lifted_in_between_makes_it_no_repeat(story):
    told = story().reaches_100()
    told.texts("INFO").hears("status", stand=Phrase("on"))
    told.texts("INFO UIT").hears("pref_info_off")
    told.texts("INFO").hears("status", stand=Phrase("off"))
    told.texts("HELP").hears("help").lifts_100()
    told.texts("HELP").hears("help")


def test_q65_what_changed_something_is_a_repeat_itself(story):
    told = story()
    told.texts("INFO UIT").hears("pref_info_off").texts("INFO AAN").hears("pref_info_on")
    told.texts("INFO AAN").silence().because("Q65", "duplicate_mo")


def test_q65_a_text_of_another_handset_in_between_leaves_a_repeat_one(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.texts("HELP", sender=COMBI["msisdn"]).hears("help")
    told.texts("INFO UIT").hears("pref_info_off")
    told.texts("HELP", sender=COMBI["msisdn"]).silence().because("Q65", "duplicate_mo")


def test_q65_few_texts_are_remembered_and_not_for_long(story):
    told = story()
    told.texts("HELP").hears("help").texts("hoi").hears("unknown")
    for number in range(2, TEXTS_KEPT):
        told.texts(f"hoi {number}").not_told("unknown", "rate_limited")
    told.texts("HELP").silence().because("Q65", "duplicate_mo")
    told.texts("INFO").hears("status")
    assert [len(texts) for texts in told.state.memory.texts.values()] == [TEXTS_KEPT]
    told.texts("HELP").hears("help")
    told.later(seconds=30).texts("LIMIET").hears("status")
    assert [len(texts) for texts in told.state.memory.texts.values()] == [1]


def test_q65_unknown_texts_of_another_handset_are_limited_by_themselves(story):
    told = story({"sims": [PRIMARY, COMBI]})
    told.texts("een", sender=COMBI["msisdn"]).hears("unknown")
    told.texts("twee").hears("unknown")
    told.texts("drie", sender=COMBI["msisdn"]).not_told("unknown", "rate_limited")
    told.texts("vier").not_told("unknown", "rate_limited")
    told.later(hours=24).texts("vijf").hears("unknown")
    assert len(told.state.memory.unknown_replies) == 1


def test_q65_no_number_is_kept_with_what_was_written(story):
    told = story()
    told.texts("hoi").hears("unknown")
    assert NUMBER[1:] not in repr(told.state.memory)
