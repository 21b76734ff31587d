"""Bundle instances through the store: what GET shows, what leaves, what a restart and a repeat leave as it was."""

import pytest

GB = 1_000_000_000
ARGENTINA, JAPAN = "722-010", "440-10"


def instance(category, number, used_mb, volume_gb):
    return {
        "category": category,
        "number": number,
        "used_bytes": used_mb * 1_000_000,
        "volume_bytes": int(volume_gb * GB),
    }


@pytest.fixture
def travelling(served):
    """Option ROW, at most two a month."""
    served.apply(served.patch(bundles={"ROW": {"enabled": True, "max_per_month": 2}}))
    return served


def test_b19_an_instance_is_shown_from_its_first_byte(travelling):
    assert travelling.get()["bundle_instances"] == []
    result = travelling.one(travelling.usage(1, ARGENTINA))
    assert (result.outcome, result.kinds) == ("notified", ("bundle_activated",))
    travelling.apply(travelling.usage(1, JAPAN))
    expected = [instance("B", 1, 1, 7.5), instance("ROW", 1, 1, 5)]
    assert travelling.get()["bundle_instances"] == expected
    assert travelling.restart().get()["bundle_instances"] == expected


def test_b14_q59_one_text_leaves_and_the_category_is_blocked(travelling):
    travelling.apply(travelling.usage(11_000, ARGENTINA))
    assert [(kind, why) for kind, why in travelling.sent() if kind.startswith("bundle_")] == [
        ("bundle_cap_reached", "pending"),
        ("bundle_renewed_many", "superseded"),
        ("bundle_80_last", "superseded"),
        ("bundle_activated", "superseded"),
    ]
    (text,) = [shown["text"] for shown in travelling.notifications() if shown["text"]]
    assert "Maximum bereikt (2)" in text
    assert "Rest" in text
    assert "Nog 0 bundels" in text
    shown = travelling.get()
    assert shown["bundle_instances"] == [instance("ROW", 1, 5_000, 5), instance("ROW", 2, 5_000, 5)]
    assert (shown["data"]["outside_eu"], shown["data"]["blocked_categories"]) == ("open", ["ROW"])
    assert shown["data"]["reasons"] == ["BUNDLE_CAP:ROW"]
    assert shown["usage"]["leakage_bytes"] == GB
    assert travelling.one(travelling.usage(1, ARGENTINA)).outcome == "leakage"


def test_b10_a_restart_or_a_repeat_tells_nothing_again(travelling):
    record = travelling.usage(4_000, ARGENTINA)
    told = travelling.one(record)
    assert told.kinds == ("bundle_80",)
    travelling.restart()
    again = travelling.one(record)
    assert (again.status, again.kinds) == ("duplicate", ("bundle_80",))
    assert travelling.one(travelling.usage(1, ARGENTINA)).kinds == ()
    assert travelling.get()["bundle_instances"] == [instance("ROW", 1, 4_001, 5)]


def test_q33_the_portal_lifts_it_and_the_history_keeps_it(travelling):
    travelling.apply(travelling.usage(10_000, ARGENTINA))
    assert travelling.later(hours=1).restart().get()["data"]["reasons"] == ["BUNDLE_CAP:ROW"]
    travelling.apply(travelling.patch(bundles={"ROW": {"max_per_month": 3}}))
    assert travelling.restart().get()["data"]["reasons"] == []
    assert travelling.one(travelling.usage(1, ARGENTINA)).kinds == ("bundle_activated",)
    assert travelling.sql("SELECT reason, category, level FROM block WHERE reason = 'BUNDLE_CAP'") == [
        ("BUNDLE_CAP", "ROW", 0)
    ]


def test_q35_data_goes_off_when_what_runs_is_full(travelling):
    travelling.apply(travelling.usage(1, JAPAN))
    travelling.apply(travelling.patch(bundles={"B": {"enabled": False}, "ROW": {"enabled": False}}))
    assert travelling.restart().get()["data"]["outside_eu"] == "open"
    assert travelling.one(travelling.usage(8_000, JAPAN)).kinds == ("bundle_ended",)
    shown = travelling.restart().get()["data"]
    assert (shown["outside_eu"], shown["reasons"]) == ("blocked", ["NO_BUNDLE_OPTION"])
    assert travelling.one(travelling.usage(1, JAPAN)).outcome == "leakage"


def test_q23_a_late_record_is_shown_in_its_month(travelling):
    used_at = travelling.now
    travelling.later(days=31)
    assert travelling.one(travelling.usage(6_000, ARGENTINA, at=used_at)).outcome == "late"
    assert travelling.get()["bundle_instances"] == []
    shown = travelling.get(period="2026-11")["bundle_instances"]
    assert shown == [instance("ROW", 1, 5_000, 5), instance("ROW", 2, 1_000, 5)]
    assert travelling.sent() == []
