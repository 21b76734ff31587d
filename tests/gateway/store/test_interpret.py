"""Effects become rows, all of them or none: what cannot be laid down leaves nothing behind."""

import pytest

from gateway.store import judge
from gateway.texts import Texts
from handlers.effects import Decision, LedgerKey, Notify, WakeAt
from tests.gateway.store.bench import NUMBER

KEY = LedgerKey("2026-11", "cost_80", 80, 1)


@pytest.fixture
def decides(monkeypatch):
    """What `decide` answers from now on, besides leaving the subscription as it is."""

    def _decides(*effects, subscription=None):
        def scripted(current, _event, _policy):
            return Decision(subscription or current, effects, (), "notified")

        monkeypatch.setattr(judge, "decide", scripted)

    return _decides


def tables(bench):
    return {
        table: bench.sql(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - the names below
        for table in ("notification", "ledger", "decision", "part", "event", "policy_push", "due")
    }


def test_a_notice_given_twice_is_our_fault(served, decides):
    """P4: the second is put aside, and nothing is sent."""
    decides(Notify("unknown", NUMBER, ledger=KEY))
    assert served.one(served.usage(1)).kinds == ("unknown",)
    before = tables(served)
    for restarted in (False, True):
        if restarted:
            served.restart()
        assert served.one(served.usage(1)).code == "quarantined"
        assert tables(served) == before
    assert [kind for kind, _ in served.sent()] == ["unknown"]
    assert served.sql("SELECT error LIKE '%notice given twice%' FROM quarantine") == [(1,), (1,)]


def test_within_one_batch_too(served, decides):
    decides(Notify("unknown", NUMBER, ledger=KEY))
    first, second = served.apply(served.usage(1), served.usage(1)).results
    assert (first.kinds, second.code) == (("unknown",), "quarantined")


def test_a_suppressed_notice_counts_as_given(served, decides):
    decides(Notify("unknown", NUMBER, (), "preference:LIMIET", KEY))
    assert served.one(served.usage(1)).kinds == ()
    decides(Notify("unknown", NUMBER, ledger=KEY))
    assert served.one(served.usage(1)).code == "quarantined"


@pytest.mark.parametrize(
    "key",
    [
        LedgerKey("2026-12", "cost_80", 80, 1),
        LedgerKey("2026-11", "cost_100_block", 80, 1),
        LedgerKey("2026-11", "cost_80", 100, 1),
        LedgerKey("2026-11", "cost_80", 80, 2),
    ],
)
def test_another_month_kind_level_or_version_is_another_notice(served, decides, key):
    decides(Notify("unknown", NUMBER, ledger=KEY), Notify("unknown", NUMBER, ledger=key))
    assert served.one(served.usage(1)).kinds == ("unknown", "unknown")


@pytest.mark.parametrize("fields", [(), (("eur", "a word"), ("limiet", 1))])
def test_a_text_that_cannot_be_worded_leaves_nothing(served, decides, fields):
    before, shown = tables(served), served.get()
    decides(
        WakeAt(served.now),
        Notify("help", NUMBER),
        Notify("cost_80", NUMBER, fields, ledger=KEY),
    )
    assert served.one(served.usage(1)).code == "quarantined"
    assert tables(served) == before
    assert served.get() == shown
    assert len(served.dispatch) == 0


def test_an_effect_that_is_not_known_is_our_fault(served, decides):
    decides("something else")
    assert served.one(served.usage(1)).code == "quarantined"


def test_a_text_of_more_parts(served, monkeypatch):
    monkeypatch.setattr(Texts, "render", lambda *_: "€" * 170)
    served.apply(served.text("HELP"))
    (shown,) = served.notifications()
    assert (shown["parts"], shown["encoding"]) == (3, "gsm7")
    (send,) = served.claim()
    assert [number for number, _, _ in send.parts] == [1, 2, 3]
    assert len({reference for _, reference, _ in send.parts}) == 1
    assert len({umr for _, _, umr in send.parts}) == 3
