"""`make bench` in small: what it reports agrees with itself; no figure of speed is judged here."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIZES = {"subscriptions": 50, "events": 400, "batch": 20, "texts": 200}


def test_it_counts_what_it_sent():
    options = [part for name, size in SIZES.items() for part in (f"--{name}", str(size))]
    command = [sys.executable, "-m", "tests.bench", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=110)
    report = json.loads(done.stdout)
    events = report["events"]
    assert events["sent"] == events["accepted"] == events["counted_in"] == SIZES["events"]
    assert events["notified"] == events["expected_notified"] == events["texts_submitted"] > 0
    assert not events["complaints"]
    for texts in report["texts"].values():
        assert texts["sent"] == texts["replies"] == texts["acknowledged"] == texts["submits"] == texts["counted_in"]
        assert texts["refused"] == 0
    # Each figure stands beside the bare loop's of the same run.
    assert all(part["per_s"] > 0 and part["raw_per_s"] > 0 for part in (events, *report["texts"].values()))
