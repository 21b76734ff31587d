"""Ids in their dresses: each is found again, by the number it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import ids


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("hex", "ABCDEF12345"),
        ("hex_lower", "abcdef12345"),
        ("decimal", "11806310474565"),
        ("padded", "00000011806310474565"),
    ],
)
def test_the_forms(form, written):
    assert ids.FORMS[form](0xABCDEF12345) == written


@given(st.sampled_from(sorted(ids.FORMS)), st.integers(1, 2**52), st.integers(0, 10**7))
def test_a_number_is_among_the_candidates_of_each_of_its_dresses(form, number, behind):
    newest = number + behind
    assert number in ids.candidates(ids.FORMS[form](number), newest)
    assert number in ids.candidates(ids.FORMS[form](ids.short(number)), newest)


@given(st.integers(0, 2**60))
def test_a_short_id_has_at_most_eight_octets(number):
    assert all(len(ids.FORMS[form](ids.short(number))) <= 8 for form in ("hex", "hex_lower", "decimal"))


@pytest.mark.parametrize("text", ["", "what", "-5", "0x12g"])
def test_what_is_no_id_has_no_candidate_that_was_given_out(text):
    assert all(number < 0 for number in ids.candidates(text, 10**12))
