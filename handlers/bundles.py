"""Bundles outside the EU: options, the instances of a month, and what a volume does to them.

An option *enabled* is an entitlement and costs nothing (B3): any of them switches data on in all zones outside the EU
(B17). An *instance* is paid for: the first byte in a zone of an enabled option starts one (B19, Q30), and each that is
full starts the next (B11, Q60), up to a maximum a month (B13). Instances live in their month and end with it (B20,
B21). What a bundle covers is not rated (Q14); no bundle at home or in the EU (B1).
Instances are counted, not listed: of each size how many were started, and the bytes used in all of them. They fill
one after another, so number and use of each follow. An instance keeps the size it was sold with: after a change of
the sheet the next one opens a new count.
Must not be put here: texts and blocks that follow (`instances`, `blocks`).
"""

from collections.abc import Iterator
from typing import NamedTuple

from handlers.policy import BundleOffer, Policy
from handlers.subscription import CATEGORIES, Instances, Period, Profile, Subscription

# B10: the warning before an instance is full, in percent of it.
WARNING_PCT = 80


class Take(NamedTuple):
    """What one record did to the instances of one category.

    `first` and `last` are the number of the newest instance before and after (0: none); `fresh`: none was running;
    `used_up`: how many it filled; `warned`: the newest that came to the warning, or 0; `left_bytes` of the newest.
    """

    offer: BundleOffer
    enabled: bool
    covered_bytes: int
    first: int
    last: int
    fresh: bool
    used_up: int
    warned: int
    left_bytes: int


class Use(NamedTuple):
    """The instances after a record, what it did in each category that covers the zone, and the bytes not covered."""

    instances: tuple[Instances, ...]
    takes: tuple[Take, ...]
    rest_bytes: int


def any_enabled(profile: Profile) -> bool:
    """B7, B17."""
    return any(option.enabled for option in profile.bundles.values())


def combinable(profile: Profile) -> bool:
    """B5, B6: A, B and ROW go together, WORLD only alone."""
    enabled = {category for category, option in profile.bundles.items() if option.enabled}
    return "WORLD" not in enabled or len(enabled) == 1


def zones_of(category: str, policy: Policy) -> frozenset[str]:
    """The zones that a bundle of this category covers (Q36)."""
    offer = policy.tariffs.offers.get(category)
    return offer.zones if offer is not None else frozenset()


def offer_for(profile: Profile, zone: str, policy: Policy) -> BundleOffer | None:
    """The offer of the enabled option that covers `zone`; at most one does (B5, Q36)."""
    for category in CATEGORIES:
        option = profile.bundles.get(category)
        if option is not None and option.enabled:
            offer = policy.tariffs.offers.get(category)
            if offer is not None and zone in offer.zones:
                return offer
    return None


def leftovers(profile: Profile, period: Period) -> tuple[str, ...]:
    """Q35: the categories whose option was switched off while an instance runs, which it does until it is full."""
    if not period.bundles:
        return ()
    running = {row.category for row in period.bundles if row.left_bytes}
    return tuple(name for name in CATEGORIES if name in running and not _is_enabled(profile, name))


def runs_on(subscription: Subscription, key: str) -> bool:
    """Q35: whether an instance of an option that was switched off keeps data outside the EU on."""
    return bool(leftovers(subscription.profile, subscription.in_period(key)))


def cover_for(subscription: Subscription, zone: str, key: str, policy: Policy) -> BundleOffer | None:
    """What covers data in `zone` next: what is left of an option switched off (Q35), else the enabled option."""
    profile = subscription.profile
    for category in leftovers(profile, subscription.in_period(key)):
        if zone in zones_of(category, policy):
            return policy.tariffs.offers[category]
    return offer_for(profile, zone, policy)


def started(period: Period, category: str) -> int:
    """How many instances of a category the month has seen."""
    return sum(row.started for row in period.bundles if row.category == category)


def spare(profile: Profile, period: Period, category: str, policy: Policy) -> int:
    """B13, B15: how many more may be started this month; Q31: counted per category, or over all of them."""
    counted = period.bundles
    if policy.cap_scope == "category":
        counted = tuple(row for row in counted if row.category == category)
    return max(0, profile.bundles[category].max_per_month - sum(row.started for row in counted))


def is_spent(profile: Profile, period: Period, category: str, policy: Policy) -> bool:
    """B14: an enabled option of which nothing is left and no more may be started."""
    if not _is_enabled(profile, category) or spare(profile, period, category, policy):
        return False
    return not any(row.left_bytes for row in period.bundles if row.category == category)


def use(profile: Profile, period: Period, zone: str, volume_bytes: int, policy: Policy) -> Use:
    """B8: settle a volume used in `zone` with the bundles first.

    What is left of an option that was switched off goes before anything that would have to be paid for (Q35).
    """
    held, rest = period.bundles, volume_bytes
    if not rest:  # Q29: nothing follows from a record of nothing
        return Use(held, (), 0)
    offer = offer_for(profile, zone, policy)
    if held and offer is not None and (used := _within(profile, held, offer, rest)) is not None:
        return used
    takes = []
    for category in leftovers(profile, period):
        if rest and zone in zones_of(category, policy):
            held, take, rest = _take(held, policy.tariffs.offers[category], rest, allowed=0, enabled=False)
            takes.append(take)
    if rest and offer is not None:
        allowed = spare(profile, period, offer.category, policy)
        held, take, rest = _take(held, offer, rest, allowed=allowed, enabled=True)
        takes.append(take)
    return Use(held, tuple(takes), rest)  # B18


def listed(period: Period) -> Iterator[tuple[str, int, int, int]]:
    """Each instance of the month: category, number, used bytes, volume in bytes."""
    for category in CATEGORIES:
        number = 0
        for row in period.bundles:
            if row.category != category:
                continue
            for index in range(row.started):
                number += 1
                used = min(row.volume_bytes, max(0, row.used_bytes - index * row.volume_bytes))
                yield category, number, used, row.volume_bytes


def _is_enabled(profile: Profile, category: str) -> bool:
    option = profile.bundles.get(category)
    return option is not None and option.enabled


def _within(profile: Profile, held: tuple[Instances, ...], offer: BundleOffer, volume_bytes: int) -> Use | None:
    """Most records: no option was switched off, and there is room in the instance that runs."""
    number, running = 0, None
    for row in held:
        if row.category == offer.category:
            number, running = number + row.started, row
        elif not profile.bundles[row.category].enabled:
            return None
    if running is None:
        return None
    category, size, begun, used = running
    before = size * begun - used
    left = before - volume_bytes
    if left <= 0:
        return None
    after = Instances(category, size, begun, used + volume_bytes)
    rows = (after,) if len(held) == 1 else tuple([after if row is running else row for row in held])
    warned = _warned(size, before, left, number)
    return Use(rows, (Take(offer, True, volume_bytes, number, number, False, 0, warned, left),), 0)


def _take(
    held: tuple[Instances, ...], offer: BundleOffer, volume_bytes: int, *, allowed: int, enabled: bool
) -> tuple[tuple[Instances, ...], Take, int]:
    """Let the instances of one category take a volume, starting up to `allowed` more; returns what they did not."""
    category, size = offer.category, offer.volume_bytes
    first, running = 0, Instances(category, size, 0, 0)
    for row in held:
        if row.category == category:
            first, running = first + row.started, row
    left = running.left_bytes
    old = min(left, volume_bytes)
    rest = volume_bytes - old
    full = left > 0 and old == left
    # Q60: full is full, also without a byte more.
    starts = min(allowed, rest // size + 1) if rest or full else 0
    new = min(rest, starts * size)
    warned = _warned(running.volume_bytes, left, left - old, first)
    after = left - old
    if starts:
        after = starts * size - new
        warned = _warned(size, size, after, first + starts) or (first + starts - 1 if starts > 1 else warned)
    take = Take(
        offer,
        enabled,
        old + new,
        first,
        first + starts,
        fresh=not left,
        used_up=full + new // size,
        warned=warned,
        left_bytes=after,
    )
    rows = tuple(row._replace(used_bytes=row.used_bytes + old) if row is running else row for row in held)
    return _begun(rows, Instances(category, size, starts, new)) if starts else rows, take, rest - new


def _begun(held: tuple[Instances, ...], fresh: Instances) -> tuple[Instances, ...]:
    """Add new instances to the newest count of their category, or as a count of their own if that has another size."""
    newest = max((index for index, row in enumerate(held) if row.category == fresh.category), default=-1)
    if newest < 0 or held[newest].volume_bytes != fresh.volume_bytes:
        return (*held, fresh)
    category, size, number, used = held[newest]
    grown = Instances(category, size, number + fresh.started, used + fresh.used_bytes)
    return (*held[:newest], grown, *held[newest + 1 :])


def _warned(size: int, left_before: int, left_after: int, number: int) -> int:
    """The number of an instance that came to the warning now (Q11), else 0."""
    after = (size - left_after) * 100 >= size * WARNING_PCT
    return number if after and (size - left_before) * 100 < size * WARNING_PCT else 0
