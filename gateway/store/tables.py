"""Rows set-wise: how each table takes, changes and gives them, and what an erasure does to each.

A step of SQLite gives up the interpreter, and beside a busy event loop it gets it back only a moment later; so rows
go in by the hundred in one statement, of few fixed sizes that stay prepared.
Must not be put here: what the rows mean.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final

Row = Sequence[Any]

# table -> (how a row goes in, its columns, what follows the rows)
INSERTS: Final[Mapping[str, tuple[str, int, str]]] = {
    "subscription": (
        "INSERT INTO subscription",
        6,
        (
            "ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, format = excluded.format, "
            "profile = excluded.profile"
        ),
    ),
    "memory": (
        "INSERT INTO memory",
        3,
        "ON CONFLICT (subscription) DO UPDATE SET body = excluded.body, blocks_made = excluded.blocks_made",
    ),
    "number": ("INSERT OR REPLACE INTO number", 6, ""),
    "session": ("INSERT OR REPLACE INTO session", 4, ""),
    # For every event that counts: updated in place, a quarter faster than REPLACE, which deletes and inserts.
    "period": (
        "INSERT INTO period",
        7,
        (
            "ON CONFLICT (subscription, period) DO UPDATE SET format = excluded.format, body = excluded.body, "
            "charges_ueur = excluded.charges_ueur, volume_bytes = excluded.volume_bytes, last = excluded.last"
        ),
    ),
    "block": ("INSERT OR REPLACE INTO block", 8, ""),
    "event": ("INSERT INTO event", 7, ""),
    "ledger": ("INSERT INTO ledger", 6, ""),
    "notification": ("INSERT INTO notification", 19, ""),
    "part": ("INSERT INTO part", 7, ""),
    "decision": ("INSERT INTO decision", 5, ""),
    "consent": ("INSERT INTO consent", 9, ""),
    "policy_push": ("INSERT INTO policy_push", 3, ""),
    "due": ("INSERT OR IGNORE INTO due", 3, ""),
    "tombstone": ("INSERT OR REPLACE INTO tombstone", 2, ""),
    "quarantine": ("INSERT INTO quarantine", 4, ""),
}
# What an erased subscription loses (DELETE of the API); counters, kinds, states and ids stay: they name no one.
ERASE: Final = (
    "DELETE FROM subscription WHERE id = ?",
    "DELETE FROM memory WHERE subscription = ?",
    "DELETE FROM number WHERE subscription = ?",
    "DELETE FROM session WHERE subscription = ?",
    "DELETE FROM due WHERE subscription = ?",
    "DELETE FROM decision WHERE subscription = ?",
    # The events that only counted, along the list that they form: what a producer calls them may name a person.
    """UPDATE event SET trace = '' WHERE seq IN (
        WITH RECURSIVE counted (seq) AS (
            SELECT last FROM period WHERE subscription = ? AND last IS NOT NULL
            UNION SELECT previous FROM event JOIN counted USING (seq) WHERE previous IS NOT NULL)
        SELECT seq FROM counted)""",
    "DELETE FROM policy_push WHERE subscription = ?",
    "UPDATE consent SET text = '' WHERE subscription = ?",
    """UPDATE notification SET recipient = '', text = NULL, event_source = '', event_id = '', handset = ''
        WHERE subscription = ?""",
)
# What is known by a number of his alone.
ERASE_NUMBER: Final = (
    "DELETE FROM mo_part WHERE sender = ?",
    "DELETE FROM quarantine WHERE instr(item, ?1) OR instr(error, ?1)",
)
# Rows in one statement, at most. A statement of a power of two stays prepared; where little is missing to the next it
# is filled up with rows of NULL, which add nothing and match nothing.
_ROWS_MAX: Final = 512
_FULL_ENOUGH: Final = 0.75
_ROWS_FEW: Final = 8

_FIRST: Final = itemgetter(0)


@cache
def _insert(table: str, size: int) -> str:
    head, columns, tail = INSERTS[table]
    return f"{head} SELECT * FROM ({_values(columns, size)}) WHERE column1 IS NOT NULL {tail}"  # noqa: S608 - a table of ours


@cache
def _accepted(size: int) -> str:
    """SMPP's good answers, by far the commonest: the id that receipts will name, and what they make of the text."""
    return f"""UPDATE part SET state = 'accepted', message_id = v.column1, message_key = v.column2
        FROM ({_values(4, size)}) AS v
        WHERE part.notification = v.column3 AND part.number = v.column4"""  # noqa: S608 - question marks only


@cache
def _submitted(size: int) -> str:
    return f"""UPDATE notification SET state = 'submitted', reason = NULL WHERE id IN ({_marks(size)})
        AND state <> 'delivered' AND state <> 'failed' AND state <> 'expired' AND state <> 'cancelled'"""  # noqa: S608


@cache
def _claimed(size: int) -> str:
    return f"""UPDATE notification SET state = 'inflight', attempts = v.column2
        FROM ({_values(2, size)}) AS v WHERE notification.id = v.column1 AND notification.text IS NOT NULL
        RETURNING id, text"""  # noqa: S608 - question marks only


@cache
def _taken(size: int) -> str:
    return f"SELECT key, digest, answer FROM event WHERE key IN ({_marks(size)})"  # noqa: S608 - question marks only


@cache
def _answered(size: int) -> str:
    return f"""SELECT p.message_key, n.id, n.recipient, n.flow_id,
        n.parts = 1 AND p.state = 'accepted' AND n.state = 'submitted'
        FROM part p JOIN notification n ON n.id = p.notification WHERE p.message_key IN ({_marks(size)})
        ORDER BY n.seq"""  # noqa: S608 - question marks only


@cache
def _ended_parts(size: int) -> str:
    return f"""UPDATE part SET state = v.column2 FROM ({_values(2, size)}) AS v
        WHERE part.notification = v.column1 AND part.number = 1 AND part.state = 'accepted'"""  # noqa: S608


@cache
def _ended(size: int) -> str:
    return f"""UPDATE notification SET state = v.column2, reason = v.column3 FROM ({_values(3, size)}) AS v
        WHERE notification.id = v.column1 AND notification.state = 'submitted'"""  # noqa: S608 - question marks only


def _values(columns: int, size: int) -> str:
    return "VALUES " + ",".join([f"({_marks(columns)})"] * size)


def _marks(count: int) -> str:
    return ",".join("?" * count)


def taken(connection: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, str]]:
    """Key, digest and answer of those of these events that were taken before."""
    for size, values in _parcels([(key,) for key in keys], 1):
        yield from connection.execute(_taken(size), values).fetchall()


def claim(connection: sqlite3.Connection, notifications: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Mark what leaves now, (notification, attempts); yields each with its text. None of those that were erased."""
    for size, values in _parcels(notifications, 2):
        yield from connection.execute(_claimed(size), values).fetchall()


def accept(connection: sqlite3.Connection, answers: Sequence[Row]) -> None:
    """Keep (message id, its key, notification, number of the part)."""
    for size, values in _parcels(answers, 4):
        connection.execute(_accepted(size), values)


def submit(connection: sqlite3.Connection, notifications: Sequence[str]) -> None:
    """Every part of these was accepted."""
    for size, values in _parcels([(one,) for one in notifications], 1):
        connection.execute(_submitted(size), values)


def answered(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[tuple[str, str, str, str, int]]:
    """Message key, notification, recipient, flow id, and whether it is a text of one part that the SMSC has."""
    for size, values in _parcels([(key,) for key in keys], 1):
        yield from connection.execute(_answered(size), values).fetchall()


def confirm(connection: sqlite3.Connection, ends: Sequence[Row]) -> None:
    """Those texts of one part came to this end: (notification, state, reason)."""
    for size, values in _parcels([row[:2] for row in ends], 2):
        connection.execute(_ended_parts(size), values)
    for size, values in _parcels(ends, 3):
        connection.execute(_ended(size), values)


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Put rows into a table; those with the same first column in their order."""
    # Neighbours share pages: keys are spread over the whole table, and in their order a row takes a third less.
    for size, values in _parcels(sorted(rows, key=_FIRST), INSERTS[table][1]):
        connection.execute(_insert(table, size), values)


def _parcels(rows: Sequence[Row], columns: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows cut into statements, as few as go: how many rows each has, and its values."""
    done = 0
    while (left := len(rows) - done) > 0:
        size = min(_ROWS_MAX, 1 << (left - 1).bit_length())
        if size > _ROWS_FEW and left < _FULL_ENOUGH * size:
            size //= 2
        chunk = rows[done : done + size]
        done += size
        yield size, [value for row in chunk for value in row] + [None] * (columns * (size - len(chunk)))
