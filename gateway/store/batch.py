"""One transaction's unit of work: what it read, the state as it now stands, and the rows it will write.

Everything is read set-wise before the first item is judged and written set-wise after the last (one statement per
table); in between, later items see what earlier ones did. Nothing here commits.
Must not be put here: what an item means (judge.py), what a rule says (handlers).
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from gateway.items import EventItem
from gateway.store import rows, sums
from gateway.store.known import Known, Ownership, numbers_of
from gateway.store.numbering import Numbering
from gateway.store.tables import ERASE, ERASE_NUMBER, Row, accept, answered, confirm, insert, submit, taken
from handlers.policy import Policy
from handlers.subscription import Block, Period, Subscription


@dataclass(slots=True)
class NotificationRow:
    id: str
    subscription: str
    seq: int
    kind: str
    state: str
    reason: str | None
    recipient: str
    language: str
    text: str | None
    parts: int
    data_coding: int
    created_at: int
    expires_at: int
    validity_s: int
    attempts: int
    event_source: str
    event_id: str
    flow_id: str
    handset: str


@dataclass(slots=True)
class PartRow:
    notification: str
    number: int
    state: str
    message_id: str | None
    message_key: str | None
    reference: int
    umr: int


class Seen(NamedTuple):
    """An event that was taken before: the digest of its content and the answer it got."""

    digest: bytes
    answer: str


# Subscription, IMSI, and the name that the network gave the session.
SessionKey = tuple[str, str, str]


class Batch:
    """The state that one transaction works on."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: datetime,
        policy: Policy,
        ids: Numbering,
        known: Known,
        *,
        key: bytes = b"",
    ) -> None:
        self.connection = connection
        self.now = now
        self.now_us = rows.to_us(now)
        self.policy = policy
        self.ids = ids
        self._known = known
        self._key = key
        self._keys: dict[int, bytes] = {}
        self.period_now = policy.period_of(now)
        self.events: dict[bytes, Seen] = {}
        self.notifications: dict[str, NotificationRow] = {}
        self.parts: dict[str, list[PartRow]] = {}
        # Answers that no later item of this batch has asked for yet: see `put_answers`.
        self.accepted: list[tuple[str, str | None, str, int]] = []
        self.submitted: list[str] = []
        self.confirmed: list[tuple[str, str, str | None]] = []
        # Texts of one part that the SMSC has: notification and flow id, by message key and recipient.
        self.standing: dict[tuple[str, str], tuple[str, str]] = {}
        self.facts: list[tuple[str, dict[str, Any]]] = []
        self.pushes: list[tuple[str, int, str]] = []
        self.due_changed = False
        self.erased = False
        # What this batch read or changed; all else stands as it is known.
        self._owners: dict[str, list[Ownership]] = {}
        self._stored: dict[str, Subscription | None] = {}
        self._last: dict[str, dict[str, int | None]] = {}
        self._current: dict[str, Subscription | None] = {}
        # What changed in those: months by subscription and key, each with its last event that only counted, and whose
        # changes are more than the sums of one month.
        self._months: dict[tuple[str, str], tuple[Period, int | None]] = {}
        self._changed: dict[str, None] = {}
        self._sessions: dict[SessionKey, tuple[int, int]] = {}
        self._rows: dict[str, list[Sequence[Any]]] = {}
        self._changed_owners: list[Ownership] = []
        self._ledger: set[tuple[Any, ...]] = set()
        self._changed_sessions: set[SessionKey] = set()

    # -- reading ------------------------------------------------------------------------------------------------

    def read_numbers(self, values: Iterable[str]) -> None:
        wanted = list(set(values).difference(self._known.numbers, self._owners))
        if not wanted:
            return
        for value in wanted:
            self._owners[value] = []
        query = """SELECT n.value, n.since, n.until, n.subscription, n.imsi, n.kind FROM json_each(?) j
                   JOIN number n ON n.value = j.value ORDER BY n.since"""
        for row in self.connection.execute(query, (json.dumps(wanted),)).fetchall():
            self._owners[row[0]].append(Ownership(*row))

    def read_events(self, items: Sequence[EventItem]) -> None:
        keys = [event_key(item) for item in items]
        self._keys = dict(zip(map(id, items), keys, strict=True))
        for key, digest, answer in taken(self.connection, keys):
            self.events[key] = Seen(digest, answer)

    def read_subscriptions(self, ids: Iterable[str], since: str | None = None) -> None:
        """Profiles, what they remember, the periods and blocks that an event of today can touch (or `since`)."""
        missing = set(ids).difference(self._known.subscriptions, self._stored)
        if missing:
            self._read_stored(json.dumps(list(missing)), since or self.policy.previous_period(self.period_now))

    def _read_stored(self, wanted: str, since: str) -> None:
        execute = self.connection.execute
        blocks: dict[str, list[Block]] = {}
        for row in execute(
            """SELECT b.subscription, b.id, b.reason, b.start, b.until, b.period, b.category, b.level
               FROM json_each(?1) j JOIN block b ON b.subscription = j.value
               WHERE b.period >= ?2 OR (b.period IS NULL AND (b.until IS NULL OR b.until > ?3)) ORDER BY b.id""",
            (wanted, since, rows.to_us(self.policy.period_start(since))),
        ).fetchall():
            blocks.setdefault(row[0], []).append(rows.to_block(row[1:]))
        periods: dict[str, dict[str, Period]] = {}
        for one, key, body, last in execute(
            """SELECT p.subscription, p.period, p.body, p.last FROM json_each(?) j
               JOIN period p ON p.subscription = j.value AND p.period >= ?""",
            (wanted, since),
        ).fetchall():
            periods.setdefault(one, {})[key] = rows.decode_period(key, body)
            self._last.setdefault(one, {})[key] = last
        for one, profile, memory, made in execute(
            """SELECT s.id, s.profile, m.body, m.blocks_made FROM json_each(?) j
               JOIN subscription s ON s.id = j.value JOIN memory m ON m.subscription = s.id""",
            (wanted,),
        ).fetchall():
            self._stored[one] = self._current[one] = Subscription(
                one,
                rows.decode_profile(profile),
                rows.decode_memory(memory),
                periods.get(one, {}),
                tuple(sorted(blocks.get(one, ()), key=rows.block_number)),
                made,
            )

    def read_session(self, one: str, imsi: str, session: str) -> None:
        key = (one, imsi, session)
        if key in self._sessions:
            return
        row = self.connection.execute(
            "SELECT total_bytes, used_at FROM session WHERE subscription = ? AND session = ?", _session_row(key)
        ).fetchone()
        self._sessions[key] = row or (0, 0)

    def read_standing(self, keys: Iterable[str]) -> None:
        """What receipts with these keys may speak of, where it takes no more than their word to end a text."""
        found: dict[tuple[str, str], tuple[str, str] | None] = {}
        for key, one, recipient, flow_id, simple in answered(self.connection, list(set(keys))):
            found[key, recipient] = (one, flow_id) if simple else None  # the youngest comes last
        self.standing |= {where: text for where, text in found.items() if text is not None}

    # -- the state as it stands ---------------------------------------------------------------------------------

    def owner(self, value: str, at: datetime) -> Ownership | None:
        """Whose `value` was at that moment (rules 5: numbers are looked up at the event's time)."""
        owned = self._owned(value)
        if len(owned) == 1 and owned[0].since == 0 and owned[0].until is None:
            return owned[0]  # it never changed hands
        at_us = rows.to_us(at)
        for row in reversed(owned):
            if row.since <= at_us and (row.until is None or at_us < row.until):
                return row
        return None

    def _last_of(self, one: str) -> dict[str, int | None]:
        last = self._last.get(one)
        if last is None:
            standing = self._known.subscriptions.get(one)
            last = self._last[one] = {} if standing is None else standing.last
        return last

    def _owned(self, value: str) -> list[Ownership]:
        owned = self._owners.get(value)
        return self._known.numbers.get(value, []) if owned is None else owned

    def subscriptions_of(self, values: Iterable[str]) -> set[str]:
        """All that have, or had, one of these numbers."""
        if self._owners:
            return {row.subscription for value in values for row in self._owned(value)}
        known = self._known.numbers  # nothing had to be read, so all of them are there
        return {row.subscription for value in values for row in known[value]}

    def holder(self, value: str) -> Ownership | None:
        """Whose `value` is now, whatever the clock says."""
        return next((row for row in reversed(self._owned(value)) if row.until is None), None)

    def owned_before(self, value: str) -> bool:
        """Whether somebody had it: his numbers are kept, or erased and kept as a keyed digest."""
        if self._owned(value):
            return True
        query = "SELECT 1 FROM tombstone WHERE key = ?"
        return self.connection.execute(query, (self._tombstone(value),)).fetchone() is not None

    def subscription(self, one: str) -> Subscription | None:
        """As it stands now; None: unknown, or erased."""
        found = self._current.get(one)
        if found is not None or one in self._current:
            return found
        standing = self._known.subscriptions.get(one)
        return None if standing is None else standing.subscription

    def key_of(self, item: EventItem) -> bytes:
        """What (source, id) is known by in the store."""
        return self._keys[id(item)]

    def put(self, before: Subscription | None, after: Subscription) -> None:
        """The state after a decision. Sums never shrink (P11): a breach quarantines the event that caused it."""
        known = before.periods if before is not None else {}
        changed = [(key, period) for key, period in after.periods.items() if known.get(key) is not period]
        for key, period in changed:
            _check_sums(known.get(key), period)
        for key, period in changed:
            self._months[after.id, key] = (period, self._last_of(after.id).get(key))
        self._current[after.id] = after
        self._changed[after.id] = None

    def count(self, before: Subscription, after: Subscription, key: str, seq: int) -> int | None:
        """The same where the sums of one month are all that changed, by event `seq`; the one before it in its list."""
        period = after.periods[key]
        _check_sums(before.periods.get(key), period)
        one = after.id
        last = self._last_of(one)
        previous = last.get(key)
        last[key] = seq
        self._months[one, key] = (period, seq)
        self._current[one] = after
        return previous

    def session_total(self, one: str, imsi: str, session: str) -> int:
        self.read_session(one, imsi, session)  # not read yet where the SIM came in this very batch
        return self._sessions[one, imsi, session][0]

    def put_session(self, key: SessionKey, total: int, used_at: datetime) -> None:
        self._sessions[key] = (total, rows.to_us(used_at))
        self._changed_sessions.add(key)

    def in_ledger(self, key: tuple[Any, ...]) -> bool:
        if key in self._ledger:
            return True
        query = """SELECT 1 FROM ledger WHERE subscription = ? AND period = ? AND kind = ? AND level = ?
                   AND version = ?"""
        return self.connection.execute(query, key).fetchone() is not None

    def add_ledger(self, key: tuple[Any, ...], notification: str) -> None:
        self._ledger.add(key)
        self.add("ledger", (*key, notification))

    def wake(self, at: datetime, kind: str, subscription: str = "") -> None:
        """Let something be looked at when that moment comes."""
        self.add("due", (rows.to_us(at), kind, subscription))
        self.due_changed = True

    def add(self, table: str, row: Sequence[Any]) -> None:
        self._rows.setdefault(table, []).append(row)

    def note(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - log fields
        """A fact for the log, written when it has become one: after the commit."""
        self.facts.append((event, fields))

    def end_notification(self, one: str, state: str, reason: str | None) -> None:
        """Expired or cancelled before it left, in this batch or an earlier one."""
        row = self.notifications.get(one)
        if row is None:
            self.connection.execute(END_NOTIFICATION, (state, reason, one))
        else:
            row.state, row.reason = state, reason

    def set_numbers(self, subscription: Subscription) -> None:
        """Make the numbers and IMSIs of a profile its own from now on; the first owner's time is open."""
        wanted = numbers_of(subscription)
        query = "SELECT value FROM number WHERE subscription = ? AND until IS NULL"
        held = {value for (value,) in self.connection.execute(query, (subscription.id,)).fetchall()}
        self.read_numbers(held)
        for row in [row for value in held.union(self._owners) for row in self._owned(value) if row.until is None]:
            if row.subscription == subscription.id and wanted.get(row.value) != (row.imsi, row.kind):
                row.until = self.now_us
                self._changed_owners.append(row)
        for value, (imsi, kind) in wanted.items():
            if (holder := self.holder(value)) is None or holder.subscription != subscription.id:
                since = self.now_us if self.owned_before(value) else 0
                self._own(Ownership(value, since, None, subscription.id, imsi, kind))

    def forget(self, one: str) -> None:
        """Erase the person, keep the counts: see DELETE of the API."""
        execute = self.connection.execute
        self.erased = True
        # What this batch did so far is put down first, so that the same statements erase it too.
        self.write()
        self._start_anew()
        self.standing.clear()
        self._current[one] = self._stored[one] = None
        held = {value for (value,) in execute("SELECT value FROM number WHERE subscription = ?", (one,)).fetchall()}
        self.read_numbers(held)
        for value in held:
            self._owners[value] = [row for row in self._owned(value) if row.subscription != one]
            self.add("tombstone", (self._tombstone(value), self.now_us))
            for statement in ERASE_NUMBER:
                execute(statement, (value,))
        self._last[one] = {}
        for statement in ERASE:
            execute(statement, (one,))
        execute("UPDATE gateway SET scrub_due = 1")

    def _start_anew(self) -> None:
        """All that was pending is written: what comes differs from that."""
        self._stored.update(self._current)
        self._rows.clear()
        self.notifications.clear()
        self.parts.clear()
        self._changed_owners.clear()
        self._changed_sessions.clear()
        self._months.clear()
        self._changed.clear()

    def _tombstone(self, value: str) -> bytes:
        return hashlib.blake2b(value.encode(), key=self._key, digest_size=16).digest()

    def _own(self, row: Ownership) -> None:
        self._owners[row.value] = [*(other for other in self._owned(row.value) if other.since != row.since), row]
        self._changed_owners.append(row)

    # -- writing ------------------------------------------------------------------------------------------------

    def put_answers(self) -> None:
        """Put down the good answers, before something looks at what they change."""
        if self.accepted:
            accept(self.connection, self.accepted)
            self.accepted.clear()
        if self.submitted:
            submit(self.connection, self.submitted)
            self.submitted.clear()
        if self.confirmed:
            confirm(self.connection, self.confirmed)
            self.confirmed.clear()

    def write(self) -> None:
        """Put down all that changed."""
        self.put_answers()
        self._write_state()
        self._insert(
            "number", [(r.value, r.since, r.until, r.subscription, r.imsi, r.kind) for r in self._changed_owners]
        )
        self._insert("session", [(*_session_row(key), *self._sessions[key]) for key in self._changed_sessions])
        self._insert("notification", [_NOTIFICATION(row) for row in self.notifications.values()])
        self._insert("part", [_PART(row) for parts in self.parts.values() for row in parts])
        for table, added in self._rows.items():
            self._insert(table, added)

    def _insert(self, table: str, added: Sequence[Row]) -> None:
        if added:
            insert(self.connection, table, added)

    def committed(self) -> None:
        """What this batch holds is now what the store holds."""
        self._known.keep(self._owners, self._current, self._last)

    def _write_state(self) -> None:
        profiles, memories, blocks = [], [], []
        for one in self._changed:
            old = self._stored[one] if one in self._stored else self._known.subscription(one)
            new = self._current[one]
            if new is None:
                continue
            if old is None or old.profile is not new.profile:
                profile = rows.encode_profile(new.profile)
                profiles.append((one, new.profile.customer, new.profile.msisdn, rows.FORMAT, profile, self.now_us))
            if old is None or old.memory is not new.memory or old.blocks_made != new.blocks_made:
                memories.append((one, rows.encode_memory(new.memory), new.blocks_made))
            if old is None or old.blocks is not new.blocks:
                before = frozenset(old.blocks) if old else frozenset()
                blocks += [rows.from_block(one, block) for block in new.blocks if block not in before]
        self._insert("subscription", profiles)
        self._insert("memory", memories)
        self._insert("period", [_month_row(*where, *month) for where, month in self._months.items()])
        self._insert("block", blocks)


END_NOTIFICATION = "UPDATE notification SET state = ?, reason = ? WHERE id = ?"

_OWNERSHIP = attrgetter(*Ownership.__dataclass_fields__)
_NOTIFICATION = attrgetter(*NotificationRow.__dataclass_fields__)
_PART = attrgetter(*PartRow.__dataclass_fields__)


def _month_row(one: str, key: str, period: Period, last: int | None) -> Row:
    volume = period.domestic_eu_bytes + period.outside_eu_bytes
    return one, key, rows.FORMAT, rows.encode_period(period), period.charges_ueur, volume, last


def _check_sums(old: Period | None, new: Period) -> None:
    assert old is None or sums.grew(old, new), f"counters of {new.key} shrank"
    assert sums.fit(new), f"counters of {new.key} have no room for this"


def event_key(item: EventItem) -> bytes:
    """A digest of (source, id): short and of one length. The length of the source keeps the two apart."""
    source = item.source.encode()
    return hashlib.blake2b(b"%d:%b%b" % (len(source), source, item.id.encode()), digest_size=16).digest()


def _session_row(key: SessionKey) -> tuple[str, str]:
    """A12: two SIMs of one subscription may use the same name at once; an IMSI has digits only."""
    one, imsi, session = key
    return one, f"{imsi}/{session}"
