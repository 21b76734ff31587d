"""The store: one SQLite file, one writer, one transaction per batch.

Durable means fsynced: WAL with synchronous=FULL, and `apply` returns only after the commit. A batch is one hop to
the writer thread, where everything is read, judged and written; a commit is shared by all items of the batch.
A lock file keeps a second gateway off the same file. An error of the database itself is never answered around: it
leaves `apply`, and the service stops (design: a broken store stops everything).
Must not be put here: rules, protocol.
"""

import asyncio
import fcntl
import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from gateway.faultpoints import FaultPoints
from gateway.items import (
    DeliveryResult,
    EventItem,
    Item,
    PortalItem,
    PortalResult,
    PushDone,
    ReceiptItem,
    Result,
    Settlement,
    SmsItem,
    UsageReport,
)
from gateway.store import rows, schema, scrub
from gateway.store.batch import Batch
from gateway.store.database import Database
from gateway.store.dispatch import Dispatch, Ticket
from gateway.store.judge import Judge, quarantined
from gateway.store.known import Known
from gateway.store.numbering import Numbering
from gateway.store.settle import Send, Settle

# Due rows that are judged in one transaction: as many as a batch has items.
DUE_MAX: Final = 256
# How long to wait for another program's lock (a backup) before the database counts as locked.
BUSY_MS: Final = 2000

# What the index of the texts under way says, word for word: SQLite uses it for nothing else.
_ACTIVE: Final = "(state = 'pending' OR state = 'inflight' OR state = 'unknown')"
_UNDER_WAY: Final = f"""SELECT id, subscription, kind, recipient, expires_at, attempts, flow_id, state, parts, handset
    FROM notification WHERE reason IS NOT 'no_answer' AND {_ACTIVE} ORDER BY seq"""  # noqa: S608 - a constant
PUSHED: Final = "DELETE FROM policy_push WHERE subscription = ? AND seq = ?"

Fact = tuple[str, dict[str, Any]]
Push = tuple[str, int, str]


class StoreLocked(Exception):  # noqa: N818 - a fact about the file
    """Another process has the file."""


class StoreDamaged(Exception):  # noqa: N818 - a fact about the file
    """The file is not what was written: restore it from a backup."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a committed batch leaves to do; `results` stand in the order of the items."""

    results: list[Result | None]
    sends: list[Send]
    facts: list[Fact]
    pushes: list[Push]
    due_left: bool


class Store:
    """Open with `Store.open`; `apply` is called by one task at a time."""

    def __init__(self, path: Path, lock: IO[str], database: Database, dispatch: Dispatch) -> None:
        self.path = path
        self.dispatch = dispatch
        self.boot = 0
        self.business_now: datetime | None = None
        self.next_due: datetime | None = None
        self.migrated = (0, 0)
        self.log_key = b""
        self.pushes: list[Push] = []
        self.revived: list[str] = []
        self._lock = lock
        self._database = database
        self._faults = FaultPoints()
        self._judged: Callable[[], object] = lambda: None
        self._ids = Numbering(0)
        self._known = Known()
        self._scrub_due = False
        self._file: int | None = None
        self._judge: Judge | None = None
        self._settle: Settle | None = None

    @classmethod
    async def open(cls, path: Path, dispatch: Dispatch) -> "Store":
        """Lock, open, check, migrate, and take up what was under way. Raises StoreLocked, StoreDamaged, NewerStore."""
        lock = _lock(path)
        try:
            database = await Database.open(path)
        except sqlite3.Error as error:
            lock.close()
            raise _named(error, path) from error
        store = cls(path, lock, database, dispatch)
        try:
            await database.run(store._prepare)
        except sqlite3.Error as error:
            await store.close()
            raise _named(error, path) from error
        except Exception:
            await store.close()
            raise
        return store

    def equip(self, judge: Judge, settle: Settle, faults: FaultPoints) -> None:
        """Give the writer what it judges with."""
        self._judge, self._settle, self._faults = judge, settle, faults

    def begin(
        self,
        items: Sequence[Item],
        now: datetime,
        transport_now: float,
        slots: int,
        judged: Callable[[], object] = lambda: None,
    ) -> asyncio.Future[Applied]:
        """One transaction: all items, what is due, what expired, and the claim of texts that `slots` have room for.

        Done when the commit is on disk. Raises sqlite3.Error when the database fails: nothing was taken, or,
        when the commit itself failed, the outcome is unknown and only a new start will tell. `judged` is called in
        the writer's thread when all items are judged and only SQLite has work.
        """
        self._judged = judged
        return self._database.begin(lambda connection: self._apply(connection, items, now, transport_now, slots))

    async def apply(self, items: Sequence[Item], now: datetime, transport_now: float, slots: int) -> Applied:
        """`begin`, and wait for it."""
        return await self.begin(items, now, transport_now, slots)

    async def close(self) -> None:
        await self._database.close()
        if self._file is not None:
            os.close(self._file)
        self._lock.close()

    # -- in the writer thread -----------------------------------------------------------------------------------

    def _apply(
        self, connection: sqlite3.Connection, items: Sequence[Item], now: datetime, transport_now: float, slots: int
    ) -> Applied:
        judge, settle = self._judge, self._settle
        assert judge is not None
        assert settle is not None
        self._faults.transaction()
        connection.execute("BEGIN IMMEDIATE")
        self._known.check(connection)
        batch = Batch(connection, now, judge.policy, self._ids, self._known, key=self.log_key)
        due = self._due(connection, now)
        _read(batch, items, due)
        for at, kind, one in due:
            self._faults.passing("during_period_roll")
            _fall_due(judge, batch, kind, one, rows.from_us(at))
        results = [self._one(batch, item, transport_now) for item in items]
        self._judged()
        self.dispatch.wake(transport_now)
        settle.expire(batch)
        sends = settle.claim(batch, slots)
        self._faults.passing("after_decide_before_outbox")
        batch.write()
        connection.execute("UPDATE gateway SET business_now = ?", (batch.now_us,))
        if any(isinstance(item, Settlement) for item in items):
            self._faults.passing("after_resp_before_commit")
        connection.execute("COMMIT")
        batch.committed()
        if batch.erased or self._scrub_due:
            self._scrub(connection, wait_ms=BUSY_MS if batch.erased else 0)
        self.business_now = now
        if due or batch.due_changed:
            self._look_ahead(connection)
        if any(isinstance(item, EventItem) for item in items):
            self._faults.passing("after_event_commit")
        return Applied(results, sends, batch.facts, batch.pushes, len(due) == DUE_MAX)

    def _one(self, batch: Batch, item: Item, transport_now: float) -> Result | None:
        """Judge one item; what raises is put aside and stops nothing else, unless it is the database."""
        assert self._judge is not None
        assert self._settle is not None
        try:
            match item:
                case EventItem():
                    return self._judge.event(batch, item)
                case SmsItem():
                    return self._judge.sms(batch, item)
                case PortalItem():
                    return self._judge.portal(batch, item)
                case Settlement():
                    self._settle.settlement(batch, item, transport_now)
                case ReceiptItem():
                    return self._settle.receipt(batch, item)
                case PushDone():
                    batch.connection.execute(PUSHED, (item.subscription, item.seq))
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a rule trips over: one bad event stops nothing
            return _quarantine(batch, item, error)
        return None

    def _scrub(self, connection: sqlite3.Connection, *, wait_ms: int) -> None:
        """What was erased must not lie on in the log, nor between the rows.

        While somebody reads an older state (a backup) the log cannot be cut: then the next batch tries again.
        """
        execute = connection.execute
        execute(f"PRAGMA busy_timeout = {wait_ms}")
        (busy, *_) = execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._scrub_due = bool(busy)
        if busy:
            return
        execute("PRAGMA shrink_memory")  # an old copy of a page in the cache would come back with its next row
        (pages,) = execute("PRAGMA page_count").fetchone()
        if pages < scrub.PAGES_MAX:
            assert self._file is not None
            scrub.overwrite(self._file)
        else:
            execute("VACUUM")
            execute("PRAGMA wal_checkpoint(TRUNCATE)")
        execute("UPDATE gateway SET scrub_due = 0")

    def _due(self, connection: sqlite3.Connection, now: datetime) -> list[tuple[int, str, str]]:
        if self.next_due is None or self.next_due > now:
            return []
        query = "SELECT at, kind, subscription FROM due WHERE at <= ? ORDER BY at LIMIT ?"
        return connection.execute(query, (rows.to_us(now), DUE_MAX)).fetchall()

    def _look_ahead(self, connection: sqlite3.Connection) -> None:
        (at,) = connection.execute("SELECT min(at) FROM due").fetchone()
        self.next_due = None if at is None else rows.from_us(at)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        execute = connection.execute
        execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA secure_delete = ON")
        execute("PRAGMA temp_store = MEMORY")
        (verdict,) = execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreDamaged(f"{self.path}: {verdict}")
        # Event ids are random, so every batch writes all over its tables: with SQLite's own 2 MB of pages, and the log
        # copied back every 16 MB, a batch took a tenth longer. Set after the check, which would fill it. The log is
        # copied back before it has 64 MB with the largest commit on top.
        execute("PRAGMA cache_size = -32000")
        execute("PRAGMA wal_autocheckpoint = 14000")
        self.migrated = schema.migrate(connection)
        execute("BEGIN IMMEDIATE")
        execute("UPDATE gateway SET boot = boot + 1")
        query = "SELECT boot, business_now, log_key, scrub_due FROM gateway"
        self.boot, business_now, self.log_key, scrub_due = execute(query).fetchone()
        self._ids = Numbering(self.boot)
        self.business_now = rows.from_us(business_now) if business_now else None
        self._revive(connection)
        execute("COMMIT")
        # Beside SQLite's own, and open for as long: closing one of a process's files drops its POSIX locks on all.
        self._file = os.open(self.path, os.O_RDWR)
        if scrub_due:  # the process died between an erasure and that
            self._scrub(connection, wait_ms=BUSY_MS)
        self._look_ahead(connection)

    def _revive(self, connection: sqlite3.Connection) -> None:
        """Take up the outbox: what was in flight when the process ended is unknown (P9), all else is due at once."""
        execute = connection.execute
        under_way = f"state = 'inflight' AND {_ACTIVE}"
        texts = f"SELECT id FROM notification WHERE {under_way}"  # noqa: S608 - a constant
        execute(f"UPDATE part SET state = 'unknown' WHERE state = 'pending' AND notification IN ({texts})")  # noqa: S608
        execute(f"UPDATE notification SET state = 'unknown' WHERE {under_way}")  # noqa: S608
        open_parts: dict[str, dict[int, int]] = {}
        references: dict[str, int] = {}
        for one, number, reference, umr in execute(
            """SELECT p.notification, p.number, p.reference, p.umr
               FROM notification n JOIN part p ON p.notification = n.id
               WHERE (n.state = 'pending' OR n.state = 'inflight' OR n.state = 'unknown')
               AND p.state IN ('pending', 'unknown') ORDER BY p.number"""
        ).fetchall():
            open_parts.setdefault(one, {})[number] = umr
            references[one] = reference
        for one, subscription, kind, recipient, expires_at, attempts, flow_id, state, parts, handset in execute(
            _UNDER_WAY
        ).fetchall():
            left = open_parts.get(one)
            if left:
                if state == "unknown":
                    self.revived.append(one)
                ticket = Ticket(one, subscription, kind, recipient, rows.from_us(expires_at), left, attempts, flow_id)
                ticket.single, ticket.handset, ticket.reference = parts == 1, handset, references[one]
                self.dispatch.add(ticket)
        self.pushes = execute("SELECT subscription, seq, body FROM policy_push ORDER BY seq").fetchall()


def _fall_due(judge: Judge, batch: Batch, kind: str, one: str, at: datetime) -> None:
    try:
        judge.due(batch, kind, one, at)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - as any item: put aside, or it would come again at every start
        _put_aside(batch, f"due {kind} of {one} at {at.isoformat()}", error)


def _read(batch: Batch, items: Sequence[Item], due: Sequence[tuple[int, str, str]]) -> None:
    """Everything the items can need, table by table."""
    events = [item for item in items if isinstance(item, EventItem)]
    values = {item.imsi or item.msisdn or "" for item in events}
    if len(events) < len(items):
        values.update(_numbers_named(items))
        keys = [item.keys[0] for item in items if isinstance(item, ReceiptItem) and item.keys]
        if keys:
            batch.read_standing(keys)
    if values:
        batch.read_numbers(values)
    if events:
        batch.read_events(events)
    ids = batch.subscriptions_of(values).union(one for _, _, one in due)
    if ids:
        batch.read_subscriptions(ids)
    for item in events:
        report = item.report
        if isinstance(report, UsageReport) and report.session is not None:
            owner = batch.owner(item.imsi or item.msisdn or "", report.used_at)
            if owner is not None:
                batch.read_session(owner.subscription, owner.imsi, report.session)


def _numbers_named(items: Sequence[Item]) -> Iterator[str]:
    """By texts and by the portal."""
    for item in items:
        if isinstance(item, SmsItem):
            yield item.sender
        elif isinstance(item, PortalItem):
            yield item.msisdn
            for sim in item.changes.get("sims") or ():
                yield from (sim[name] for name in ("imsi", "msisdn") if sim.get(name))


def _quarantine(batch: Batch, item: Item, error: Exception) -> Result | None:
    one = _put_aside(batch, repr(item), error)
    match item:
        case EventItem():
            return quarantined(item)
        case PortalItem():
            return PortalResult(500, detail=f"this change could not be judged and was put aside as {one}")
        case SmsItem() | ReceiptItem():
            return DeliveryResult()  # answered ROK: it would return for ever
    return None


def _put_aside(batch: Batch, what: str, error: Exception) -> str:
    one = f"q{batch.ids.next():x}"
    trace = "".join(traceback.format_exception(error))
    batch.add("quarantine", (one, batch.now_us, what, trace))
    batch.note("event.quarantined", quarantine=one, exc=trace)
    return one


def _lock(path: Path) -> IO[str]:
    """An advisory lock beside the file, held until the process ends however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    previous = os.umask(0o077)  # subscribers' data: for the owner alone
    try:
        lock = path.with_name(path.name + ".lock").open("a")
    finally:
        os.umask(previous)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StoreLocked(f"{path}: another gateway has this database open") from error
    return lock


def _named(error: sqlite3.Error, path: Path) -> Exception:
    """The database's own error as one of ours where a person can do something about it."""
    code = error.sqlite_errorcode & 0xFF  # the primary code of an extended one, such as SQLITE_BUSY_RECOVERY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(f"{path}: another program has locked this database")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(f"{path}: {error}")
    return error
