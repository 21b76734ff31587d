"""One sender cannot fill the inbox, and none is kept waiting because of another."""

from gateway.smpp import flood as module
from gateway.smpp.flood import Flood

ANNA, BERT = "+31612345678", "+31687654321"


def test_only_so_many_are_undecided():
    flood = Flood(undecided_max=3)
    assert [flood.admits(ANNA, 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert flood.admits(BERT, 0.0)
    assert flood.refused == 2
    flood.decided(ANNA)
    assert [flood.admits(ANNA, 0.0) for _ in range(2)] == [True, False]


def test_nobody_is_remembered_who_has_nothing_under_way():
    flood = Flood()
    for _ in range(3):
        assert flood.admits(ANNA, 0.0)
    for _ in range(3):
        flood.decided(ANNA)
    assert (flood._undecided, flood._left) == ({}, {})


def test_so_many_a_minute():
    flood = Flood(per_min=6)
    admitted = [flood.admits(ANNA, 0.0) for _ in range(8)]
    assert admitted == [True] * 6 + [False] * 2
    assert [flood.admits(BERT, 0.0) for _ in range(6)] == [True] * 6
    # one comes back every ten seconds, however often it is asked
    assert [flood.admits(ANNA, at) for at in (5.0, 9.9, 10.1, 10.2, 20.3)] == [False, False, True, False, True]
    assert [flood.admits(ANNA, 1000.0) for _ in range(7)] == [True] * 6 + [False]


def test_what_was_refused_for_its_rate_is_not_under_way():
    flood = Flood(undecided_max=2, per_min=1)
    assert [flood.admits(ANNA, 0.0) for _ in range(3)] == [True, False, False]
    flood.decided(ANNA)
    assert flood._undecided == {}


def test_senders_without_end_take_no_memory_without_end(monkeypatch):
    monkeypatch.setattr(module, "SENDERS_MAX", 3)
    flood = Flood(per_min=1)
    for number in range(10):
        assert flood.admits(f"+3160000000{number}", 0.0)
    assert list(flood._left) == ["+31600000007", "+31600000008", "+31600000009"]
    assert not flood.admits("+31600000009", 1.0)
