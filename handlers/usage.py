"""Data was used: to which month and counter it belongs, what it costs, and which ladders to look at.

A record belongs to the calendar month of its end (Q21, Q22). Of the current month it is counted and the ladders are
looked at; of an earlier month it is added there and nothing else happens (Q23). Inside a block it is leakage: added
to that sum and nothing else (Q25). Most records only count, so this road is kept short.
Must not be put here: what reaching a cost level leads to (`costs`).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from handlers import blocks, bundles, costs, instances, thresholds
from handlers.effects import Decision, Figures, Finding, Phrase, Refusal
from handlers.events import UsageReported
from handlers.limits import cost_state, limit_ueur
from handlers.notices import Turn, Values
from handlers.policy import Place, Policy
from handlers.subscription import Period, Subscription
from handlers.thresholds import Ladder, Rung

# E2: Netherlands and EU together; a notice, never a block.
USAGE_ALERT: Ladder = (Rung(80, "usage_80", "E2"), Rung(100, "usage_100", "E2"))
# E3, Q5: volume outside the EU; a notice, never a block.
ROAMING_LIMIT: Ladder = (Rung(80, "roaming_limit_80", "E3"), Rung(100, "roaming_limit_100", "E3"))

_NO_USAGE_ALERT: Finding = ("E2", "not_configured", ())
_NO_ROAMING_LIMIT: Finding = ("E3", "not_configured", ())
_MICROSECOND = timedelta(microseconds=1)


class Slice(NamedTuple):
    """The part of a record that lies in one month: its end decides place, rate and blocks."""

    key: str
    at: datetime
    plmn: str
    volume_bytes: int


def on_usage_reported(subscription: Subscription, event: UsageReported, policy: Policy) -> Decision:
    """Count a record; refused when it reaches into a month that is closed (Q23) or over more than two months."""
    assert event.volume_bytes >= 0, event.volume_bytes  # Q28: refused at the door
    key = policy.period_of(event.at)
    current = policy.period_of(event.now)
    if key >= current and event.started_at is None:  # nearly all
        turn = Turn(subscription, policy, event.now)
        return turn.decision(_count(turn, Slice(key, event.at, event.plmn, event.volume_bytes), live=True))
    if event.started_at is None:
        slices: tuple[Slice, ...] = (Slice(key, event.at, event.plmn, event.volume_bytes),)
    else:
        first = policy.period_of(event.started_at)
        if first not in (key, policy.previous_period(key)):
            return _refused(
                subscription,
                "invalid",
                "/data/started_at",
                f"found {event.started_at.isoformat()}: a record may span two calendar months at most",
            )
        slices = _split(event, event.started_at, first, key, policy)
    oldest = slices[0].key
    if oldest < current and event.now >= policy.late_deadline(oldest):
        return _refused(
            subscription,
            "rejected_late",
            "/data/used_at" if oldest == key else "/data/started_at",
            f"month {oldest} was closed on {policy.late_deadline(oldest).isoformat()}",
        )
    turn = Turn(subscription, policy, event.now)
    outcome = "ignored"
    for part in slices:
        outcome = _count(turn, part, live=part.key >= current)
    return turn.decision(outcome)


def _split(event: UsageReported, started_at: datetime, first: str, key: str, policy: Policy) -> tuple[Slice, ...]:
    """Q22: a record over a month's end is split pro rata by time, in whole bytes, and none is lost."""
    if first == key:
        return (Slice(key, event.at, event.plmn, event.volume_bytes),)
    boundary = policy.period_start(key)
    # `- now` of the same zone counts wall-clock time; UTC counts time that passed.
    whole = (event.at - started_at) // _MICROSECOND
    before = (boundary - started_at) // _MICROSECOND
    old = event.volume_bytes * before // whole if whole else 0
    return (
        Slice(first, boundary.astimezone(event.at.tzinfo) - _MICROSECOND, event.plmn, old),
        Slice(key, event.at, event.plmn, event.volume_bytes - old),
    )


def _count(turn: Turn, part: Slice, *, live: bool) -> str:
    """Count one month's part; `live` if that month has not passed. Returns the API's word for what it was."""
    subscription, policy = turn.subscription, turn.policy
    place = policy.tariffs.place(part.plmn, part.at)
    if not place.known:
        turn.found("4", "unknown_network", (("plmn", part.plmn),))
    block = blocks.block_at(subscription, place.zone, part.at, part.key, policy)  # F2
    if block is not None:
        period = subscription.in_period(part.key)
        turn.put(period._replace(leakage_bytes=period.leakage_bytes + part.volume_bytes))
        turn.found("Q25", "leakage", (("bytes", part.volume_bytes), ("block", block.id), ("reason", block.reason)))
        return "leakage" if live else "late"
    if place.outside_eu:
        return _count_outside_eu(turn, part, place, live=live)
    # A10: volume, and no money of the cost limit; A12: whichever SIM it was.
    old = subscription.in_period(part.key)
    period = Period(
        old.key,
        old.domestic_eu_bytes + part.volume_bytes,
        old.outside_eu_bytes,
        old.leakage_bytes,
        old.rated,
        old.consent,
        old.notices,
        old.last_rate_ueur_per_mb,
        old.bundles,
    )
    assert period.domestic_eu_bytes >= old.domestic_eu_bytes
    turn.put(period)
    if not live:
        turn.found("Q23", "late_record", (("period", part.key), ("bytes", part.volume_bytes)))
        return "late"
    _look_at_usage_alert(turn, period, place.zone)
    return "counted"


def _count_outside_eu(turn: Turn, part: Slice, place: Place, *, live: bool) -> str:
    policy = turn.policy
    old = turn.subscription.in_period(part.key)
    used = bundles.use(turn.subscription.profile, old, place.zone, part.volume_bytes, policy)
    rest, lost = used.rest_bytes, 0
    rated, rate = old.rated, old.last_rate_ueur_per_mb
    if rest and used.takes:
        why = instances.why_off(turn.subscription, used, policy, key=part.key, at=part.at, zone=place.zone)
        if why is not None:
            rest, lost = 0, rest
            turn.found(why, "leakage", (("bytes", lost), ("zone", place.zone)))
    if rest:  # Q29: nothing follows from a record of nothing
        # Q53: volume is summed per rate, so money comes from cumulative bytes.
        rate = policy.tariffs.rates[place.zone].data_ueur_per_mb
        rated = {**rated, rate: rated.get(rate, 0) + rest}
    period = Period(
        old.key,
        old.domestic_eu_bytes,
        old.outside_eu_bytes + part.volume_bytes - lost,  # Q5: covered or not
        old.leakage_bytes + lost,
        rated,
        old.consent,
        old.notices,
        rate,
        used.instances,
    )
    assert period.outside_eu_bytes >= old.outside_eu_bytes
    turn.put(period)
    for take in used.takes:
        if take.covered_bytes:
            figures = (("bytes", take.covered_bytes), ("zone", place.zone), ("bundle", take.offer.category))
            turn.found("Q14", "covered_by_bundle", (*figures, ("number", take.last)))
    if not live:
        turn.found("Q23", "late_record", (("period", part.key), ("bytes", part.volume_bytes)))
        return "late"
    if used.takes:
        instances.look(turn, used.takes, key=part.key, at=part.at, zone=place.zone)
    _look_at_roaming_limit(turn, period, place.zone)
    costs.look(turn, part.key, part.at, rate)
    return "leakage" if lost == part.volume_bytes > 0 else "counted"


def _look_at_usage_alert(turn: Turn, period: Period, zone: str) -> None:
    """E2: only an explicit value, personal, Combi SIM included (Q48); the highest level only (Q49)."""
    alert = turn.subscription.profile.usage_alert
    if alert.volume_bytes is None:
        turn.findings.append(_NO_USAGE_ALERT)
        return
    used = period.domestic_eu_bytes
    index = thresholds.reached(USAGE_ALERT, used, alert.volume_bytes)
    figures = _volume_figures(used, alert.volume_bytes, USAGE_ALERT, index)
    if index < 0:
        turn.found("E2", "below_threshold", figures)
        return
    # Told later than it was used, it may no longer work there.
    works = not blocks.reasons_in(turn.subscription, zone, period.key, turn.policy)
    values: Values = {
        "pct": used * 100 // alert.volume_bytes,
        "gb": alert.volume_bytes,
        "used": used,
        "werking": Phrase("works" if works else "works_not"),
    }
    thresholds.tell(
        turn, USAGE_ALERT[: index + 1], key=period.key, version=alert.version, values=values, figures=figures
    )


def _look_at_roaming_limit(turn: Turn, period: Period, zone: str) -> None:
    limit = turn.subscription.profile.roaming_limit
    if limit.volume_bytes is None:
        turn.findings.append(_NO_ROAMING_LIMIT)
        return
    used = period.outside_eu_bytes
    index = thresholds.reached(ROAMING_LIMIT, used, limit.volume_bytes)
    figures = _volume_figures(used, limit.volume_bytes, ROAMING_LIMIT, index)
    if index < 0:
        turn.found("E3", "below_threshold", figures)
        return
    values: Values = {
        "pct": used * 100 // limit.volume_bytes,
        "limiet_mb": limit.volume_bytes,
        "verder": _how_it_goes_on(turn, period, zone),
    }
    thresholds.tell(
        turn, ROAMING_LIMIT[: index + 1], key=period.key, version=limit.version, values=values, figures=figures
    )


def _how_it_goes_on(turn: Turn, period: Period, zone: str) -> Phrase:
    """Q5: this limit blocks nothing; what else does, in that zone, the same record may have brought about."""
    if blocks.reasons_in(turn.subscription, zone, period.key, turn.policy):
        return Phrase("on_blocked")
    if cost_state(turn.subscription, period.key) == "OPEN_REST_OF_MONTH":
        return Phrase("on_without_limit")  # G8
    return Phrase("on_to_limit", (("limiet", limit_ueur(turn.subscription.profile, period.key)),))


def _volume_figures(used: int, limit: int, ladder: Ladder, index: int) -> Figures:
    return (("used_bytes", used), ("limit_bytes", limit), ("pct", ladder[max(index, 0)].level))


def _refused(subscription: Subscription, code: str, pointer: str, message: str) -> Decision:
    rule = "Q23" if code == "rejected_late" else "Q22"
    return Decision(
        subscription, (), ((rule, "refused", (("code", code),)),), "ignored", Refusal(code, pointer, message)
    )
