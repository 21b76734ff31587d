"""Why a text was sent or not, in one or two short lines, from what the gateway tells of its decisions.

Pure: JSON of `GET …/notifications` and `GET …/decisions` in, lines out. It is tolerant: a figure it does not know is
shown as it is.

Not here: asking for them (gateway_client.py), showing them (display.py).
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
TELLING: Final = frozenset({"send", "blocked", "lifted", "changed", "pending", "refused", "consented"})
"""Results that made something happen: they explain a text, the others explain that there is none."""
FINDINGS_MAX: Final = 3
UNTOLD: Final = frozenset({"kind", "block"})
"""Figures that repeat what stands beside them, or an id that says nothing to a reader."""
RULES: Final[Mapping[str, str]] = {  # what a rule is about, in a reader's words
    "4": "network on no sheet",
    "6.1": "how a text is read",
    "B7": "no bundle option",
    "B10": "80 % of a bundle",
    "B11": "bundle renewed by itself",
    "B14": "most bundles of the month used up",
    "B17": "bundle option on",
    "B19": "bundle begun by the first byte",
    "E1": "tariffs at a border",
    "E2": "data usage alert",
    "E3": "data roaming limit",
    "E5": "shortcode",
    "E6": "shortcode",
    "E7": "shortcode",
    "E8": "shortcode",
    "E9": "shortcode",
    "E10": "shortcode",
    "E11": "list of codes",
    "F1": "block set in the portal",
    "F2": "use during a block",
    "G4": "80 % of the cost limit",
    "G6": "block at 100 and 200 %",
    "G7": "lifted by reply",
    "G8": "free until month end",
    "G9": "organisation forbids more",
    "G10": "a lower limit waits for the 1st",
    "Q2": "block notice",
    "Q4": "112 also with INFO off",
    "Q6": "reply word",
    "Q7": "nothing to lift",
    "Q8": "highest level only",
    "Q9": "second warning of costs",
    "Q10": "costs without a limit",
    "Q14": "covered by a bundle",
    "Q17": "limit raised",
    "Q20": "a new month",
    "Q22": "record over the end of a month",
    "Q23": "late record",
    "Q24": "length of a block",
    "Q25": "use inside a block: summed, nothing sent",
    "Q27": "older than the last location",
    "Q32": "no more bundles this month",
    "Q33": "more bundles allowed",
    "Q34": "another reason still blocks",
    "Q35": "bundle option switched off",
    "Q42": "announced already",
    "Q44": "home again",
    "Q47": "Combi SIM",
    "Q50": "barred SIM abroad",
    "Q55": "the limit does not work there",
    "Q56": "another reason blocks",
    "Q58": "no notices any more this month",
    "Q65": "reply to unknown texts",
}

Json = Mapping[str, Any]


def public_name(kind: str, language: str) -> str:
    """What the template file calls a kind in public, the kind itself when it does not say."""
    return _names(language).get(kind, kind)


@cache
def _names(language: str) -> dict[str, str]:
    path = TEMPLATES / f"{language}.toml"
    if not path.exists():
        return {}
    kinds = tomllib.loads(path.read_text(encoding="utf-8")).get("kind", {})
    return {kind: str(entry.get("name", kind)) for kind, entry in kinds.items()}


def decision_for(notification: Json, decisions: Iterable[Json]) -> Json | None:
    """The decision that led to a notification: the one on the same event."""
    event = notification.get("event") or {}
    key = (event.get("source"), event.get("id"))
    for decision in decisions:
        of = decision.get("event") or {}
        if (of.get("source"), of.get("id")) == key:
            return decision
    return None


def why_sent(notification: Json, decision: Json | None, language: str) -> list[str]:
    """Kind and public name, then the rules that led to it with their figures."""
    kind = str(notification.get("kind"))
    name = public_name(kind, language)
    return [kind if name == kind else f"{kind} · {name}", *_findings(decision, telling=True)]


def why_not(suppressed: Iterable[Json], decisions: Iterable[Json]) -> list[str]:
    """Why nothing came: the suppressed notifications' reasons, else what the rules found, else the outcome."""
    held = [f"no {item.get('kind')}: {item.get('reason')}" for item in suppressed]
    if held:
        return held
    told = []
    for decision in decisions:
        found = _findings(decision, telling=False) or _findings(decision, telling=True)
        told.append("no text: " + ("; ".join(found) or str(decision.get("outcome"))))
    return told


def _findings(decision: Json | None, *, telling: bool) -> list[str]:
    findings = decision.get("findings", ()) if decision is not None else ()
    fitting = [finding for finding in findings if (finding.get("result") in TELLING) == telling]
    # A rule nobody switched on explains something only when nothing else does.
    looked_at = [finding for finding in fitting if finding.get("result") != "not_configured"] or fitting
    lines = [_finding(finding) for finding in looked_at]
    return list(dict.fromkeys(lines))[:FINDINGS_MAX]


def _finding(finding: Json) -> str:
    rule = str(finding.get("rule"))
    figures = {name: value for name, value in (finding.get("figures") or {}).items() if name not in UNTOLD}
    shown = ", ".join(f"{_label(name)} {_figure(name, value)}" for name, value in figures.items())
    about = f"{rule} {RULES[rule]}" if rule in RULES else rule
    return f"{about}: {finding.get('result')}" + (f" ({shown})" if shown else "")


UNITS: Final = (  # ending of the name, divisor, how it is shown
    ("_ueur_per_mb", 1_000_000, "€ {:.2f}/MB"),
    ("_ueur", 1_000_000, "€ {:.2f}"),
    ("_eur", 1, "€ {}"),
    ("_bytes", 1_000_000, "{:g} MB"),
    ("_pct", 1, "{}%"),
)


def _label(name: str) -> str:
    for ending, _, _ in UNITS:
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def _figure(name: str, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        for ending, divisor, shape in UNITS:
            if name.endswith(ending):
                return shape.format(value / divisor if divisor > 1 else value)
    return str(value)
