"""The bench, small: what it counts must fit together. How fast anything was is never a test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = (
    "--subscriptions",
    "60",
    "--events",
    "400",
    "--batch",
    "25",
    "--connections",
    "3",
    "--texts",
    "48",
    "--submits",
    "400",
    "--waiting",
    "80",
)


def run(*arguments):
    command = [sys.executable, "-m", "tests.bench", *SMALL, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    done = run("--json", "--folder", str(tmp_path_factory.mktemp("bench")))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_event_is_counted_once_and_every_text_leaves(report):
    events = report["events"]
    assert events["statuses"] == {"200": 16}
    assert events["sent"] == events["accepted"] == events["counted_in"] == events["rows"] == 400
    assert events["notified"] == events["expected_notified"] == events["texts_submitted"] == 8
    assert events["complaints"] == []


@pytest.mark.parametrize(("window", "sent"), [("10", 12), ("100", 48)])
def test_every_text_is_answered(report, window, sent):
    texts = report["texts"][window]
    assert texts["sent"] == texts["acknowledged"] == texts["counted_in"] == sent
    assert texts["replies"] == texts["submits"] == texts["rows"] == sent
    assert texts["refused"] == 0


def test_a_full_outbox_leaves_whole_and_in_order(report):
    ours, beside = report["drain"]["gateway"], report["drain"]["kannel"]
    assert ours["sent"] == ours["of"] == ours["counted_out"] == 80
    assert ours["out_of_order"] == 0
    if beside is not None:  # where it is installed
        assert beside["sent"] == beside["of"] == 20


def test_every_submit_sm_is_answered_and_kept(report):
    # Two windows, three tries and a warm-up at each; node-smpp only where it is installed.
    for name, sent in (("simulator", 400), ("smpplib", 40), ("node-smpp", 40)):
        figures = report["smsc"][name]
        if "missing" in figures:
            assert name == "node-smpp"
            continue
        assert figures["answered"] == figures["seen"]["submits"] == 2 * (3 * sent + sent // 10)
        assert figures["refused"] == 0
        assert min(figures[window]["per_s"] for window in ("100", "1000")) > 0
    assert report["smsc"]["simulator"]["seen"]["newest"].startswith("Data outside the EU")
    assert report["smsc"]["simulator"]["seen"]["complaints"] == []


def test_time_passes_by_moments_and_not_by_days(report):
    """How long it took is told and never a test: an exchange or two for each moment, and for an empty year one."""
    month, year = report["time"]["month"], report["time"]["year"]
    assert (month["days"], year["days"], year["moments"]) == (30, 365, 0)
    assert month["moments"] >= 100
    assert month["requests"] <= 6 * month["moments"]
    assert year["requests"] <= 6


def test_it_says_what_it_measured_on(report):
    assert report["machine"].keys() == {"date", "cpu", "cores", "system", "python", "sqlite", "packages"}
    assert set(report["calibration"]) == {"turns_us", "turns_after_us", "abreast"}
    assert report["start"].keys() == {"bound_s", "idle_rss_mb"}
    for figures in (report["events"], *report["texts"].values()):
        assert min(figures[name] for name in ("per_s", "raw_per_s", "per_commit", "gateway_cpu_us", "rss_mb")) >= 0
        assert figures["per_s"] > 0


def test_a_gateway_that_cannot_start_is_told(monkeypatch):
    monkeypatch.setenv("GATEWAY__SMPP__BIND", "receiver-of-nothing")
    done = run()
    assert done.returncode == 1
    assert "SMPP__BIND" in done.stderr
