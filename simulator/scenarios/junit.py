"""A run as JUnit XML: a suite a feature file, a test case a scenario, headline and whole story in its failure.

Readers of JUnit show the message first and drop properties, so the message is the headline and the body is all.

Not here: playing (run.py).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from simulator.scenarios.play import Outcome

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 cannot hold, even escaped."""


def write(path: Path, outcomes: Sequence[Outcome], seed: int) -> None:
    """OSError when the file can not be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(outcomes, seed), encoding="utf-8")


def document(outcomes: Sequence[Outcome], seed: int) -> str:
    files = dict.fromkeys(outcome.scenario.path for outcome in outcomes)
    suites = [_suite([one for one in outcomes if one.scenario.path == path], seed) for path in files]
    counts = _counts(outcomes)
    body = "\n".join(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scenarios" {counts}>\n{body}\n</testsuites>\n'


def _counts(outcomes: Sequence[Outcome]) -> str:
    failed = sum(not one.passed and one.counts for one in outcomes)
    skipped = sum(not one.passed and not one.counts for one in outcomes)
    seconds = sum(one.real_s for one in outcomes)
    return f'tests="{len(outcomes)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'


def _suite(outcomes: Sequence[Outcome], seed: int) -> str:
    first = outcomes[0].scenario
    lines = [f"  <testsuite name={_attribute(first.feature)} {_counts(outcomes)}>"]
    lines += [f'    <properties><property name="seed" value="{seed}"/></properties>']
    for one in outcomes:
        lines += _case(one)
    lines.append("  </testsuite>")
    return "\n".join(lines)


def _case(one: Outcome) -> list[str]:
    scenario = one.scenario
    name, path = _attribute(scenario.name), str(scenario.path)
    classname = _attribute(path.removesuffix(".feature").replace("/", "."))
    start = f'    <testcase classname={classname} name={name} file={_attribute(path)} line="{scenario.line}"'
    lines = [f'{start} time="{one.real_s:.3f}">']
    properties = [("tags", " ".join(scenario.tags)), ("virtual_s", f"{one.virtual.total_seconds():.0f}")]
    told = "".join(f"<property name={_attribute(key)} value={_attribute(value)}/>" for key, value in properties)
    lines.append(f"      <properties>{told}</properties>")
    if not one.passed:
        kind = "failure" if one.counts else "skipped"
        extra = ' type="expectation"' if one.counts else ""
        body = _clean(one.text) if one.counts else ""
        lines.append(f"      <{kind} message={_attribute(one.headline)}{extra}>{escape(body)}</{kind}>")
    lines.append(f"      <system-out>{escape(_clean(one.conversation))}</system-out>")
    lines.append("    </testcase>")
    return lines


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _CONTROL.sub("�", text)
