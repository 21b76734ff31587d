"""The report as a page: whole, well-formed, with nothing from elsewhere, and no markup but its own."""

from html.parser import HTMLParser

import pytest

from simulator.load import charts
from simulator.load.compare import compare
from simulator.load.page import page
from tests.simulator.load import sample

PARTS = (
    *("PASS", "Thresholds", "Second by second", "Latency", "Accounts", "What was busy", "The slowest flows"),
    *("The limit", "Against the baseline", "Repeats", "Growth", "A plane lands", "To make it again"),
)


class Reader(HTMLParser):
    """Tags opened and closed, and what they refer to."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.links, self.tags = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


def everything():
    run = sample.run(kind="spike", slow_second=10, soak=True)
    step = {"rate": 100.0, "ok": False, "broken": ["p99 <b>"], "done_per_s": 99.0, "p50_ms": 1.0, "p99_ms": None,
            "gateway_pct": None}  # fmt: skip
    run["limit"] = {"steps": [step, step | {"ok": True}], "last_good": 100.0, "bottleneck": ["the <window>"]}
    run["comparison"] = compare(run, [sample.run()])
    return run


def test_a_page_is_whole_and_needs_nothing():
    run = everything()
    text = page(run, [sample.run()])
    reader = read(text)
    assert (reader.faults, reader.open) == ([], [])
    assert reader.links == []
    assert "script" not in reader.tags
    assert "http-equiv" in text
    for piece in PARTS:
        assert piece in text, piece
    assert len(text) < 400_000


def test_what_came_from_outside_is_text():
    text = page(everything())
    assert "<Curacao>" not in text
    assert "&lt;Curacao&gt;" in text
    assert "<window>" not in text
    assert "A &lt;machine&gt;" in text


@pytest.mark.parametrize("verdict", ["pass", "fail", "invalid"])
def test_the_verdict_stands_first(verdict):
    run = sample.run(verdict=verdict, p99=1 if verdict == "fail" else 100, changed={"balanced": verdict != "fail"})
    text = page(run)
    assert text.index(verdict.upper()) < text.index("<h2>")
    assert ('class="why"' in text) is (verdict != "pass")


def test_a_run_without_figures_is_a_page_too():
    run = sample.run()
    run |= {"latency_ms": {}, "slowest": [], "series": [], "growth": [], "special": None}
    assert read(page(run)).faults == []


def test_a_chart_of_a_long_run_stays_small():
    long = charts.Line("a", "one", [1.0] * 10_000)
    assert len(charts.lines("Long", "ms", [long])) < 120_000


def test_a_gap_is_a_gap():
    text = charts.lines("Gaps", "ms", [charts.Line("a", "one", [1.0, None, 2.0, 3.0])])
    path = text.partition('d="')[2].partition('"')[0]
    assert path.count("M") == 2


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.7, 0.8), (1, 1), (1.1, 2), (99, 100), (101, 200), (2300, 2500), (4100, 5000)]
)
def test_a_scale_ends_with_a_round_number(value, top):
    assert charts.ceiling(value) == pytest.approx(top)


@pytest.mark.parametrize(("value", "told"), [(0, "0"), (37.5, "37.5"), (1500, "1.5k")])
def test_how_a_scale_is_told(value, told):
    assert charts.tick(value) == told


def test_one_value_is_a_histogram_too():
    assert "rect" in charts.histogram("One", [[5000, 3]], [("p50", 5.0), ("max", 5.0)])
    assert "svg" in charts.histogram("None", [], [])
