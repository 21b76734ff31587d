"""The yardstick: the rows that the gateway wrote, written again by a bare SQLite loop with the same commits.

Same schema, same settings of the file, same statements for each table, as many commits as the gateway made; nothing
is read, judged or sent. The rows themselves are taken from the gateway's database after its run, so that the ratio
compares the same work on the disk. Must not be put here: a gateway.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from gateway.store import schema
from gateway.store.tables import insert

Row = Sequence[Any]

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32000",
    "PRAGMA wal_autocheckpoint = 16000",
)
# What stood there before the run.
_STANDING = ("subscription", "number", "memory", "block")
_CLAIMED = "UPDATE notification SET state = ?, reason = NULL WHERE id = ?"
_ACCEPTED = "UPDATE part SET state = 'accepted', message_id = ?, message_key = ? WHERE notification = ? AND number = ?"
_DELIVERED = "UPDATE part SET state = 'delivered' WHERE notification = ? AND number = ?"


class Written:
    """The rows of a run. Those of a text belong together: notification, part, decision, memory, perhaps a profile."""

    def __init__(self, database: Path, events: int) -> None:
        self._connection = sqlite3.connect(database)
        self.events = self._all("SELECT * FROM event ORDER BY seq LIMIT ?", events)
        self.periods = self._all("SELECT * FROM period")
        self.notifications = self._all("SELECT * FROM notification ORDER BY seq")
        self.parts = {row[0]: row for row in self._all("SELECT * FROM part WHERE number = 1")}
        self.decisions = self._all("SELECT d.* FROM decision d ORDER BY d.seq DESC LIMIT ?", len(self.notifications))
        self.memories = {row[0]: row for row in self._all("SELECT * FROM memory")}
        self.profiles = {row[0]: row for row in self._all("SELECT * FROM subscription")}
        self._connection.close()

    def _all(self, query: str, *values: object) -> list[Row]:
        return self._connection.execute(query, values).fetchall()


def prepare(target: Path, source: Path) -> sqlite3.Connection:
    """A database with the same subscriptions, before the run."""
    connection = sqlite3.connect(target, isolation_level=None, cached_statements=256)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    schema.migrate(connection)
    connection.execute("ATTACH ? AS source", (str(source),))
    connection.execute("BEGIN")
    for table in _STANDING:
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM source.{table}")  # noqa: S608
    connection.execute("COMMIT")
    connection.execute("DETACH source")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def write_again(connection: sqlite3.Connection, written: Written, commits: int, *, receipts: bool) -> float:
    """Seconds for all of it. A text is settled in the commit after the one that wrote it, its receipt one later."""
    plan = list(_plan(written, commits))
    submitted: list[Row] = []
    received: list[Row] = []
    began = time.perf_counter()
    for now, tables in enumerate(plan):
        connection.execute("BEGIN IMMEDIATE")
        for table, added in tables.items():
            insert(connection, table, added)
        _settle(connection, submitted, received)
        connection.execute("UPDATE gateway SET business_now = ?", (now,))
        connection.execute("COMMIT")
        received = submitted if receipts else []
        submitted = tables.get("part", [])
    return time.perf_counter() - began


def _settle(connection: sqlite3.Connection, submitted: Sequence[Row], received: Sequence[Row]) -> None:
    for one, number, *_ in submitted:
        connection.execute(_ACCEPTED, (one, one, one, number))
        connection.execute(_CLAIMED, ("submitted", one))
    for one, number, *_ in received:
        connection.execute(_DELIVERED, (one, number))
        connection.execute(_CLAIMED, ("delivered", one))


def _plan(written: Written, commits: int) -> Iterator[dict[str, list[Row]]]:
    """What each commit writes: everything in its order, spread evenly."""
    periods = cycle(written.periods or [()])
    for events, texts in zip(_spread(written.events, commits), _spread(written.notifications, commits), strict=True):
        # Events of one subscription in one batch write its month once; counting them is what `counted` is for.
        counted = sum(row[6] is not None or bool(row[5]) for row in events)
        tables: dict[str, list[Row]] = {"event": events, "period": [next(periods) for _ in range(counted)]}
        for row in texts:
            subscription, kind = row[1], row[3]
            tables.setdefault("notification", []).append((*row[:4], "inflight", *row[5:]))
            part = written.parts[row[0]]
            tables.setdefault("part", []).append((*part[:2], "pending", None, None, *part[5:]))
            tables.setdefault("decision", []).append(written.decisions.pop())
            tables.setdefault("memory", []).append(written.memories[subscription])
            if kind.startswith("pref_") and kind != "pref_already":
                tables.setdefault("subscription", []).append(written.profiles[subscription])
        yield {table: added for table, added in tables.items() if added}


def _spread(rows: list[Row], commits: int) -> list[list[Row]]:
    return [rows[len(rows) * n // commits : len(rows) * (n + 1) // commits] for n in range(commits)]
