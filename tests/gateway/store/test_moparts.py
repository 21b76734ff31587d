"""Long texts to the service number: parts in any order, again, late, after a restart."""

import itertools

import pytest

from gateway.items import SmsItem
from gateway.smpp import alphabet
from tests.gateway.store.bench import NUMBER, OTHER


def cut(text, reference=7, sender=NUMBER, pieces=2, data_coding=0):
    """A text as its parts, whatever its length."""
    octets = b"".join(alphabet.encode(text).units)
    size = -(-len(octets) // pieces)
    chunks = [octets[at : at + size] for at in range(0, len(octets), size)]
    total = len(chunks)
    return [
        SmsItem(sender, "1330", None, chunk, data_coding, reference, number, total, "f-2")
        for number, chunk in enumerate(chunks, 1)
    ]


def heard(bench):
    return [(fields["chars"], fields["segments"]) for fields in bench.took("mo.received")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in three"])
def test_in_any_order(served, order, together):
    parts = cut("DOORGAAN", pieces=3)
    given = [parts[index] for index in order]
    for batch in [given] if together else [[part] for part in given]:
        assert all(result.taken for result in served.apply(*batch).results)
    assert heard(served) == [(8, 3)]
    assert served.sent() == [("nothing_to_lift", "pending")]


def test_nothing_before_the_last(served):
    first, second = cut("HELP")
    served.apply(first)
    assert served.sent() == []
    assert len(served.decisions()) == 1  # its creation
    served.apply(second)
    assert served.sent() == [("help", "pending")]


def test_across_a_restart(served):
    first, second = cut("HELP")
    served.apply(second)
    served.restart().apply(first)
    assert served.sent() == [("help", "pending")]


def test_what_belongs_together_may_lie_across_the_cut(served):
    """An ESC pair, cut in two."""
    parts = cut("€", pieces=2)
    assert [part.payload for part in parts] == [b"\x1b", b"e"]
    served.apply(*parts)
    assert heard(served) == [(1, 2)]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_part_again_because_our_answer_was_lost(served, restarted):
    first, second = cut("HELP")
    served.apply(first, first)
    assert served.sent() == []
    served.apply(second)
    if restarted:
        served.restart()
    served.later(minutes=9).apply(second, first)
    assert heard(served) == [(4, 2)]


def test_the_senders_counter_came_round(served):
    served.apply(*cut("HELP"))
    served.later(minutes=1).apply(*cut("INFO"))
    served.later(minutes=11).apply(*cut("INFO"))
    assert heard(served) == [(4, 2)] * 3
    assert [kind for kind, _ in served.sent()] == ["help", "status", "status"]


def test_other_senders_and_references_are_other_texts(served):
    served.apply(served.put(OTHER))
    ours, theirs, more = cut("HELP"), cut("INFO", sender=OTHER), cut("LIMIET", reference=8)
    served.apply(ours[0], theirs[1], more[0], theirs[0], more[1], ours[1])
    assert [kind for kind, _ in served.sent(OTHER)] == ["status"]
    assert sorted(kind for kind, _ in served.sent()) == ["help", "status"]


def test_a_part_waits_a_day(served):
    first, second = cut("HELP")
    served.apply(first)
    served.later(hours=24).apply(second)
    assert heard(served) == [(4, 2)]


def test_and_no_longer(served):
    first, second = cut("HELP")
    served.apply(first)
    served.later(hours=24, seconds=1).apply(second)
    assert heard(served) == []
    assert served.sql("SELECT number FROM mo_part") == [(2,)]
    served.apply(first)
    assert heard(served) == [(4, 2)]


def test_a_text_whose_parts_stay_away_is_given_up(served):
    """A day after its last part, told in the log, also over a restart; what is younger stays."""
    first, second, _ = cut("HELP" * 80, pieces=3)
    served.apply(first)
    served.later(hours=20).apply(second)
    served.apply(cut("INFO", reference=9)[0])
    served.restart().later(hours=4, seconds=1).apply()
    assert served.took("mo.reassembly_expired") == []
    served.later(hours=20).apply()
    expired = served.took("mo.reassembly_expired")
    assert sorted((fact["have"], fact["want"]) for fact in expired) == [(1, 2), (2, 3)]
    assert not served.sql("SELECT * FROM mo_part")
    assert served.store.next_due is None


def test_of_a_number_without_a_subscription_nothing_is_kept(served):
    served.apply(*cut("HELP", sender=OTHER))
    assert not served.sql("SELECT * FROM mo_part")
