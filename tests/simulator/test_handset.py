"""What a person sees: texts whole, in either direction, whatever order their parts came in."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from simulator.alphabet import Concat, cut, split_header
from simulator.handset import Handset, Line

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LONG = "Een lange tekst met € en {haken}. " * 12


@pytest.fixture
def handset():
    return Handset("+31610000001", "Anna")


def test_a_conversation_has_both_directions(handset):
    handset.wrote(NOW, "1330", "HELP")
    handset.receive(NOW, "1330", b"Codes", 0)
    assert handset.conversation == [
        Line("out", NOW, "1330", "HELP", 1, "GSM-7"),
        Line("in", NOW, "1330", "Codes", 1, "GSM-7"),
    ]
    assert (len(handset.inbox), len(handset.outbox)) == (1, 1)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_parts_join_in_any_order(handset, order):
    parts = cut(LONG, 7)
    assert len(parts) == 3
    shown = [handset.receive(NOW, "1330", parts[n].octets, 0, has_header=True) for n in order]
    assert shown[:2] == [None, None]
    assert (shown[2].text, shown[2].parts, handset.incomplete) == (LONG, 3, 0)


def test_parts_of_two_texts_do_not_mix(handset):
    first, second = cut("a" * 200, 1), cut("b" * 200, 2)
    for part in (first[0], second[0], second[1], first[1]):
        handset.receive(NOW, "1330", part.octets, 0, has_header=True)
    assert [line.text for line in handset.inbox] == ["b" * 200, "a" * 200]


def test_a_repeated_part_completes_nothing(handset):
    first, _ = cut("a" * 200, 1)
    for _ in range(2):
        handset.receive(NOW, "1330", first.octets, 0, has_header=True)
    assert (handset.inbox, handset.incomplete) == ([], 1)


def test_characters_are_read_after_joining(handset):
    octets = "x𝄞".encode("utf-16-be")
    for number, piece in ((1, octets[:4]), (2, octets[4:])):
        handset.receive(NOW, "1330", piece, 8, sar=Concat(5, 2, number))
    assert handset.inbox[0].text == "x𝄞"
    assert handset.inbox[0].encoding == "UCS-2"


def test_a_header_without_concatenation_is_not_shown(handset):
    handset.receive(NOW, "1330", b"\x03\x24\x01\x01hi", 0, has_header=True)
    assert handset.inbox[0].text == "hi"


def test_what_can_not_be_read_is_counted(handset):
    assert handset.receive(NOW, "1330", b"\x09x", 0, has_header=True) is None
    assert handset.unreadable == 1


def test_the_test_text_is_really_cut_with_headers():
    assert all(split_header(part.octets)[0] for part in cut(LONG, 7))
