"""Scenarios that are wrong on purpose, played against a real gateway: the failure names the cause, in both languages.

What is read is kept beside them (`broken/nl.txt`, `broken/en.txt`) and reviewed like any text. To write them anew:
`SCENARIO_GOLDEN=write pytest tests/simulator/test_scenario_broken.py`.
"""

import asyncio
import os
import re
from pathlib import Path

import pytest

from simulator.invoked import invoked
from simulator.scenarios.lint import check_file, shown
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.play import play

BROKEN = Path(__file__).parent / "broken"
SEED = 48213


def steady(text):
    """Without what differs from one run or place to the next: what was still open, how often a retry came, the ids of
    both, how the simulator is started.
    """
    lines = [line for line in text.splitlines() if not re.match(r' {4}(gateway|simulator|\w+_\w+):? (?!")', line)]
    counted = re.sub(r"\b\d{2,} (keer|times)\b", r"… \1", "\n".join(lines))
    counted = counted.replace(f": {invoked()} run", ": python -m simulator run")
    return re.sub(r"\(m\w+, f\w+-\w+\)", "(m…, f…)", counted)


def compare(path, found):
    if os.environ.get("SCENARIO_GOLDEN") == "write":
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_failure_names_its_cause(language):
    ready, faults = check_file(BROKEN / f"{language}.feature")
    assert faults == []

    async def play_all():
        async with Nursery() as nursery:
            return [await play(nursery, one, SEED) for one in ready]

    outcomes = asyncio.run(play_all())
    assert [one.scenario.name for one in outcomes if one.passed] == []
    assert all(one.text.startswith(f"✗ {one.headline}") for one in outcomes)
    compare(BROKEN / f"{language}.txt", "\n\n".join(steady(one.text) for one in outcomes) + "\n")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_typing_error_is_found_before_anything_starts(language):
    path = BROKEN / f"typing_{language}.feature"
    ready, faults = check_file(path)
    assert ready == []
    compare(path.with_suffix(".txt"), "\n".join(shown(fault) for fault in faults) + "\n")
