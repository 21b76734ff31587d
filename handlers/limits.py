"""The cost limit of one calendar month: how far it is used, and which limit is in force.

The state is derived from limit, charges and consent each time it is asked for, never stored as a flag (rules 2.2);
so a month, a raise or a late record changes it by itself. A limit is a row "so much from this period on": a raise
counts from the current period, a lowering from the next (G10).
Must not be put here: notices, block intervals (`blocks`), what crossing a level leads to (`costs`).
"""

from collections.abc import Mapping
from typing import Literal

from handlers.subscription import CostLimit, Profile, Subscription

CostState = Literal["OPEN", "BLOCKED_100", "BLOCKED_200", "OPEN_REST_OF_MONTH"]

# The percentage of the limit at which a state blocks; 0 where it does not.
BLOCK_LEVELS: Mapping[CostState, int] = {
    "OPEN": 0,
    "BLOCKED_100": 100,
    "BLOCKED_200": 200,
    "OPEN_REST_OF_MONTH": 0,
}
UEUR_PER_EUR = 1_000_000


def limit_ueur(profile: Profile, key: str) -> int:
    """The limit in force in period `key`, excluding VAT, in micro-euro (G1, G2, Q12)."""
    return profile.limit_in(key).eur * UEUR_PER_EUR


def derive(charges_ueur: int, limit: int, consent: int) -> CostState:
    """Rules 2.2, in that order. Reaching a level is >= (Q11)."""
    if consent == 2:
        return "OPEN_REST_OF_MONTH"  # G8
    if charges_ueur >= 2 * limit:
        return "BLOCKED_200"  # G6
    if charges_ueur >= limit and consent < 1:
        return "BLOCKED_100"  # G6
    return "OPEN"


def cost_state(subscription: Subscription, key: str) -> CostState:
    """The cost state of a subscription in period `key`, as the portal shows it."""
    period = subscription.in_period(key)
    return derive(period.charges_ueur, limit_ueur(subscription.profile, key), period.consent)


def pending_limit(subscription: Subscription, key: str, current: str | None = None) -> CostLimit | None:
    """The lowering that waits for a later period than `key`, if any (G10).

    None in a period before `current`, the one of now (by default `key`). A raise never waits (Q17): from the month
    before it looks as if.
    """
    last = subscription.profile.limits[-1]
    waits = last.since > key and last.eur < subscription.profile.limit_in(key).eur
    return last if waits and (current is None or key >= current) else None


def with_limit(limits: tuple[CostLimit, ...], eur: int, key: str, next_key: str) -> tuple[CostLimit, ...]:
    """The limits after the portal set `eur` during period `key`: what is not raised waits for `next_key`."""
    begun = tuple(limit for limit in limits if limit.since <= key)
    current, last = begun[-1], limits[-1]
    if eur == current.eur:
        return begun  # Q18: setting the current value cancels a pending lowering
    version = last.version + 1
    if eur > current.eur:
        # Q17: a raise counts at once, and cancels a pending lowering (Q18).
        return (*(limit for limit in begun if limit.since < key), CostLimit(eur, version, key))
    if last.since > key and last.eur == eur:
        return limits
    return (*begun, CostLimit(eur, version, next_key))  # G10; the last write wins (Q18)
