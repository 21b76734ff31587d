"""Blocks of data: a set of reasons (Q34), and what the network must allow because of them.

What stands now is derived: from the portal's settings, and for COST_LIMIT from the cost state. Only BUNDLE_CAP is read
from the rows of `Subscription.blocks`, since it stays when its option is switched off (Q33). Those rows are the
history: a record judged later is told apart by them, since use inside a block is leakage (Q24, Q25).
Calls and texts survive every block (F1).
Must not be put here: notices, why a cost level was reached, when a row begins or ends (`history`).
"""

from collections.abc import Mapping
from datetime import datetime

from handlers import bundles
from handlers.effects import SetDataPolicy
from handlers.limits import BLOCK_LEVELS, cost_state
from handlers.notices import Turn
from handlers.policy import Policy
from handlers.subscription import REASONS, Block, Profile, Reason, Subscription

_EU: frozenset[Reason] = frozenset({"ZERO_BUNDLE", "ADMIN_ROAMING", "ADMIN_DATA_EU"})
_OUTSIDE: frozenset[Reason] = frozenset(
    {"COST_LIMIT", "BUNDLE_CAP", "ZERO_BUNDLE", "NO_BUNDLE_OPTION", "ADMIN_DATA_NON_EU", "ADMIN_ROAMING"}
)
# Which reasons block data in a zone. At home only an empty bundle does (A8); Q16: a cost block never touches the EU.
BLOCKED_BY: Mapping[str, frozenset[Reason]] = {
    "HOME": frozenset({"ZERO_BUNDLE"}),
    "EU": _EU,
    "A": _OUTSIDE,
    "B": _OUTSIDE,
    "ROW": _OUTSIDE,
    "NT": _OUTSIDE,
}
# The zones that a category can name in `blocked_categories`.
_ZONES = ("A", "B", "ROW")
# These may block only some zones outside the EU; a cost block only where `cost_block_scope` says so (Q15).
_COST: frozenset[Reason] = frozenset({"COST_LIMIT"})
_PARTLY: frozenset[Reason] = frozenset({"COST_LIMIT", "BUNDLE_CAP"})


def lasting_reasons(profile: Profile) -> frozenset[Reason]:
    """The reasons that follow from the portal's settings alone; a month does not end them (Q20)."""
    admin = profile.blocks
    standing: dict[Reason, bool] = {
        "ZERO_BUNDLE": profile.bundle_gb == 0 and not admin.zero_bundle_lifted,  # A8, A9
        "NO_BUNDLE_OPTION": not bundles.any_enabled(profile),  # B7
        "ADMIN_DATA_NON_EU": admin.data_outside_eu,  # F1c
        "ADMIN_DATA_EU": admin.data_eu,  # F1d
        "ADMIN_ROAMING": admin.roaming,  # F1e
    }
    return frozenset(reason for reason, holds in standing.items() if holds)


def capped_categories(subscription: Subscription, key: str) -> tuple[str, ...]:
    """The bundle categories that are used up for the rest of period `key` (B14)."""
    return tuple(
        block.category
        for block in subscription.blocks
        if block.category is not None and block.period == key and block.end is None
    )


def stopping_categories(subscription: Subscription, key: str, policy: Policy) -> tuple[str, ...]:
    """Q34: those used up that stop a zone. One whose zones all have another bundle is no reason."""
    return tuple(
        category
        for category in capped_categories(subscription, key)
        if any(_stops(subscription, category, zone, key, policy) for zone in bundles.zones_of(category, policy))
    )


def standing_reasons(subscription: Subscription, key: str, policy: Policy) -> tuple[Reason, ...]:
    """All reasons why some data is blocked in period `key`, in the order of `REASONS`."""
    standing = set(lasting_reasons(subscription.profile))
    if "NO_BUNDLE_OPTION" in standing and bundles.runs_on(subscription, key):
        standing.remove("NO_BUNDLE_OPTION")  # Q35
    if BLOCK_LEVELS[cost_state(subscription, key)]:
        standing.add("COST_LIMIT")
    if stopping_categories(subscription, key, policy):
        standing.add("BUNDLE_CAP")
    return tuple(reason for reason in REASONS if reason in standing)


def reasons_in(subscription: Subscription, zone: str, key: str, policy: Policy) -> tuple[Reason, ...]:
    """The reasons why data is blocked in `zone` during period `key`."""
    return tuple(
        reason
        for reason in standing_reasons(subscription, key, policy)
        if reason in BLOCKED_BY[zone]
        and not (reason == "COST_LIMIT" and _spared(subscription, zone, key, policy))
        and not (reason == "BUNDLE_CAP" and not _capped(subscription, zone, key, policy))
    )


def works_outside_eu(subscription: Subscription, key: str, policy: Policy) -> bool:
    """Whether data works in a country outside the EU during period `key`: in some zone, not on ships alone."""
    return any(not reasons_in(subscription, zone, key, policy) for zone in _ZONES)


def data_policy(subscription: Subscription, key: str, policy: Policy) -> SetDataPolicy:
    """What the network must allow in period `key`, with the reasons as the portal shows them."""
    standing = standing_reasons(subscription, key, policy)
    partly = _PARTLY if policy.cost_block_scope == "out_of_bundle" else _PARTLY - _COST
    wholly = _OUTSIDE - partly
    capped = stopping_categories(subscription, key, policy)
    shown = {"BUNDLE_CAP": tuple(f"BUNDLE_CAP:{category}" for category in capped)}
    return SetDataPolicy(
        eu="blocked" if _EU.intersection(standing) else "open",
        outside_eu="blocked" if wholly.intersection(standing) else "open",
        blocked_categories=tuple(
            zone for zone in _ZONES if partly.intersection(reasons_in(subscription, zone, key, policy))
        ),
        reasons=tuple(word for reason in standing for word in shown.get(reason, (reason,))),
    )


def block_at(subscription: Subscription, zone: str, at: datetime, key: str, policy: Policy) -> Block | None:
    """The block that data used in `zone` at an instant of period `key` ran into, if any (Q24, Q25).

    A block of a period ends with it, whether or not its row was closed (Q20).
    """
    for block in subscription.blocks:
        if (
            block.reason in BLOCKED_BY[zone]
            and block.holds_at(at)
            and (block.period is None or block.period == key)
            and not (block.reason == "COST_LIMIT" and _spared(subscription, zone, key, policy))
            and (block.category is None or _stops(subscription, block.category, zone, key, policy))
        ):
            return block
    return None


def push(turn: Turn, key: str, *, before: SetDataPolicy | None) -> None:
    """Tell the network what it must allow in period `key` where that differs from `before`."""
    if key > turn.policy.period_of(turn.now):
        return  # Q66: minutes ahead of the clock; told when that month begins
    after = data_policy(turn.subscription, key, turn.policy)
    if after != before:
        turn.effects.append(after)


def _spared(subscription: Subscription, zone: str, key: str, policy: Policy) -> bool:
    """Q15: with the narrow scope a cost block leaves the zones that a bundle covers alone."""
    return (
        policy.cost_block_scope == "out_of_bundle" and bundles.cover_for(subscription, zone, key, policy) is not None
    )


def _capped(subscription: Subscription, zone: str, key: str, policy: Policy) -> bool:
    return any(_stops(subscription, category, zone, key, policy) for category in capped_categories(subscription, key))


def _stops(subscription: Subscription, category: str, zone: str, key: str, policy: Policy) -> bool:
    """Whether a category that is used up blocks `zone`: where no bundle of another category covers it."""
    if zone not in bundles.zones_of(category, policy):
        return False
    offer = bundles.cover_for(subscription, zone, key, policy)
    return offer is None or offer.category == category
