"""Writing rows set-wise: how each table takes them, and what an erasure does to each.

A step of SQLite gives up the interpreter, and beside a busy event loop it gets it back only a moment later; so rows
go in by the dozen in one statement, of few fixed sizes that stay prepared.
Must not be put here: what the rows mean.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeVar

Row = Sequence[Any]
T = TypeVar("T")

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
    "part": ("INSERT INTO part", 8, ""),
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
# Rows in one statement: the sizes that a batch is cut into, the largest first.
_SIZES: Final = (512, 64, 8, 1)


def _statement(table: str, size: int) -> str:
    head, columns, tail = INSERTS[table]
    row = f"({','.join('?' * columns)})"
    return f"{head} VALUES {','.join([row] * size)} {tail}"


_FIRST: Final = itemgetter(0)
_STATEMENTS: Final = {(table, size): _statement(table, size) for table in INSERTS for size in _SIZES}


# SMPP's good answers, by far the commonest: the id that receipts will name, and what they make of the text.
_ACCEPTED: Final = {
    size: f"""UPDATE part SET state = 'accepted', message_id = v.column1, message_key = v.column2
        FROM (VALUES {",".join(["(?,?,?,?)"] * size)}) AS v
        WHERE part.notification = v.column3 AND part.number = v.column4"""  # noqa: S608 - question marks only
    for size in _SIZES
}
_SUBMITTED: Final = {
    size: f"""UPDATE notification SET state = 'submitted', reason = NULL WHERE id IN ({",".join("?" * size)})
        AND state <> 'delivered' AND state <> 'failed' AND state <> 'expired' AND state <> 'cancelled'"""  # noqa: S608
    for size in _SIZES
}
# Texts that wait in the store, a window of them at a time.
_WAITING: Final = {
    size: f"""SELECT n.id, n.text, n.expires_at, n.flow_id, p.number, p.reference, p.umr
        FROM notification n JOIN part p ON p.notification = n.id WHERE n.id IN ({",".join("?" * size)})
        ORDER BY n.id, p.number"""  # noqa: S608 - question marks only
    for size in _SIZES
}
_CLAIMED: Final = {
    size: f"""UPDATE notification SET state = 'inflight', attempts = v.column2
        FROM (VALUES {",".join(["(?,?)"] * size)}) AS v WHERE notification.id = v.column1"""  # noqa: S608
    for size in _SIZES
}
_LEFT: Final = {
    size: f"""UPDATE part SET state = 'inflight', attempts = attempts + 1
        FROM (VALUES {",".join(["(?,?)"] * size)}) AS v
        WHERE part.notification = v.column1 AND part.number = v.column2"""  # noqa: S608 - question marks only
    for size in _SIZES
}


def waiting(connection: sqlite3.Connection, notifications: Sequence[str]) -> Iterator[Row]:
    """(id, text, expires_at, flow id, number, reference, umr) of each part of these, those of a text together."""
    for chunk in _chunks(notifications):
        yield from connection.execute(_WAITING[len(chunk)], chunk).fetchall()


def claim(connection: sqlite3.Connection, notifications: Sequence[Row], parts: Sequence[Row]) -> None:
    """Mark what leaves now: (notification, attempts), and (notification, number of the part)."""
    for chunk in _chunks(notifications):
        connection.execute(_CLAIMED[len(chunk)], [value for row in chunk for value in row])
    for chunk in _chunks(parts):
        connection.execute(_LEFT[len(chunk)], [value for row in chunk for value in row])


def accept(connection: sqlite3.Connection, answers: Sequence[Row]) -> None:
    """Keep (message id, its key, notification, number of the part)."""
    for chunk in _chunks(answers):
        connection.execute(_ACCEPTED[len(chunk)], [value for row in chunk for value in row])


def submit(connection: sqlite3.Connection, notifications: Sequence[str]) -> None:
    """Every part of these was accepted."""
    for chunk in _chunks(notifications):
        connection.execute(_SUBMITTED[len(chunk)], chunk)


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            yield rows[done : done + size]
            done += size


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    """Put rows into a table; those with the same first column in their order."""
    # Neighbours share pages: keys are spread over the whole table, and in their order a row takes a third less.
    for chunk in _chunks(sorted(rows, key=_FIRST)):
        connection.execute(_STATEMENTS[table, len(chunk)], [value for row in chunk for value in row])
