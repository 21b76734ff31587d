"""Beside a baseline only what lies outside its own spread is marked."""

import json

import pytest

from simulator.load.compare import compare, read_baselines
from simulator.load.schedule import BadPlan
from tests.simulator.load import sample


def with_p99(value):
    run = sample.run()
    run["latency_ms"]["flow"]["p99"] = value
    return run


def word(now, *before):
    found = compare(with_p99(now), [with_p99(value) for value in before])
    (row,) = [one for one in found["rows"] if one["told"] == "p99 whole flow"]
    return row["word"]


@pytest.mark.parametrize(
    ("now", "before", "marked"),
    [
        (30, (20, 22, 24), "worse"),
        (27, (20, 22, 24), ""),
        (15, (20, 22, 24), "better"),
        (21.5, (20, 20, 20), ""),
        (22.5, (20, 20, 20), "worse"),
        (23, (20,), ""),
        (25, (20,), "worse"),
    ],
)
def test_marked_is_what_repeats_do_not_explain(now, before, marked):
    assert word(now, *before) == marked


def test_more_flows_done_is_better():
    now, before = sample.run(), sample.run()
    now["traffic"] = {**before["traffic"], "done_per_s": before["traffic"]["done_per_s"] * 2}
    (row,) = [one for one in compare(now, [before])["rows"] if one["told"] == "flows done"]
    assert (row["word"], round(row["change_pct"])) == ("better", 100)


def test_what_is_not_alike_is_said():
    now, before = sample.run(), sample.run()
    before["subscribers"], before["machine"] = 5, {"processor": "another"}
    before["verdict"] = "invalid"
    notes = " ".join(compare(now, [before])["notes"])
    assert "Not the same subscribers: 5 then, 100 now." in notes
    assert "Not the same machine." in notes
    assert "INVALID" in notes


def test_without_a_baseline_there_is_nothing_to_say():
    assert compare(sample.run(), []) is None


def test_baselines_are_what_json_wrote(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"schema": "sms1330.load/1", "runs": [1, 2]}), encoding="utf-8")
    assert read_baselines([str(tmp_path / "a.json")]) == [1, 2]
    (tmp_path / "b.json").write_text('{"schema": "other"}', encoding="utf-8")
    for name in ("b.json", "none.json"):
        with pytest.raises(BadPlan, match="allowed is a file that --json wrote"):
            read_baselines([str(tmp_path / name)])
