"""The limits of a subscription as a charging function tells them (3GPP TS 29.594, SpendingLimitStatus).

Made from what GET shows of the subscription and nothing else, so that the two never differ. A policy counter is a
thing with a status; 29.594 leaves ids and statuses to the operator, these are ours:

    outside_eu_cost     the cost state of the month, in the words of `cost.state` (rules 2.2)
    cost_limit          the limit in force, whole euro excluding VAT, as "50"
    outside_eu_volume   the roaming limit, where one is set (Q5)           BELOW_80 | REACHED_80 | REACHED_100
    domestic_eu_volume  the usage alert, where one is set (Q48)            BELOW_80 | REACHED_80 | REACHED_100
    bundle:A …          an option that is enabled, or runs out (Q30, Q35)  ENABLED | ACTIVATED | CAPPED | DISABLED

A pending status is what will be on the 1st, at its first instant: all that begins anew then says so, and a lowered
limit is told beside the one in force (Q18).
Must not be put here: what any of it leads to.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from handlers.policy import Policy
from handlers.subscription import MB_BYTES

Json = Mapping[str, Any]

# Rungs in percent, the highest first; what is below all of them.
_RUNGS = ((100, "REACHED_100"), (80, "REACHED_80"))
_BELOW = "BELOW_80"
_BLANK = "OPEN"


def spending_limit(view: Json, policy: Policy) -> dict[str, Any]:
    """SpendingLimitStatus of a subscription; `view` is what GET shows of the current period."""
    begins = policy.period_end(view["period"]).isoformat()
    infos = {}
    for counter, status, pending in _counters(view, policy):
        info: dict[str, Any] = {"policyCounterId": counter, "currentStatus": status}
        if pending is not None:
            info["penPolCounterStatuses"] = [{"policyCounterStatus": pending, "activationTime": begins}]
        infos[counter] = info
    imsi = next((sim["imsi"] for sim in view["sims"] if sim["role"] == "primary" and sim["imsi"]), None)
    return ({} if imsi is None else {"supi": f"imsi-{imsi}"}) | {"statusInfos": infos}


def _counters(view: Json, policy: Policy) -> Iterator[tuple[str, str, str | None]]:
    """Each counter's id, status, and what that will be on the 1st if there is something to tell."""
    cost, usage = view["cost"], view["usage"]
    yield "outside_eu_cost", cost["state"], _BLANK  # Q20
    lower = cost["pending_limit"]
    yield "cost_limit", str(cost["limit_eur"]), None if lower is None else str(lower["eur"])  # Q18
    if view["roaming_limit_mb"] is not None:
        limit = _bytes(view["roaming_limit_mb"], MB_BYTES)
        yield "outside_eu_volume", _rung(usage["outside_eu_bytes"], limit), _BELOW
    if view["usage_alert_gb"] is not None:
        limit = _bytes(view["usage_alert_gb"], policy.gb_bytes)
        yield "domestic_eu_volume", _rung(usage["domestic_eu_bytes"], limit), _BELOW
    activated = {instance["category"] for instance in view["bundle_instances"]}
    for category, option in view["bundles"].items():
        if not option["enabled"] and category not in activated:
            continue
        capped = f"BUNDLE_CAP:{category}" in view["data"]["reasons"]
        status = "CAPPED" if capped else "ACTIVATED" if category in activated else "ENABLED"
        yield f"bundle:{category}", status, "ENABLED" if option["enabled"] else "DISABLED"  # B20


def _bytes(volume: float, unit_bytes: int) -> int:
    # To the nearest byte: what GET shows is the quotient, which need not be exact.
    return round(Decimal(str(volume)) * unit_bytes)


def _rung(used_bytes: int, limit_bytes: int) -> str:
    """Q11: reaching is >=, in integers."""
    return next((status for pct, status in _RUNGS if used_bytes * 100 >= limit_bytes * pct), _BELOW)
