"""A report as JUnit XML: a suite a feature file, a test case a scenario, headline and whole story in its failure.

Readers of JUnit show the message first and drop properties, so the message is the headline and the body is all.

Not here: what is in a report (model.py).
"""

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from simulator.reports.model import Case, Report

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, even escaped."""


def document(report: Report, page: str = "") -> str:
    """`page` is where the HTML report lies, as seen from the XML: some readers show it beside a test case."""
    suites = "\n".join(_suite(cases, report.run.seed, page) for cases in report.features())
    counts = _counts(report.cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scenarios" {counts}>\n{suites}\n</testsuites>\n'


def _counts(cases: Sequence[Case]) -> str:
    failed = sum(one.state == "failed" for one in cases)
    skipped = sum(one.state == "open" for one in cases)
    seconds = sum(one.real_s for one in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'


def _suite(cases: Sequence[Case], seed: int, page: str) -> str:
    first = cases[0]
    lines = [f"  <testsuite name={_attribute(first.feature or first.path)} {_counts(cases)}>"]
    lines += [f'    <properties><property name="seed" value="{seed}"/></properties>']
    for one in cases:
        lines += _case(one, page)
    lines.append("  </testsuite>")
    return "\n".join(lines)


def _case(one: Case, page: str) -> list[str]:
    name, path = _attribute(one.name), one.path
    classname = _attribute(path.removesuffix(".feature").replace("/", "."))
    start = f'    <testcase classname={classname} name={name} file={_attribute(path)} line="{one.line}"'
    lines = [f'{start} time="{one.real_s:.3f}">', f"      <properties>{_properties(one)}</properties>"]
    if one.state == "failed":
        message = _attribute(one.headline)
        lines.append(f'      <failure message={message} type="expectation">{escape(clean(one.failure))}</failure>')
    elif one.state == "open":
        lines.append(f"      <skipped message={_attribute(one.headline)}></skipped>")
    attached = f"\n[[ATTACHMENT|{page}#s{one.number}]]\n" if page else ""
    lines.append(f"      <system-out>{escape(clean(one.conversation + attached))}</system-out>")
    lines.append("    </testcase>")
    return lines


def _properties(one: Case) -> str:
    told = {
        "seed": str(one.seed),
        "tags": " ".join(one.tags),
        "flow_ids": " ".join(one.flow_ids),
        "virtual_s": f"{one.virtual.total_seconds():.0f}",
        "replay": one.replay,
    }
    return "".join(
        f"<property name={_attribute(key)} value={_attribute(value)}/>" for key, value in told.items() if value
    )


def _attribute(text: str) -> str:
    return quoteattr(clean(text))


def clean(text: str) -> str:
    """Without the characters that no XML or HTML document may hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
