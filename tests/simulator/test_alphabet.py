"""Alphabets, headers and parts, against the gsm0338 package as an independent witness."""

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import alphabet
from simulator.alphabet import Concat, concat_of, cut, gsm_octets, gsm_text, split_header, text_of

CODEC = gsm0338.Codec()
GSM_CHARS = [chr(n) for n in range(0x20, 0x2200) if gsm_octets(chr(n)) is not None]


def test_the_alphabet_has_128_places_and_ten_more():
    assert len(GSM_CHARS) == 127 - 2 + 9  # without LF and CR; the extension without form feed


@given(st.text(st.sampled_from([*GSM_CHARS, "\n", "\r"])))
def test_gsm_text_reads_as_the_witness_reads_it(text):
    octets = gsm_octets(text)
    assert octets == CODEC.encode(text)[0]
    assert gsm_text(octets) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x00\x02\x11", "@$_"),
        (b"\x1b\x65 \x1b\x3c", "€ ["),
        (b"a\x1bAb", "aAb"),  # an unknown extension shows as the default character
        (b"a\x1b", "a"),
        (b"\xe9", alphabet.UNKNOWN_CHAR),
        (b"\x1b\xe9", alphabet.UNKNOWN_CHAR),
    ],
)
def test_septets_that_need_care(octets, text):
    assert gsm_text(octets) == text


def test_what_is_not_in_the_alphabet():
    assert gsm_octets("België") is None
    assert gsm_octets("\x1b") is None


@pytest.mark.parametrize(
    ("coding", "octets", "text"),
    [(0, b"\x00", "@"), (1, b"@", "@"), (3, b"\xe9", "é"), (8, b"\x20\xac", "€"), (4, b"\x01\xff", "01 ff")],
)
def test_data_codings(coding, octets, text):
    assert text_of(octets, coding) == text
    assert alphabet.encoding_name(coding)


# --- headers


def test_a_header_is_split_off_and_unknown_elements_are_kept():
    elements, rest = split_header(b"\x08\x24\x01\x01\x00\x03\x07\x02\x01hi")
    assert elements == ((0x24, b"\x01"), (0x00, b"\x07\x02\x01"))
    assert rest == b"hi"
    assert concat_of(elements) == Concat(7, 2, 1)


@pytest.mark.parametrize(
    ("octets", "told"),
    [(b"", "longer"), (b"\x05\x00\x03", "longer"), (b"\x03\x00\x05\x01hi", "over"), (b"\x01\x00x", "over")],
)
def test_a_header_that_does_not_fit(octets, told):
    with pytest.raises(ValueError, match=told):
        split_header(octets)


@pytest.mark.parametrize("element", [(0, b"\x01\x02\x03"), (0, b"\x01\x02\x00"), (8, b"\x01"), (5, b"\0\0\0\0")])
def test_a_concatenation_that_makes_no_sense_is_none(element):
    assert concat_of((element,)) is None


# --- parts


@given(st.text(st.sampled_from([*"abc é€[{", "𝄞", "ж"]), min_size=1, max_size=700), st.integers(0, 0xFFFF))
def test_parts_join_to_the_text_and_each_reads_alone(text, reference):
    parts = cut(text, reference)
    payloads = []
    for number, part in enumerate(parts, 1):
        payload = part.octets
        if len(parts) > 1:
            assert part.esm_class == alphabet.UDHI
            elements, payload = split_header(part.octets)
            assert concat_of(elements) == Concat(reference, len(parts), number)
            assert len(payload) <= (152 if part.data_coding == 0 else 132)
        # No pair is split: every part alone reads without a replacement, and ends in no lone escape.
        assert alphabet.UNKNOWN_CHAR not in text_of(payload, part.data_coding)
        payloads.append(text_of(payload, part.data_coding))
    assert "".join(payloads) == text
    assert {part.data_coding for part in parts} == {8 if gsm_octets(text) is None else 0}


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("", 1)],
)
def test_where_a_text_becomes_two(text, parts):
    assert len(cut(text, 1)) == parts


def test_an_escape_pair_at_the_border_moves_to_the_next_part():
    first, second = cut("a" * 151 + "€" + "b" * 20, 1)
    assert len(first.octets) == 7 + 151
    assert second.octets[7:9] == b"\x1b\x65"


def test_a_text_over_255_parts_is_refused():
    with pytest.raises(ValueError, match="allowed are 255"):
        cut("a" * (152 * 255 + 1), 1)
