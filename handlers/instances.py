"""What a record did to bundle instances: what is told of it, what it blocks, and where data is off for its rest.

A record brings at most one text per category, the gravest of those below that may go out; the others are rows
`superseded` (Q59). Of what an instance did is told once: at its start, at 80 % and when it is full (B10), whatever the
record was that did several of these at once. Every text says how many are left this month (B15); none asks for a reply
(B12).
Must not be put here: the counting (`bundles`); when a block begins or ends (`blocks`).
"""

from datetime import datetime
from typing import NamedTuple

from handlers import blocks, bundles, history
from handlers.bundles import Take, Use
from handlers.effects import LedgerKey, Phrase
from handlers.notices import Turn, Values, month_dates, notify, silenced
from handlers.policy import Policy
from handlers.subscription import Block, Subscription

# Q59: from the gravest on, with the rule that each is for.
GRAVITY = {
    "bundle_cap_reached": "B14",
    "bundle_ended": "Q35",
    "bundle_renewed_many": "B11",
    "bundle_renewed": "B11",
    "bundle_80_last": "B10",
    "bundle_80": "B10",
    "bundle_activated": "B19",
}
# A warning is one rung of the ladder, whichever text it has.
_RUNGS = {"bundle_80_last": "bundle_80"}
_RANK = {kind: rank for rank, kind in enumerate(GRAVITY)}


class Told(NamedTuple):
    """A text that is due: `number` is that of the instance, `version` tells blocks of one category apart."""

    kind: str
    number: int
    version: int = 0


def why_off(subscription: Subscription, used: Use, policy: Policy, *, key: str, at: datetime, zone: str) -> str | None:
    """The rule by which data was off for the part of a record that no bundle covered, or None if it is rated.

    `used` is what the record did, used at `at` in period `key`; the subscription is as before it.
    """
    if used.takes[-1].enabled:
        return "Q32"  # more of this option may not be started
    profile = subscription.profile
    after = subscription.in_period(key)._replace(bundles=used.instances)
    if not bundles.any_enabled(profile) and not bundles.leftovers(profile, after):
        return "Q35"
    # Q15: a cost block that spared the zone while a bundle covered it.
    return "Q25" if blocks.block_at(subscription.with_period(after), zone, at, key, policy) else None


def look(turn: Turn, takes: tuple[Take, ...], *, key: str, at: datetime, zone: str) -> None:
    """Tell and block what follows from `takes`, which a record used at `at` did in period `key`."""
    if all(take.left_bytes and take.last == take.first and not take.warned for take in takes):
        return  # most records
    began = history.settle_bundles(turn, key, at)
    capped = {block.category: block for block in began}
    for take in takes:
        due = _due(turn, take, capped.pop(take.offer.category, None), key)
        _tell(turn, due, take, key, _values(turn, take, key, zone))
    # Q31: what one category started may have used up the common maximum of others.
    tell_capped(turn, tuple(capped.values()), key)
    blocks.push(turn, key, before=blocks.data_policy(turn.before, key, turn.policy))


def tell_capped(turn: Turn, began: tuple[Block, ...], key: str) -> None:
    """P6: a category of which nothing was used now is told as well that it is used up, where that stops data (Q34)."""
    for category in blocks.stopping_categories(turn.subscription, key, turn.policy):
        for block in began:
            if block.category == category:
                number = bundles.started(turn.subscription.in_period(key), category)
                offer = turn.policy.tariffs.offers[category]
                take = Take(offer, True, 0, number, number, fresh=True, used_up=0, warned=0, left_bytes=0)
                _tell(turn, _due(turn, take, block, key), take, key, _values(turn, take, key, min(offer.zones)))


def _due(turn: Turn, take: Take, block: Block | None, key: str) -> list[Told]:
    """What a record did in one category that is told of; `block`: its block, if one began."""
    due = []
    if not take.enabled:
        # Q35: no warning that a new one would start.
        return [Told("bundle_ended", take.last)] if not take.left_bytes else []
    if block is not None:
        # Each block is told of once: its number is the version.
        due.append(Told("bundle_cap_reached", take.last, int(block.id.rpartition("b")[2])))
    starts = take.last - take.first
    if starts > take.fresh:
        due.append(Told("bundle_renewed_many" if take.used_up > 1 else "bundle_renewed", take.last))
    if take.warned:
        more = take.warned < take.last or _spare(turn, take, key)
        due.append(Told("bundle_80" if more else "bundle_80_last", take.warned))
    if starts and take.fresh:
        due.append(Told("bundle_activated", take.first + 1))  # Q30
    return sorted(due, key=lambda told: _RANK[told.kind])


def _tell(turn: Turn, due: list[Told], take: Take, key: str, values: Values) -> None:
    """Q59: the gravest that goes out is told. One that a switch silences does not keep back a lesser one."""
    category = take.offer.category
    silent = [silenced(told.kind, turn.subscription.profile, turn.policy) for told in due]
    top = silent.index(None) if None in silent else 0
    for index, told in enumerate(due):
        rung = _RUNGS.get(told.kind, told.kind)
        notify(
            turn,
            GRAVITY[told.kind],
            told.kind,
            values,
            reason="superseded" if index > top else None,
            ledger=LedgerKey(key, f"{rung}:{category}", told.number, told.version),
            figures=(("bundle", category), ("number", told.number)),
        )


def _spare(turn: Turn, take: Take, key: str) -> int:
    """B15: how many more may be started this month; none of an option that is off."""
    profile, period = turn.subscription.profile, turn.subscription.in_period(key)
    return bundles.spare(profile, period, take.offer.category, turn.policy) if take.enabled else 0


def _values(turn: Turn, take: Take, key: str, zone: str) -> Values:
    """All that a text about bundles may name. Prices exclude VAT (Q12)."""
    policy, period = turn.policy, turn.subscription.in_period(key)
    rest = _spare(turn, take, key)
    # Q31: the maximum that the rest is counted against; B13: lowered, it is what was started by then.
    own = policy.cap_scope == "category"
    begun = sum(row.started for row in period.bundles if not own or row.category == take.offer.category)
    return {
        "bundel": take.offer.category,
        "gb": take.offer.volume_bytes,
        "prijs": take.offer.price_ueur,
        "left": take.left_bytes,
        "rest": rest,
        "max": begun + rest,
        "n": take.used_up,
        "nr": take.last,
        "vervolg": _what_next(turn, key, zone),
        **month_dates(policy, key),  # B20
    }


def _what_next(turn: Turn, key: str, zone: str) -> Phrase:
    """Q35: what data does in that zone when an instance of an option that was switched off is full."""
    policy = turn.policy
    if blocks.reasons_in(turn.subscription, zone, key, policy):
        return Phrase("ended_off")
    offer = bundles.cover_for(turn.subscription, zone, key, policy)
    if offer is not None:
        return Phrase("ended_bundle", (("bundel", offer.category),))
    return Phrase("ended_rate", (("mb", policy.tariffs.rates[zone].data_ueur_per_mb),))
