"""Shared bundles: what a customer's subscriptions with one size of bundle used of it together, read when asked.

A pool is all subscriptions of one customer with one size of bundle (A2), of whatever type (A15); its volume is the
sum of theirs (A3), its use what they used at home and in the EU, a Combi SIM's on its parent (A12). 0 GB and
unlimited make no pool: there is no volume to share. Who belongs to it is what the portal says now, of those that
existed before the month was over or have use in it; an earlier size or customer is not kept, and an erased
subscription is gone.
A month is closed when no record of it can come any more (Q23). Only then its overrun is shared out in proportion to
use (A6), to the byte. Nobody is told of any of it (A4).
Reads on a connection of its own, which may take its time. Must not be put here: anything that is written; money.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.store import rows
from gateway.store.database import Database
from handlers.policy import Policy

# As many as a batch of events: more is a list to be asked for otherwise.
MEMBERS_MAX: Final = 10_000

_MEMBERS = """SELECT s.msisdn, s.profile, p.body FROM subscription s
    LEFT JOIN period p ON p.subscription = s.id AND p.period = ?2
    WHERE s.customer = ?1 AND (s.created_at < ?3 OR p.body IS NOT NULL) ORDER BY s.msisdn LIMIT ?4"""


class TooMany(ValueError):  # noqa: N818 - what is the case
    """The customer has more subscriptions than are shown at once."""

    def __init__(self) -> None:
        super().__init__(f"the customer has more than {MEMBERS_MAX} subscriptions, which are not shown at once")


class Pools:
    """Open with `Pools.open` once the store is migrated."""

    def __init__(self, database: Database, policy: Policy, now: Callable[[], datetime]) -> None:
        self._database = database
        self._policy = policy
        self._now = now

    @classmethod
    async def open(cls, path: Path, policy: Policy, now: Callable[[], datetime]) -> "Pools":
        return cls(await Database.open(path, read_only=True), policy, now)

    async def close(self) -> None:
        await self._database.close()

    async def of(self, customer: str, period: str | None) -> dict[str, Any] | None:
        """The pools of a customer in a month (default: now's); None if nobody has that customer. Raises TooMany."""
        key = period or self._policy.period_of(self._now())
        members = await self._database.run(lambda raw: self._members(raw, customer, key))
        if members is None:
            return None
        closes_at = self._policy.late_deadline(key)
        closed = self._now() >= closes_at
        return {
            "customer": customer,
            "period": key,
            "closed": closed,
            "closes_at": closes_at.isoformat(),
            "pools": [
                _pool(size, members[size], size * self._policy.gb_bytes, closed=closed) for size in sorted(members)
            ],
        }

    # -- in the reader's thread ---------------------------------------------------------------------------------

    def _members(
        self, raw: sqlite3.Connection, customer: str, key: str
    ) -> dict[int, list[tuple[str, str, int]]] | None:
        """By size: number, type and bytes used of each subscription, in order of number."""
        if not customer or not raw.execute("SELECT 1 FROM subscription WHERE customer = ?", (customer,)).fetchone():
            return None
        end = rows.to_us(self._policy.period_end(key))
        found = raw.execute(_MEMBERS, (customer, key, end, MEMBERS_MAX + 1)).fetchall()
        if len(found) > MEMBERS_MAX:
            raise TooMany
        members: dict[int, list[tuple[str, str, int]]] = {}
        for msisdn, profile_body, body in found:
            profile = rows.decode_profile(profile_body)
            if isinstance(profile.bundle_gb, int) and profile.bundle_gb > 0:
                used = 0 if body is None else rows.decode_period(key, body).domestic_eu_bytes
                members.setdefault(profile.bundle_gb, []).append((msisdn, profile.type, used))
        return members


def _pool(size_gb: int, members: Sequence[tuple[str, str, int]], each_bytes: int, *, closed: bool) -> dict[str, Any]:
    used = sum(volume for *_, volume in members)
    overrun = max(0, used - each_bytes * len(members))
    shares = share_out(overrun, {number: volume for number, _, volume in members}) if closed else {}
    return {
        "bundle_gb": size_gb,
        "size_bytes": each_bytes * len(members),
        "used_bytes": used,
        "overrun_bytes": overrun,
        "subscriptions": [
            {"msisdn": number, "type": kind, "used_bytes": volume, "overrun_share_bytes": shares.get(number)}
            for number, kind, volume in members
        ],
    }


def share_out(overrun_bytes: int, used_bytes: Mapping[str, int]) -> dict[str, int]:
    """A6: the overrun in proportion to use, in whole bytes that add up to it: the largest remainders round up.

    Equal remainders: in the order given. Nobody gets more than he used.
    """
    total = sum(used_bytes.values())
    if not overrun_bytes:
        return dict.fromkeys(used_bytes, 0)
    shares = {number: overrun_bytes * used // total for number, used in used_bytes.items()}
    remainders = {number: overrun_bytes * used % total for number, used in used_bytes.items()}
    left = overrun_bytes - sum(shares.values())
    for number in sorted(remainders, key=remainders.__getitem__, reverse=True)[:left]:
        shares[number] += 1
    return shares
