"""Thresholds: read from words, broken by figures, silent where there is no figure."""

import pytest

from simulator.load.schedule import BadPlan
from simulator.load.thresholds import Threshold, read_thresholds

TABLE = {"p99 flow": "100 ms", "lost": "0", "errors": "0.1 %"}


def test_the_command_line_outranks_the_mix():
    found = read_thresholds(TABLE, ("P99  flow < 1.5 s", "max mo-reply<2s", "duplicates = 1"))
    assert found == (
        Threshold("p99 flow", 1500),
        Threshold("lost", 0),
        Threshold("errors", 0.1),
        Threshold("max mo-reply", 2000),
        Threshold("duplicates", 1),
    )


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        (Threshold("p99 event-handset", 250), "p99 event → handset < 250 ms"),
        (Threshold("lost", 0), "lost = 0"),
        (Threshold("lost", 2), "lost ≤ 2"),
        (Threshold("errors", 0.1), "errors < 0.1 %"),
    ],
)
def test_how_it_is_told(threshold, told):
    assert threshold.told == told


@pytest.mark.parametrize(
    ("threshold", "actual", "kept"),
    [
        (Threshold("p99 flow", 100), 99.9, True),
        (Threshold("p99 flow", 100), 100, False),
        (Threshold("lost", 0), 0, True),
        (Threshold("lost", 0), 1, False),
        (Threshold("lost", 2), 2, True),
        (Threshold("errors", 0), 0, True),
        (Threshold("errors", 0.1), 0.1, False),
        (Threshold("p99 mo-reply", 100), None, None),
    ],
)
def test_what_breaks_it(threshold, actual, kept):
    figures = {} if actual is None else {threshold.name: actual}
    judged = threshold.judge(figures)
    assert (judged["ok"], judged["actual"]) == (kept, actual)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("p99 flow", "is no threshold: allowed is NAME < LIMIT"),
        ("p99 flo < 5 ms", "did you mean p99 flow"),
        ("colour < 5 ms", "allowed are lost"),
        ("p99 flow < 5", "allowed is a limit in ms or s"),
        ("p99 flow < soon", "allowed is a limit in ms or s"),
        ("lost = 0 %", "allowed is a limit in a number"),
        ("errors < 3 ms", "allowed is a limit in %"),
    ],
)
def test_what_cannot_be_read_is_said(written, told):
    with pytest.raises(BadPlan) as caught:
        read_thresholds(TABLE, (written,))
    assert told in str(caught.value)
