"""The summary for a terminal: verdict first, everything that broke marked."""

import pytest

from simulator.load import summary
from simulator.load.compare import compare
from tests.simulator.load import sample


def told(run):
    return "\n".join(line.plain for line in summary.lines(run))


def test_a_good_run():
    text = told(sample.run())
    assert text.startswith("━━ PASS ━━ 20 s · 400 flows · ")
    for piece in (
        "✓ p99 whole flow < 100 ms", "✓ lost = 0", "– p99 MO → resp < 9 ms               nothing to judge",
        "✓ decided", "✓ 2026-11: 5 bytes accepted = 5 counted", "texts: same_country 4", "whole flow ",
        "gateway 30 % of a core (loop 15 %)", "50 commits/s", "window at most 3/64", "schedule lag p99 1.0 ms",
        "worst second: ",
    ):  # fmt: skip
        assert piece in text, piece
    assert "✗" not in text


def test_books_that_do_not_agree():
    changed = {"lost": 2, "balanced": False, "bytes_counted": {"2026-11": 4}, "examples": ["+316: help was lost"]}
    text = told(sample.run(verdict="fail", changed=changed, p99=1))
    for piece in (
        "━━ FAIL ━━",
        "✗ decided",
        "lost 2",
        "✗ 2026-11: 5 bytes accepted ≠ 4 counted",
        "+316: help was lost",
    ):
        assert piece in text, piece


def test_errors_and_what_is_open_are_told():
    run = sample.run()
    run["traffic"] |= {"errors": {"HTTP 503": 3}, "open": 2}
    assert "✗ errors: 3 × HTTP 503, 2 not finished" in told(run)


def test_a_late_generator():
    run = sample.run(verdict="invalid")
    run["generator"]["valid"] = False
    assert "✗ schedule lag p99 1.0 ms, max 1 ms (INVALID: allowed are 10 ms)" in told(run)


def test_a_soak_tells_what_grew():
    text = told(sample.run(soak=True))
    assert "✓ gateway memory         +0.00 MB in 180,000 flows" in text


def test_a_moment_a_limit_and_a_baseline_where_there_are_any():
    run = sample.run(kind="spike", slow_second=10)
    run["limit"] = {"steps": [], "last_good": 484.0, "bottleneck": ["the SMPP window: 60 of 64"]}
    run["comparison"] = compare(run, [sample.run()])
    text = told(run)
    for piece in ("SIMs that registered within a second", "last good 484 flows/s", "at its limit: the SMPP window"):
        assert piece in text, piece
    assert "1 earlier run, begun" in text
    run["limit"]["last_good"] = 0
    assert "no rate that was tried was good" in told(run)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(0, "", "0"), (0.1234, "ms", "0.12 ms"), (12.34, "ms", "12.3 ms"), (1234.5, "ms", "1,234 ms"), (7, "%", "7 %")],
)
def test_three_digits_are_enough(value, unit, shown):
    assert summary.shown(value, unit) == shown


def test_little_columns():
    assert summary.spark([0, 1, 2, 4]) == "▁▃▅█"
    assert summary.spark([]) == ""
    assert len(summary.spark([1.0] * 1000)) <= summary.SPARKS_MAX
