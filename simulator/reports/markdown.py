"""A report as a summary in Markdown, for the place where a CI shows the output of a step: verdict, what is wrong, why.

What was written elsewhere stands in code spans and fences that it can not leave, so no text becomes markup.

Not here: the conversations and steps of what passed (page.py).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from simulator.reports.coverage import Coverage, coverage
from simulator.reports.junit import clean
from simulator.reports.model import Case, Report, State
from simulator.reports.verdict import headline, lead
from simulator.reports.words import seconds, word

FAILURES_MAX: Final = 30
"""A step's summary has a limit; the rest is on the page."""


def document(report: Report) -> str:
    language = report.language
    parts = [_verdict(report), _failures(report, language), _features(report, language)]
    covered = coverage(report)
    if covered is not None:
        parts.append(_coverage(covered, language))
    if report.run.replay:
        parts.append(f"{word('replay', language)}: {code(report.run.replay)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _verdict(report: Report) -> str:
    language = report.language
    if not report.cases:
        return f"## {headline(report)}"
    told: dict[State, str] = {"passed": "✅", "failed": "❌", "open": "❔"}
    counts = [
        f"{mark} {word(f'count_{state}', language, count=len(report.of(state)))}"
        for state, mark in told.items()
        if report.of(state)
    ]
    mark = told["passed" if report.passed else "failed"]
    return f"## {mark} {headline(report)}\n\n{lead(report)}\n\n{' · '.join(counts)} · seed {report.run.seed}"


def _failures(report: Report, language: str) -> str:
    wrong = [*report.failed, *report.of("open")]
    shown = [_failure(case) for case in wrong[:FAILURES_MAX]]
    if len(wrong) > FAILURES_MAX:
        shown.append(word("not_all", language, count=FAILURES_MAX, total=len(wrong)))
    return "\n\n".join([f"### {word('failures', language)}", *shown]) if shown else ""


def _failure(case: Case) -> str:
    mark = "❌" if case.state == "failed" else "❔"
    whole = word("whole_failure", case.language)
    return (
        f"{mark} **{plain(case.headline)}**  \n{plain(case.name)} · {code(case.place)}\n\n"
        f"<details><summary>{whole}</summary>\n\n{fenced(case.failure)}\n\n</details>"
    )


def _features(report: Report, language: str) -> str:
    rows = [
        [
            plain(cases[0].feature or cases[0].path),
            str(sum(case.state == "passed" for case in cases)),
            str(sum(case.state == "failed" for case in cases)),
            seconds(sum(case.real_s for case in cases), language),
        ]
        for cases in report.features()
    ]
    head = [word("scenarios", language), word("passed", language), word("failed", language), word("took", language)]
    return _table(head, rows, numbers=True) if rows else ""


def _coverage(covered: Coverage, language: str) -> str:
    lead = word("coverage_lead", language, proved=covered.proved, total=covered.total)
    broken = [one for chapter in covered.chapters for one in chapter.rules if one.state in ("broken", "open")]
    rows = [
        [code(one.rule.id), plain(one.rule.told(language)), word(one.state, language),
         ", ".join(f"#{case.number}" for case in one.cases if case.state != "passed")]
        for one in broken
    ]  # fmt: skip
    head = ["", word("coverage", language), word("state", language), word("scenarios", language)]
    return f"### {word('coverage', language)}\n\n{lead}" + (f"\n\n{_table(head, rows)}" if rows else "")


def _table(head: Sequence[str], rows: Iterable[Iterable[str]], *, numbers: bool = False) -> str:
    """`numbers`: all columns but the first hold some."""
    lines = [head, ["---", *["--:" if numbers else "---"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


# --- what was written elsewhere --------------------------------------------------------------------------

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+.!|<>~@-])")

_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that embed, override or isolate a direction of writing."""


def plain(value: str) -> str:
    """In a line or a cell, with nothing in it that means anything."""
    return _MARKUP.sub(r"\\\1", _line(value)).replace("\\<", "&lt;").replace("\\>", "&gt;")


def _line(value: str) -> str:
    """On one line, and without what turns around the text beside it."""
    return " ".join(_TURNS.sub("", clean(value)).split())


def code(value: str) -> str:
    """A span with more backticks around it than are in it."""
    told = _line(value).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", told)), default=0))
    pad = " " if told.startswith("`") or told.endswith("`") else ""
    return f"{ticks}{pad}{told}{pad}{ticks}" if told else ""


def fenced(value: str) -> str:
    told = clean(value)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", told)), default=0))
    return f"{ticks}text\n{told}\n{ticks}"
