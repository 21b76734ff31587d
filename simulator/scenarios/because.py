"""Why a text came or did not, in the scenario's language, from what the gateway tells of its decisions.

Of the decisions API the rows since the block began are read: as many as there were events, texts and changes of that
person. Each finding has a reason of the closed list and figures; figures that a row lacks because nothing happened
are taken from the subscription as it stands.

Not here: laying out a failure (failure.py).
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from simulator.handset import Line
from simulator.scenarios.catalogue import load, recognise
from simulator.scenarios.scene import Entry, Person, Scene
from simulator.scenarios.speech import REASONS, reason_words, say
from simulator.scenarios.values import MICRO, euro, size, stamp
from simulator.service import load as load_service

Json = Mapping[str, Any]
RESULTS: Final = {"duplicate": "duplicate_event", "late": "late_record", "leakage": "leakage"}
"""What the answer to an event says itself → the reason."""
CENT_UEUR: Final = 10_000
NO_BUNDLE: Final = "NO_BUNDLE_OPTION"
OTHERS: Final = 2
"""From this rank on a reason is about something else than the text that did not come."""
RULE_OF: Final = (("cost_", "G4"), ("roaming_limit", "E3"), ("usage_", "E2"), ("bundle_", "B10"))
"""Kinds by their beginning → the rule whose finding explains them."""
SUGGESTION: Final = {"nl": 'Dan krijgt {who} het bericht "{name}"', "en": 'Then {who} gets the message "{name}"'}


async def decisions(scene: Scene, person: Person) -> list[Json]:
    """Those about what happened since the block began."""
    rows = await scene.pair.client.decisions(person.number)
    if person.acts:
        return list(rows[-person.acts :])
    # Only time has passed: what it brought lies after the block's beginning.
    start = scene.block_start
    return [row for row in rows if start is not None and _at(row) > start]


def _at(row: Json) -> datetime:
    return datetime.fromisoformat(str(row.get("decided_at") or row["at"]))


async def reasons(scene: Scene, person: Person) -> set[str]:
    """Every reason of the closed list since the block began."""
    return reasons_in(await decisions(scene, person), scene.results())


def reasons_in(rows: Iterable[Json], results: Iterable[Json]) -> set[str]:
    """Every reason of the closed list in decisions, and in the answers to events."""
    found = set()
    for row in rows:
        found |= {str(finding.get("result")) for finding in row.get("findings", ())}
        found |= {str(held.get("reason")) for held in row.get("not_sent", ())}
        found.add(str(RESULTS.get(str(row.get("outcome")))))
    for result in results:
        found.add(str(RESULTS.get(str(result.get("status")))))
        found.add(str(RESULTS.get(str(result.get("outcome")))))
    return found & set(REASONS)


async def why_not(scene: Scene, person: Person, kind: str) -> str:
    """Why a text of that kind did not come, in one sentence."""
    rows = await decisions(scene, person)
    language = scene.language
    if not rows:
        return await refused_use(scene, person) if person.refused_use else say("nobody_asked", language)
    if any(kind in row.get("sent", ()) for row in rows):
        return await _sent(scene, person, kind)
    candidates = _candidates(rows, scene.results(), kind)
    if person.refused_use and _wanted_rule(kind) and not any(rank < OTHERS for rank, _ in candidates):
        return await refused_use(scene, person)
    if not candidates:
        names = load(language).names
        sent = ", ".join(names.get(kind, kind) for row in rows for kind in row.get("sent", ()))
        return say("sent_because", language, names=sent or say("none", language))
    # The lowest number explains best; of equals the first that was looked at.
    _, reason = min(candidates, key=lambda one: one[0])
    told = await _in_figures(scene, person, kind, reason)
    return f"{say('not_sent', language)}{told}      [{reason}]"


def _candidates(rows: Iterable[Json], results: Iterable[Json], kind: str) -> list[tuple[int, str]]:
    """Reasons that may explain a kind that did not come, each with how well it does: 0 best."""
    wanted = _wanted_rule(kind)
    candidates: list[tuple[int, str]] = []
    for row in rows:
        for held in row.get("not_sent", ()):
            rank = 0 if held.get("kind") == kind else 2
            candidates.append((rank, str(held.get("reason"))))
        for finding in row.get("findings", ()):
            result = str(finding.get("result"))
            if result in REASONS:
                rank = 1 if finding.get("rule") == wanted else 4 if result == "not_configured" else 3
                candidates.append((rank, result))
    for result_row in results:
        reason = RESULTS.get(str(result_row.get("status"))) or RESULTS.get(str(result_row.get("outcome")))
        if reason:
            candidates.append((1, reason))
    return candidates


async def refused_use(scene: Scene, person: Person) -> str:
    """That the network refused data, and why, as the subscription stands."""
    view = await scene.pair.client.subscription(person.owner)
    told = ", ".join(dict.fromkeys(reason_words(one, scene.language) for one in view["data"]["reasons"]))
    blocked = say("blocked_by", scene.language, reasons=told) if told else ""
    return say("refused_use", scene.language, blocked=blocked)


async def why_open(scene: Scene, person: Person) -> str:
    """Why data is not blocked where the subscriber is: nothing blocks it, or what does counts elsewhere."""
    language = scene.language
    view = await scene.pair.client.subscription(person.owner)
    at = scene.world.network.location(person.number, scene.now).place
    place = at.nl if language == "nl" else at.en
    blocks = ", ".join(dict.fromkeys(reason_words(one, language) for one in view["data"]["reasons"]))
    if blocks:
        return say("blocked_elsewhere", language, reasons=blocks, place=place)
    used = euro(round(float(view["cost"]["charged_eur"]) * 100) * CENT_UEUR, language)
    limit = euro(view["cost"]["limit_eur"] * MICRO, language)
    bundles = ", ".join(name for name, option in view["bundles"].items() if option["enabled"])
    told = say("bundles_on" if bundles else "bundles_none", language, bundles=bundles)
    return say(
        "nothing_blocks",
        language,
        place=place,
        standing=f"{told}, {say('usage_of', language, used=used, limit=limit)}",
    )


async def lacks_bundle(scene: Scene, person: Person) -> bool:
    """Whether data is refused because nobody gave the subscriber a bundle."""
    view = await scene.pair.client.subscription(person.owner)
    return NO_BUNDLE in view["data"]["reasons"]


async def _sent(scene: Scene, person: Person, kind: str) -> str:
    """A text that the gateway did send: on its way to the phone, lost there, or come after another one."""
    language = scene.language
    name = load(language).names.get(kind, kind)
    rows = [row for row in await scene.pair.client.notifications(person.number) if row.get("kind") == kind]
    if not rows or any(text.kind == kind for text in person.waiting):
        return say("sent_because", language, names=name)
    words = {"name": name, "state": say(str(rows[-1]["state"]), language), "count": rows[-1].get("attempts", 0)}
    return say("sent_not_come", language, **words)


async def open_texts(scene: Scene) -> list[str]:
    """What the gateway has yet to send, for each of those it is for."""
    told = []
    for person in scene.people.values():
        if person.parent is not None:
            continue
        for row in await scene.pair.client.notifications(person.number):
            if row.get("state") != "pending":
                continue
            words = {
                "name": load(scene.language).names.get(str(row["kind"]), str(row["kind"])),
                "who": person.name,
                "count": row.get("attempts", 0),
                "id": row["id"],
                "flow": row.get("flow_id") or "–",
            }
            told.append(say("open_text", scene.language, **words))
    return told


async def why_came(scene: Scene, person: Person) -> str:
    """Why texts came that should not have: what switched them on, or what they were about."""
    rows = await decisions(scene, person)
    names = load(scene.language).names
    sent = [kind for row in rows for kind in row.get("sent", ())]
    switches = await _switches(scene, person, sent)
    if switches:
        return switches
    told = [_finding(scene.language, finding) for row in rows for finding in row.get("findings", ())
            if finding.get("result") == "send"]  # fmt: skip
    shown = "; ".join(dict.fromkeys(told)) or ", ".join(names.get(kind, kind) for kind in sent)
    return say("sent_because", scene.language, names=shown or say("none", scene.language))


async def _switches(scene: Scene, person: Person, sent: Iterable[str]) -> str:
    """A switch that the subscriber set by a text, when it is about what was sent."""
    about = {"border": "INFO", "usage": "BERICHT", "bundle": "BERICHT", "cost": "LIMIET", "roaming": "LIMIET"}
    codes = {about[kind.partition("_")[0]] for kind in sent if kind.partition("_")[0] in about}
    for entry in reversed(person.entries):
        if entry.line is None or entry.line.direction == "in":
            continue
        for code in codes:
            if code in entry.line.text.upper():
                view = await scene.pair.client.subscription(person.number)
                state = say("on" if view["preferences"][code] else "off", scene.language)
                at = stamp(entry.at, scene.language)
                return say("switch_set", scene.language, code=code, state=state, text=entry.line.text, at=at)
    return ""


def _wanted_rule(kind: str) -> str:
    return next((rule for beginning, rule in RULE_OF if kind.startswith(beginning)), "")


async def _in_figures(scene: Scene, person: Person, kind: str, reason: str) -> str:
    """The reason with its numbers, where numbers make it plainer."""
    language = scene.language
    if reason != "below_threshold":
        return reason_words(reason, language)
    view = await scene.pair.client.subscription(person.number)
    level = 80 if "80" in kind else 200 if "200" in kind else 100
    used, whole, show = _counter(view, kind)
    if used * 100 >= whole * level:
        # Not this counter, then: no number is better than a wrong one.
        return reason_words(reason, language)
    words = {
        "used": show(used, language),
        "whole": show(whole, language),
        "share": show(whole * level // 100, language),
    }
    return say("less_than", language, pct=level, **words)


def _counter(view: Json, kind: str) -> tuple[int, int, Callable[[int, str], str]]:
    """What was used, of how much, and how that is shown; nothing of nothing for a kind that counts nothing."""
    if kind.startswith("cost_"):
        return round(float(view["cost"]["charged_eur"]) * 100) * CENT_UEUR, view["cost"]["limit_eur"] * MICRO, euro
    if kind.startswith("usage_"):
        return view["usage"]["domestic_eu_bytes"], round((view.get("usage_alert_gb") or 0) * 10**9), size
    if kind.startswith("roaming_limit"):
        return view["usage"]["outside_eu_bytes"], (view.get("roaming_limit_mb") or 0) * 10**6, size
    return 0, 0, size


def _finding(language: str, finding: Json) -> str:
    figures = finding.get("figures") or {}
    kind = str(figures.get("kind", ""))
    name = load(language).names.get(kind, kind)
    told = []
    for key, value in figures.items():
        if key.endswith("_ueur") and isinstance(value, int):
            told.append(f"{key.removesuffix('_ueur')} {euro(value, language)}")
        elif key.endswith("_bytes") and isinstance(value, int):
            told.append(f"{key.removesuffix('_bytes')} {size(value, language)}")
        elif key == "pct":
            told.append(f"{value}%")
    shown = f" ({', '.join(told)})" if told else ""
    return f"{name}{shown} [{_rule(str(finding.get('rule')), language)}]"


def _rule(ident: str, language: str) -> str:
    """The rule with what it says."""
    known = load_service().rules.get(ident)
    return f"{ident}: {known.told(language).removesuffix('.')}" if known is not None else ident


def kinds_of(scene: Scene, person: Person, line: Line) -> list[str]:
    """The kinds a text on a handset may be."""
    languages = dict.fromkeys((person.handset.language, scene.language, "nl", "en"))
    return [one.kind for one in recognise(line.text, languages)]


# --- the conversation ------------------------------------------------------------------------------------


def shown_entry(entry: Entry, person: Person, language: str, *, marked: bool = False, width: int = 0) -> str:
    """One line of a conversation; `width` cuts long texts."""
    at = stamp(entry.at, language)
    if entry.line is None:
        return f"{at}  · {entry.told}"
    line = entry.line
    pair = f"{person.name} → {line.peer}" if line.direction == "out" else f"{line.peer} → {person.name}"
    text = line.text if not width or len(line.text) <= width else line.text[: width - 2] + " …"
    return f"{at}  {pair} {'▶' if marked else ' '} {text}"


def conversation_text(scene: Scene) -> str:
    """All conversations, whole, without names of kinds: what phrase 55 compares."""
    lines = []
    for person in scene.people.values():
        lines.append(f"{person.name} ({person.number})")
        lines += [f"  {shown_entry(entry, person, scene.language)}" for entry in person.entries]
    return "\n".join(lines) + "\n"


def difference(expected: str, found: str) -> list[str]:
    """The lines that differ, as - and +."""
    compared = difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="", n=1)
    return [line for line in compared if not line.startswith(("---", "+++"))]
