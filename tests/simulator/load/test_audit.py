"""The books: every way in which two sides can differ is found, and told with an example."""

import pytest

from simulator.load.audit import Audit, Journal
from simulator.load.mix import Mix
from simulator.load.operator import text_digest
from simulator.load.people import Crowd

NUMBER = "+31640000001"


@pytest.fixture
def who():
    (one,) = Crowd.of(1, NUMBER, Mix.load("default"), 1).people
    one.failing = False
    return one


def note(number, *, state="delivered", text="hello", kind="help", ids=None):
    return {
        "id": f"m{number}", "kind": kind, "state": state, "reason": None, "text": text,
        "message_ids": [f"id{number}"] if ids is None else ids,
    }  # fmt: skip


def journal(*shown, accepted=()):
    one = Journal()
    for number in accepted:
        one.add({"n": NUMBER, "id": f"id{number}"})
    for number, text in shown:
        ids = number if isinstance(number, list) else [f"id{number}"]
        one.add({"n": NUMBER, "ids": ids, "text": text_digest(text)})
    return one


def compared(who, notes, seen):
    audit = Audit()
    audit.compare(who, notes, seen)
    return audit


def faults(audit):
    return (audit.lost, audit.duplicates, audit.out_of_order, audit.garbled)


def test_two_sides_that_agree(who):
    notes = [note(1), note(2, text="other"), note(3, state="failed"), note(4, state="submitted", ids=[])]
    who.off = True
    audit = compared(who, notes, journal((1, "hello"), (2, "other"), accepted=(1, 2, 3)))
    assert faults(audit) == (0, 0, 0, 0)
    assert audit.states == {"delivered": 2, "failed": 1, "pending": 1}
    assert (audit.decided, audit.balanced, audit.segments, audit.shown) == (4, True, 3, 2)


def test_a_text_in_parts_is_one(who):
    notes = [note(1, ids=["a", "b"])]
    seen = journal((["a", "b"], "hello"))
    seen.add({"n": NUMBER, "id": "a"})
    seen.add({"n": NUMBER, "id": "b"})
    assert faults(compared(who, notes, seen)) == (0, 0, 0, 0)


@pytest.mark.parametrize("state", ["delivered", "submitted"])
def test_a_text_that_was_never_shown_is_lost(who, state):
    audit = compared(who, [note(1, state=state)], journal(accepted=(1,)))
    assert audit.lost == 1
    assert "was never shown" in audit.examples[0]


def test_what_is_said_to_be_delivered_to_a_phone_that_is_off_is_lost(who):
    who.off = True
    assert compared(who, [note(1)], journal(accepted=(1,))).lost == 1


def test_a_second_copy_is_a_duplicate(who):
    audit = compared(who, [note(1)], journal((1, "hello"), (1, "hello"), accepted=(1,)))
    assert audit.duplicates == 1
    other = compared(who, [note(1)], journal((1, "hello"), (9, "hello"), accepted=(1, 9)))
    assert other.duplicates == 1
    assert "knows nothing" in other.examples[0]


def test_the_order_is_that_of_decision(who):
    notes = [note(1), note(2), note(3)]
    seen = journal((2, "hello"), (1, "hello"), (3, "hello"), accepted=(1, 2, 3))
    assert faults(compared(who, notes, seen)) == (0, 0, 1, 0)


def test_other_words_are_garbled(who):
    assert compared(who, [note(1)], journal((1, "hallo"), accepted=(1,))).garbled == 1


def test_what_was_not_sent_is_counted_by_its_reason(who):
    notes = [note(1, text=None) | {"reason": "superseded"}, note(2, text=None) | {"reason": "superseded"}]
    audit = compared(who, notes, journal())
    assert (audit.decided, audit.suppressed) == (0, {"superseded": 2})


def test_a_state_that_nobody_knows_unbalances_the_books(who):
    audit = compared(who, [note(1, state="elsewhere")], journal((1, "hello"), accepted=(1,)))
    assert not audit.balanced


def test_answers_must_have_told_of_each(who):
    audit = compared(who, [note(1)], journal((1, "hello"), accepted=(1,)))
    audit.told(1)
    assert audit.untold == 0
    audit.told(3)
    assert audit.untold == 2


def test_bytes_are_counted_once():
    audit = Audit(bytes_accepted={"2026-11": 5}, bytes_counted={"2026-11": 5})
    assert audit.counted_once
    audit.bytes_counted["2026-11"] = 10
    assert not audit.counted_once
    assert audit.to_json()["counted_once"] is False


def test_what_got_no_answer_may_be_counted_or_not():
    audit = Audit(bytes_accepted={"2026-11": 5}, bytes_uncertain={"2026-11": 3, "2026-12": 1}, uncertain=2)
    for november, december, right in ((5, 0, True), (8, 1, True), (4, 0, False), (9, 0, False), (5, 2, False)):
        audit.bytes_counted = {"2026-11": november, "2026-12": december}
        assert audit.counted_once is right
    audit.decided = 4
    audit.told(3)
    assert audit.untold == 0
    audit.told(6)
    assert audit.untold == 2


def test_examples_are_few(who):
    audit = compared(who, [note(number) for number in range(50)], journal())
    assert (audit.lost, len(audit.examples)) == (50, 5)


def test_the_journal_is_read_from_its_files(tmp_path):
    (tmp_path / "a").write_text('{"n":"+1","id":"x"}\n{"n":"+1","ids":["x"],"text":"t"}\n', encoding="ascii")
    found = Journal.read(tmp_path / "a")
    assert found.accepted == {"+1": ["x"]}
    assert found.shown == {"+1": [(("x",), "t")]}
