"""The end of the page: the faults that were played, and what all of it was played with.

Not here: the page around it (page.py).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from simulator.reports.markup import text
from simulator.reports.model import Case, FaultUse, Report
from simulator.reports.scenario_page import STATES
from simulator.reports.words import day, hour, seconds, span, word

SLOWEST: Final = 5


def faults(report: Report) -> str:
    language = report.language
    armed: dict[str, list[tuple[Case, FaultUse]]] = {}
    for case in report.cases:
        for fault in case.faults:
            armed.setdefault(fault.id, []).append((case, fault))
    if not armed:
        return ""
    rows = "".join(_fault(armed[ident], language) for ident in sorted(armed))
    head = "".join(f'<th scope="col">{word(key, language)}</th>' for key in ("fault", "armed", "hits", "where"))
    table = f'<table class="big"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="tw" tabindex="0" role="group" aria-labelledby="h-faults">{table}</div>'


def _fault(uses: Sequence[tuple[Case, FaultUse]], language: str) -> str:
    """One fault in all the cases that armed it, by the name that the reader's language has for it."""
    named, fault = min(uses, key=lambda use: use[0].language != language)
    cases = {case.number: case for case, _ in uses}.values()
    links = " ".join(f'<a class="{STATES[case.state]}" href="#s{case.number}">{case.number}</a>' for case in cases)
    name = f'<span lang="{text(named.language)}">{text(fault.name)}</span> <code>{text(fault.id)}</code>'
    struck = "ok" if all(use.hits for _, use in uses) else "no"
    return (
        f'<tr class="{struck}"><th scope="row">{name}</th><td class="num">{len(uses)}</td>'
        f'<td class="num">{sum(use.hits for _, use in uses)}</td><td class="pr">{links}</td></tr>'
    )


def environment(report: Report) -> str:
    language, run = report.language, report.run
    facts = [
        (word("replay", language), f"<code>{text(run.replay)}</code>" if run.replay else ""),
        (word("seed", language), str(run.seed)),
        (word("began", language), f"{day(run.began_at, language)} {hour(run.began_at)}"),
        (word("took", language), seconds(run.real_s, language)),
        (word("virtual", language), span(report.virtual, language)),
        (word("jobs", language), str(run.jobs)),
        (word("commit", language), text(run.commit)),
        (word("digest", language), f"<code>{text(run.config_digest)}</code>" if run.config_digest else ""),
        *((text(name), text(version)) for name, version in run.versions),
        (word("slowest", language), _slowest(report.cases, language)),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts if value)
    return f'<dl class="env">{rows}</dl>'


def _slowest(cases: Iterable[Case], language: str) -> str:
    found = sorted(cases, key=lambda case: -case.real_s)[:SLOWEST]
    return "<br>".join(
        f'<a href="#s{case.number}" lang="{text(case.language)}">{text(case.name)}</a> '
        f"{seconds(case.real_s, language)}"
        for case in found
    )
