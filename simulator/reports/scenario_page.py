"""One scenario on the page: its steps on the left, beside them what happened on the phones, block by block.

A block is what belongs to one When: the setting, then each group of When steps with its Thens. Under a text stands
how it travelled, and folded why it came; under a step what it changed.

Not here: the page around it (page.py), how it looks (page.css).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulator.clock import AMSTERDAM
from simulator.reports.markup import foreign, slug, step, text, told
from simulator.reports.model import Anatomy, Case, Change, Decision, Entry, Sent, Step
from simulator.reports.words import day, hour, word
from simulator.service import load

TAGS_UNTOLD: Final = ("@dienstbeschrijving:", "@service-description:")
RULES_MAX: Final = 6
DETAIL: Final = "    "
"""How a failure's text indents what it compares."""
UNDER_WAY: Final = "submitted"
STATES: Final = {"passed": "ok", "failed": "no", "open": "op", "skipped": "sk"}
"""State → class; the page is full of them, so they are short."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page knows while it shows a case: the rules that have a row of their own, to link to."""

    rules: frozenset[str]


def scenario(case: Case, shown: Shown) -> str:
    """Folded unless it failed; its id is `s` and its number."""
    opened = " open" if case.state == "failed" else ""
    lang = f' lang="{text(case.language)}"'
    tags = f' data-t="{text(" ".join(case.tags))}"' if case.tags else ""
    head = (
        f'<details class="s {STATES[case.state]}" id="s{case.number}"{opened}{lang}{tags}>'
        f'<summary><span class="n">{text(case.name)}</span>{_marks(case)}</summary>'
    )
    return f"{head}{_failure(case)}{_blocks(case, shown)}{_foot(case, shown)}</details>"


def _marks(case: Case) -> str:
    """What stands behind the name."""
    lenient = f'<span class="k">{word("lenient", case.language)}</span>' if case.lenient else ""
    fault = "".join(f'<span class="k f">{text(fault.name)}</span>' for fault in case.faults)
    rules = " ".join(f"<span{_title(rule, case.language)}>{text(rule)}</span>" for rule in case.rules[:RULES_MAX])
    return f'{lenient}{fault}<span class="p">{rules}</span>'


def _failure(case: Case) -> str:
    """The headline and the reason, then the whole text as it stands in terminals, folded."""
    if case.state == "passed":
        return ""
    whole = word("whole_failure", case.language)
    return (
        f'<div class="x"><p class="xh">{text(case.headline)}</p>{why(case)}'
        f"<details><summary>{whole}</summary><pre>{text(case.failure)}</pre></details></div>"
    )


def why(case: Case) -> str:
    """What a failure tells between its headline and the first empty line: the details, set as they are, the reason."""
    lines = case.failure.splitlines()[1:]
    lines = lines[: lines.index("")] if "" in lines else lines
    details = [line[len(DETAIL) :] for line in lines if line.startswith(DETAIL)]
    table = f"<pre>{text(chr(10).join(details))}</pre>" if details else ""
    said = "".join(f"<p>{text(line.strip())}</p>" for line in lines if not line.startswith(DETAIL))
    return f'<div class="why">{table}{said}</div>' if lines else ""


def _foot(case: Case, shown: Shown) -> str:
    """Where it stands, what it proves, and how to play it again."""
    tags = [tag for tag in case.tags if tag[1:] not in case.rules and not tag.startswith(TAGS_UNTOLD)]
    rules = " ".join(rule_link(rule, shown, case.language) for rule in case.rules)
    others = " ".join(f'<span class="k">{text(tag)}</span>' for tag in tags)
    link = f'<a href="#s{case.number}">#{case.number}</a>'
    return f'<p class="ft">{link} {rules} {others} <code>{text(case.replay or case.place)}</code></p>'


def rule_link(rule: str, shown: Shown, language: str) -> str:
    """The id of a rule, with its sentence for whoever points at it, and a link to where it stands."""
    if rule not in shown.rules:
        return f'<span class="g"{_title(rule, language)}>{text(rule)}</span>'
    return f'<a class="g" href="#{slug(rule)}"{_title(rule, language)}>{text(rule)}</a>'


def _title(rule: str, language: str) -> str:
    known = load().rules.get(rule)
    return f' title="{text(known.told(language))}"' if known is not None else ""


# --- blocks ----------------------------------------------------------------------------------------------


def blocks_of(steps: Sequence[Step]) -> list[list[Step]]:
    """The setting, then a block for each When that follows something else."""
    blocks: list[list[Step]] = []
    for one in steps:
        before = blocks[-1][-1].kind if blocks else None
        if before is None or (one.kind == "when" and before != "when") or (one.kind == "given" and before == "then"):
            blocks.append([])
        blocks[-1].append(one)
    return blocks


def _blocks(case: Case, shown: Shown) -> str:
    several = len(case.people) > 1
    clock = _Clock()
    if not case.steps:
        return f'<div class="b one">{_conversation(case, case.entries, clock, shown)}</div>'
    found = []
    for block in blocks_of(case.steps):
        numbers = {one.number for one in block}
        entries = [one for one in case.entries if one.step in numbers]
        steps = "".join(_step(case, one, several=several) for one in block)
        found.append(f'<div class="b"><ol class="st">{steps}</ol>{_conversation(case, entries, clock, shown)}</div>')
    return "".join(found)


def _step(case: Case, one: Step, *, several: bool) -> str:
    kind = STATES[one.state] + (" w" if one.kind == "when" else "") + (" sh" if one.shared else "")
    rows = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in one.rows)
    table = f'<div class="tw"><table>{rows}</table></div>' if rows else ""
    return (
        f'<li class="{kind}" id="s{case.number}.{one.number}"><b class="kw">{text(one.keyword)}</b> '
        f"{step(one.text)}{table}{_changes(one.changes, several=several)}</li>"
    )


def _changes(changes: Sequence[Change], *, several: bool) -> str:
    if not changes:
        return ""
    return '<dl class="d">' + "".join(_change(one, several=several) for one in changes) + "</dl>"


def _change(one: Change, *, several: bool) -> str:
    who = f"{text(one.who)} · " if several else ""
    return (
        f"<div><dt>{who}{text(one.what)}</dt><dd><del>{told(one.before)}</del> <ins>{told(one.after)}</ins></dd></div>"
    )


# --- the conversation ------------------------------------------------------------------------------------


class _Clock:
    """Tells a day when it is another one than before."""

    def __init__(self) -> None:
        self._shown = ""

    def rule(self, at: datetime, language: str) -> str:
        today = at.astimezone(AMSTERDAM).date().isoformat()
        if today == self._shown:
            return ""
        self._shown = today
        return f'<li class="day"><time datetime="{today}">{day(at, language)}</time></li>'


def _conversation(case: Case, entries: Iterable[Entry], clock: _Clock, shown: Shown) -> str:
    lines = "".join(clock.rule(one.at, case.language) + _entry(case, one, shown) for one in entries)
    return f'<ol class="c">{lines}</ol>' if lines else '<div class="c"></div>'


def _entry(case: Case, one: Entry, shown: Shown) -> str:
    if one.kind == "event":
        who = f"<b>{text(one.who)}</b> " if one.who and len(case.people) > 1 else ""
        why = _why(one.decisions, word("why_silent", case.language), case.language, shown)
        return f'<li class="e"><p><time>{hour(one.at)}</time> {who}{text(one.text)}</p>{why}</li>'
    pair = f"{text(one.who)} → {text(one.peer)}" if one.kind == "out" else f"{text(one.peer)} → {text(one.who)}"
    language = next((person.language for person in case.people if person.name == one.who), case.language)
    lang = f' lang="{text(language)}"' if language != case.language and one.kind == "in" else ""
    pointed = f'<p class="pt">{word("pointed", case.language)}</p>' if one.pointed else ""
    classes = ("o" if one.kind == "out" else "i") + (" px" if one.pointed else "")
    return (
        f'<li class="{classes}"><p class="h">{pair} <time>{hour(one.at)}</time></p>'
        f'<p class="t"{lang}>{foreign(one.text)}</p>{pointed}{_under(case, one, shown)}</li>'
    )


def _under(case: Case, one: Entry, shown: Shown) -> str:
    """How a text travelled; folded behind it why it came."""
    badge = _badge(one.anatomy, case.language) if one.anatomy is not None else ""
    name = f"<b>{text(one.sent.name)}</b> " if one.sent is not None else ""
    head = f'{name}<span class="a">{badge}</span>'
    life = _life(case, one.sent, one.anatomy) if one.sent is not None else ""
    why = _decisions(one.decisions, case.language, shown)
    if not why and not life:
        return f'<p class="m">{head}</p>' if one.kind == "in" or _is_odd(one.anatomy) else ""
    return f'<details class="m"><summary>{head}</summary>{why}{life}</details>'


def _is_odd(anatomy: Anatomy | None) -> bool:
    """Worth a word although the handset's holder wrote it."""
    return anatomy is not None and (anatomy.parts > 1 or bool(anatomy.foreign))


def _badge(one: Anatomy, language: str) -> str:
    parts = word("part", language) if one.parts == 1 else word("parts", language, count=one.parts)
    shown = f"{parts} · {text(one.encoding)} · {word('room', language, units=one.units, room=one.room)}"
    if one.foreign:
        shown += f' · <span class="wa">{word("foreign", language, chars=text(one.foreign[:8]))}</span>'
    return shown


def _life(case: Case, sent: Sent, anatomy: Anatomy | None) -> str:
    """What became of a text, and where to look for it in the log. That it is under way only says that the clock did
    not go on; it is told where a step asks for it.
    """
    if not sent.state:
        return ""
    language = case.language
    asked = any(one.kind == "then" and sent.told and sent.told in one.text for one in case.steps)
    facts = [sent.told if sent.state != UNDER_WAY or asked else ""]
    facts += [word("attempts", language, count=sent.attempts) if sent.attempts > 1 else ""]
    facts += [_length(anatomy, language) if anatomy is not None else "", sent.flow_id]
    return f'<p class="lf">{" · ".join(text(one) for one in facts if one)}</p>'


def _length(one: Anatomy, language: str) -> str:
    """In characters, and why they take more room than that."""
    key = "chars" if one.units <= one.chars else "chars_double"
    return word(key, language, count=one.chars, units=one.units)


def _why(decisions: Sequence[Decision], head: str, language: str, shown: Shown) -> str:
    why_ = _decisions(decisions, language, shown)
    return f'<details class="m"><summary>{head}</summary>{why_}</details>' if why_ else ""


def _decisions(decisions: Sequence[Decision], language: str, shown: Shown) -> str:
    """The rules that were looked at, each with its figures. What was held back without a rule is told after them."""
    lines = []
    for decision in decisions:
        looked_at = {finding.result for finding in decision.findings}
        lines += [f"{rule_link(finding.rule, shown, language)} {told(finding.told)}" for finding in decision.findings]
        lines += [
            word("not_sent", language, name=text(held.name), why=text(held.told))
            for held in decision.held
            if held.reason not in looked_at
        ]
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>" if lines else ""
