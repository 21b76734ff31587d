"""Values that nothing else looks at exactly: shares in texts, ledger keys, an unknown network, a refusal."""

import pytest

from handlers.effects import Notify
from handlers.policy import Place


@pytest.mark.parametrize(
    ("given", "where", "mb", "kind", "pct"),
    [
        ({"usage_alert_gb": 2}, "NL", 1959, "usage_80", 97),
        ({"roaming_limit_mb": 1000}, "TR", 979, "roaming_limit_80", 97),
    ],
)
def test_e2_e3_the_share_in_a_text_is_rounded_down(story, given, where, mb, kind, pct):  # noqa: PLR0917
    told = story({**given, "bundles": {"A": {"enabled": True}}}).uses(where, mb=mb)
    (notice,) = [one for one in told.queue if isinstance(one, Notify) and one.kind == kind]
    told.queue.clear()
    found = dict(notice.fields)["pct"]
    assert (type(found), found) == (int, pct)


@pytest.mark.parametrize(
    ("where", "mb", "keys"),
    [
        ("US", 16, [("2026-11", "cost_80", 80, 1)]),
        ("JP", 9, [("2026-11", "bundle_activated:B", 1, 0)]),
    ],
)
def test_2_2_each_notice_has_a_key_in_the_ledger(story, where, mb, keys):
    told = story().uses(where, mb=mb)
    ledger = [one.ledger for one in told.queue if isinstance(one, Notify)]
    told.queue.clear()
    assert [(key.period, key.kind, key.level, key.version) for key in ledger] == keys


def test_4_an_unknown_network(policy, story):
    place = policy.tariffs.place("999-99", story().now)
    assert place == Place("mcc999", None, "ROW", "third", link="XX", known=False)


def test_q12_prices_with_vat_are_whole_micro_euro(policy):
    assert type(policy.including_vat(2_500_000)) is int
    assert policy.including_vat(1) == 1


def test_what_is_refused_is_ignored(story):
    told = story()
    told.sets(cost_limit_eur=55).came("ignored").refused("invalid", "/cost_limit_eur")
    told.uses("US", mb=1, used_at="2026-11-02 08:00", started_at="2026-09-30 12:00")
    told.came("ignored").refused("invalid", "/data/started_at")
