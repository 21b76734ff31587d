"""The history of blocks: when data was blocked, as rows that follow what stands.

Each feature that changes what stands lets the rows follow in the same turn: a row opens or closes, never the other way
round. They are kept as they were, since a record judged later is held against them (Q24, Q25). What ends with a month
needs no row to say so (Q20); the network is woken to hear of it.
Must not be put here: whether data is blocked (`blocks`), notices.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zlib import crc32

from handlers import bundles
from handlers.blocks import lasting_reasons
from handlers.effects import WakeAt
from handlers.limits import BLOCK_LEVELS, CostState
from handlers.notices import Turn
from handlers.policy import Policy
from handlers.subscription import CATEGORIES, REASONS, Block, Reason, Subscription

_NO_OPTION: Reason = "NO_BUNDLE_OPTION"


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
        if reason in standing and row is None and reason == _NO_OPTION and bundles.runs_on(subscription, key):
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
        if waits and not bundles.runs_on(subscription, key):
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
