"""What one call of `decide` takes, by the kind of event: the best of many laps, in one thread with nothing beside it.

The limit is that of a usage event of a subscription with bundles. Must not be put here: sockets, the store.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gateway.check import check
from handlers import decide
from handlers.events import Event, LocationUpdated, SettingsChanged, SmsReceived, UsageReported
from handlers.policy import Policy
from handlers.subscription import Profile, Subscription

LIMIT_US: Final = 25.0
_LAPS, _CALLS = 40, 250
_NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
_IMSI = "204080000000001"


def figures(root: Path) -> dict[str, float]:
    """Microseconds by name."""
    policy = check(root / "config.toml", {}).policy
    subscription = _subscription(policy)
    events: dict[str, Event] = {
        "usage at home": UsageReported(_NOW, _NOW, _IMSI, "204-08", 1000, None),
        "usage in a bundle": UsageReported(_NOW, _NOW, _IMSI, "310-410", 1000, None),
        "usage at the list rate": UsageReported(_NOW, _NOW, _IMSI, "404-10", 1000, None),
        "a border": LocationUpdated(_NOW, _NOW, _IMSI, "262-01"),
        "a shortcode": SmsReceived(_NOW, _NOW, subscription.profile.msisdn, "BERICHT UIT"),
    }
    return {name: _best_us(subscription, event, policy) for name, event in events.items()}


def _subscription(policy: Policy) -> Subscription:
    """One that has used a bundle, and something outside it, this month."""
    sims, bundles = [{"imsi": _IMSI, "role": "primary"}], {"A": {"enabled": True}}
    settings = {"sims": sims, "bundles": bundles, "usage_alert_gb": 10}
    one = Subscription("s1", Profile(msisdn="+31612345678"))
    changed = decide(one, SettingsChanged(_NOW, _NOW, settings, created=True), policy)
    assert changed.refusal is None, changed.refusal
    one = changed.subscription
    for plmn in ("204-08", "310-410", "404-10"):
        one = decide(one, UsageReported(_NOW, _NOW, _IMSI, plmn, 2_000_000, None), policy).subscription
    return one


def _best_us(subscription: Subscription, event: Event, policy: Policy) -> float:
    best = float("inf")
    for _ in range(_LAPS):
        began = time.perf_counter()
        for _ in range(_CALLS):
            decide(subscription, event, policy)
        best = min(best, time.perf_counter() - began)
    return round(best / _CALLS * 1e6, 1)
