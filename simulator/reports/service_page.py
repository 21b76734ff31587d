"""The service on the page, sentence by sentence: each rule, whether it is proved, and the scenarios that prove it.

Not here: which case proves which rule (coverage.py), the page around it (page.py).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from simulator.reports.coverage import Coverage, Proved, ProvedChapter
from simulator.reports.markup import slug, text
from simulator.reports.model import Case
from simulator.reports.scenario_page import STATES
from simulator.reports.words import word
from simulator.service import load

PROOFS_MAX: Final = 3
"""So many scenarios stand beside a rule; the others are folded."""
PROOFS: Final = {"proved": "ok", "broken": "no", "open": "op", "unplayed": "sk", "out": "ou"}


def sentences(covered: Coverage, language: str) -> str:
    lead = word("coverage_lead", language, proved=covered.proved, total=covered.total)
    description, readings = covered.part(readings=False), covered.part(readings=True)
    broken = any(chapter.of("broken") for chapter in readings.chapters)
    folded = (
        f'<details class="readings"{" open" if broken else ""}><summary><h3>{word("readings", language)} '
        f"{_of(readings, language)}</h3></summary><p>{word('readings_lead', language)}</p>"
        f"{_chapters(readings, language)}</details>"
    )
    return (
        f'<p class="lead">{lead}</p><h3>{word("description", language)} {_of(description, language)}</h3>'
        f"{_chapters(description, language)}{folded}"
    )


def _chapters(covered: Coverage, language: str) -> str:
    return "".join(_chapter(chapter, language) for chapter in covered.chapters)


def _of(covered: Coverage, language: str) -> str:
    return f'<span class="of">{word("of", language, count=covered.proved, total=covered.total)}</span>'


def _chapter(chapter: ProvedChapter, language: str) -> str:
    counted = len(chapter.counted)
    of = word("of", language, count=len(chapter.of("proved")), total=counted) if counted else ""
    rows = "".join(_rule(one, language) for one in chapter.rules)
    return (
        f'<section class="ch"><h4>{text(chapter.chapter.told(language))} <span class="of">{of}</span></h4>'
        f'<ul class="rules">{rows}</ul></section>'
    )


def _rule(one: Proved, language: str) -> str:
    state = one.state
    told = "" if state == "proved" else f' <span class="k">{word(state, language)}</span>'
    links = [f"<li>{_proof(cases)}</li>" for cases in outlines(one.cases, language)]
    proof = f"<ul>{''.join(links[:PROOFS_MAX])}</ul>" if links else ""
    if len(links) > PROOFS_MAX:
        more = word("more", language, count=len(links) - PROOFS_MAX)
        proof += f"<details><summary>{more}</summary><ul>{''.join(links[PROOFS_MAX:])}</ul></details>"
    return (
        f'<li class="{PROOFS[state]}" id="{slug(one.rule.id)}"><b class="g">{text(one.rule.id)}</b>'
        f'<p>{text(one.rule.told(language))}{told}</p><div class="pr">{proof}</div></li>'
    )


def mentioned(cases: Iterable[Case]) -> tuple[str, ...]:
    """The rules that are the reason of something in these cases, in the order of the service."""
    found = {
        finding.rule for case in cases for one in case.entries for row in one.decisions for finding in row.findings
    }
    return tuple(rule for rule in load().rules if rule in found)


def legend(rules: Sequence[str], language: str) -> str:
    """What each rule says, where no chapter stands on the page."""
    known = load().rules
    rows = "".join(
        f'<div id="{slug(rule)}"><dt>{text(rule)}</dt><dd>{text(known[rule].told(language))}</dd></div>'
        for rule in rules
    )
    return f'<dl class="env">{rows}</dl>' if rows else ""


def outlines(cases: Sequence[Case], language: str) -> list[list[Case]]:
    """The rows of one outline together; what failed first, then what is in the reader's language."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        found.setdefault((case.path, case.name.partition(" [")[0]), []).append(case)
    return sorted(
        found.values(), key=lambda rows: (all(case.state == "passed" for case in rows), rows[0].language != language)
    )


def _proof(rows: Sequence[Case]) -> str:
    """A link to the one that says most: that which does not hold, or else the first."""
    told = next((case for case in rows if case.state != "passed"), rows[0])
    name = told.name if len(rows) == 1 or told.state != "passed" else told.name.partition(" [")[0]
    count = f' <span class="of">×{len(rows)}</span>' if len(rows) > 1 else ""
    return (
        f'<a class="{STATES[told.state]}" lang="{text(told.language)}" href="#s{told.number}">{text(name)}</a>{count}'
    )
