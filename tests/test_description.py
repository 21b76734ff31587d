"""The service description, sentence by sentence: what is ours to keep is a rule as built, and a test bears its id.

The ids of the description never change, so they stand here as they were read: `IN` is built and tested, `EDGE` is
supported by data or config and has one test at least. What is neither is out of scope, each by its id.
`test_rules.py` holds the rows themselves against the code.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "handlers" / "RULES.md").read_text(encoding="utf-8")


def numbered(letter: str, *numbers: int | range) -> list[str]:
    return [f"{letter}{n}" for one in numbers for n in (one if isinstance(one, range) else (one,))]


IN = [
    *numbered("A", 1, 5, range(7, 10), range(11, 15), 16),
    *numbered("B", range(1, 9), range(10, 16), range(17, 22)),
    "C4",
    *numbered("E", range(1, 12)),
    *("F1c", "F1d", "F1e", "F2"),
    *numbered("G", range(1, 11)),
    *numbered("Q", range(1, 68)),
    *("2.1", "2.2", "3", "4", "6.1"),
]
EDGE = ["A2", "A3", "A6", "A10", "A15", "C2", "D1", "D4", "H", "N"]
OUT = ["A4", "B9", "B16", "C1", "C3", "D2", "D3", "D5", "F1a", "F1b", "F3", "F4"]


def named() -> dict[str, list[str]]:
    """The last column of the tables whose rows are built: rule, reading, where it lives, tests."""
    found = {}
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5:
            found[cells[0]] = re.findall(r"`(tests/[^`]+)`", cells[4])
    return found


@pytest.mark.parametrize("one", IN + EDGE)
def test_a_sentence_that_is_ours_has_a_test(one):
    tests = named()
    assert one in tests, f"{one} is no row of what is built"
    assert tests[one], f"{one} has no test"
    assert all((ROOT / place.partition("::")[0]).is_file() for place in tests[one])


def test_no_sentence_is_left_out():
    """Between the first and the last of a chapter each number is one of the three."""
    known = IN + EDGE + OUT
    assert sorted(one for one in set(known) if known.count(one) > 1) == []
    for letter, last in {"A": 16, "B": 21, "C": 4, "D": 5, "E": 11, "G": 10, "Q": 67}.items():
        assert [f"{letter}{n}" for n in range(1, last + 1) if f"{letter}{n}" not in known] == []
