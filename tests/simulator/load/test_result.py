"""From parts to figures and a verdict: validity first, then thresholds and books."""

import pytest

from simulator.load import result
from simulator.load.histogram import Histogram
from simulator.load.thresholds import Threshold
from tests.simulator.load import sample


def test_figures_are_what_thresholds_are_judged_by():
    told = sample.ended(errors=2)
    found = result.figures(told, sample.audit(5, lost=3, out_of_order=1))
    assert found["errors"] == 2 / 400 * 100
    assert (found["lost"], found["out of order"], found["unfinished"]) == (3, 1, 0)
    assert 0 < found["p50 flow"] <= found["p99 flow"] <= found["max flow"]
    assert "lost" not in result.figures(told, None)


@pytest.mark.parametrize(
    ("valid", "books", "limit", "unwell", "verdict"),
    [
        (True, {}, 1000, [], "pass"),
        (True, {}, 1, [], "fail"),
        (False, {}, 1, [], "invalid"),
        (True, {"balanced": False}, 1000, [], "fail"),
        (True, {"counted_once": False}, 1000, [], "fail"),
        (True, {}, 1000, ["gateway memory grows"], "fail"),
    ],
)
def test_the_verdict(valid, books, limit, unwell, verdict):
    judged = result.judge([Threshold("p99 flow", limit)], {"p99 flow": 5.0})
    assert result.verdict(judged, valid=valid, audit=sample.audit(5, **books), unwell=unwell) == verdict


def test_what_was_busy():
    found = result.saturation(sample.rows(), Histogram(), 64)
    assert found["gateway"]["core_pct"] == pytest.approx(30)
    assert found["gateway"]["main_pct"] == pytest.approx(15)
    assert found["gateway"]["written_mb_per_s"] == pytest.approx(1)
    assert "written_mb_per_s" not in found["generator"]
    assert (found["commits_per_s"], found["machine_pct"], found["window_max"]) == (50, 60, 3)
    assert (found["wal_max_mb"], found["db_mb"]) == (4, 9)
    assert result.saturation([], Histogram(), None)["samples"] == 0


@pytest.mark.parametrize(
    ("rows", "valid", "told"),
    [
        (sample.rows(gateway_pct=95), True, "the gateway's processor time: 95 % of a core (its loop 48 %"),
        (sample.rows(window=60), True, "the SMPP window: 60 of 64"),
        (sample.rows(), False, "the generator itself"),
        (sample.rows(), True, "nothing that was looked at"),
    ],
)
def test_what_stood_at_its_limit(rows, valid, told):
    found = result.bottleneck(result.saturation(rows, Histogram(), 64), valid=valid)
    assert told in found[0]


def test_seconds_join_what_came_and_what_was_busy():
    told = sample.ended(seconds=5)
    series = result.series(told["closed"], sample.rows(5), [20.0] * 5)
    assert [one["offered"] for one in series[:5]] == [20] * 5
    assert series[3] | {"measures": None} == {
        "second": 3, "offered": 20, "done": series[3]["done"], "errors": 0, "texts": series[3]["texts"],
        "measures": None, "planned": 20.0, "checkpoint": False, "gateway_pct": 30.0, "gateway_rss_mb": 80.0,
        "gateway_fds": 40, "generator_pct": 10.0, "generator_rss_mb": 50.0, "generator_fds": 30, "wal_mb": 4.0,
        "window": 3, "outbox": 1.0, "inbox": 0.0, "blocked": 3, "receipts": 7.0,
    }  # fmt: skip
    assert result.series([], [], [1.0, 1.0])[1]["measures"] == {}
