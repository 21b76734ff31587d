"""What the gateway tells of its decisions and of a subscription, as words in a scenario's language.

Rows of the decisions API become values of a report, each rule with its figures; the view of a subscription becomes a
short list of what a tester cares for, so that two of them can be compared.

Not here: asking for them (recording.py), choosing the one reason of a failure (because.py).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from simulator.places import Places
from simulator.reports.model import Change, Decision, Finding, Held
from simulator.scenarios.catalogue import load
from simulator.scenarios.speech import reason_words, say
from simulator.scenarios.values import MICRO, euro, size

Json = Mapping[str, Any]

RESULTS: Final[Mapping[str, tuple[str, str]]] = {
    # what came of a rule: Dutch, English; a reason why nothing was sent stands in speech.py
    "send": ("verstuurd", "sent"),
    "counted": ("geteld", "counted"),
    "blocked": ("data geblokkeerd", "data blocked"),
    "lifted": ("blokkade opgeheven", "block lifted"),
    "consented": ("de abonnee stemde eerder in", "the subscriber agreed earlier"),
    "changed": ("gewijzigd", "changed"),
    "pending": ("geldt vanaf de eerste", "counts from the 1st"),
    "refused": ("geweigerd", "refused"),
    "loop_guard": ("hierop wordt nooit geantwoord", "this is never answered"),
    "unknown_network": ("onbekend netwerk", "unknown network"),
}
FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    # figures by the beginning of their name: Dutch, English
    "charges": ("kosten", "charges"),
    "limit": ("limiet", "limit"),
    "used": ("verbruikt", "used"),
    "level": ("grens", "level"),
    "reason": ("reden", "reason"),
    "category": ("bundel", "bundle"),
    "bundle": ("bundel", "bundle"),
    "number": ("nummer", "number"),
    "place": ("plaats", "place"),
    "zone": ("gebied", "zone"),
    "period": ("maand", "month"),
    "bytes": ("data", "data"),
}
STANDING: Final[Mapping[str, tuple[str, str]]] = {
    # how a subscription stands: Dutch, English
    "place": ("land", "country"),
    "cost": ("kosten", "charges"),
    "state": ("kostenlimiet", "cost limit"),
    "pending": ("limiet vanaf de eerste", "limit from the 1st"),
    "outside": ("data buiten de EU", "data outside the EU"),
    "inside": ("data in de EU", "data in the EU"),
    "domestic": ("verbruik Nederland en EU", "used at home and in the EU"),
    "abroad": ("verbruik buiten de EU", "used outside the EU"),
    "leakage": ("niet meegeteld", "not counted"),
    "bundles": ("bundel loopt", "bundle running"),
    "cap": ("overschrijden verboden", "exceeding forbidden"),
    "alert": ("dataverbruikmelding", "data usage alert"),
    "roaming": ("dataroaminglimiet", "data roaming limit"),
    "size": ("databundel", "data bundle"),
    "option": ("bundel {bundle}", "bundle {bundle}"),
    "cost_OPEN": ("open", "open"),
    "cost_BLOCKED_100": ("bereikt, data dicht", "reached, data closed"),
    "cost_BLOCKED_200": ("tweemaal bereikt, data dicht", "reached twice, data closed"),
    "cost_OPEN_REST_OF_MONTH": ("geen limiet meer deze maand", "no limit for the rest of the month"),
    "of": ("{used} van {whole}", "{used} of {whole}"),
    "at_most": ("aan, hoogstens {count} per maand", "on, at most {count} a month"),
    "open": ("open", "open"),
    "closed": ("dicht", "closed"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
}
UNTOLD: Final = frozenset({"block", "kind"})
"""An id that says nothing to a reader, and what stands before the figures already."""


def decision(row: Json, language: str) -> Decision:
    """A row of the decisions API. A rule that nobody switched on explains something only when nothing else does."""
    findings = [one for one in row.get("findings", ()) if one.get("result") != "not_configured"]
    names = load(language).names
    return Decision(
        event=str((row.get("event") or {}).get("type", "")),
        outcome=str(row.get("outcome", "")),
        flow_id=str(row.get("flow_id") or ""),
        findings=tuple(_finding(one, language) for one in findings or row.get("findings", ())),
        sent=tuple(names.get(str(kind), str(kind)) for kind in row.get("sent", ())),
        held=tuple(
            Held(
                name=names.get(str(one.get("kind")), str(one.get("kind"))),
                reason=str(one.get("reason")),
                told=reason_words(str(one.get("reason")), language),
            )
            for one in row.get("not_sent", ())
        ),
    )


def _finding(row: Json, language: str) -> Finding:
    result = str(row.get("result"))
    figures: Json = row.get("figures") or {}
    told = RESULTS[result][language != "nl"] if result in RESULTS else reason_words(result, language)
    kind = str(figures.get("kind", ""))
    if kind:
        name = f"“{load(language).names.get(kind, kind)}”"
        told = f"{told} {name}" if result in RESULTS else f"{name}: {told}"
    shown = [_figure(name, value, language) for name, value in figures.items() if name not in UNTOLD]
    return Finding(rule=str(row.get("rule")), result=result, told=" · ".join([told, *shown]))


def _figure(name: str, value: object, language: str) -> str:
    label = name.removesuffix("_ueur").removesuffix("_bytes")
    label = FIGURES[label][language != "nl"] if label in FIGURES else label
    if name == "pct":
        return f"{value}%"
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("_ueur"):
            return f"{label} {euro(value, language)}"
        if name.endswith("bytes"):
            return f"{label} {size(value, language)}"
        if name == "level":
            return f"{label} {value}%"
    if name == "reason":
        return f"{label} {reason_words(str(value), language)}"
    return f"{label} {value}"


def _say(key: str, language: str, **words: object) -> str:
    return STANDING[key][language != "nl"].format(**words)


# --- how a subscription stands ---------------------------------------------------------------------------


def standing(view: Json, language: str) -> dict[str, str]:
    """What a tester cares for of a subscription, each by its name, in the order in which it is told."""
    cost, usage, data = view["cost"], view["usage"], view["data"]
    told = {
        _say("place", language): _places(view, language),
        _say("cost", language): _say("of", language, used=_euros(cost["charged_eur"], language),
                                            whole=_euros(cost["limit_eur"], language)),
        _say("state", language): _say(f"cost_{cost['state']}", language),
        _say("pending", language): _pending(cost.get("pending_limit"), language),
        _say("outside", language): _data(data["outside_eu"], data, language),
        _say("inside", language): _say("open" if data["eu"] == "open" else "closed", language),
        _say("domestic", language): size(usage["domestic_eu_bytes"], language),
        _say("abroad", language): size(usage["outside_eu_bytes"], language),
        _say("leakage", language): size(usage["leakage_bytes"], language),
        _say("bundles", language): _instances(view.get("bundle_instances") or (), language),
    }  # fmt: skip
    told |= {code: say("on" if on else "off", language) for code, on in view["preferences"].items()}
    return told | _settings(view, language)


def _settings(view: Json, language: str) -> dict[str, str]:
    """What the administrator sets."""
    none = say("none", language)
    alert, roaming = view.get("usage_alert_gb"), view.get("roaming_limit_mb")
    told = {
        _say("cap", language): _say("yes" if view.get("hard_cap") else "no", language),
        _say("alert", language): none if alert is None else size(round(alert * 10**9), language),
        _say("roaming", language): none if roaming is None else size(roaming * 10**6, language),
        _say("size", language): f"{view.get('bundle_gb')} GB",
    }
    for bundle, option in view["bundles"].items():
        most = _say("at_most", language, count=option["max_per_month"])
        told[_say("option", language, bundle=bundle)] = most if option["enabled"] else say("off", language)
    return told


def changes(who: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """What differs, in the order in which it is told."""
    return [
        Change(who=who, what=what, before=before.get(what, ""), after=shown)
        for what, shown in after.items()
        if before.get(what, "") != shown
    ]


def _euros(amount: str | float, language: str) -> str:
    return euro(round(float(amount) * 100) * (MICRO // 100), language)


def _pending(pending: Json | None, language: str) -> str:
    return _euros(pending["eur"], language) if pending else say("none", language)


def _data(state: str, data: Json, language: str) -> str:
    if not data["reasons"] or (state == "open" and not data["blocked_categories"]):
        return _say("open", language)
    reasons = ", ".join(dict.fromkeys(reason_words(one, language) for one in data["reasons"]))
    return f"{_say('closed', language)}: {reasons}"


def _instances(instances: Any, language: str) -> str:  # noqa: ANN401 - rows of JSON
    """How much of the last one of each category is used."""
    last = {one["category"]: one for one in instances}
    shown = [
        f"{category} {one['number']}: {size(one['used_bytes'], language)} / {size(one['volume_bytes'], language)}"
        for category, one in last.items()
    ]
    return ", ".join(shown) or say("none", language)


def _places(view: Json, language: str) -> str:
    names = [_place(one, language) for one in view.get("location") or ()]
    return ", ".join(dict.fromkeys(names)) or "–"


def _place(row: Json, language: str) -> str:
    place = _sheet().at(str(row.get("plmn") or ""))
    if place is None:
        return str(row.get("country") or row.get("plmn"))
    return place.nl if language == "nl" else place.en


@cache
def _sheet() -> Places:
    return Places.load()
