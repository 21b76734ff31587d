"""What the API shows of stored things, as JSON values; shared by the writer's answers and the readers.

Money leaves as decimal strings in euro, half up from micro-euro; instants as RFC 3339 in UTC.
Must not be put here: queries, HTTP.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from gateway.store import rows
from handlers import bundles
from handlers.blocks import data_policy
from handlers.limits import cost_state, pending_limit
from handlers.policy import Policy
from handlers.subscription import Profile, Subscription

# Inside there are more states than outside: in flight reads as pending, unknown as submitted.
STATES: Mapping[str, str] = {"inflight": "pending", "unknown": "submitted"}
ENCODINGS: Mapping[int, str] = {0: "gsm7", 8: "ucs2"}


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def euro(ueur: int) -> str:
    """Micro-euro as "40.00", half up."""
    return str((Decimal(ueur) / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP))


def subscription_view(subscription: Subscription, period: str, policy: Policy, now: datetime) -> dict[str, Any]:
    """A subscription as GET shows it, with the counters of `period`."""
    profile = subscription.profile
    counted = subscription.in_period(period)
    allowed = data_policy(subscription, period, policy)
    pending = pending_limit(subscription, period, policy.period_of(now))
    return {
        **_settings(profile, period, policy),
        "msisdn": profile.msisdn,
        "period": period,
        "cost": {
            "state": cost_state(subscription, period),
            "charged_eur": euro(counted.charges_ueur),
            "limit_eur": profile.limit_in(period).eur,
            "pending_limit": pending and {"eur": pending.eur, "from": f"{pending.since}-01"},
        },
        "usage": {
            "domestic_eu_bytes": counted.domestic_eu_bytes,
            "outside_eu_bytes": counted.outside_eu_bytes,
            "leakage_bytes": counted.leakage_bytes,
        },
        "bundle_instances": [
            {"category": category, "number": number, "used_bytes": used, "volume_bytes": volume}
            for category, number, used, volume in bundles.listed(counted)
        ],
        "data": {
            "eu": allowed.eu,
            "outside_eu": allowed.outside_eu,
            "blocked_categories": list(allowed.blocked_categories),
            "reasons": list(allowed.reasons),
        },
        "location": _locations(subscription, policy, now),
    }


def _settings(profile: Profile, period: str, policy: Policy) -> dict[str, Any]:
    """What the portal may set, in the shape it sets it."""
    alert, roaming = profile.usage_alert.volume_bytes, profile.roaming_limit.volume_bytes
    return {
        "customer": profile.customer,
        "language": profile.language,
        "type": profile.type,
        "bundle_gb": profile.bundle_gb,
        "sims": [{"imsi": sim.imsi or None, "role": sim.role, "msisdn": sim.msisdn} for sim in profile.sims],
        "sms_capable": profile.sms_capable,
        "notify_msisdn": profile.notify_msisdn,
        "m2m": profile.m2m,
        "cost_limit_eur": profile.limit_in(period).eur,
        "hard_cap": profile.hard_cap,
        "usage_alert_gb": None if alert is None else _whole(alert / policy.gb_bytes),
        "roaming_limit_mb": None if roaming is None else _whole(roaming / 1_000_000),
        "bundles": {
            name: {"enabled": option.enabled, "max_per_month": option.max_per_month}
            for name, option in profile.bundles.items()
        },
        "blocks": {name: getattr(profile.blocks, name) for name in profile.blocks.__dataclass_fields__},
        "preferences": {name: getattr(profile.preferences, name) for name in profile.preferences.__dataclass_fields__},
    }


def _locations(subscription: Subscription, policy: Policy, now: datetime) -> list[dict[str, Any]]:
    shown = []
    for imsi, spot in subscription.memory.locations.items():
        place = policy.tariffs.place(spot.plmn, now)
        shown.append(
            {
                "imsi": imsi or None,
                "plmn": spot.plmn if "-" in spot.plmn else None,
                "country": place.country,
                "zone": place.zone,
                "since": instant(spot.since),
            }
        )
    return shown


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def notification_view(row: Mapping[str, Any], message_ids: list[str]) -> dict[str, Any]:
    """One notification, sent or not; `row` has the columns of the table by name."""
    sent = row["text"] is not None
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": STATES.get(row["state"], row["state"]),
        "reason": row["reason"],
        "text": row["text"],
        "language": row["language"],
        "parts": row["parts"],
        "encoding": ENCODINGS[row["data_coding"]] if sent else None,
        "to": row["recipient"],
        "created_at": instant(rows.from_us(row["created_at"])),
        "event": {"source": row["event_source"], "id": row["event_id"]},
        "flow_id": row["flow_id"],
        "attempts": row["attempts"],
        "message_ids": message_ids,
    }
