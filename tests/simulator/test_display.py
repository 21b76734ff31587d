"""The same story in bubbles and in plain lines."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from simulator.display import Screen
from simulator.handset import Handset, Line

NOW = datetime(2026, 11, 2, 8, 5, tzinfo=UTC)
ANNA = Handset("+31610000001", "Anna")
IN = Line("in", NOW, "1330", "Codes voor 1330", 2, "GSM-7")
OUT = Line("out", NOW, "1330", "HELP", 1, "GSM-7")


def shown(*, plain):
    output = StringIO()
    screen = Screen(Console(file=output, width=100, color_system=None, highlight=False), plain=plain)
    screen.title("1330")
    screen.line(ANNA, OUT)
    screen.line(ANNA, IN, ["help · hulp", "E11: send"])
    screen.happened(NOW, "Anna travels")
    screen.because(["no text: Q44"])
    screen.failed(["texts: expected help"])
    screen.table("Summary", [("texts sent", "1")])
    return output.getvalue()


def test_plain_lines():
    assert shown(plain=True).splitlines() == [
        "== 1330",
        "-- Monday 2 November 2026",
        "09:05  Anna -> 1330: HELP",
        "09:05  1330 -> Anna: Codes voor 1330",
        "         because help · hulp",
        "         because E11: send",
        "09:05  * Anna travels",
        "         because no text: Q44",
        "  ✗ texts: expected help",
        "-- Summary",
        "   texts sent: 1",
    ]


def test_bubbles_left_and_right_with_the_reason_beside():
    text = shown(plain=False)
    mine = next(line for line in text.splitlines() if "│ HELP" in line)
    theirs = next(line for line in text.splitlines() if "│ Codes voor 1330" in line)
    assert mine.startswith(" " * 60)
    assert theirs.startswith("│")
    assert theirs.rstrip().endswith("E11: send")
    assert "GSM-7 · 2 parts" in text
    assert text.count("Monday 2 November 2026") == 1


@pytest.mark.parametrize("plain", [True, False])
def test_output_that_is_no_terminal_is_plain(plain):
    assert Screen.open(plain=plain).plain
