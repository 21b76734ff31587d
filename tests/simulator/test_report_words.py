"""The words of the reports: whole in both languages; numbers and instants as people write them."""

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import simulator.reports
from simulator.reports.words import WORDS, day, hour, number, seconds, span, word


def test_words_have_the_same_blanks_in_both_languages():
    def blanks(text):
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert [key for key, (dutch, english) in WORDS.items() if blanks(dutch) != blanks(english)] == []


def test_every_word_is_used():
    folder = Path(simulator.reports.__file__).parent
    sources = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.stem != "words")
    # Told by the name of a state, a section or a unit.
    made = {*("passed", "failed", "open", "skipped", "proved", "broken", "unplayed", "out")}
    made |= {f"count_{state}" for state in ("passed", "failed", "open")}
    made |= {"years", "year", "days", "day", "hours", "minutes", "seconds", "and"}
    assert [key for key in WORDS if not re.search(rf"""["']{key}["']""", sources) and key not in made] == []


def test_an_instant_is_that_of_amsterdam():
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert (day(at, "nl"), day(at, "en"), hour(at)) == ("di 3 mrt 2026", "Tue 3 Mar 2026", "00:30")
    assert hour(at.replace(second=5)) == "00:30:05"


@pytest.mark.parametrize(
    ("took", "dutch", "english"),
    [
        (timedelta(), "0 s", "0 s"),
        (timedelta(seconds=90), "1 min en 30 s", "1 min and 30 s"),
        (timedelta(days=1), "1 dag", "1 day"),
        (timedelta(days=1012, hours=3), "2 jaar en 282 dagen", "2 years and 282 days"),
        (timedelta(days=365), "1 jaar", "1 year"),
        (timedelta(hours=26), "1 dag en 2 uur", "1 day and 2 h"),
    ],
)
def test_a_span_is_its_two_largest_units(took, dutch, english):
    assert (span(took, "nl"), span(took, "en")) == (dutch, english)


def test_numbers_have_the_comma_of_their_language():
    assert (number(2.54, "nl"), number(2.54, "en"), number(2.0, "nl", 0)) == ("2,5", "2.5", "2")
    assert (seconds(37.64, "nl"), seconds(119.6, "en")) == ("37,6 s", "2 min 0 s")
    assert word("of", "nl", count=1, total=2) == "1 van 2"
