"""What GET shows: a read-only connection of its own, never in the writer's way, never judging anything.

Each read is short and sees one committed state. Cursors are the `seq` of the last row that was shown.
Must not be put here: anything that is written or decided.
"""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.store import rows
from gateway.store.batch import Batch
from gateway.store.database import Database
from gateway.store.known import Known
from gateway.store.numbering import Numbering
from gateway.store.views import instant, notification_view, subscription_view
from handlers.policy import Policy

# A page of any list, and the most that may be asked for.
PAGE: Final = 100
PAGE_MAX: Final = 1000
# How far back a month's counted events are listed one by one; its sums are in the subscription.
COUNTED_MAX: Final = 1000

Row = dict[str, Any]
T = TypeVar("T")


class Reads:
    """Open with `Reads.open` once the store is migrated."""

    def __init__(self, database: Database, policy: Policy, now: Callable[[], datetime]) -> None:
        self._database = database
        self.policy = policy
        self._now = now

    @classmethod
    async def open(cls, path: Path, policy: Policy, now: Callable[[], datetime]) -> "Reads":
        return cls(await Database.open(path, read_only=True), policy, now)

    async def close(self) -> None:
        await self._database.close()

    async def subscription(self, msisdn: str, period: str | None) -> Row | None:
        """The subscription whose own number this is, with the counters of `period` (default: now's)."""
        return await self._read(lambda raw: self._subscription(raw, msisdn, period))

    async def subscriptions(self, customer: str | None, cursor: str | None, limit: int | None) -> Row:
        """Subscriptions by number, a page at a time."""
        return await self._read(lambda raw: self._subscriptions(raw, customer, cursor or "", _page(limit)))

    async def notifications(self, msisdn: str, after: str | None, limit: int | None) -> Row | None:
        """All texts decided on, sent or not, in the order of decision."""
        return await self._read(lambda raw: self._notifications(raw, msisdn, _cursor(after), _page(limit)))

    async def decisions(self, msisdn: str, after: str | None, limit: int | None) -> Row | None:
        """Why: each event judged, the rules looked at, with the figures."""
        return await self._read(lambda raw: self._decisions(raw, msisdn, _cursor(after), _page(limit)))

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one committed state, whatever the writer does meanwhile."""

        def inside(raw: sqlite3.Connection) -> T:
            raw.execute("BEGIN")
            try:
                return work(raw)
            finally:
                raw.execute("COMMIT")

        return await self._database.run(inside)

    # -- in the reader's thread ---------------------------------------------------------------------------------

    def _subscription(self, raw: sqlite3.Connection, msisdn: str, period: str | None) -> Row | None:
        one = _id(raw, msisdn)
        return None if one is None else self._view(raw, one, period)

    def _view(self, raw: sqlite3.Connection, one: str, period: str | None) -> Row:
        now = self._now()
        batch = Batch(raw, now, self.policy, Numbering(0), Known())
        key = period or batch.period_now
        batch.read_subscriptions([one], since=min(key, batch.period_now))
        subscription = batch.subscription(one)
        assert subscription is not None
        return subscription_view(subscription, key, self.policy, now)

    def _subscriptions(self, raw: sqlite3.Connection, customer: str | None, cursor: str, limit: int) -> Row:
        query = "SELECT id, msisdn FROM subscription WHERE msisdn > ?1 AND (?2 IS NULL OR customer = ?2)"
        found = raw.execute(f"{query} ORDER BY msisdn LIMIT ?3", (cursor, customer, limit + 1)).fetchall()
        shown = found[:limit]
        return {
            "items": [self._view(raw, one, None) for one, _ in shown],
            "cursor": shown[-1][1] if len(found) > limit else None,
        }

    def _notifications(self, raw: sqlite3.Connection, msisdn: str, after: int, limit: int) -> Row | None:
        one = _id(raw, msisdn)
        if one is None:
            return None
        found = _rows(
            raw,
            "SELECT * FROM notification WHERE subscription = ? AND seq > ? ORDER BY seq LIMIT ?",
            (one, after, limit),
        )
        ids: dict[str, list[str]] = {row["id"]: [] for row in found}
        for notification, message_id in raw.execute(
            """SELECT p.notification, p.message_id FROM json_each(?) j JOIN part p ON p.notification = j.value
               WHERE p.message_id IS NOT NULL ORDER BY p.notification, p.number""",
            (json.dumps(list(ids)),),
        ).fetchall():
            ids[notification].append(message_id)
        items = [notification_view(row, ids[row["id"]]) for row in found]
        return {"items": items, "cursor": str(found[-1]["seq"] if found else after)}

    def _decisions(self, raw: sqlite3.Connection, msisdn: str, after: int, limit: int) -> Row | None:
        one = _id(raw, msisdn)
        if one is None:
            return None
        told = _rows(
            raw,
            "SELECT seq, at, decided_at, body FROM decision WHERE subscription = ? AND seq > ? ORDER BY seq LIMIT ?",
            (one, after, limit),
        )
        counted = [row for row in _counted(raw, one) if row["seq"] > after]
        both = sorted([*told, *counted], key=lambda row: int(row["seq"]))[:limit]
        return {"items": [_decision(row) for row in both], "cursor": str(both[-1]["seq"] if both else after)}


def _decision(row: Row) -> Row:
    """A told decision as it was written; one that only counted from its trace."""
    at = instant(rows.from_us(row["at"]))
    if "body" in row:
        body: Row = json.loads(row["body"])
        return {"at": at, "decided_at": instant(rows.from_us(row["decided_at"])), **body}
    outcome, *sent = row["answer"].split()
    told = rows.decode_trace(row["trace"])
    if "decided_at" in told:
        told["decided_at"] = instant(told["decided_at"])
    return {"at": at, "outcome": outcome, **told, "sent": sent, "not_sent": []}


def _counted(raw: sqlite3.Connection, one: str) -> list[Row]:
    """The events that only counted, the newest `COUNTED_MAX` of each month, along the list that they form."""
    found = []
    for (last,) in raw.execute("SELECT last FROM period WHERE subscription = ?", (one,)).fetchall():
        seq = last
        for _ in range(COUNTED_MAX):
            if seq is None:
                break
            query = "SELECT seq, at, answer, trace, previous FROM event WHERE seq = ?"
            (row,) = _rows(raw, query, (seq,))
            found.append(row)
            seq = row["previous"]
    return found


def _id(raw: sqlite3.Connection, msisdn: str) -> str | None:
    """The subscription whose own number this is now (not that of one of its other SIMs)."""
    row = raw.execute(
        """SELECT s.id FROM number n JOIN subscription s ON s.id = n.subscription
           WHERE n.value = ? AND n.until IS NULL AND s.msisdn = n.value""",
        (msisdn,),
    ).fetchone()
    return None if row is None else str(row[0])


def _rows(raw: sqlite3.Connection, query: str, values: tuple[Any, ...]) -> list[Row]:
    cursor = raw.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _page(limit: int | None) -> int:
    return min(PAGE if limit is None else limit, PAGE_MAX)


def _cursor(after: str | None) -> int:
    return int(after) if after and after.isdecimal() else 0
