"""A report as one HTML file that needs no server, no network and no script: verdict first, then what proves what.

The style and the little script (filter, folding) are part of the file and named by their digest in its content
security policy, so nothing else may run or load, whatever stands in a text on a handset.

Not here: one scenario (scenario_page.py), how it looks (page.css), what the script does (page.js).
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from simulator.reports.closing_page import environment, faults
from simulator.reports.coverage import coverage
from simulator.reports.markup import text
from simulator.reports.model import Case, Report
from simulator.reports.scenario_page import STATES, Shown, scenario, why
from simulator.reports.service_page import legend, mentioned, sentences
from simulator.reports.verdict import headline, lead
from simulator.reports.words import day, hour, word

STYLE: Final = Path(__file__).with_name("page.css")
SCRIPT: Final = Path(__file__).with_name("page.js")
SQUARES: Final = 48
"""Squares in a row of the mosaic."""
SEARCH: Final = '<input type="search" name="q">'
ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='4' fill='%23{color}'/%3E%3C/svg%3E"
)


def document(report: Report) -> str:
    """The whole file."""
    language, covered = report.language, coverage(report)
    named = () if covered else mentioned(report.cases)
    shown = Shown(
        frozenset(one.rule.id for chapter in covered.chapters for one in chapter.rules)
        if covered
        else frozenset(named)
    )
    sections = [
        ("failures", _failures(report)),
        ("coverage", sentences(covered, language) if covered else ""),
        ("scenarios", _scenarios(report, shown)),
        ("faults", faults(report)),
        ("legend", legend(named, language)),
        ("environment", environment(report)),
    ]
    filled = [(name, body) for name, body in sections if body]
    main = "".join(_section(name, word(name, language), body) for name, body in filled)
    links = "".join(f'<a href="#{name}">{word(name, language)}</a>' for name, _ in filled)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n{_head(report)}\n<body>'
        f'<a class="skip" href="#main">{word("skip", language)}</a>{_verdict(report)}'
        f'<nav aria-label="{word("sections", language)}">{links}</nav>'
        f'<main id="main" tabindex="-1">{main}</main>\n<script>{_read(SCRIPT)}</script></body></html>\n'
    )


def _section(name: str, title: str, body: str) -> str:
    return f'<section id="{name}" aria-labelledby="h-{name}"><h2 id="h-{name}">{title}</h2>{body}</section>'


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _digest(content: str) -> str:
    """As a content security policy names what it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _head(report: Report) -> str:
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_digest(_read(STYLE))}",
            f"script-src {_digest(_read(SCRIPT))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    icon = ICON.format(color="166b41" if report.passed else "a32018")
    mark = "✓" if report.passed else "✗"
    return (
        f'<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{mark} {word('title', report.language)}</title>"
        f'<link rel="icon" href="{icon}"><style>{_read(STYLE)}</style></head>'
    )


# --- the verdict -----------------------------------------------------------------------------------------


def _verdict(report: Report) -> str:
    language, run = report.language, report.run
    counts = "".join(
        f'<li class="{STATES[state]}">{word(f"count_{state}", language, count=len(report.of(state)))}</li>'
        for state in ("passed", "failed", "open")
        if state == "passed" or report.of(state)
    )
    began = f"{day(run.began_at, language)} {hour(run.began_at)[:5]}"
    told = " · ".join([began, f"seed {run.seed}", *([text(run.commit)] if run.commit else [])])
    title = f'<p class="brand">{word("title", language)}</p><h1>{headline(report)}</h1>'
    return (
        f'<header class="{"good" if report.passed else "bad"}"><div>{title}<p class="lead">{lead(report)}</p>'
        f'<ul class="counts">{counts}</ul><p class="ran">{told}</p></div>{_mosaic(report)}</header>'
    )


def _mosaic(report: Report) -> str:
    """Every scenario a square; one path for each state keeps it small."""
    cases = report.cases
    if not cases:
        return ""
    columns = min(SQUARES, max(12, round((len(cases) * 2.2) ** 0.5)))
    paths: dict[str, list[str]] = {}
    for number, case in enumerate(cases):
        left, top = number % columns * 10, number // columns * 10
        paths.setdefault(STATES[case.state], []).append(f"M{left} {top}h8v8h-8z")
    label = word("mosaic", report.language, **{state: len(report.of(state)) for state in ("passed", "failed", "open")})
    width, height = columns * 10 - 2, ((len(cases) - 1) // columns + 1) * 10 - 2
    drawn = "".join(f'<path class="{state}" d="{"".join(squares)}"/>' for state, squares in paths.items())
    return f'<svg class="mosaic" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{drawn}</svg>'


# --- what is wrong ---------------------------------------------------------------------------------------


def _failures(report: Report) -> str:
    wrong = [*report.failed, *report.of("open")]
    return f'<ol class="fails">{"".join(_wrong(case) for case in wrong)}</ol>' if wrong else ""


def _wrong(case: Case) -> str:
    failed = next((step for step in case.steps if step.state == "failed"), None)
    place = f"s{case.number}" + (f".{failed.number}" if failed else "")
    step = f'<p class="at"><b>{text(failed.keyword)}</b> {text(failed.text)}</p>' if failed else ""
    open_ = f'<span class="k">{word("open", case.language)}</span> ' if case.state == "open" else ""
    return (
        f'<li class="{STATES[case.state]}" lang="{text(case.language)}">{open_}'
        f'<a href="#{place}">{text(case.headline or case.name)}</a>{step}{why(case)}'
        f'<p class="ft">{text(case.name)} <code>{text(case.replay or case.place)}</code></p></li>'
    )


# --- the scenarios ---------------------------------------------------------------------------------------


def _scenarios(report: Report, shown: Shown) -> str:
    language = report.language
    # Who reads the page in one language wants what is written in it first.
    ordered = sorted(report.features(), key=lambda cases: cases[0].language != language)
    features = "".join(_feature(cases, language, shown) for cases in ordered)
    return f"{_filter(report)}{features}" if report.cases else ""


def _filter(report: Report) -> str:
    """Without the script it would do nothing, so it is hidden until the script shows it."""
    language = report.language
    tags = Counter(tag for case in report.cases for tag in case.tags)
    options = "".join(f"<option>{text(tag)}</option>" for tag in sorted(tags, key=_by_kind))
    states = "".join(
        f'<option value="{STATES[state]}">{word(state, language)}</option>'
        for state in ("passed", "failed", "open")
        if report.of(state)
    )
    told = text(word("found", language, count="{n}", total=len(report.cases)))
    return (
        f'<form id="filter" hidden>{_label("search", language, SEARCH)}'
        f"{_label('state', language, _choice('s', word('any_state', language), states))}"
        f"{_label('tag', language, _choice('t', word('any_tag', language), options))}"
        f'<button type="button" data-do="open">{word("expand", language)}</button>'
        f'<button type="button" data-do="close">{word("collapse", language)}</button>'
        f'<output data-told="{told}"></output></form>'
    )


def _label(key: str, language: str, control: str) -> str:
    return f"<label><span>{word(key, language)}</span>{control}</label>"


def _choice(name: str, default: str, options: str) -> str:
    return f'<select name="{name}"><option value="">{default}</option>{options}</select>'


def _by_kind(tag: str) -> tuple[bool, str, int]:
    """Rules first and by their number."""
    letters = tag.rstrip("0123456789")
    digits = tag[len(letters) :]
    return ":" in tag or len(tag) > 5, letters, int(digits or 0)


def _feature(cases: Sequence[Case], language: str, shown: Shown) -> str:
    first = cases[0]
    count = word("scenario_count", language, count=len(cases)) if len(cases) > 1 else word("one_scenario", language)
    head = (
        f'<section class="fe" lang="{text(first.language)}"><h3>{text(first.feature or first.path)} '
        f'<span class="of" lang="{language}">{count}</span></h3><p class="path">{text(first.path)}</p>'
    )
    parts = [head]
    rule = ""
    for case in cases:
        if case.rule != rule:
            rule = case.rule
            parts.append(f"<h4>{text(rule)}</h4>" if rule else "")
        parts.append(scenario(case, shown))
    return "".join(parts) + "</section>"
