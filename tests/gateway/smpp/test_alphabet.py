"""GSM 03.38 and UCS-2: the tables against the `gsm0338` package, lengths and cuts against the standard's numbers."""

import codecs

import pytest
from gsm0338 import Codec
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.smpp.alphabet import (
    GSM7,
    GSM_DEFAULT,
    GSM_EXTENSION,
    IA5,
    LATIN1,
    UCS2,
    Part,
    coding_of,
    decode,
    encode,
    outside_gsm7,
    part_count,
    septets,
    split,
)

ORACLE = Codec()
GSM_TEXTS = st.text(st.sampled_from(sorted(set(GSM_DEFAULT) - {"\ufffd"} | set(GSM_EXTENSION.values()))), max_size=400)
TEXTS = st.text(max_size=300)


def octets_of(encoded):
    return b"".join(encoded.units)


# ------------------------------------------------------------------------------------------------ the tables
def test_every_septet_reads_as_the_oracle_reads_it():
    for code in set(range(128)) - {0x1B}:
        assert decode(GSM7, bytes([code])) == ORACLE.decode(bytes([code]))[0]
        pair = bytes([0x1B, code])
        assert decode(GSM7, pair) == ORACLE.decode(pair, "replace")[0]


def test_the_alphabet_is_the_oracles_and_nothing_else_is_in_it():
    known = [char for char in map(chr, range(0x3000)) if encode(char).data_coding == GSM7]
    assert len(known) == 127 + 10
    for char in known:
        assert octets_of(encode(char)) == ORACLE.encode(char)[0]


@given(GSM_TEXTS)
def test_a_text_in_gsm_goes_there_and_back_as_with_the_oracle(text):
    encoded = encode(text)
    assert encoded.data_coding == GSM7
    assert octets_of(encoded) == ORACLE.encode(text)[0]
    assert decode(GSM7, octets_of(encoded)) == text
    assert septets(text) == len(ORACLE.encode(text)[0])


@given(TEXTS)
@example("ç")  # only the capital is in GSM 03.38
@example("😀")
def test_any_text_goes_there_and_back(text):
    encoded = encode(text)
    assert decode(encoded.data_coding, octets_of(encoded)) == text
    assert (encoded.data_coding == UCS2) == bool(outside_gsm7(text)) == (septets(text) is None)


def test_what_makes_a_text_long_is_named_once_in_order():
    assert outside_gsm7("caf€ naïve, façade, ïjs") == ("ï", "ç")
    assert outside_gsm7("€ 5 [ok]") == ()


def test_half_a_surrogate_pair_is_sent_as_a_question_mark():
    assert octets_of(encode("a\ud83d")) == b"\0a\0?"


@given(st.binary(max_size=200), st.integers(0, 255))
def test_reading_never_fails(octets, data_coding):
    text = decode(data_coding, octets)
    assert (text is None) == (coding_of(data_coding) is None)
    if text is not None:
        text.encode("utf-8")  # no half pairs


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x80A", "\ufffdA"),  # no septet
        (b"\x1b", "\ufffd"),  # an ESC with nothing behind it
        (b"\x1bA", "\ufffd"),  # a pair that means nothing
        (b"\x1b\x1be", "\ufffd€"),
        (b"\x1b\xffB", "\ufffdB"),
        (b"\x5f\x60", "§¿"),  # smpplib writes no § and reads it as a backtick
        (b"\x00\x1be\x1b(", "@€{"),
    ],
)
def test_septets_without_meaning_are_replaced(octets, text):
    assert decode(GSM7, octets) == text


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (IA5, b"a_\x80", "a_\ufffd"),
        (LATIN1, b"caf\xe9", "café"),
        (UCS2, b"\x20\xac\xd8\x3d\xde\x00", "€😀"),
        (UCS2, b"\0a\xd8\x3d", "a\ufffd"),
        (UCS2, b"\0a\0", "a\ufffd"),
        (0x10, b"\x00", "@"),  # class 0, default alphabet
        (0x18, b"\0a", "a"),  # class 0, UCS-2
        (0xC8, b"\x00", "@"),  # message waiting
        (0xE0, b"\0a", "a"),
        (0xF1, b"\x00", "@"),
    ],
)
def test_the_other_codings(data_coding, octets, text):
    assert decode(data_coding, octets) == text


@pytest.mark.parametrize("data_coding", [2, 4, 5, 9, 0x14, 0x1C, 0x20, 0x80, 0xF4, 0xFF])
def test_codings_that_carry_no_text(data_coding):
    assert decode(data_coding, b"abc") is None


# ------------------------------------------------------------------------------------------------ parts
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 304, 2),
        ("a" * 305, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ł" * 70, 1),
        ("ł" * 71, 2),
        ("ł" * 132, 2),
        ("ł" * 133, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_how_many_parts(text, parts):
    assert part_count(text) == parts == len(split(encode(text), 1))


def test_one_part_has_no_header():
    assert split(encode("INFO"), 7) == (Part(b"", b"INFO", GSM7, 0),)


def test_several_parts_carry_a_16_bit_reference():
    first, second = split(encode("a" * 161), 0x1_BEEF)
    assert first == Part(b"\x06\x08\x04\xbe\xef\x02\x01", b"a" * 152, GSM7, 0x40)
    assert second == Part(b"\x06\x08\x04\xbe\xef\x02\x02", b"a" * 9, GSM7, 0x40)
    assert second.short_message == b"\x06\x08\x04\xbe\xef\x02\x02aaaaaaaaa"


def test_an_esc_pair_is_not_split():
    first, second = split(encode("a" * 151 + "€" + "b" * 10), 1)
    assert first.payload == b"a" * 151
    assert second.payload == b"\x1be" + b"b" * 10


def test_a_surrogate_pair_is_not_split():
    first, second = split(encode("ł" * 65 + "😀" + "b" * 10), 1)
    assert len(first.payload) == 130
    assert second.payload.startswith("😀".encode("utf-16-be"))


@given(st.one_of(GSM_TEXTS, TEXTS), st.integers(0, 0xFFFF))
def test_parts_are_full_readable_each_and_together_the_text(text, reference):
    parts = split(encode(text), reference)
    for part in parts:
        assert len(part.payload) * (7 if part.data_coding == GSM7 else 8) + len(part.udh) * 8 <= 1120
        assert len(part.short_message) <= 254
    assert "".join(decode(part.data_coding, part.payload) for part in parts) == text
    assert {part.udh[:6] for part in parts} <= {
        b"",
        b"\x06\x08\x04" + reference.to_bytes(2, "big") + bytes([len(parts)]),
    }


def test_more_than_255_parts_are_refused():
    assert len(split(encode("a" * 152 * 255), 1)) == 255
    with pytest.raises(ValueError, match=r"^text: found 256 parts, allowed 255$"):
        split(encode("a" * (152 * 255 + 1)), 1)


def test_texts_do_not_print():
    encoded = encode("geheim")
    assert "geheim" not in f"{encoded!r} {split(encoded, 1)!r}"
    assert codecs.encode("geheim").hex() not in repr(encoded)
