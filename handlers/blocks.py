"""Blocks of data: a set of reasons (Q34), what the network must allow because of them, and their history.

What stands now is derived: from the portal's settings, and for COST_LIMIT from the cost state. The rows
`Subscription.blocks` are the history, kept so that a record judged later can be told apart: used inside a block it
is leakage (Q24, Q25). The rows follow the derived state, never the other way round; only BUNDLE_CAP is read from
them, since it stays when its option is switched off (Q33). Calls and texts survive every block (F1).
Must not be put here: notices, and why a cost level was reached.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from handlers import bundles
from handlers.effects import SetDataPolicy, WakeAt
from handlers.limits import BLOCK_LEVELS, CostState, cost_state
from handlers.notices import Turn
from handlers.policy import Policy
from handlers.subscription import CATEGORIES, REASONS, Block, Profile, Reason, Subscription

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
_NO_OPTION: Reason = "NO_BUNDLE_OPTION"
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
    if _NO_OPTION in standing and _runs_on(subscription, key):
        standing.remove(_NO_OPTION)
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


def open_cost_block(subscription: Subscription, key: str) -> Block | None:
    """The row of the cost block that stands in period `key`."""
    for block in subscription.blocks:
        if block.period == key and block.end is None and block.reason == "COST_LIMIT":
            return block
    return None


def settle_cost(turn: Turn, key: str, state: CostState, crossed_at: datetime) -> None:
    """Let the rows follow the cost state of period `key`, which a record at `crossed_at` or now may have changed."""
    subscription = turn.subscription
    row = open_cost_block(subscription, key)
    level = BLOCK_LEVELS[state]
    if level == (row.level if row is not None else 0):
        return
    # Q24: a block begins with the record that crossed, but never before the end of the cost block before it.
    ends = [block.end for block in subscription.blocks if block.reason == "COST_LIMIT" and block.end is not None]
    start = max([crossed_at, *ends])
    if row is not None:
        # A new level is a new block, so that an answer to the old one cannot lift it.
        start = max(turn.now, row.start or turn.now)
        subscription = _closed(subscription, row, start)
        turn.found("Q24", "lifted", (("block", row.id), ("level", row.level)))
    if level:
        subscription = _opened(subscription, "COST_LIMIT", start, period=key, level=level)
        turn.found("G6", "blocked", (("block", subscription.blocks[-1].id), ("level", level)))
        _wake(turn, key)
    turn.subscription = subscription
    # The row of the current period exists exactly when the derived state blocks.
    now_open = open_cost_block(subscription, key)
    assert (now_open.level if now_open is not None else 0) == level, (key, level)


def settle_lasting(turn: Turn, *, created: bool) -> None:
    """Let the rows follow the portal's settings: from now on, or from the beginning for a new subscription."""
    subscription = turn.subscription
    key = turn.policy.period_of(turn.now)
    standing = lasting_reasons(subscription.profile)
    rows = {block.reason: block for block in subscription.blocks if block.end is None and block.period is None}
    for reason in REASONS:
        row = rows.get(reason)
        if reason in standing and row is None and reason == _NO_OPTION and _runs_on(subscription, key):
            # Q35: what runs goes on, at the latest to the end of its month.
            end = turn.policy.period_end(key).astimezone(UTC)
            subscription = _opened(subscription, reason, end)
            turn.found("Q35", "pending", (("reason", reason),))
            turn.effects.append(WakeAt(end))  # what begins is told at once, only what ends is spread (Q20)
        elif reason in standing and row is None:
            subscription = _opened(subscription, reason, None if created else turn.now)
            turn.found("F1", "blocked", (("reason", reason),))
        elif reason not in standing and row is not None:
            subscription = _closed(subscription, row, max(turn.now, row.start or turn.now))
            turn.found("F1", "lifted", (("reason", reason),))
    turn.subscription = subscription


def settle_bundles(turn: Turn, key: str, at: datetime) -> tuple[Block, ...]:
    """Let the rows follow the bundles of period `key`, which a record used at `at` or the portal may have changed.

    Returns the blocks that began: one for each category that is used up (B14). Only more instances lift it (Q33).
    """
    subscription = turn.subscription
    profile, period = subscription.profile, subscription.in_period(key)
    began = []
    rows = {block.category: block for block in subscription.blocks if block.period == key and block.end is None}
    for category in CATEGORIES:
        row = rows.get(category)
        if row is None and bundles.is_spent(profile, period, category, turn.policy):
            ends = [block.end for block in subscription.blocks if block.category == category and block.end is not None]
            subscription = _opened(subscription, "BUNDLE_CAP", max([at, *ends]), period=key, category=category)
            began.append(subscription.blocks[-1])
            turn.found("B14", "blocked", (("block", began[-1].id), ("category", category)))
        elif row is not None and bundles.spare(profile, period, category, turn.policy):
            subscription = _closed(subscription, row, max(turn.now, row.start or turn.now))
            turn.found("Q33", "lifted", (("block", row.id), ("category", category)))
    if began:
        _wake(turn, key)
    for block in subscription.blocks:
        waits = block.reason == _NO_OPTION and block.end is None and block.start is not None and block.start > at
        if waits and not _runs_on(subscription, key):
            # Q35: nothing runs any more, so data is off before the month ends.
            subscription = _replaced(subscription, block, replace(block, start=at))
            turn.found("Q35", "blocked", (("block", block.id), ("reason", _NO_OPTION)))
    turn.subscription = subscription
    return tuple(began)


def lapses(subscription: Subscription, key: str, policy: Policy) -> bool:
    """Whether data went off with the begin of period `key`, since what ran of an option switched off ended (Q35)."""
    start = policy.period_start(key)
    return any(
        block.reason == _NO_OPTION and block.start == start and block.end is None for block in subscription.blocks
    )


def push(turn: Turn, key: str, *, before: SetDataPolicy | None) -> None:
    """Tell the network what it must allow in period `key` where that differs from `before`."""
    if key > turn.policy.period_of(turn.now):
        return  # Q66: minutes ahead of the clock; told when that month begins
    after = data_policy(turn.subscription, key, turn.policy)
    if after != before:
        turn.effects.append(after)


def lifted_at(subscription: Subscription, key: str, policy: Policy) -> datetime:
    """Q20: when the network hears of what ended with period `key`, in UTC.

    What data may do follows the calendar by itself; only the telling is spread, so that the 1st does not begin with
    all subscribers at once. The same subscription always gets the same moment.
    """
    delay_s = crc32(subscription.id.encode()) % (policy.period_lift_spread_s + 1)
    return policy.period_end(key).astimezone(UTC) + timedelta(seconds=delay_s)


def _wake(turn: Turn, key: str) -> None:
    """Q20: what ends with the month is told to the network on the 1st."""
    policy = turn.policy
    if key > policy.period_of(turn.now):
        # Used minutes ahead, in a month that has not begun here: look again when it does.
        turn.effects.append(WakeAt(policy.period_start(key).astimezone(UTC)))
    turn.effects.append(WakeAt(lifted_at(turn.subscription, key, policy)))


def _runs_on(subscription: Subscription, key: str) -> bool:
    """Q35: whether an instance of an option that was switched off keeps data outside the EU on."""
    return bool(bundles.leftovers(subscription.profile, subscription.in_period(key)))


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


def _opened(
    subscription: Subscription,
    reason: Reason,
    start: datetime | None,
    *,
    period: str | None = None,
    category: str | None = None,
    level: int = 0,
) -> Subscription:
    made = subscription.blocks_made + 1
    row = Block(f"{subscription.id}-b{made}", reason, start, period=period, category=category, level=level)
    return subscription._replace(blocks=(*subscription.blocks, row), blocks_made=made)


def _closed(subscription: Subscription, row: Block, end: datetime) -> Subscription:
    return _replaced(subscription, row, replace(row, end=end))


def _replaced(subscription: Subscription, row: Block, other: Block) -> Subscription:
    return subscription._replace(blocks=tuple(other if block is row else block for block in subscription.blocks))
