"""Texts in the national tables: letter by letter against 3GPP TS 23.038 Annex A, and as handsets send them."""

import unicodedata

import pytest
from gsm0338.charset import SINGLE_SHIFT_CHARACTER_SET_SPANISH

from gateway.smpp import alphabet, national
from gateway.smpp.alphabet import GSM7, REPLACEMENT, UCS2, decode, shifted
from gateway.smpp.inbound import MoPart, MoText, join, read
from gateway.smpp.national import LOCKING, PORTUGUESE, SINGLE, SPANISH, TURKISH
from gateway.smpp.pdu import Message, Pdu, tlv

SENDER, UDH = "31612345678", 0x40


def deliver(octets, *tlvs, data_coding=0, esm_class=UDH):
    body = Message(
        source_addr_ton=1,
        source_addr=SENDER,
        destination_addr="1330",
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=octets,
    )
    return Pdu("deliver_sm", 0, 1, body, tlvs)


def text_of(*octets, **fields):
    found = read(deliver(*octets, **fields))
    assert isinstance(found, MoText), found
    return found.text


# ------------------------------------------------------------------------------------------------ the tables
def test_every_table_has_its_128_places_and_its_escape():
    for table in LOCKING.values():
        assert len(table) == 128
        assert (table[0x0A], table[0x0D], table[0x1B], table[0x20]) == ("\n", "\r", REPLACEMENT, " ")
    for table in SINGLE.values():
        assert 0x1B not in table
        assert table[0x0A] == "\f"
        assert table[0x65] == "€"


@pytest.mark.parametrize(
    ("language", "octets", "text"),
    [
        # A.3.1: code by code where it is not the default alphabet
        (TURKISH, b"\x04\x07\x0b\x0c\x1c\x1d\x40\x60", "€ıĞğŞşİç"),
        (TURKISH, b"KONTR\x5cR \x04 \x0c\x7e\x7b", "KONTRÖR € ğüä"),
        # A.3.3
        (PORTUGUESE, bytes([4, 6, 7, 8, 9, 0x0B, 0x0C, 0x0E, 0x0F]), "êúíóçÔôÁá"),
        (PORTUGUESE, bytes(range(0x12, 0x1B)), "ªÇÀ∞^\\€Ó|"),
        (
            PORTUGUESE,
            bytes([0x1C, 0x1D, 0x1E, 0x1F, 0x24, 0x40, 0x5B, 0x5C, 0x5D, 0x60, 0x7B, 0x7C, 0x7D]),
            "ÂâÊÉºÍÃÕÚ~ãõ`",
        ),
    ],
)
def test_locking_shift(language, octets, text):
    assert decode(shifted(GSM7, locking=language), octets) == text


@pytest.mark.parametrize(
    ("language", "codes", "letters"),
    [
        (TURKISH, [0x47, 0x49, 0x53, 0x63, 0x67, 0x69, 0x73], "ĞİŞçğış"),
        (SPANISH, [0x09, 0x41, 0x49, 0x4F, 0x55, 0x61, 0x69, 0x6F, 0x75], "çÁÍÓÚáíóú"),
        (PORTUGUESE, [5, 9, 0x0B, 0x0C, 0x0E, 0x0F, 0x1F, 0x41, 0x49, 0x4F, 0x55, 0x5B, 0x5C], "êçÔôÁáÊÀÍÓÚÃÕ"),
        (PORTUGUESE, [0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19], "ΦΓ^ΩΠΨΣΘ"),
        (PORTUGUESE, [0x61, 0x69, 0x6F, 0x75, 0x7B, 0x7C, 0x7F], "Âíóúãõâ"),
    ],
)
def test_single_shift(language, codes, letters):
    octets = b"".join(bytes([0x1B, code]) for code in codes)
    assert decode(shifted(GSM7, single=language), octets) == letters
    # without the header the same octets mean nothing there
    assert decode(GSM7, octets) != letters


def test_spanish_against_an_implementation_of_somebody_else():
    theirs = {code: unicodedata.lookup(name) for code, name in SINGLE_SHIFT_CHARACTER_SET_SPANISH.items()}
    assert SINGLE[SPANISH] == theirs


def test_an_unknown_language_reads_as_the_default_alphabet():
    for language in (0, SPANISH, 14, 255):  # Spanish has no locking table
        assert decode(shifted(GSM7, locking=language), b"\x04 a") == "è a"
    assert decode(shifted(GSM7, single=99), b"\x1be\x1bi") == f"€{REPLACEMENT}"


def test_only_seven_bits_are_shifted():
    assert decode(shifted(UCS2, single=TURKISH, locking=TURKISH), "ğ".encode("utf-16-be")) == "ğ"
    assert decode(shifted(4, locking=TURKISH), b"a") is None


def test_what_is_sent_knows_no_national_table():
    assert alphabet.encode("ğ").data_coding == UCS2
    assert alphabet.GSM_DEFAULT == national.DEFAULT


# ------------------------------------------------------------------------------------------------ in a header
@pytest.mark.parametrize(
    ("header", "octets", "text"),
    [
        (b"\3\x24\1\1", b"BILG\x1bI", "BILGİ"),
        (b"\3\x25\1\1", b"\x40NFO", "İNFO"),
        (b"\6\x24\1\1\x25\1\1", b"\x40\x1bS\x1c", "İŞŞ"),
        (b"\3\x24\1\2", b"INFORMACI\x1bON", "INFORMACIÓN"),
        (b"\3\x25\1\3", b"N\x7bo", "Não"),
        (b"\3\x24\1\x0d", b"INFO", "INFO"),  # Urdu
        (b"\4\x25\2\1\1", b"\x04", "è"),  # of a wrong length: not this element
        (b"\2\x25\0", b"\x04", "è"),
    ],
)
def test_a_text_with_its_header(header, octets, text):
    assert text_of(header + octets) == text
    # message_payload holds the header too
    assert text_of(b"", tlv("message_payload", header + octets)) == text


def test_without_the_indicator_the_header_is_text():
    assert text_of(b"\3\x25\1\1", esm_class=0) == decode(GSM7, b"\3\x25\1\1")


def test_the_parts_of_a_long_text_each_have_their_own():
    """An ESC pair never lies across two parts with different tables; octets of one table are joined before reading."""
    first = read(deliver(b"\x08\0\3\7\3\1\x24\1\1" + b"BILG\x1b"))
    second = read(deliver(b"\x08\0\3\7\3\2\x24\1\1" + b"I "))
    third = read(deliver(b"\x08\0\3\7\3\3\x25\1\1" + b"\x0c"))
    assert {type(part) for part in (first, second, third)} == {MoPart}
    assert [part.data_coding for part in (first, second, third)] == [0x100, 0x100, 0x10000]
    assert join([third, first, second]) == "BILGİ ğ"
